"""Blob stores: each keeps bytes as they came, gives any part of them, and one tenant's to no other."""

import io
import os
import secrets
from collections.abc import AsyncIterator, Iterator

import httpx
import msgspec
import obstore
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from app.settings import Settings
from projections.blobs import BlobKey, BlobMissingError, Blobs, BlobsUnavailableError
from projections.blobs.postgres import PIECE_BYTES, PostgresBlobs
from projections.blobs.s3 import S3Blobs
from projections.database import DatabaseRole, Pool, open_pool
from projections.redis import Redis
from tests.fixtures_service import running
from tests.messages import document_added, order_released, shipment_planned
from tests.papers import PDF, bring, document_id, read
from tests.served import free_port

KEY = BlobKey("nordwind", "abc/1")
LARGE = secrets.token_bytes(3 * PIECE_BYTES) * 3 + b"end"


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a store that speaks S3, with a bucket named papers."""
    server = ThreadedMotoServer("127.0.0.1", free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"ACCESS_KEY_ID": "me", "SECRET_ACCESS_KEY": "mine", "REGION": "us-east-1"}.items():
            patch.setenv(f"AWS_{name}", value)
        assert httpx.put(f"{endpoint}/papers", trust_env=False).is_success
        yield endpoint
    server.stop()


@pytest.fixture(params=["postgres", "s3"])
async def blobs(request: pytest.FixtureRequest, database: str) -> AsyncIterator[Blobs]:
    if request.param == "s3":
        yield S3Blobs(f"s3://papers/{os.getpid()}/{secrets.token_hex(4)}", request.getfixturevalue("s3"))
        return
    async with (
        await open_pool(database, DatabaseRole.APP, connections=2) as reading,
        await open_pool(database, DatabaseRole.PROJECTOR, connections=2) as writing,
    ):
        yield PostgresBlobs(reading, writing)


async def read_all(blobs: Blobs, start: int, stop: int, key: BlobKey = KEY) -> bytes:
    return b"".join([piece async for piece in blobs.read(key, start, stop)])


async def test_what_was_put_is_read_whole_or_in_any_part(blobs: Blobs):
    await blobs.put(KEY, io.BytesIO(LARGE))
    assert await blobs.size_bytes(KEY) == len(LARGE)
    for start, stop in (
        (0, len(LARGE)), (0, 1), (len(LARGE) - 1, len(LARGE)), (PIECE_BYTES - 1, PIECE_BYTES + 1),
        (PIECE_BYTES, 2 * PIECE_BYTES), (5, 6 * PIECE_BYTES + 7), (8 * PIECE_BYTES, len(LARGE)),
    ):  # fmt: skip
        assert await read_all(blobs, start, stop) == LARGE[start:stop], (start, stop)


async def test_a_large_one_comes_in_pieces(blobs: Blobs):
    await blobs.put(KEY, io.BytesIO(LARGE))
    pieces = [len(piece) async for piece in blobs.read(KEY, 0, len(LARGE))]
    assert len(pieces) > 1
    assert max(pieces) < len(LARGE)


async def test_what_is_not_there_is_said_to_be_missing(blobs: Blobs):
    assert await blobs.size_bytes(KEY) is None
    with pytest.raises(BlobMissingError):
        await read_all(blobs, 0, 10)
    await blobs.delete(KEY)


async def test_what_was_deleted_is_gone(blobs: Blobs):
    await blobs.put(KEY, io.BytesIO(PDF))
    await blobs.delete(KEY)
    assert await blobs.size_bytes(KEY) is None
    with pytest.raises(BlobMissingError):
        await read_all(blobs, 0, 10)


async def test_in_postgres_another_tenant_finds_nothing_under_the_same_name(database: str):
    async with (
        await open_pool(database, DatabaseRole.APP, connections=1) as reading,
        await open_pool(database, DatabaseRole.PROJECTOR, connections=1) as writing,
    ):
        blobs = PostgresBlobs(reading, writing)
        await blobs.put(KEY, io.BytesIO(PDF))
        with pytest.raises(BlobMissingError):
            await read_all(blobs, 0, 10, BlobKey("suedwind", KEY.name))
        assert await read_all(blobs, 0, len(PDF)) == PDF


@pytest.mark.usefixtures("s3")
async def test_a_store_that_does_not_answer_is_away_not_empty():
    away = S3Blobs("s3://papers/x", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(BlobsUnavailableError):
        await away.put(KEY, io.BytesIO(PDF))
    with pytest.raises(BlobsUnavailableError):
        await read_all(away, 0, 10)


async def test_a_service_with_a_bucket_keeps_documents_there(
    settings: Settings, redis: Redis, projector_pool: Pool, s3: str
):
    own = {"blob_url": f"s3://papers/service-{secrets.token_hex(4)}", "blob_endpoint": s3}
    async with running(msgspec.structs.replace(settings, **own), redis, projector_pool) as service:
        await service.take(order_released(), shipment_planned(), document_added())
        for content in (PDF, LARGE.replace(LARGE[:5], b"%PDF-", 1), PDF):
            assert (await bring(service, content)).status_code == 200
            path = f"/v1/documents/{document_id()}/content"
            assert (await read(service, path)).content == content
            part = await read(service, path, headers={"Range": "bytes=2-6"})
            assert (part.status_code, part.content) == (206, content[2:7])
        assert await projector_pool.fetchval("select count(*) from blob_piece") == 0
        bucket = S3Store.from_url(own["blob_url"], endpoint=s3, client_options={"allow_http": True})
        assert len(obstore.list(bucket).collect()) == 1


async def test_while_the_bucket_is_away_documents_are_told_of_and_their_bytes_come_later(
    settings: Settings, redis: Redis, projector_pool: Pool, s3: str
):
    here = msgspec.structs.replace(settings, blob_url="s3://papers/away", blob_endpoint=s3)
    async with running(here, redis, projector_pool) as service:
        await service.take(order_released(), shipment_planned(), document_added())
        assert (await bring(service)).status_code == 200
    away = msgspec.structs.replace(here, blob_endpoint=f"http://127.0.0.1:{free_port()}")
    async with running(away, redis, projector_pool) as service:
        assert (await read(service, f"/v1/documents/{document_id()}")).json()["content"]["size_bytes"] == len(PDF)
        answer = await read(service, f"/v1/documents/{document_id()}/content")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"]
