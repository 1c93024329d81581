"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request sent again is answered as it was first."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from litestar import Request, Response

from app.problems import MEDIA_TYPE, Problem
from app.rest.answers import JSON, json_answer
from app.rest.minimum import POSITION, Soundings
from app.rest.senders import Sender
from projections.database import Connection
from projections.intake.answers import Answer, AnsweredBeforeError, Answers, FirstAnswer, Use

NAME = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
TAKEN = 202

# The draft has it quoted (a structured field's string); most clients leave the quotes out.
_KEY = re.compile(r'"(?P<quoted>[!#-\[\]-~]{1,255})"|(?P<bare>[!#-\[\]-~]{1,255})')

# Keeps an answer in the transaction that brings about what it tells of.
Keep: TypeAlias = Callable[[Connection, Answer], Awaitable[None]]


class Once:
    """Does what a request asks once for each key of a sender, and answers the same to the same."""

    def __init__(self, answers: Answers, soundings: Soundings) -> None:
        self._answers = answers
        self._soundings = soundings

    async def answer(
        self,
        request: Request[Any, Any, Any],
        sender: Sender,
        body: bytes,
        work: Callable[[Keep | None], Awaitable[Answer]],
    ) -> Response[bytes]:
        """The first answer, or what `work` answers now; it is given how to keep it, None without a key.

        What is refused before anything was done is not kept, nor is an outage: sent again, it is tried again. With the
        answer goes a position: who reads with it reads what was taken in.
        """
        answer = await self._once(request, sender, body, work)
        if answer.status_code == TAKEN and (position := await self._soundings.now()) is not None:
            answer.headers[POSITION] = position
        return answer

    async def _once(
        self,
        request: Request[Any, Any, Any],
        sender: Sender,
        body: bytes,
        work: Callable[[Keep | None], Awaitable[Answer]],
    ) -> Response[bytes]:
        key = _key_of(request)
        if key is None:
            return _response(await work(None))
        use = Use(f"{sender.name} {request.scope['path']}", key, hashlib.sha256(body).digest())
        first = await self._answers.first(use)
        if first is not None:
            return _again(first)
        try:
            return _response(await work(lambda connection, answer: self._answers.keep(connection, use, answer)))
        except AnsweredBeforeError:
            first = await self._answers.first(use)
            if first is None:
                raise
            return _again(first)


def _key_of(request: Request[Any, Any, Any]) -> str | None:
    values = request.headers.getall(NAME, [])
    if not values:
        return None
    match = _KEY.fullmatch(values[0]) if len(values) == 1 else None
    if match is None:
        raise Problem("malformed", f"{NAME} must be given once, with 1 to 255 visible ASCII characters.")
    return match["quoted"] or match["bare"]


def _again(first: FirstAnswer) -> Response[bytes]:
    if not first.same:
        raise Problem("idempotency_key_reused", f"This {NAME} was sent with another body before; take a new one.")
    answer = _response(first.answer)
    answer.headers[REPLAYED] = "true"
    return answer


def problem_answer(problem: Problem, trace_id: str) -> Answer:
    """A refusal that tells of something done, and so is kept like any other answer."""
    return Answer(problem.status, MEDIA_TYPE, problem.body(trace_id))


def _response(answer: Answer) -> Response[bytes]:
    if answer.media_type == JSON:
        return json_answer(answer.body, answer.status)
    headers = {"Cache-Control": "no-store"}
    return Response(answer.body, status_code=answer.status, media_type=answer.media_type, headers=headers)
