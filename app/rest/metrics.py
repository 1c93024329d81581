"""`/metrics`: what an operator's Prometheus scrapes, for a token with `ops:read`."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from app.rest.access import Access, authorization_of
from app.rest.query import unknown_parameters
from app.source_health.figures import Gauges
from app.source_health.metrics import FiguresCollector


def metrics_handler(access: Access, gauges: Gauges) -> HTTPRouteHandler:
    @get("/metrics")
    async def scrape(request: Request[Any, Any, Any]) -> Response[bytes]:
        await access.operator(authorization_of(request.scope), "ops:read")
        if request.scope["query_string"]:
            raise unknown_parameters(request.scope["query_string"], ())
        registry = CollectorRegistry(auto_describe=False)
        registry.register(FiguresCollector(await gauges.read()))
        text = generate_latest(registry)
        return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"})

    return scrape
