"""`POST /v1/events`: CloudEvents in, one or a batch (CloudEvents HTTP binding 1.0, sections 3.2 and 3.3)."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from app.problems import Problem, ProblemError
from app.rest.access import Access, authorization_of
from app.rest.answers import encode, json_answer
from app.rest.bodies import body_of
from app.rest.query import unknown_parameters
from auth.principal import Principal
from projections.intake.intake import Intake
from projections.intake.outcomes import Message, Outcome, OutcomeStatus

ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
JSON = "application/json"
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


def events_handler(access: Access, intake: Intake, max_batch_bytes: int) -> HTTPRouteHandler:
    @post("/v1/events", status_code=202, request_max_body_size=max_batch_bytes)
    async def take_events(request: Request[Any, Any, Any]) -> Response[bytes]:
        principal = await access.principal(authorization_of(request.scope), "events:write")
        if request.scope["query_string"]:
            raise unknown_parameters(request.scope["query_string"], ())
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        body = await body_of(request)
        if _is_batch(media_type, body):
            return await _take_batch(intake, body, principal)
        return await _take_one(intake, body, principal)

    return take_events


def _is_batch(media_type: str, body: bytes) -> bool:
    if media_type not in (ONE, BATCH, JSON):
        detail = f"Send {ONE} for one event, {BATCH} for several, or {JSON} for either."
        raise Problem("unsupported_media_type", detail, headers={"Accept": f"{ONE}, {BATCH}, {JSON}"})
    return media_type == BATCH or (media_type == JSON and body.lstrip()[:1] == b"[")


async def _take_one(intake: Intake, body: bytes, sender: Principal) -> Response[bytes]:
    """One event: quarantined is an error to whoever sent it, and kept all the same."""
    (outcome,) = await intake.take([_message(body, sender)])
    if outcome.status is not OutcomeStatus.QUARANTINED:
        return json_answer(encode(_answer([outcome])), 202)
    code = {"malformed": "malformed", "oversized": "too_large"}.get(outcome.reason or "", "event_quarantined")
    error = ProblemError(outcome.pointer or "", outcome.reason or "", outcome.detail or "")
    raise Problem(code, f"Quarantined as {outcome.reason}: {outcome.detail}", errors=(error,))


async def _take_batch(intake: Intake, body: bytes, sender: Principal) -> Response[bytes]:
    """A batch: each event is answered for itself."""
    try:
        events = _BATCH.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # Kept, like anything that cannot be understood: where one event ends and the next begins is lost.
        await intake.take([_message(body, sender)])
        raise Problem("malformed", f"The batch is not a JSON array: {error}. It was quarantined whole.") from None
    if len(events) > MAX_BATCH_EVENTS:
        raise Problem("too_large", f"{len(events)} events; a batch may have {MAX_BATCH_EVENTS}. None was taken.")
    outcomes = await intake.take([_message(bytes(event), sender) for event in events]) if events else []
    return json_answer(encode(_answer(outcomes)), 202)


def _message(body: bytes, sender: Principal) -> Message:
    """For whom the sender may speak goes with what it says."""
    return Message(body, CHANNEL, sender.sources, sender.accounts)


def _answer(outcomes: Sequence[Outcome]) -> EventsAnswer:
    counts = Counter(outcome.status for outcome in outcomes)
    return EventsAnswer(
        accepted=counts[OutcomeStatus.ACCEPTED],
        duplicate=counts[OutcomeStatus.DUPLICATE],
        held=counts[OutcomeStatus.HELD],
        quarantined=counts[OutcomeStatus.QUARANTINED],
        results=outcomes,
    )
