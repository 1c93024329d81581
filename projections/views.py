"""The parts shipment and order views share. What is here is what customers read: shapes change only by addition."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

import msgspec

from projections.events import ChargePosted, DocumentAdded
from projections.references import PaperKind, Reference, paper_id
from projections.registers import Register
from projections.statuses import REASONS, Party, Status
from projections.values import Money
from projections.words import ENGLISH, catalogue


class Reason(msgspec.Struct, frozen=True):
    """Why the status is what it is, in the customer's words, and whose turn it is."""

    code: str
    text: str
    action_required: str | None
    responsible_party: Party


def reason_of(code: str) -> Reason:
    """A code's reason as it is stored: in English."""
    words = catalogue(ENGLISH).reasons[code]
    return Reason(code, words.text, words.action_required, REASONS[code])


class DocumentView(msgspec.Struct, frozen=True):
    """A document that exists, such as a proof of delivery; `document` is its source's id of it."""

    id: str
    document: str
    kind: str
    title: str | None
    signed_by: str | None
    added_at: datetime
    source: str


class ChargeView(msgspec.Struct, frozen=True):
    """A freight charge as posted; `charge` is its source's id of it."""

    charge: str
    kind: str
    money: Money
    posted_at: datetime


def documents_of(
    tenant: str, subject_id: str, registers: Mapping[str, Register[DocumentAdded]]
) -> tuple[DocumentView, ...]:
    """The documents of an order or shipment, the first added first."""
    return tuple(
        DocumentView(
            paper_id(PaperKind.DOCUMENT, tenant, subject_id, stamp.source, one.document),
            *(one.document, one.kind, one.title, one.signed_by, stamp.occurred_at, stamp.source),
        )
        for stamp, one in ((register.stamp, register.value) for register in _in_order(registers))
    )


def charges_of(registers: Mapping[str, Register[ChargePosted]]) -> tuple[ChargeView, ...]:
    """The charges, the first posted first."""
    return tuple(
        ChargeView(one.charge, one.kind, one.money, stamp.occurred_at)
        for stamp, one in ((register.stamp, register.value) for register in _in_order(registers))
    )


T = TypeVar("T")


def _in_order(registers: Mapping[str, Register[T]]) -> list[Register[T]]:
    return sorted(registers.values(), key=lambda register: register.stamp)


class OpenException(msgspec.Struct, frozen=True):
    """A problem that stands, or a delay without another reason; `code` is one of `statuses.REASONS`."""

    code: str
    raised_at: datetime


class InvoiceRow(msgspec.Struct, frozen=True):
    """An invoice made ready to be served by itself, and the columns lists of them filter by."""

    id: str
    status: str
    posted_at: datetime
    due_at: datetime | None
    sources: tuple[str, ...]
    body: bytes


class Rendered(msgspec.Struct, frozen=True):
    """A view made ready to be served: bytes, and beside them the columns lists filter by.

    `document` and `summary` are JSON objects without freshness, which is added when they are served.
    `sections` says how long the guarded ones at the end of `document` are (`projections.sections`).
    `sources` are those that contributed. Two equal states render to equal bytes.
    """

    tenant: str
    subject_id: str
    document: bytes
    sections: str
    summary: bytes
    sources: tuple[str, ...]
    references: tuple[Reference, ...]
    status: Status
    phase: str
    created_at: datetime
    eta_at: datetime | None = None
    promised_at: datetime | None = None
    at_risk_from: datetime | None = None
    delivered_at: datetime | None = None
    carrier: str | None = None
    ship_to: str | None = None
    ship_to_country: str | None = None
    origin_city: str | None = None
    origin_country: str | None = None
    has_exception: bool = False
    order_ids: tuple[str, ...] = ()
    open_exceptions: tuple[OpenException, ...] = ()
    documents: tuple[DocumentView, ...] = ()
    invoices: tuple[InvoiceRow, ...] = ()


ENCODER = msgspec.json.Encoder(decimal_format="string")
