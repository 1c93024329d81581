"""What a token can allow, as data: the consent page, the metadata and the docs all read this table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SCOPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "shipments:read": "Read shipments: status, milestones, provenance, exceptions, lookup by reference.",
        "orders:read": "Read orders, their lines and the shipments that carry them.",
        "documents:read": "Read proofs of delivery and other documents.",
        "invoices:read": "Read invoices and their payment state.",
        "charges:read": "Read the freight charges on a shipment.",
        "webhooks:manage": "Create, change and delete webhook subscriptions, and redeliver from them.",
        "shares:manage": "Create, list and revoke public tracking links.",
        "cards:read": "Read status cards and mint short-lived tokens for one card.",
        "events:write": "Publish events and native messages, for the sources the token names.",
        "ops:read": "See quarantine, held events, feeds, projections, worklists and the audit log.",
        "ops:replay": "Replay quarantined events and start rebuilds.",
    }
)


def split(scope: str) -> frozenset[str]:
    """The scopes in a space-separated list (RFC 6749, section 3.3)."""
    return frozenset(scope.split())
