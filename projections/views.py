"""The parts shipment and order views share. What is here is what customers read: shapes change only by addition."""

from datetime import datetime

import msgspec

from projections.references import Reference
from projections.statuses import REASONS, Party, Status


class Reason(msgspec.Struct, frozen=True):
    """Why the status is what it is, in the customer's words, and whose turn it is."""

    code: str
    text: str
    action_required: str | None
    responsible_party: Party


def reason_of(code: str) -> Reason:
    meaning = REASONS[code]
    return Reason(code, meaning.text, meaning.action_required, meaning.responsible_party)


class Rendered(msgspec.Struct, frozen=True):
    """A view made ready to be served: bytes, and beside them the columns lists filter by.

    `document` and `summary` are JSON objects without freshness, which is added when they are served.
    `sources` are those that contributed. Two equal states render to equal bytes.
    """

    tenant: str
    subject_id: str
    document: bytes
    summary: bytes
    sources: tuple[str, ...]
    references: tuple[Reference, ...]
    status: Status
    phase: str
    created_at: datetime
    eta_at: datetime | None = None
    promised_at: datetime | None = None
    carrier: str | None = None
    ship_to: str | None = None
    has_exception: bool = False
    order_ids: tuple[str, ...] = ()


ENCODER = msgspec.json.Encoder(decimal_format="string")
