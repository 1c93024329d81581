"""Who may say what, and whose word weighs more: design.md section 4, as data.

A source's role is the first segment of its CloudEvents `source`: `/erp/main` speaks as the ERP.
For each event type: which roles own what it sets, and how much each one's word weighs (higher wins).
An event from a role not listed is quarantined as `not_owner`.
"""

from enum import StrEnum


class Role(StrEnum):
    ERP = "erp"
    WMS = "wms"
    TMS = "tms"
    CARRIER = "carrier"
    THIRD_PARTY = "3pl"
    CRM = "crm"


_ERP = {Role.ERP: 1}
_WMS = {Role.WMS: 2, Role.THIRD_PARTY: 1}
_TMS = {Role.TMS: 1}
# Equal weight: the later word of a tender's two sides counts, whoever says it.
_TENDER = {Role.TMS: 1, Role.CARRIER: 1}
_WORLD = {Role.CARRIER: 3, Role.TMS: 2, Role.THIRD_PARTY: 1}
_DOCUMENTS = {Role.CARRIER: 2, Role.TMS: 1}
_CRM = {Role.CRM: 1}
_LINKS = {Role.ERP: 1, Role.WMS: 1, Role.TMS: 1, Role.THIRD_PARTY: 1}
_ANYONE = dict.fromkeys(Role, 1)

_ROLES = {role.value: role for role in Role}

OWNERS: dict[str, dict[Role, int]] = {
    "order.released.v1": _ERP,
    "order.amended.v1": _ERP,
    "order.cancelled.v1": _ERP,
    "order.line_allocated.v1": _WMS,
    "order.line_backordered.v1": _WMS,
    "package.packed.v1": _WMS,
    "shipment.planned.v1": _TMS,
    "shipment.tendered.v1": _TENDER,
    "shipment.tender_accepted.v1": _TENDER,
    "shipment.tender_rejected.v1": _TENDER,
    "shipment.shipped.v1": _WMS,
    "shipment.milestone.v1": _WORLD,
    "shipment.eta_changed.v1": _WORLD,
    "shipment.exception_raised.v1": _WORLD,
    "shipment.exception_cleared.v1": _WORLD,
    "shipment.cancelled.v1": _TMS,
    "load.planned.v1": _TMS,
    "load.shipment_assigned.v1": _TMS,
    "load.milestone.v1": _WORLD,
    "document.added.v1": _DOCUMENTS,
    "charge.posted.v1": _TMS,
    "invoice.posted.v1": _ERP,
    "invoice.payment_changed.v1": _ERP,
    "return.authorised.v1": _ERP,
    "return.received.v1": _WMS,
    "case.linked.v1": _CRM,
    "reference.linked.v1": _LINKS,
    "customer.changed.v1": _ERP,
    "event.retracted.v1": _ANYONE,
    "source.heartbeat.v1": _ANYONE,
}


class AttributeGroup(StrEnum):
    """What of a view goes together: who owns it, and how fresh it has to be (`app/reads/thresholds.py`)."""

    ORDER = "order"
    ALLOCATION = "allocation"
    SHIPMENT = "shipment"
    MILESTONES = "milestones"
    DOCUMENTS = "documents"
    CASE = "case"


# What each role may set of a view.
GROUPS: dict[Role, tuple[AttributeGroup, ...]] = {
    Role.ERP: (AttributeGroup.ORDER,),
    Role.WMS: (AttributeGroup.ALLOCATION,),
    Role.TMS: (AttributeGroup.SHIPMENT, AttributeGroup.MILESTONES, AttributeGroup.DOCUMENTS),
    Role.CARRIER: (AttributeGroup.MILESTONES, AttributeGroup.DOCUMENTS),
    Role.THIRD_PARTY: (AttributeGroup.ALLOCATION, AttributeGroup.MILESTONES),
    Role.CRM: (AttributeGroup.CASE,),
}


def role_of(source: str) -> Role | None:
    """The role a source speaks in, or None when its path starts with no known one."""
    return _ROLES.get(source.lstrip("/").split("/", 1)[0])


def authority_of(event_type: str, role: Role) -> int | None:
    """How much a role's word weighs for this type; None when it owns nothing the type sets."""
    return OWNERS[event_type].get(role)
