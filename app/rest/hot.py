"""Documents as ready bytes, answered before Litestar is asked.

It does without a request object, a response object and a serializer, because it runs once per read.
What goes wrong is raised and becomes a problem like anywhere else.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import msgspec

from app.edge import AsgiApp, Receive, Scope, Send
from app.languages import CONTENT_LANGUAGE, language_of
from app.problems import Problem
from app.reads.path import ReadPath, Served
from app.refusals import problem_of, send_problem
from app.rest.access import Access, authorization_of, require_account
from app.rest.answers import Headers
from app.rest.minimum import MIN_POSITION, Minimum
from app.rest.past import PastReads
from app.rest.query import DocumentQuery, parse
from app.rest.repeats import VARIES, DocumentAnswers, Part, Question, send_json, whole
from auth.policy import require, visible_sections
from auth.principal import Principal
from projections.references import PUBLIC_ID, SubjectKind
from projections.words.translation import translate

# In a path split at its slashes: nothing, the version, the kind, an id, a part.
PLACES = 5
# Of another time: what is erased or taken back since must not live on in a cache.
_NO_STORE = (b"cache-control", b"private, no-store")
ListAnswer = Callable[[bytes | None, bytes], Awaitable[tuple[bytes, Headers]]]


class _Milestones(msgspec.Struct):
    milestones: msgspec.Raw


_MILESTONES = msgspec.json.Decoder(_Milestones)


def _milestones(document: bytes) -> bytes:
    return b'{"items":%b}' % bytes(_MILESTONES.decode(document).milestones)


# What may follow an id in the path, and what of the document that is.
_PARTS: dict[str, dict[str, Part]] = {
    "shipment": {"": whole, "milestones": _milestones},
    "order": {"": whole},
}


class HotReads:
    """One kind's list, its documents, and parts of them."""

    def __init__(
        self,
        kind: Literal["shipment", "order"],
        access: Access,
        path: ReadPath,
        answer: ListAnswer,
        answers: DocumentAnswers,
        past: PastReads,
        minimum: Minimum,
    ) -> None:
        self.parts = _PARTS[kind]
        self._kind = kind
        self._scope_name = f"{kind}s:read"
        self._public_id = PUBLIC_ID[SubjectKind(kind)]
        self._access = access
        self._path = path
        self._list = answer
        self._answers = answers
        self._past = past
        self._minimum = minimum

    async def answer(self, subject_id: str, part: str, scope: Scope, send: Send) -> None:
        """Answer with a document or a part of it, or, without an id, with the list."""
        if scope["method"] != "GET":
            raise Problem("method_not_allowed", "Documents can only be read.", headers={"Allow": "GET, HEAD"})
        language = language_of(scope)
        if not subject_id:
            body, fresh = await self._list(authorization_of(scope), scope["query_string"])
            await send_json(send, translate(body, language), [VARIES, *fresh, CONTENT_LANGUAGE[language]])
            return
        principal = await self._reader(scope)
        if scope["query_string"]:
            query = parse(scope["query_string"], DocumentQuery)
            await self._minimum.reach_parameter(query, principal)
            if query.is_of_another_time:
                known_id = subject_id if self._public_id.fullmatch(subject_id) else None
                body = await self._past.body(principal, known_id, self._kind, self.parts[part], query, scope)
                await send_json(send, translate(body, language), [_NO_STORE, VARIES, CONTENT_LANGUAGE[language]])
                return
        served = await self._served(principal, subject_id)
        question = Question(served.key, visible_sections(principal), language, part=self.parts[part])
        await self._answers.send(question, served, principal, scope, send)

    async def _reader(self, scope: Scope) -> Principal:
        # Limits have found out who asks, as a rule.
        principal: Principal | None = scope.get("portal.principal")
        if principal is None:
            return await self._access.reader(authorization_of(scope), self._scope_name)
        require(principal, self._scope_name)
        require_account(principal)
        return principal

    async def _served(self, principal: Principal, subject_id: str) -> Served:
        served = None
        # Of this kind: a shipment's id opens nothing to who may read orders.
        if self._public_id.fullmatch(subject_id):
            served = self._path.remembered(principal.accounts, subject_id)
            if served is None:
                served = await self._path.read(principal.accounts, subject_id)
        if served is None:
            # The same whether it is another's or nobody's: nothing in it may depend on which.
            raise Problem("not_found", f"There is no such {self._kind}.")
        return served


class Documents:
    """DocumentAnswers for `/v1/shipments` and `/v1/orders`, and passes everything else on to the application behind it.

    It stands before Litestar, whose routing and layers cost as much as a read from memory.
    """

    def __init__(self, app: AsgiApp, reads: Mapping[str, HotReads], minimum: Minimum) -> None:
        self._app = app
        self._reads = reads
        self._minimum = minimum

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # /v1/{kind}/{id}/{part}
        way = scope["path"].rstrip("/").split("/", PLACES - 1) if scope["type"] == "http" else []
        if len(way) < PLACES:
            way += [""] * (PLACES - len(way))
        _, version, kind, subject_id, part = way
        reads = self._reads.get(kind) if version == "v1" else None
        if reads is None or part not in reads.parts or (part and not subject_id):
            await self._app(scope, receive, send)
            return
        try:
            if MIN_POSITION in scope["portal.named"]:
                await self._minimum.reach(scope)
            await reads.answer(subject_id, part, scope, send)
        except Exception as error:  # noqa: BLE001 - each becomes the problem it is, as Litestar's do
            await send_problem(problem_of(error, scope), scope, send)
