"""`POST /v1/cards/tokens`: a short-lived token that opens one card and nothing else, for other people's pages."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from app.problems import Problem
from app.reads.path import ReadPath
from app.rest.access import Access, authorization_of
from app.rest.answers import JSON, encode
from app.rest.bodies import json_of
from app.rest.query import no_parameters
from auth.bearer import bearer_token
from auth.errors import Unauthorized
from auth.issuer.access_tokens import CARD_SECONDS
from auth.issuer.card_tokens import CardToken
from auth.issuer.issuer import Issuer
from auth.policy import CARD_SCOPE
from auth.principal import CardSubject
from projections.references import PUBLIC_ID, SubjectKind

LEAST_SECONDS = 30
BODY_BYTES_MAX = 4_096
_SHIPMENT_ID = PUBLIC_ID[SubjectKind.SHIPMENT]


class CardWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose card, and for how long."""

    shipment_id: CardSubject
    ttl_seconds: Annotated[
        int,
        msgspec.Meta(
            ge=LEAST_SECONDS, le=CARD_SECONDS, description="How long it lives; never longer than the token sent along."
        ),
    ] = CARD_SECONDS


def card_token_handler(access: Access, path: ReadPath, issuer: Issuer | None) -> HTTPRouteHandler:
    """With the embedded issuer it is the exchange of RFC 8693 in one call; only an issuer can sign for another one."""

    @post("/v1/cards/tokens", status_code=201, request_max_body_size=BODY_BYTES_MAX)
    async def make_card_token(request: Request[Any, Any, Any]) -> Response[bytes]:
        authorization = authorization_of(request.scope)
        principal = await access.reader(authorization, CARD_SCOPE)
        no_parameters(request)
        wanted = await json_of(request, CardWanted)
        if issuer is None:
            detail = "Tokens come from another issuer here: have it make one with a claim card, the shipment's id."
            raise Problem("not_offered", detail)
        is_id = _SHIPMENT_ID.fullmatch(wanted.shipment_id)
        if not is_id or await path.read(principal.accounts, wanted.shipment_id) is None:
            raise Problem("not_found", "There is no such shipment.")
        token = bearer_token(authorization).decode()
        made: CardToken | None = await issuer.card_token(token, wanted.shipment_id, wanted.ttl_seconds)
        if made is None:
            raise Unauthorized("invalid_token", "The token has been revoked.")
        return Response(encode(made), status_code=201, media_type=JSON, headers={"Cache-Control": "no-store"})

    return make_card_token
