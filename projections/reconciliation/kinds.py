"""The kinds of snapshot there are: what a record is, what it is about, and what it claims."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from projections.reconciliation import invoices, shipments
from projections.reconciliation.claims import Claim
from projections.reconciliation.records import InvoiceRecord, ShipmentRecord
from projections.references import SubjectKind


class Kind(msgspec.Struct, frozen=True):
    """One kind. `path` and `parameters` are asked for under the upstream's URL.

    `number` is the record's member that its subject's id is made of; `claims` takes a record and the state of its
    subject, None when that is not known.
    """

    path: str
    parameters: Mapping[str, str]
    subject: SubjectKind
    number: str
    record: type[InvoiceRecord | ShipmentRecord]
    claims: Callable[[Any, Any], Iterable[Claim]]


KINDS: Mapping[str, Kind] = {
    "invoices": Kind("/invoices", {}, SubjectKind.ORDER, "order", InvoiceRecord, invoices.claims),
    "shipments": Kind(
        "/shipments",
        {"state": "active"},
        SubjectKind.SHIPMENT,
        "number",
        ShipmentRecord,
        shipments.claims,
    ),
}
