"""What a tracking link shows of a shipment: how far it is and when it comes. Pure.

Whoever has the link may be anybody, so this names what is shown, and nothing else can be: no references, no names, no
streets, no documents, no money.
"""

from datetime import datetime

import msgspec

from app.reads.freshness import Freshness
from projections.statuses import ClosedReason, PhaseName, Status
from projections.views import Reason


class TrackedPlace(msgspec.Struct, frozen=True):
    """A place as far as a stranger may know it."""

    city: str | None = None
    country: str | None = None


class TrackedMilestone(msgspec.Struct, frozen=True):
    code: str
    text: str
    phase: PhaseName
    occurred_at: datetime
    place: TrackedPlace | None


class Tracked(msgspec.Struct, frozen=True, kw_only=True):
    """What of a shipment's document is shown."""

    status: Status
    phase: PhaseName
    closed_reason: ClosedReason | None
    reason: Reason
    ship_to: TrackedPlace
    promised_at: datetime | None
    eta_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    last_place: TrackedPlace | None
    milestones: tuple[TrackedMilestone, ...]


class TrackedShipment(Tracked, frozen=True, kw_only=True):
    """A shipment behind a tracking link. Freshness is as everywhere, but that no source is named."""

    link_expires_at: datetime
    freshness: Freshness


_TRACKED = msgspec.json.Decoder(Tracked)


def tracked(document: bytes, link_expires_at: datetime, freshness: Freshness) -> TrackedShipment:
    """The part of a shipment's document that a link shows."""
    told = msgspec.structs.replace(freshness, sources=())
    shown = _TRACKED.decode(document)
    fields = {name: getattr(shown, name) for name in Tracked.__struct_fields__}
    return TrackedShipment(**fields, link_expires_at=link_expires_at, freshness=told)
