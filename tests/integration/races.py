"""What intake workers race for: who has which batch, and what must be in the log whoever is first."""

from collections.abc import Callable
from typing import NamedTuple

from projections.references import SubjectKind, public_id
from tests.messages import (
    invoice_posted,
    load_milestone,
    milestone,
    order_released,
    payment_changed,
    pro,
    reference_linked,
    shipment_assigned,
    shipment_planned,
    tms_shipment,
)


class Race(NamedTuple):
    """Batches for workers of their own, in an order that needs no hold; `before` is taken before they start.

    `rows` are the subject and event of each row the log must have. `needs` says of an event which others make known
    what it is about: held for them, it is released in the transaction of the last of them.
    """

    batches: list[list[bytes]]
    rows: set[tuple[str, str]]
    needs: dict[str, set[str]]
    before: tuple[bytes, ...] = ()


def shipment_id(number: str, tenant: str) -> str:
    return public_id(SubjectKind.SHIPMENT, tenant, number)


def _order_id(number: str, tenant: str) -> str:
    return public_id(SubjectKind.ORDER, tenant, number)


def _load_id(number: str) -> str:
    return public_id(SubjectKind.LOAD, None, number)


def parent_and_child(n: str, tenant: str) -> Race:
    subject = shipment_id(n, tenant)
    parent, child = shipment_planned(n, f"O-{n}", id=f"{n}p", tenant=tenant), milestone(n, id=f"{n}c")
    return Race([[parent], [child]], {(subject, f"{n}p"), (subject, f"{n}c")}, {f"{n}c": {f"{n}p"}})


def children_and_parent(n: str, tenant: str) -> Race:
    subject = shipment_id(n, tenant)
    parent = shipment_planned(n, f"O-{n}", id=f"{n}p", tenant=tenant)
    children = [milestone(n, code, id=f"{n}{code}") for code in ("picked_up", "departed", "arrived_at_terminal")]
    ids = [f"{n}{code}" for code in ("picked_up", "departed", "arrived_at_terminal")]
    rows = {(subject, one) for one in (f"{n}p", *ids)}
    return Race([[parent], children[:2], children[1:]], rows, {one: {f"{n}p"} for one in ids})


def link_and_child(n: str, tenant: str) -> Race:
    """The child waits for a name that is only linked, the link for the parent."""
    subject = shipment_id(n, tenant)
    other = {"type": "tracking_number", "value": f"T-{n}", "carrier": "ABFS"}
    parent = shipment_planned(n, f"O-{n}", id=f"{n}p", tenant=tenant)
    link = reference_linked(pro(n), other, id=f"{n}l", tenant=tenant)
    child = milestone(n, about=other, id=f"{n}c")
    rows = {(subject, f"{n}{one}") for one in "plc"}
    return Race([[parent], [link], [child]], rows, {f"{n}l": {f"{n}p"}, f"{n}c": {f"{n}l"}})


def invoice_and_payment(n: str, tenant: str) -> Race:
    subject = _order_id(n, tenant)
    order = order_released(n, id=f"{n}o", tenant=tenant)
    invoice = invoice_posted(f"I-{n}", n, id=f"{n}i", tenant=tenant)
    payment = payment_changed(f"I-{n}", id=f"{n}y", tenant=tenant)
    rows = {(subject, f"{n}{one}") for one in "oiy"}
    return Race([[order], [invoice], [payment]], rows, {f"{n}i": {f"{n}o"}, f"{n}y": {f"{n}i"}})


def assignment_and_load_milestone(n: str, tenant: str) -> Race:
    subject, load = shipment_id(n, tenant), f"L-{n}"
    parent = shipment_planned(n, f"O-{n}", id=f"{n}p", tenant=tenant)
    assigned = shipment_assigned(n, load, about=tms_shipment(n), id=f"{n}a", tenant=tenant)
    reported = load_milestone(load, id=f"{n}m")
    rows = {(subject, f"{n}{one}") for one in "pam"} | {(_load_id(load), f"{n}a"), (_load_id(load), f"{n}m")}
    return Race([[parent], [assigned], [reported]], rows, {f"{n}a": {f"{n}p"}})


def two_assignments_and_load_milestones(n: str, tenant: str) -> Race:
    """Two customers on one load: both assigned while it reports."""
    load = f"L-{n}"
    owners = {f"{n}-1": tenant, f"{n}-2": "another"}
    plans = tuple(shipment_planned(number, id=f"p{number}", tenant=owner) for number, owner in owners.items())
    assigned = [shipment_assigned(number, load, id=f"a{number}", tenant=owner) for number, owner in owners.items()]
    codes = ("departed", "en_route")
    reported = [load_milestone(load, code, id=f"{n}{code}") for code in codes]
    rows = {(_load_id(load), one) for one in (f"a{n}-1", f"a{n}-2", *(f"{n}{code}" for code in codes))}
    for number, owner in owners.items():
        subject = shipment_id(number, owner)
        rows |= {(subject, one) for one in (f"p{number}", f"a{number}", *(f"{n}{code}" for code in codes))}
    return Race([[assigned[0], reported[0]], [assigned[1]], [reported[1]]], rows, {}, plans)


def duplicate_and_duplicate(n: str, tenant: str) -> Race:
    subject = shipment_id(n, tenant)
    parent, child = shipment_planned(n, f"O-{n}", id=f"{n}p", tenant=tenant), milestone(n, id=f"{n}c")
    rows = {(subject, f"{n}p"), (subject, f"{n}c")}
    return Race([[parent, child], [child, parent], [child]], rows, {f"{n}c": {f"{n}p"}})


KINDS: list[Callable[[str, str], Race]] = [
    parent_and_child,
    children_and_parent,
    link_and_child,
    invoice_and_payment,
    assignment_and_load_milestone,
    two_assignments_and_load_milestones,
    duplicate_and_duplicate,
]
