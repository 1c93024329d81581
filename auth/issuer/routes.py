"""The embedded issuer over HTTP."""

import asyncio
from typing import Any, Final

from litestar import Request, Response, Router, get, post
from litestar.exceptions import InternalServerException

from auth.addresses import client_address
from auth.issuer.authorize_requests import BrowserRequest
from auth.issuer.issuer import Issuer
from auth.issuer.token_requests import HttpRequest
from projections.words.negotiation import negotiated

BODY_BYTES_MAX: Final = 16 * 1024
BODY_SECONDS: Final = 10.0
_PUBLIC: Final = {"Cache-Control": "public, max-age=300"}
AnyRequest = Request[Any, Any, Any]


def issuer_router(issuer: Issuer, *, proxies: int = 0, body_seconds: float = BODY_SECONDS) -> Router:
    """The issuer's endpoints, at the paths its metadata names, behind so many proxies of ours.

    Left out of the OpenAPI description: RFC 8414 metadata is how an authorization server describes itself.
    """

    async def asked(request: AnyRequest) -> HttpRequest:
        return HttpRequest(
            query=request.scope["query_string"],
            content_type=request.headers.get("content-type", ""),
            authorization=request.headers.get("authorization"),
            body=await _body(request, body_seconds),
        )

    @post("/oauth/token", status_code=200, request_max_body_size=BODY_BYTES_MAX)
    async def token(request: AnyRequest) -> Response[dict[str, Any]]:
        return await issuer.token(await asked(request))

    @post("/oauth/revoke", status_code=200, request_max_body_size=BODY_BYTES_MAX)
    async def revoke(request: AnyRequest) -> Response[dict[str, Any]]:
        return await issuer.revoke(await asked(request))

    @post("/oauth/introspect", status_code=200, request_max_body_size=BODY_BYTES_MAX)
    async def introspect(request: AnyRequest) -> Response[dict[str, Any]]:
        return await issuer.introspect(await asked(request))

    @get("/oauth/authorize")
    async def authorize(request: AnyRequest) -> Response[Any]:
        return await issuer.authorization.show(_browser(request, proxies))

    @post("/oauth/authorize", status_code=200, request_max_body_size=BODY_BYTES_MAX)
    async def sign_in(request: AnyRequest) -> Response[Any]:
        body = await _body(request, body_seconds)
        return await issuer.authorization.sign_in(_browser(request, proxies, body))

    @get("/oauth/jwks.json", sync_to_thread=False)
    def jwks() -> Response[dict[str, Any]]:
        return Response(issuer.jwks(), headers=_PUBLIC)

    @get(["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"], sync_to_thread=False)
    def metadata() -> Response[dict[str, Any]]:
        return Response(issuer.metadata, headers=_PUBLIC)

    handlers = [token, revoke, introspect, authorize, sign_in, jwks, metadata]
    return Router("/", route_handlers=handlers, include_in_schema=False)


def _browser(request: AnyRequest, proxies: int, body: bytes | None = None) -> BrowserRequest:
    return BrowserRequest(
        query=request.scope["query_string"],
        cookies=request.headers.get("cookie", ""),
        address=client_address(request.scope, proxies),
        language=negotiated(request.headers.get("accept-language", "").encode("latin-1")),
        content_type=request.headers.get("content-type", ""),
        body=body,
    )


async def _body(request: AnyRequest, seconds: float) -> bytes | None:
    """The whole body; None when it comes too slowly or is broken off."""
    try:
        async with asyncio.timeout(seconds):
            return await request.body()
    except (TimeoutError, InternalServerException):
        return None
