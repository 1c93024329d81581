"""The embedded issuer over HTTP."""

from typing import Any, Final

from litestar import Request, Response, Router, get, post

from auth.issuer.issuer import Issuer
from auth.issuer.token_requests import HttpRequest

TOKEN_REQUEST_BYTES_MAX: Final = 16 * 1024
_PUBLIC: Final = {"Cache-Control": "public, max-age=300"}


def issuer_router(issuer: Issuer) -> Router:
    """The issuer's endpoints, at the paths its metadata names.

    Left out of the OpenAPI description: RFC 8414 metadata is how an authorization server describes itself.
    """

    @post("/oauth/token", status_code=200, request_max_body_size=TOKEN_REQUEST_BYTES_MAX)
    async def token(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        return await issuer.answer_token_request(
            HttpRequest(
                query=request.scope["query_string"],
                content_type=request.headers.get("content-type", ""),
                authorization=request.headers.get("authorization"),
                body=await request.body(),
            )
        )

    @get("/oauth/jwks.json", sync_to_thread=False)
    def jwks() -> Response[dict[str, Any]]:
        return Response(issuer.jwks, headers=_PUBLIC)

    @get(["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"], sync_to_thread=False)
    def metadata() -> Response[dict[str, Any]]:
        return Response(issuer.metadata, headers=_PUBLIC)

    return Router("/", route_handlers=[token, jwks, metadata], include_in_schema=False)
