"""Erasing a person of one tenant from all that was taken in, so that the projector folds it out of every view.

Histories are rewritten in place, and each order and shipment concerned is given one more event, a retraction that
takes nothing back: retractions make a projector fold a subject anew from its history, which is now without the
person. What an event said under its id before is still known by its fingerprint, so the original, sent again, is a
duplicate and does not bring the person back.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from projections import audit
from projections.audit import Actor, AuditEntry
from projections.blobs import Blobs
from projections.database import Connection, Pool
from projections.erasure.bodies import encoded
from projections.erasure.contents import FoundContent, contents_of, drop, take_away
from projections.erasure.finding import SQL, FoundEntry, FoundEvent, Search
from projections.erasure.person import Person
from projections.event import Event
from projections.events import EventRetracted
from projections.intake import store
from projections.references import Reference, ReferenceType
from projections.subjects import Subject, is_order, is_shipment

SOURCE = "/portal/erasure"
ROWS_AT_ONCE = 500


class Erased(msgspec.Struct, frozen=True):
    """One thing that speaks of the person. `stays`: how many of its texts still do, being identifiers or others'."""

    kept_in: Literal["log", "held", "quarantine", "content"]
    place: str
    source: str | None
    event_id: str | None
    event_type: str | None
    changes: bool
    stays: int


class Erasure(msgspec.Struct, frozen=True):
    """What was erased, or would be: where the person was, and the orders and shipments that are folded anew."""

    tenant: str
    found: tuple[Erased, ...]
    subjects: tuple[str, ...]


class _Proof(NamedTuple):
    kept_in: str
    place: str
    source: str | None
    event_id: str | None
    original_digest: bytes
    erased_digest: bytes


async def would_erase(pool: Pool, person: Person, tenant: str) -> Erasure:
    """What `erase` would do. Raises TooManyError."""
    async with pool.acquire() as connection:
        search = Search(connection, person, tenant)
        await search.log({})
        await _rest(search)
        contents = await contents_of(connection, tenant, _changed(search)[0])
    return _said(search, tenant, contents)


async def erase(pool: Pool, blobs: Blobs, person: Person, tenant: str, *, actor: Actor, because: str) -> Erasure:
    """Erase the person in one transaction, under the intake lock; most of the search comes before. Raises TooManyError.

    The bytes of documents are out of reach with it, and gone from their store after it; where that raises
    BlobsUnavailableError, erasing again goes on.
    """
    async with pool.acquire() as connection:
        # Another erasure must not rewrite what was read here.
        await connection.execute(SQL["alone"])
        search = Search(connection, person, tenant)
        heads = await search.heads()
        await search.log({})
        await search.quarantined()
        async with connection.transaction():
            now = await store.lock(connection)
            await search.log(heads)
            await _rest(search)
            contents = await contents_of(connection, tenant, _changed(search)[0])
            erasure = _said(search, tenant, contents)
            await _rewrite(connection, search)
            await take_away(connection, tenant, contents)
            await store.append(connection, [_fold_anew(one, now) for one in _subjects(search)], now)
            proofs = [*_proofs(search), *map(_of_content, contents)]
            noted = await _note(connection, proofs, now, tenant)
            detail = {"because": because, "person": person.digests(), **_counts(erasure), **noted}
            await audit.record(connection, [AuditEntry(actor, "person.erase", f"tenant/{tenant}", detail, tenant)])
    await drop(pool, blobs, tenant)
    return erasure


async def _rest(search: Search) -> None:
    await search.copies()
    await search.waiting()
    await search.quarantined()


def _changed(search: Search) -> tuple[list[FoundEvent], list[FoundEvent]]:
    """What is rewritten of the log and of the hold."""
    return [one for one in search.logged.values() if one.changes], [one for one in search.held if one.changes]


def _subjects(search: Search) -> list[Subject]:
    """All that has a view and this in its history, other tenants' on the same load too."""
    logged, _ = _changed(search)
    return sorted(
        {
            Subject(place.subject_id, place.tenant)
            for found in logged
            for place in found.places
            if place.tenant is not None and (is_order(place.subject_id) or is_shipment(place.subject_id))
        },
        key=lambda subject: subject.id,
    )


