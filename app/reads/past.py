"""Documents of another time, and where those of now are from: folded anew from a tenant's own part of the log."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from asyncpg import Record

from app.reads.database import fetch
from projections.cache import Document, document_of
from projections.database import Pool
from projections.envelope import decode_stored
from projections.event import Event
from projections.log.rows import LogRow
from projections.past import happened_by, views
from projections.provenance.fields import Circumstances, provenance_of
from projections.provenance.shapes import FieldProvenance
from projections.subjects import partition_of

# What one answer may be folded from. A shipment has some tens of events; a fold of this many takes a tenth of a second.
ROWS_MAX: Final = 5_000
BYTES_MAX: Final = 8 * 1_048_576
# Folding takes the processor from whoever else is served: so many at a time.
FOLDS_MAX: Final = 2


class TooLongError(Exception):
    """A history has more than `ROWS_MAX` rows or `BYTES_MAX` bytes."""


class Found(msgspec.Struct, frozen=True):
    """A document of another time, and whose it is."""

    tenant: str
    document: Document


class Told(msgspec.Struct, frozen=True):
    """Where the fields of a shipment are from, and whose it is."""

    tenant: str
    fields: tuple[FieldProvenance, ...]


class Past:
    """Reads histories as the tenant they are of, and folds them beside the loop."""

    def __init__(self, pool: Pool, formats: Mapping[str, str]) -> None:
        """`formats`: how sources are declared to write, by their names."""
        self._pool = pool
        self._formats = formats
        self._free = asyncio.Semaphore(FOLDS_MAX)

    async def shown(self, tenants: tuple[str, ...], subject_id: str, at: datetime) -> Found | None:
        """What one of these tenants was shown under this id at a time. Raises TooLongError, ReadsUnavailableError."""
        return await self._found(tenants, subject_id, shown_at=at, happened_at=None)

    async def happened(self, tenants: tuple[str, ...], subject_id: str, at: datetime) -> Found | None:
        """What had happened by a time as it is known now. Raises TooLongError, ReadsUnavailableError."""
        return await self._found(tenants, subject_id, shown_at=None, happened_at=at)

    async def _found(
        self, tenants: tuple[str, ...], subject_id: str, *, shown_at: datetime | None, happened_at: datetime | None
    ) -> Found | None:
        async with self._free:
            for tenant in tenants:
                rows = await self._rows(tenant, subject_id, shown_at)
                document = await asyncio.to_thread(_folded, rows, tenant, subject_id, happened_at)
                if document is not None:
                    return Found(tenant, document)
        return None

    async def provenance(self, tenants: tuple[str, ...], shipment_id: str, sections: Collection[str]) -> Told | None:
        """Where each field of a shipment is from, of those in these sections. Raises as the others do."""
        async with self._free:
            for tenant in tenants:
                rows = await self._rows(tenant, shipment_id, None)
                versions = await fetch(self._pool, "versions", tenant, shipment_id, ROWS_MAX) if rows else ()
                known = Circumstances([(version, at) for version, at in versions], self._formats)
                fields = await asyncio.to_thread(_told, rows, tenant, shipment_id, sections, known)
                if fields:
                    return Told(tenant, fields)
        return None

    async def _rows(self, tenant: str, subject_id: str, shown_at: datetime | None) -> Sequence[Record]:
        """The history of a subject, and of all shipments of an order, as it was behind what was shown, or is now."""
        limits = (ROWS_MAX + 1, BYTES_MAX)
        rows = await fetch(self._pool, "past", tenant, subject_id, partition_of(tenant), shown_at, *limits)
        if len(rows) > ROWS_MAX or any(row["body"] is None for row in rows):
            raise TooLongError
        return rows


def _decoded(rows: Sequence[Record], tenant: str) -> dict[str, list[LogRow]]:
    partition = partition_of(tenant)
    histories: defaultdict[str, list[LogRow]] = defaultdict(list)
    for one, position, recorded_at, authority, body in rows:
        event = decode_stored(body, authority)
        histories[one].append(LogRow(partition, position, recorded_at, one, tenant, event))
    return histories


def _folded(rows: Sequence[Record], tenant: str, subject_id: str, happened_at: datetime | None) -> Document | None:
    known = {one: _events(one, tenant, history, happened_at) for one, history in _decoded(rows, tenant).items()}
    row = views(known, dict.fromkeys(known, tenant), {subject_id}).get(subject_id)
    return document_of(row) if row else None


def _events(subject_id: str, tenant: str, rows: Sequence[LogRow], happened_at: datetime | None) -> list[Event]:
    events = [row.event for row in rows]
    return events if happened_at is None else happened_by(subject_id, tenant, events, happened_at)


def _told(
    rows: Sequence[Record], tenant: str, shipment_id: str, sections: Collection[str], known: Circumstances
) -> tuple[FieldProvenance, ...]:
    history = _decoded(rows, tenant).get(shipment_id, [])
    return provenance_of(shipment_id, tenant, history, sections, known)
