"""The simulated upstreams' application; see the package for its requests."""

from collections.abc import Mapping
from typing import Any

import httpx
import msgspec
from litestar import Litestar, Request, Response, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from app.simulator.upstream.faults import Fault, Faults
from app.simulator.upstream.records import Records, etag_of
from app.simulator.upstream.webhooks import Webhook, send

JSON = "application/json"
Asking = Request[Any, Any, Any]


def create_app() -> Faults:
    """A fresh upstream without records."""
    records = Records()
    # The handlers tell the layer around them what to do wrong.
    layers: list[Faults] = []
    handlers = [*_apis(records), *_controls(records, layers)]
    layers.append(Faults(Litestar(handlers, openapi_config=None, logging_config=None)))  # type: ignore[arg-type]  # Litestar's own ASGI types
    return layers[0]


def _apis(records: Records) -> list[HTTPRouteHandler]:
    def answer(kind: str, request: Asking) -> Response[bytes]:
        try:
            body = records.page(kind, request.query_params)
        except ValueError as error:
            return Response(str(error).encode(), status_code=400)
        return _conditional(body, request.headers)

    @get("/erp/invoices")
    async def invoices(request: Asking) -> Response[bytes]:
        return answer("invoices", request)

    @get("/tms/shipments")
    async def shipments(request: Asking) -> Response[bytes]:
        return answer("shipments", request)

    @get("/tms/shipments/{number:str}")
    async def shipment(request: Asking, number: FromPath[str]) -> Response[bytes]:
        found = records.one("shipments", number)
        if found is None:
            return Response(b"{}", status_code=404, media_type=JSON)
        return _conditional(msgspec.json.encode(found), request.headers)

    return [invoices, shipments, shipment]


def _conditional(body: bytes, asked: Mapping[str, str]) -> Response[bytes]:
    etag = etag_of(body)
    if asked.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers={"ETag": etag})
    return Response(body, headers={"ETag": etag}, media_type=JSON)


def _controls(records: Records, layers: list[Faults]) -> list[HTTPRouteHandler]:
    @put("/control/records/{kind:str}", request_max_body_size=None)
    async def replace(request: Asking, kind: FromPath[str]) -> Response[bytes]:
        records.replace(kind, msgspec.json.decode(await request.body(), type=list[Any]))
        return Response(b"", status_code=204)

    @post("/control/faults", status_code=204)
    async def misbehave(request: Asking) -> None:
        layers[0].add(msgspec.json.decode(await request.body(), type=Fault))

    @post("/control/webhooks")
    async def webhook(request: Asking) -> Response[bytes]:
        try:
            answered = await send(msgspec.json.decode(await request.body(), type=Webhook))
        except httpx.HTTPError as error:
            return Response(str(error).encode(), status_code=502)
        return Response(msgspec.json.encode(answered), media_type=JSON)

    @get("/control/requests")
    async def asked() -> Response[bytes]:
        return Response(msgspec.json.encode(layers[0].asked), media_type=JSON)

    @post("/control/reset", status_code=204)
    async def reset() -> None:
        layers[0].reset()
        for kind in ("invoices", "shipments"):
            records.replace(kind, [])

    return [replace, misbehave, webhook, asked, reset]
