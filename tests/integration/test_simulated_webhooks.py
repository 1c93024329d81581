"""The webhooks of the simulated carriers are what the declared ones would send."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest

from projections.sources.adapter import CanonicalEvent, Source
from projections.sources.carrier_json import carrier_json
from projections.sources.carrier_json.mappings import load
from projections.sources.signature import is_signed
from tests.fixtures_upstream import SimulatedUpstream
from tests.messages import at

MAPPINGS = load()
SCANS = {"bluecrest": ("60", None), "nordvik": ("DLV", None), "transalpina": ("CON", None)}


class Received(NamedTuple):
    headers: dict[str, str]
    body: bytes


@asynccontextmanager
async def receiving() -> AsyncIterator[tuple[str, "asyncio.Future[Received]"]]:
    """An HTTP server for one request: where it listens, and what it got."""
    got: asyncio.Future[Received] = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
        got.set_result(Received(headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/in", got


async def sent(upstream: SimulatedUpstream, carrier: str, **webhook: Any) -> Received:
    code, reason = SCANS[carrier]
    scan = {"id": "1", "number": "N-1", "code": code, "reason": reason, "at": at(0).isoformat()}
    async with receiving() as (url, got):
        answered = await asyncio.to_thread(
            upstream.sends, carrier=carrier, url=url, secret="s3", scans=[scan], **webhook
        )
        assert answered == {"status": 202, "body": "ok"}
        return await got


@pytest.mark.parametrize("carrier", sorted(MAPPINGS))
async def test_a_webhook_is_signed_as_its_carrier_signs_and_read_as_an_event(upstream: SimulatedUpstream, carrier: str):
    received = await sent(upstream, carrier, headers={"X-Test": "1"})
    signature = MAPPINGS[carrier].signature
    assert signature is not None
    header = received.headers[signature.header.lower()]
    assert is_signed(signature, [b"s3"], received.body, header)
    assert received.headers["x-test"] == "1"
    (taken,) = carrier_json(MAPPINGS[carrier])([received.body], Source(f"/carrier/{MAPPINGS[carrier].carrier}"))
    assert isinstance(taken, CanonicalEvent), taken
    assert b'"delivered"' in taken.body


@pytest.mark.parametrize("carrier", sorted(MAPPINGS))
async def test_a_forged_webhook_is_signed_by_another(upstream: SimulatedUpstream, carrier: str):
    received = await sent(upstream, carrier, forged=True)
    signature = MAPPINGS[carrier].signature
    assert signature is not None
    assert not is_signed(signature, [b"s3"], received.body, received.headers[signature.header.lower()])
