"""The limit: an ASGI application that does nothing but answer so many bytes."""

import os

from app.edge import AsgiApp, Receive, Scope, Send

STATUS, BYTES = "BENCH_BARE_STATUS", "BENCH_BARE_BYTES"


def create_app() -> AsgiApp:
    status, body = int(os.environ[STATUS]), b"x" * int(os.environ[BYTES])
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))] if body else []

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
