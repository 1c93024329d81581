"""What became of a message: the answer its sender gets."""

import hashlib
from enum import StrEnum

import msgspec

from projections.event import Rejection


class OutcomeStatus(StrEnum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    HELD = "held"
    QUARANTINED = "quarantined"


class Native(msgspec.Struct, frozen=True):
    """A message in its source's own format, and what reading it again takes.

    `declared` is the source's declaration as JSON, `key` the one it is declared under, if any.
    """

    raw: bytes
    declared: str
    key: str | None = None


class Message(msgspec.Struct, frozen=True):
    """One event's bytes as they came, through which door, and for whom its sender may speak.

    `sources` are path prefixes (`/erp/`) or whole names (`/erp/main`); None lets it speak for any: the feed is guarded
    by its server.
    `tenants` are the customers a sender is bound to; empty, it is bound to none.
    With `rejection`, the adapter that read the bytes could make no event of them: they go to quarantine.
    `native` is what an adapter made the event of. `replays` is the quarantine's entry that is taken again.
    """

    body: bytes
    channel: str
    sources: tuple[str, ...] | None = None
    tenants: tuple[str, ...] = ()
    rejection: Rejection | None = None
    native: Native | None = None
    replays: int | None = None

    @property
    def kept(self) -> bytes:
        """The bytes quarantine keeps: those the source wrote."""
        return self.native.raw if self.native else self.body

    @property
    def digest(self) -> bytes:
        """16 bytes that stand for what quarantine keeps: the bytes, and all that decides what becomes of them.

        The same bytes of two senders are two entries: taken again, each has its own sender's rights.
        """
        context = (self.sources, self.tenants, self.native and self.native.declared)
        key = hashlib.blake2b(msgspec.json.encode(context), digest_size=32).digest()
        return hashlib.blake2b(self.kept, digest_size=16, key=key if context != _NO_CONTEXT else b"").digest()

    def may_speak_for(self, source: str) -> bool:
        """Whether its sender may: a path prefix ends in a slash, anything else is one source and no other."""
        return self.sources is None or any(
            source.startswith(allowed) if allowed.endswith("/") else source == allowed for allowed in self.sources
        )


_NO_CONTEXT = (None, (), None)


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """Accepted and held are durable; a duplicate already was; quarantined says why and where."""

    status: OutcomeStatus
    source: str | None = None
    id: str | None = None
    reason: str | None = None
    detail: str | None = None
    pointer: str | None = None

    @classmethod
    def quarantined(cls, rejection: Rejection) -> "Outcome":
        return cls(
            OutcomeStatus.QUARANTINED,
            rejection.source,
            rejection.event_id,
            rejection.reason.value,
            rejection.detail,
            rejection.pointer,
        )
