"""From any identifier a customer may have to the orders and shipments it names."""

import msgspec

from app.reads.database import fetch
from app.reads.path import ReadPath, Served
from projections.database import Pool
from projections.references import Reference, ReferenceType
from projections.subjects import is_order, is_shipment


class Match(msgspec.Struct, frozen=True):
    """A view found, and the reference it was found by."""

    subject_id: str
    reference: Reference
    served: Served


class Lookup:
    def __init__(self, pool: Pool, path: ReadPath) -> None:
        self._pool = pool
        self._path = path

    async def find(self, tenants: tuple[str, ...], value: str, reference_type: str | None) -> list[Match]:
        """What these tenants' views show under an identifier; each view once, by the first type it matches."""
        found: dict[str, tuple[str, Reference]] = {}
        for tenant in tenants:
            for subject_id, reference in await self._references(tenant, value, reference_type):
                found.setdefault(subject_id, (tenant, reference))
        matches = []
        for subject_id, (tenant, reference) in found.items():
            served = await self._path.read((tenant,), subject_id)
            if served is not None:
                matches.append(Match(subject_id, reference, served))
        return matches

    async def _references(self, tenant: str, value: str, reference_type: str | None) -> list[tuple[str, Reference]]:
        """Our own public ids are identifiers too, though no view lists its own among its references."""
        if (is_shipment(value) or is_order(value)) and reference_type in (None, ReferenceType.PORTAL.value):
            return [(value, Reference(ReferenceType.PORTAL, value))]
        rows = await fetch(self._pool, "lookup", tenant, value, reference_type)
        return [
            (row["subject_id"], Reference(ReferenceType(row["type"]), row["value"], row["carrier"] or None))
            for row in rows
        ]
