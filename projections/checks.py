"""What the types alone cannot say about an event: possible times, known codes, references that name one thing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import msgspec

from projections.event import Event, RejectionReason
from projections.events import (
    About,
    ChargePosted,
    CustomerChanged,
    EventData,
    ExceptionRaised,
    InvoicePosted,
    LoadMilestone,
    OrderReleased,
    ShipmentMilestone,
    ShipmentPlanned,
)
from projections.ownership import Role
from projections.references import Reference, ReferenceType, SubjectKind
from projections.statuses import EXCEPTIONS, MILESTONES

T = TypeVar("T")

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
# A source's clock may be ahead of ours, but an event from the far future would outrank every true one after it.
FUTURE_TOLERANCE = timedelta(days=1)
MAX_AMOUNT_DIGITS = 24


class Problem(msgspec.Struct, frozen=True):
    reason: RejectionReason
    detail: str
    pointer: str


def problems(event: Event, now: datetime) -> Iterator[Problem]:
    """What the types alone cannot say."""
    if not EARLIEST <= event.occurred_at <= now + FUTURE_TOLERANCE:
        yield Problem(
            RejectionReason.TIME_IMPOSSIBLE,
            f"{event.occurred_at.isoformat()} is not a time it can have happened",
            "/time",
        )
    for pointer, instant in _leaves(event.data, datetime, "/data"):
        if not EARLIEST <= instant < LATEST:
            yield Problem(
                RejectionReason.TIME_IMPOSSIBLE, f"{instant.isoformat()} is out of range (2000 to 2099)", pointer
            )
    yield from _unstorable(event)
    yield from _code_problems(event.data)
    yield from _reference_problems(event)


def _unstorable(event: Event) -> Iterator[Problem]:
    """What JSON and the types let through but no store can hold: refused here, it cannot stop a whole batch later."""
    # Postgres text has no NUL; JSON can only spell it as this escape, so most events are done after one search.
    if b"\\u0000" in event.body:
        for pointer, text in _leaves(event.data, str, "/data"):
            if "\0" in text:
                yield Problem(RejectionReason.INVALID, "text cannot hold the character U+0000", pointer)
    if isinstance(event.data, ChargePosted | InvoicePosted):
        for pointer, amount in _leaves(event.data, Decimal, "/data"):
            # `adjusted` is meaningless for NaN and infinity, which are tested first.
            if not amount.is_finite() or abs(amount.adjusted()) > MAX_AMOUNT_DIGITS:
                yield Problem(RejectionReason.INVALID, f"{amount} is not an amount of money", pointer)


def _leaves(value: object, kind: type[T], pointer: str) -> Iterator[tuple[str, T]]:
    """All values of one kind within an event's data, each with its JSON Pointer."""
    if isinstance(value, kind):
        yield pointer, value
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _leaves(item, kind, f"{pointer}/{index}")
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _leaves(getattr(value, name), kind, f"{pointer}/{name}")


def _code_problems(data: EventData) -> Iterator[Problem]:
    if isinstance(data, LoadMilestone) and data.stop is None and _happens_at_a_stop(data.code):
        detail = f"{data.code} happens to those served at one stop of the load: say which"
        yield Problem(RejectionReason.INVALID, detail, "/data/stop")
    if isinstance(data, ShipmentMilestone | LoadMilestone) and data.code not in MILESTONES:
        yield Problem(RejectionReason.UNKNOWN_CODE, f"no milestone is called {data.code}", "/data/code")
    if isinstance(data, ExceptionRaised) and data.code not in EXCEPTIONS:
        yield Problem(RejectionReason.UNKNOWN_CODE, f"no exception is called {data.code}", "/data/code")


_KINDS: dict[str, frozenset[SubjectKind]] = {
    "order": frozenset({SubjectKind.ORDER}),
    "invoice": frozenset({SubjectKind.ORDER}),
    "shipment": frozenset({SubjectKind.SHIPMENT}),
    "package": frozenset({SubjectKind.SHIPMENT}),
    "load": frozenset({SubjectKind.LOAD}),
    "event": frozenset(SubjectKind),
}
_ORDER_OR_SHIPMENT = frozenset({SubjectKind.ORDER, SubjectKind.SHIPMENT})


def _allowed_kinds(event: Event) -> frozenset[SubjectKind]:
    if event.type == "load.shipment_assigned.v1":
        return frozenset({SubjectKind.SHIPMENT})
    return _KINDS.get(event.type.split(".", 1)[0], _ORDER_OR_SHIPMENT)


def _happens_at_a_stop(code: str) -> bool:
    return code in MILESTONES and MILESTONES[code].at_stop


def _reference_problems(event: Event) -> Iterator[Problem]:
    wrong = RejectionReason.WRONG_REFERENCE
    data = event.data
    if isinstance(data, CustomerChanged) and event.tenant is None:
        yield Problem(RejectionReason.INVALID, "customer.changed needs the tenant attribute", "/tenant")
    if not isinstance(data, About):
        return
    about = data.about
    yield from _carrier_problems(event, data)
    if about.identifies not in _allowed_kinds(event):
        yield Problem(wrong, f"{event.type} cannot be about a {about.type}", "/data/about/type")
    if about.scope(event.tenant) is None:
        needed = "the tenant attribute" if about.carrier is None and _by_tenant(event) else "a carrier"
        yield Problem(wrong, f"a {about.type} names one thing only with {needed}", "/data/about")
    if isinstance(data, ShipmentPlanned) and about.type is not ReferenceType.TMS_SHIPMENT:
        yield Problem(wrong, "a shipment is planned under its tms_shipment", "/data/about/type")
    if isinstance(data, OrderReleased) and about.type is not ReferenceType.ERP_ORDER:
        yield Problem(wrong, "an order is released under its erp_order", "/data/about/type")
    for index, reference in enumerate(data.references):
        # A link to another kind of thing would merge what is not the same.
        if reference.identifies not in (about.identifies, None):
            yield Problem(
                wrong, f"a {reference.type} does not name the {about.identifies}", f"/data/references/{index}"
            )
        elif reference.identifies and reference.scope(event.tenant) is None:
            yield Problem(wrong, f"a {reference.type} needs its tenant or carrier", f"/data/references/{index}")


def _carrier_problems(event: Event, data: About) -> Iterator[Problem]:
    """A carrier speaks of its own numbers: `/carrier/abfs` of those of ABFS. Another's would be another's goods."""
    role, _, rest = event.source.lstrip("/").partition("/")
    if role != Role.CARRIER:
        return
    speaker = rest.partition("/")[0].lower()
    for pointer, one in [("/data/about", data.about), *_pointed(data.references)]:
        if one.carrier is not None and one.carrier.lower() != speaker:
            detail = f"{event.source} may not speak of {one.carrier}'s {one.type}"
            yield Problem(RejectionReason.NOT_OWNER, detail, f"{pointer}/carrier")


def _pointed(references: tuple[Reference, ...]) -> list[tuple[str, Reference]]:
    return [(f"/data/references/{index}", one) for index, one in enumerate(references)]


def _by_tenant(event: Event) -> bool:
    data = event.data
    return isinstance(data, About) and data.about.scope("x") is not None
