"""`POST /v1/sources/{key}/messages`: a declared source's messages as it writes them."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from app.rest.answers import JSON, encode
from app.rest.bodies import body_of
from app.rest.idempotency import Keep, Once
from app.rest.query import unknown_parameters
from app.rest.senders import Senders
from projections.intake.answers import Answer
from projections.intake.intake import Intake
from projections.sources.taking import Account, Door, Settled, take_in


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


def source_messages_handler(senders: Senders, intake: Intake, once: Once, max_body_bytes: int) -> HTTPRouteHandler:
    """The handler for the declared sources' senders."""

    @post("/v1/sources/{key:str}/messages", status_code=202, request_max_body_size=max_body_bytes)
    async def take_messages(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[bytes]:
        one, sender = await senders.sender(request, key)
        if request.scope["query_string"]:
            raise unknown_parameters(request.scope["query_string"], ())
        body = await body_of(request)
        door = Door(f"http:{one.format}", sender.sources, sender.tenants, key)

        async def take(keep: Keep | None) -> Answer:
            settled = None if keep is None else _keeping(keep)
            return _answer(await take_in(intake, one, [body], door=door, settled=settled))

        return await once.answer(request, sender, body, take)

    return take_messages


def _keeping(keep: Keep) -> Settled:
    return lambda connection, account: keep(connection, _answer(account))


def _answer(account: Account) -> Answer:
    told = MessagesAnswer(
        messages=account.messages,
        accepted=account.accepted,
        duplicate=account.duplicate,
        held=account.held,
        quarantined=account.quarantined,
        ignored=account.ignored,
        reasons=account.reasons,
    )
    return Answer(202, JSON, encode(told))
