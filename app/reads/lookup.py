"""From any identifier a customer may have to the orders and shipments it names."""

import msgspec

from app.reads.database import fetch
from app.reads.path import ReadPath, Served
from projections.database import Pool
from projections.references import PUBLIC_ID, Reference, ReferenceType, SubjectKind

_VIEWS = (PUBLIC_ID[SubjectKind.SHIPMENT], PUBLIC_ID[SubjectKind.ORDER])


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
        if reference_type in (None, ReferenceType.PORTAL.value) and any(one.fullmatch(value) for one in _VIEWS):
            # An identifier too, though no view lists its own among its references.
            served = await self._path.read(tenants, value)
            return [Match(value, Reference(ReferenceType.PORTAL, value), served)] if served else []
        found: dict[str, tuple[str, Reference]] = {}
        for tenant in tenants:
            for row in await fetch(self._pool, "lookup", tenant, value, reference_type):
                reference = Reference(ReferenceType(row["type"]), row["value"], row["carrier"] or None)
                found.setdefault(row["subject_id"], (tenant, reference))
        matches = []
        for subject_id, (tenant, reference) in found.items():
            served = await self._path.read((tenant,), subject_id)
            if served is not None:
                matches.append(Match(subject_id, reference, served))
        return matches
