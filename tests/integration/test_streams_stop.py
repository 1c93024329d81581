"""A server that is told to stop ends what goes on and on, says so, and is gone in time."""

import asyncio
import json
import time

import httpx
from websockets.asyncio.client import connect

from app.cli.roles import STOP_SECONDS
from tests.api.test_subscriptions import SHIPMENTS
from tests.fixtures_service import Service
from tests.served import served

WITHIN_SECONDS = 20


async def test_open_streams_do_not_keep_a_server_from_stopping(service: Service):
    async with httpx.AsyncClient(trust_env=False, timeout=WITHIN_SECONDS) as http:
        async with served(service.settings, PORTAL_BASE_URL=service.settings.public_url) as url:
            headers = await service.headers()
            address = f"ws{url.removeprefix('http')}/graphql"
            socket = await connect(address, subprotocols=["graphql-transport-ws"], proxy=None)
            await socket.send(json.dumps({"type": "connection_init", "payload": headers}))
            assert json.loads(await socket.recv()) == {"type": "connection_ack"}
            asked = http.build_request(
                "POST",
                f"{url}/graphql",
                json={"query": SHIPMENTS},
                headers=headers | {"Accept": "text/event-stream"},
            )
            stream = await http.send(asked, stream=True)
            assert stream.headers["content-type"].startswith("text/event-stream")
            # It goes on: the first sign of life is there.
            chunks = stream.aiter_bytes()
            assert await anext(chunks) == b":\n\n"
            started = time.monotonic()
        stopped_in_seconds = time.monotonic() - started
        async with asyncio.timeout(WITHIN_SECONDS):
            await socket.wait_closed()
            assert b"".join([chunk async for chunk in chunks]) == b""
        assert socket.close_code == 1012
        # Past that, workers are killed.
        assert stopped_in_seconds < STOP_SECONDS
