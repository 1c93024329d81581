"""`POST /v1/events`: CloudEvents in, one or a batch (CloudEvents HTTP binding 1.0, sections 3.2 and 3.3)."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from app.problems import Problem, ProblemError, trace_id_of
from app.rest.access import Access, authorization_of
from app.rest.answers import JSON, encode
from app.rest.bodies import body_of
from app.rest.idempotency import Keep, Once, problem_answer
from app.rest.query import unknown_parameters
from app.rest.senders import SCOPE, Sender, client
from projections.database import Connection
from projections.intake.answers import Answer
from projections.intake.intake import Intake
from projections.intake.outcomes import Message, Outcome, OutcomeStatus

ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
MAX_BATCH_EVENTS = 1_000
CHANNEL = "http"

_BATCH = msgspec.json.Decoder(list[msgspec.Raw])


class EventsAnswer(msgspec.Struct, frozen=True):
    """What became of each event, in the order they came, and how many of each."""

    accepted: int
    duplicate: int
    held: int
    quarantined: int
    results: Sequence[Outcome]


class Taking(NamedTuple):
    """What a body asks intake to take, and the answer that what became of it makes."""

    messages: Sequence[Message]
    answer: Callable[[Sequence[Outcome]], Answer]


def events_handler(access: Access, intake: Intake, once: Once, max_batch_bytes: int) -> HTTPRouteHandler:
    @post("/v1/events", status_code=202, request_max_body_size=max_batch_bytes)
    async def take_events(request: Request[Any, Any, Any]) -> Response[bytes]:
        sender = client(await access.principal(authorization_of(request.scope), SCOPE))
        if request.scope["query_string"]:
            raise unknown_parameters(request.scope["query_string"], ())
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        body = await body_of(request)
        read = _batch if _is_batch(media_type, body) else _one
        taking = read(body, sender, trace_id_of(request.scope))
        return await once.answer(request, sender, body, lambda keep: _take(intake, taking, keep))

    return take_events


async def _take(intake: Intake, taking: Taking, keep: Keep | None) -> Answer:
    async def alongside(connection: Connection, outcomes: Sequence[Outcome]) -> None:
        if keep is not None:
            await keep(connection, taking.answer(outcomes))

    return taking.answer(await intake.take(taking.messages, alongside))


def _is_batch(media_type: str, body: bytes) -> bool:
    if media_type not in (ONE, BATCH, JSON):
        detail = f"Send {ONE} for one event, {BATCH} for several, or {JSON} for either."
        raise Problem("unsupported_media_type", detail, headers={"Accept": f"{ONE}, {BATCH}, {JSON}"})
    return media_type == BATCH or (media_type == JSON and body.lstrip()[:1] == b"[")


def _one(body: bytes, sender: Sender, trace_id: str) -> Taking:
    """One event: quarantined is an error to whoever sent it, and kept all the same."""

    def answer(outcomes: Sequence[Outcome]) -> Answer:
        (outcome,) = outcomes
        if outcome.status is not OutcomeStatus.QUARANTINED:
            return _answer(outcomes)
        code = {"malformed": "malformed", "oversized": "too_large"}.get(outcome.reason or "", "event_quarantined")
        error = ProblemError(outcome.pointer or "", outcome.reason or "", outcome.detail or "")
        refused = Problem(code, f"Quarantined as {outcome.reason}: {outcome.detail}", errors=(error,))
        return problem_answer(refused, trace_id)

    return Taking([_message(body, sender)], answer)


def _batch(body: bytes, sender: Sender, trace_id: str) -> Taking:
    """A batch: each event is answered for itself."""
    try:
        events = _BATCH.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # Kept, like anything that cannot be understood: where one event ends and the next begins is lost.
        refused = Problem("malformed", f"The batch is not a JSON array: {error}. It was quarantined whole.")
        return Taking([_message(body, sender)], lambda _: problem_answer(refused, trace_id))
    if len(events) > MAX_BATCH_EVENTS:
        raise Problem("too_large", f"{len(events)} events; a batch may have {MAX_BATCH_EVENTS}. None was taken.")
    return Taking([_message(bytes(event), sender) for event in events], _answer)


def _message(body: bytes, sender: Sender) -> Message:
    """For whom the sender may speak goes with what it says."""
    return Message(body, CHANNEL, sender.sources, sender.tenants)


def _answer(outcomes: Sequence[Outcome]) -> Answer:
    counts = Counter(outcome.status for outcome in outcomes)
    told = EventsAnswer(
        accepted=counts[OutcomeStatus.ACCEPTED],
        duplicate=counts[OutcomeStatus.DUPLICATE],
        held=counts[OutcomeStatus.HELD],
        quarantined=counts[OutcomeStatus.QUARANTINED],
        results=outcomes,
    )
    return Answer(202, JSON, encode(told))
