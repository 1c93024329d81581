"""What became of a message: the answer its sender gets."""

from enum import StrEnum

import msgspec

from projections.event import Rejection


class OutcomeStatus(StrEnum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    HELD = "held"
    QUARANTINED = "quarantined"


class Message(msgspec.Struct, frozen=True):
    """One event's bytes as they came, through which door, and for whom its sender may speak.

    `sources` are path prefixes (`/erp/`) or whole names (`/erp/main`); None lets it speak for any: the feed is guarded
    by its server.
    `tenants` are the customers a sender is bound to; empty, it is bound to none.
    With `rejection`, the adapter that read the bytes could make no event of them: they go to quarantine.
    """

    body: bytes
    channel: str
    sources: tuple[str, ...] | None = None
    tenants: tuple[str, ...] = ()
    rejection: Rejection | None = None

    def may_speak_for(self, source: str) -> bool:
        """Whether its sender may: a path prefix ends in a slash, anything else is one source and no other."""
        return self.sources is None or any(
            source.startswith(allowed) if allowed.endswith("/") else source == allowed for allowed in self.sources
        )


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
