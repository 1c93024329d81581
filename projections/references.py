"""The identifiers the business uses, what each one names and how far it is unique.

One table (design.md section 6): an event says what it is about by one of these references, and
customers look things up by any of them.
"""

import base64
import hashlib
import re
from enum import StrEnum
from typing import Annotated

import msgspec


class SubjectKind(StrEnum):
    """The things an event can be about and a view can show."""

    ORDER = "order"
    SHIPMENT = "shipment"
    LOAD = "load"


class PaperKind(StrEnum):
    """What hangs on an order or shipment and can be asked for by itself."""

    DOCUMENT = "document"
    INVOICE = "invoice"


class Uniqueness(StrEnum):
    """Within what a reference's value names one thing only."""

    TENANT = "tenant"
    CARRIER = "carrier"
    NETWORK = "network"


class ReferenceType(StrEnum):
    """The types of reference; `REFERENCE_TYPES` says what each one means."""

    ERP_ORDER = "erp_order"
    CUSTOMER_PO = "customer_po"
    WMS_SHIPMENT = "wms_shipment"
    TMS_SHIPMENT = "tms_shipment"
    LOAD = "load"
    BOL = "bol"
    PRO = "pro"
    TRACKING_NUMBER = "tracking_number"
    PACKAGE_SSCC = "package_sscc"
    INVOICE = "invoice"
    CRM_CASE = "crm_case"
    PORTAL = "portal"


class ReferenceMeaning(msgspec.Struct, frozen=True):
    """What a reference type identifies (None: it only helps to find) and within what it is unique."""

    identifies: SubjectKind | None
    unique_within: Uniqueness
    words: str


REFERENCE_TYPES: dict[ReferenceType, ReferenceMeaning] = {
    ReferenceType.ERP_ORDER: ReferenceMeaning(SubjectKind.ORDER, Uniqueness.TENANT, "The order's number in the ERP."),
    ReferenceType.CUSTOMER_PO: ReferenceMeaning(None, Uniqueness.TENANT, "The customer's own purchase order number."),
    ReferenceType.WMS_SHIPMENT: ReferenceMeaning(
        SubjectKind.SHIPMENT, Uniqueness.TENANT, "The shipment's number in the warehouse system."
    ),
    ReferenceType.TMS_SHIPMENT: ReferenceMeaning(
        SubjectKind.SHIPMENT, Uniqueness.TENANT, "The shipment's number in the transport system."
    ),
    ReferenceType.LOAD: ReferenceMeaning(
        SubjectKind.LOAD, Uniqueness.NETWORK, "A truck's, container's or flight's number; carries several customers."
    ),
    ReferenceType.BOL: ReferenceMeaning(SubjectKind.SHIPMENT, Uniqueness.CARRIER, "Bill of lading number."),
    ReferenceType.PRO: ReferenceMeaning(SubjectKind.SHIPMENT, Uniqueness.CARRIER, "The carrier's progressive number."),
    ReferenceType.TRACKING_NUMBER: ReferenceMeaning(
        SubjectKind.SHIPMENT, Uniqueness.CARRIER, "The carrier's parcel or freight tracking number."
    ),
    ReferenceType.PACKAGE_SSCC: ReferenceMeaning(
        SubjectKind.SHIPMENT, Uniqueness.NETWORK, "Serial shipping container code of a package (GS1, AI 00)."
    ),
    ReferenceType.INVOICE: ReferenceMeaning(SubjectKind.ORDER, Uniqueness.TENANT, "The ERP's invoice number."),
    ReferenceType.CRM_CASE: ReferenceMeaning(None, Uniqueness.TENANT, "A service case in the CRM."),
    ReferenceType.PORTAL: ReferenceMeaning(None, Uniqueness.NETWORK, "This service's own public id."),
}


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, order=True, gc=False):
    """One identifier: its type, its value and, where it is unique per carrier, that carrier's SCAC."""

    type: ReferenceType
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$(?!\n)")]
    carrier: Annotated[str, msgspec.Meta(min_length=2, max_length=10, pattern=r"^[A-Za-z0-9_\-]+$(?!\n)")] | None = None

    @property
    def identifies(self) -> SubjectKind | None:
        return REFERENCE_TYPES[self.type].identifies

    def scope(self, tenant: str | None) -> str | None:
        """The name space the value is unique in; None when what would name it is missing.

        A tenant's references need the tenant, a carrier's need the carrier: guessing either could
        give one customer's event to another.
        """
        match REFERENCE_TYPES[self.type].unique_within:
            case Uniqueness.TENANT:
                return f"tenant:{tenant}" if tenant else None
            case Uniqueness.CARRIER:
                return f"carrier:{self.carrier}" if self.carrier else None
            case Uniqueness.NETWORK:
                return "network"


_PREFIX: dict[SubjectKind | PaperKind, str] = {
    SubjectKind.ORDER: "ord",
    SubjectKind.SHIPMENT: "shp",
    SubjectKind.LOAD: "lod",
    PaperKind.DOCUMENT: "doc",
    PaperKind.INVOICE: "inv",
}
# How the public id of each is spelt: 15 bytes in base 32.
PUBLIC_ID = {kind: re.compile(rf"{prefix}_[a-z2-7]{{24}}") for kind, prefix in _PREFIX.items()}


def public_id(kind: SubjectKind | PaperKind, tenant: str | None, value: str) -> str:
    """The public id of an order, shipment or load: stable across rebuilds and orders of arrival.

    Derived from what the owning system calls the thing, so it needs no counter and no memory. It is
    not a secret: knowing one opens nothing (design.md section 3.3).
    """
    digest = hashlib.blake2b(f"{kind}\x00{tenant or ''}\x00{value}".encode(), digest_size=15).digest()
    return f"{_PREFIX[kind]}_{base64.b32encode(digest).decode().lower()}"


def paper_id(kind: PaperKind, tenant: str, subject_id: str, *named: str) -> str:
    """The public id of a document or invoice of an order or shipment; `named`: what its source calls it."""
    return public_id(kind, tenant, "\x00".join((subject_id, *named)))
