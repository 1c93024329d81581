"""From any identifiers a customer may have to the orders and shipments they name."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from app.reads.database import fetch
from app.reads.path import ReadPath, Served
from projections.database import Pool
from projections.references import PUBLIC_ID, Reference, ReferenceType, SubjectKind

_VIEWS = (PUBLIC_ID[SubjectKind.SHIPMENT], PUBLIC_ID[SubjectKind.ORDER])

# By the place of an identifier among those asked for, from 1: the views it may lead to, each by what and whose it is.
Named = defaultdict[int, dict[str, tuple[tuple[str, ...], Reference]]]

# How many rows one identifier asked for alone may have.
MATCHES_OF_ONE = 200


class Asked(msgspec.Struct, frozen=True):
    """An identifier to look up, perhaps of this type only."""

    value: str
    type: ReferenceType | None = None


class Match(msgspec.Struct, frozen=True):
    """A view found, and the reference it was found by."""

    subject_id: str
    reference: Reference
    served: Served


class Lookup:
    def __init__(self, pool: Pool, path: ReadPath) -> None:
        self._pool = pool
        self._path = path

    async def find(self, tenants: tuple[str, ...], asked: Sequence[Asked], each: int) -> list[list[Match]]:
        """For each identifier what these tenants' views show under it: each view once, by the first type it matches.

        At most `each` rows a tenant for one identifier. One statement a tenant, then all documents together.
        """
        named: Named = defaultdict(dict)
        values, types = [one.value for one in asked], [one.type and one.type.value for one in asked]
        for tenant in tenants:
            for row in await fetch(self._pool, "lookup", tenant, values, types, each):
                reference = Reference(ReferenceType(row["type"]), row["value"], row["carrier"] or None)
                named[row["asked"]].setdefault(row["subject_id"], ((tenant,), reference))
        for place, one in enumerate(asked, 1):
            if one.type in (None, ReferenceType.PORTAL) and any(view.fullmatch(one.value) for view in _VIEWS):
                # An identifier too, though no view lists its own among its references.
                named[place] = {one.value: (tenants, Reference(ReferenceType.PORTAL, one.value))}
        return await self._matches(named, len(asked))

    async def _matches(self, named: Named, count: int) -> list[list[Match]]:
        """Asked for at once, documents are read together: see `gather.py`."""
        wanted = {(whose, subject_id) for found in named.values() for subject_id, (whose, _) in found.items()}
        reading = (self._path.read(whose, subject_id) for whose, subject_id in wanted)
        served = dict(zip(wanted, await asyncio.gather(*reading), strict=True))
        return [
            [
                Match(subject_id, reference, found)
                for subject_id, (whose, reference) in named[place].items()
                if (found := served[whose, subject_id]) is not None
            ]
            for place in range(1, count + 1)
        ]
