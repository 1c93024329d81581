"""Which users there are and what they ask, without Locust: importing that changes the whole process (gevent)."""

from collections.abc import Collection, Mapping

PORTAL_READER, CRM_CARD, PARTNER_APP = "PortalReader", "CrmCard", "PartnerApp"
NEEDED: Mapping[str, str] = {PORTAL_READER: "/v1/shipments", CRM_CARD: "/v1/cards/{shipment_id}"}


def offered(paths: Collection[str], *, graphql: bool) -> tuple[list[str], dict[str, str]]:
    """The users whose doors are there, and for each other one which is not."""
    left_out = {kind: f"no {path} here" for kind, path in NEEDED.items() if path not in paths}
    if not graphql:
        left_out[PARTNER_APP] = "no /graphql here"
    return [kind for kind in (PORTAL_READER, CRM_CARD, PARTNER_APP) if kind not in left_out], left_out
