"""An event as we understood it, and a message as we refused it."""

import hashlib
from datetime import datetime
from enum import StrEnum

import msgspec

from projections.events import EventData


class RejectionReason(StrEnum):
    """Why a message was not accepted: the closed set quarantine and answers use."""

    MALFORMED = "malformed"
    OVERSIZED = "oversized"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_VERSION = "unknown_version"
    INVALID = "invalid"
    UNKNOWN_SOURCE = "unknown_source"
    NOT_OWNER = "not_owner"
    SOURCE_NOT_ALLOWED = "source_not_allowed"
    TIME_IMPOSSIBLE = "time_impossible"
    UNKNOWN_CODE = "unknown_code"
    WRONG_REFERENCE = "wrong_reference"
    REFERENCE_CONFLICT = "reference_conflict"
    ID_REUSED = "id_reused"
    NEVER_PLACED = "never_placed"


class Rejection(msgspec.Struct, frozen=True):
    """A message that is no event: why, where (JSON Pointer, RFC 6901) and in words."""

    reason: RejectionReason
    detail: str
    pointer: str = ""
    source: str | None = None
    event_id: str | None = None
    event_type: str | None = None


class Event(msgspec.Struct, frozen=True):
    """An understood event. `authority` is how much its source's word weighs; `body` the envelope's bytes as they came."""

    id: str
    source: str
    type: str
    occurred_at: datetime
    tenant: str | None
    authority: int
    data: EventData
    body: bytes

    @property
    def key(self) -> bytes:
        """16 bytes that stand for (source, id), the identity CloudEvents gives an event (section 3.1)."""
        return hashlib.blake2b(f"{self.source}\x00{self.id}".encode(), digest_size=16).digest()
