"""`POST /v1/sources/{key}/messages`: a declared source's messages as it writes them."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from app.problems import Problem
from app.rest.access import Access, authorization_of
from app.rest.answers import encode, json_answer
from app.rest.bodies import body_of
from app.rest.query import unknown_parameters
from auth.policy import may_speak_for
from auth.principal import Principal
from projections.intake.intake import Intake
from projections.sources.declared import DeclaredSource
from projections.sources.taking import Account, Door, take_in


class MessagesAnswer(msgspec.Struct, frozen=True):
    """What became of the messages of a body; `reasons` counts the quarantined ones by reason.

    One native message may say several things, and each counts. `ignored` were understood and say nothing we keep.
    """

    messages: int
    accepted: int
    duplicate: int
    held: int
    quarantined: int
    ignored: int
    reasons: dict[str, int]


def source_messages_handler(
    access: Access, intake: Intake, sources: Mapping[str, DeclaredSource], max_body_bytes: int
) -> HTTPRouteHandler:
    """The handler over the declared sources by key."""

    @post("/v1/sources/{key:str}/messages", status_code=202, request_max_body_size=max_body_bytes)
    async def take_messages(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[bytes]:
        principal = await access.principal(authorization_of(request.scope), "events:write")
        if request.scope["query_string"]:
            raise unknown_parameters(request.scope["query_string"], ())
        one = _spoken_for(sources.get(key), principal)
        body = await body_of(request)
        door = Door(f"http:{one.format}", principal.sources, principal.accounts, key)
        account = await take_in(intake, one, [body], door=door)
        return json_answer(encode(_answer(account)), 202)

    return take_messages


def _spoken_for(one: DeclaredSource | None, principal: Principal) -> DeclaredSource:
    """Not declared and not theirs answer the same: which sources there are is nobody's business."""
    if one is None or not may_speak_for(principal, one.name):
        raise Problem("not_found", "No source is declared under this key that this token may speak for.")
    return one


def _answer(account: Account) -> MessagesAnswer:
    return MessagesAnswer(
        messages=account.messages,
        accepted=account.accepted,
        duplicate=account.duplicate,
        held=account.held,
        quarantined=account.quarantined,
        ignored=account.ignored,
        reasons=account.reasons,
    )
