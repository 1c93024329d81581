"""Erasing a person whose signature is on a document: its bytes go with them, and do not come back."""

import hashlib
from collections.abc import AsyncIterator

import pytest

from projections.audit import Actor
from projections.blobs import BlobKey, BlobsUnavailableError
from projections.blobs.postgres import PostgresBlobs
from projections.database import DatabaseRole, Pool, open_pool
from projections.erasure.erasing import erase, would_erase
from projections.erasure.person import Person
from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import document_added, message, order_released, shipment_planned, tms_shipment
from tests.papers import PDF, bring, document_id, read

Superuser = "asyncpg.Connection[asyncpg.Record]"
NAME = "Erika Muster"
ERIKA = Person([NAME])
JO = Actor("jo", "portal erase")
SIGNED = PDF + NAME.encode()
CONTENT = f"/v1/documents/{document_id()}/content"


@pytest.fixture
async def eraser(database: str) -> AsyncIterator[Pool]:
    async with await open_pool(database, DatabaseRole.ERASER, connections=1) as pool:
        yield pool


@pytest.fixture
async def signed(service: Service) -> Service:
    """A proof of delivery that she signed, and another document that she has no part in."""
    pod = {"about": tms_shipment(), "document": "POD-1", "kind": "pod", "signed_by": NAME}
    await service.take(order_released(), shipment_planned(), message("document.added.v1", pod), document_added("POD-2"))
    for document in ("POD-1", "POD-2"):
        assert (await bring(service, SIGNED, document=document)).status_code == 200
    return service


class Broken(PostgresBlobs):
    """A store that is away when it is to delete."""

    async def delete(self, key: BlobKey) -> None:
        raise BlobsUnavailableError(key.name)


async def test_the_bytes_go_and_the_document_stays_without_her(signed: Service, eraser: Pool):
    tried = await would_erase(eraser, ERIKA, "nordwind")
    erased = await erase(eraser, PostgresBlobs(eraser, eraser), ERIKA, "nordwind", actor=JO, because="4711")
    assert erased == tried
    assert [(one.kept_in, one.place) for one in erased.found] == [("log", erased.found[0].place), ("content", "POD-1")]
    ladder.refused(await read(signed, CONTENT), 404, "not_found")
    await signed.projector.catch_up()
    document = (await read(signed, f"/v1/documents/{document_id()}")).json()
    assert (document["signed_by"], document["content"]) == ("[erased]", None)
    pool = signed.intake._pool
    assert await pool.fetchval("select count(distinct key) from blob_piece") == 1
    assert (await read(signed, f"/v1/documents/{document_id('POD-2')}/content")).content == SIGNED


async def test_the_same_bytes_are_not_taken_again_but_others_are(signed: Service, eraser: Pool):
    await erase(eraser, PostgresBlobs(eraser, eraser), ERIKA, "nordwind", actor=JO, because="4711")
    ladder.refused(await bring(signed, SIGNED), 409, "already_settled")
    assert (await bring(signed, PDF)).status_code == 200
    assert (await read(signed, CONTENT)).content == PDF
    ladder.refused(await bring(signed, SIGNED), 409, "already_settled")
    assert (await read(signed, CONTENT)).content == PDF


@pytest.mark.usefixtures("signed")
async def test_a_digest_proves_what_was_erased(eraser: Pool, superuser: Superuser):
    await erase(eraser, PostgresBlobs(eraser, eraser), ERIKA, "nordwind", actor=JO, because="4711")
    proof = await superuser.fetchrow("select * from log.erasure where kept_in = 'content'")
    assert (proof["place"], proof["source"], proof["tenant"]) == ("POD-1", "/tms/main", "nordwind")
    assert proof["original_digest"] == hashlib.sha256(SIGNED).digest()


async def test_with_the_store_away_nothing_is_served_and_the_next_time_goes_on(signed: Service, eraser: Pool):
    with pytest.raises(BlobsUnavailableError):
        await erase(eraser, Broken(eraser, eraser), ERIKA, "nordwind", actor=JO, because="4711")
    ladder.refused(await read(signed, CONTENT), 404, "not_found")
    await erase(eraser, PostgresBlobs(eraser, eraser), ERIKA, "nordwind", actor=JO, because="4711")
    assert await signed.intake._pool.fetchval("select count(distinct key) from blob_piece") == 1