def _fold_anew(subject: Subject, now: datetime) -> tuple[Subject, Event]:
    about = Reference(ReferenceType.PORTAL, subject.id)
    # One name for what is retracted, so that a state remembers it once however often.
    data = EventRetracted(about=about, retracts="nothing")
    event = Event(secrets.token_hex(16), SOURCE, "event.retracted.v1", now, subject.tenant, 0, data, b"")
    return subject, replace(event, body=encoded(event))


async def _rewrite(connection: Connection, search: Search) -> None:
    logged, held = _changed(search)
    rows = [(place.partition, place.position, found.after) for found in logged for place in found.places]
    for part in _parts(rows):
        await connection.execute(SQL["rewrite"], *zip(*part, strict=True))
    for part in _parts([(found.key, found.after) for found in held]):
        await connection.execute(SQL["rewrite_held"], *zip(*part, strict=True))
    for part in _parts([(entry.id, *msgspec.structs.astuple(entry.after)) for entry in search.entries]):
        await connection.execute(SQL["rewrite_quarantine"], *zip(*part, strict=True))


def _parts(rows: Sequence[tuple[object, ...]]) -> Iterable[Sequence[tuple[object, ...]]]:
    return (rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE))


def _proofs(search: Search) -> list[_Proof]:
    logged, held = _changed(search)
    proofs = [
        _Proof("log" if found.key is None else "held", _where(found), found.event.source, found.event.id, *pair)
        for found in (*logged, *held)
        for pair in [(_sha256(found.event.body), _sha256(found.after))]
    ]
    for entry in search.entries:
        for before, after in (
            (entry.before.body, entry.after.body),
            (entry.before.replacement, entry.after.replacement),
        ):
            if before is not None and after is not None and before != after:
                pair = (_sha256(before), _sha256(after))
                proofs.append(_Proof("quarantine", str(entry.id), entry.source, entry.event_id, *pair))
    return proofs


def _of_content(one: FoundContent) -> _Proof:
    return _Proof("content", one.name, one.source, one.event_id, one.sha256, _sha256(b""))


async def _note(connection: Connection, proofs: list[_Proof], now: datetime, tenant: str) -> dict[str, object]:
    """Keep the proofs, and say for the audit log, whose rows cannot change, which they are."""
    ids = []
    for part in _parts(proofs):
        ids += [row[0] for row in await connection.fetch(SQL["note"], now, tenant, *zip(*part, strict=True))]
    whole = b"".join(proof.original_digest + proof.erased_digest for proof in proofs)
    return {"erasures": [min(ids), max(ids)] if ids else [], "erasures_digest": _sha256(whole).hex()}


def _where(found: FoundEvent) -> str:
    if found.key is not None:
        return found.key.hex()
    return " ".join(sorted(f"{place.partition}/{place.position}" for place in found.places))


def _sha256(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def _said(search: Search, tenant: str, contents: Sequence[FoundContent]) -> Erasure:
    events = [
        Erased(
            "log" if one.key is None else "held",
            _where(one),
            *(one.event.source, one.event.id, one.event.type, one.changes, one.stays),
        )
        for one in (*search.logged.values(), *search.held)
    ]
    entries = [_entry(one) for one in search.entries]
    documents = [Erased("content", one.name, one.source, one.event_id, None, changes=True, stays=0) for one in contents]
    return Erasure(tenant, (*events, *entries, *documents), tuple(subject.id for subject in _subjects(search)))


def _entry(one: FoundEntry) -> Erased:
    return Erased("quarantine", str(one.id), one.source, one.event_id, one.event_type, changes=True, stays=0)


def _counts(erasure: Erasure) -> dict[str, int]:
    changed = [one.kept_in for one in erasure.found if one.changes]
    counts = {kept_in: changed.count(kept_in) for kept_in in ("log", "held", "quarantine", "content")}
    return counts | {"subjects": len(erasure.subjects), "stays": sum(one.stays for one in erasure.found)}
