"""Documents read again: the short way to an answer that was given before.

Most reads repeat one: a page that is left open, a CRM that shows an order all day. The long way (`app.edge`,
`app.limits`, `app.rest.hot`) leaves here what it found out about a request, and what it answered. What may have changed
since is asked anew, each by one look-up: whether the token is still good, the limit not yet reached, the document
still the newest; who reads is noted as always. Where anything is in doubt, or wrong, the long way answers.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from app.edge import AsgiApp, Receive, RequestIds, Scope, Send
from app.edge_policy import NO_PAGE, EdgePolicy, Headers
from app.languages import CONTENT_LANGUAGE, VARY
from app.limits import Limits
from app.reads.memory import Key
from app.reads.path import ReadPath, Served, freshened, is_at_risk
from app.reads.shown import etag_of, shown_of
from app.rest.minimum import MIN_POSITION
from auth.principal import Principal
from projections.audit.reads import ReadJournal
from projections.cache import Document
from projections.words.catalogue import Language

QUESTIONS_MAX: Final = 50_000
# Twice what any browser sends. Who asks what could be asked shorter is not to fill our memory with it.
ASKED_BYTES_MAX: Final = 512
# Request headers by which an answer may differ: with any of them the long way answers.
_TELLING: Final = frozenset({b"origin", MIN_POSITION})
JSON: Final = (b"content-type", b"application/json")
VARIES: Final = (b"vary", VARY.encode())

Cut = Callable[[Document, frozenset[str], Language], bytes]
Part = Callable[[bytes], bytes]


def whole(document: bytes) -> bytes:
    return document


class Question(msgspec.Struct):
    """A request that was understood and allowed: which part of which document in which language, and what of it they may see.

    With it what it was last answered. The document is one of those in memory, or was when it was last asked for: so
    there are no more questions than documents that may be there.

    `principal` is whom it was allowed: of one token an issuer may say something else a second later.
    """

    key: Key
    visible: frozenset[str]
    language: Language
    cut: Cut = shown_of
    part: Part = whole
    digest: bytes = b""
    etag: bytes = b""
    document: Document | None = None
    shown: bytes = b""
    principal: Principal | None = None

    def answer(self, served: Served) -> bytes:
        """The part to show, without freshness. What `tag` says is of the answer last given."""
        document = served.document
        if document is self.document:
            return self.shown
        shown = self.cut(document, self.visible, self.language)
        if document.digest != self.digest:
            self.digest, self.etag = document.digest, etag_of(document, shown)
        shown = self.part(shown)
        if served.served_from == "memory":
            self.document, self.shown = document, shown
        return shown

    def tag(self, document: Document) -> bytes:
        """The entity tag of the answer. No event says that a shipment is at risk now; to who asks again it is news."""
        return b'%b-r"' % self.etag[:-1] if is_at_risk(document.at_risk_from) else self.etag


class Questions:
    """The last questions by reader, path and language; all are forgotten when they become too many."""

    def __init__(self, limit: int = QUESTIONS_MAX) -> None:
        self._limit = self._room = limit
        self._by_reader: dict[bytes, dict[tuple[str, bytes | None], Question]] = {}

    def of(self, named: Mapping[bytes, bytes], path: str) -> Question | None:
        """The question of a request with these headers."""
        by_path = self._by_reader.get(named.get(b"authorization", b""))
        return by_path.get((path, named.get(b"accept-language"))) if by_path is not None else None

    def put(self, named: Mapping[bytes, bytes], path: str, question: Question) -> None:
        if len(path) + len(named.get(b"accept-language", b"")) > ASKED_BYTES_MAX:
            return
        if not self._room:
            self._by_reader, self._room = {}, self._limit
        self._room -= 1
        by_path = self._by_reader.setdefault(named[b"authorization"], {})
        by_path[path, named.get(b"accept-language")] = question


class DocumentAnswers:
    """DocumentAnswers questions for the first time, and remembers them."""

    def __init__(self, path: ReadPath, questions: Questions, journal: ReadJournal) -> None:
        self._path = path
        self._questions = questions
        self._journal = journal

    async def send(self, question: Question, served: Served, principal: Principal, scope: Scope, send: Send) -> None:
        self._journal.note(principal.subject, principal.client_id, *question.key)
        shown = question.answer(served)
        question.principal = principal
        named, etag = scope["portal.named"], question.tag(served.document)
        self._questions.put(named, scope["path"], question)
        said = self._path.said(served)
        headers = [VARIES, (b"etag", etag), *said.headers]
        condition = named.get(b"if-none-match")
        if condition is not None and matches(condition, etag):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        headers.append(CONTENT_LANGUAGE[question.language])
        await send_json(send, freshened(shown, served.document, said), headers)


class RepeatedReads:
    """Wraps the edge: answers what was asked before, and passes everything else on."""

    def __init__(
        self,
        app: AsgiApp,
        questions: Questions,
        *,
        ids: RequestIds,
        policy: EdgePolicy,
        limits: Limits,
        path: ReadPath,
        journal: ReadJournal,
    ) -> None:
        self._app = app
        self._questions = questions
        self._ids = ids
        self._always = (VARIES, *policy.always, NO_PAGE)
        self._limits = limits
        self._path = path
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["query_string"] and scope["method"] == "GET":
            named = dict(scope["headers"])
            question = self._questions.of(named, scope["path"])
            if question is not None and len(named) == len(scope["headers"]) and _TELLING.isdisjoint(named):
                authorization = named[b"authorization"]
                served = self._path.held(question.key)
                # Nothing is read for who has no good token, or no limit left.
                if served is None and self._limits.expects(authorization, 1, question.principal):
                    served = await self._read(question.key)
                counted = self._allowed(authorization, question) if served is not None else None
                if served is not None and counted is not None:
                    await self._send(question, served, named, counted, send)
                    return
        await self._app(scope, receive, send)

    async def _read(self, key: Key) -> Served | None:
        try:
            return await self._path.find(key)
        except Exception:  # noqa: BLE001 - whatever it is, the long way meets it too and has the words for it
            return None

    def _allowed(self, authorization: bytes, question: Question) -> Headers | None:
        """What the answer says of the reader's limit, if they may still have it."""
        admitted = self._limits.admit(authorization, 1, question.principal)
        if admitted is None:
            return None
        principal, counted = admitted
        self._journal.note(principal.subject, principal.client_id, *question.key)
        return counted

    async def _send(
        self, question: Question, served: Served, named: Mapping[bytes, bytes], counted: Headers, send: Send
    ) -> None:
        shown = question.answer(served)
        etag = question.tag(served.document)
        said = self._path.said(served)
        headers = [*self._always, (b"etag", etag), (b"x-request-id", self._ids.of(named)), *said.headers, *counted]
        condition = named.get(b"if-none-match")
        if condition is not None and matches(condition, etag):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        headers.append(CONTENT_LANGUAGE[question.language])
        await send_json(send, freshened(shown, served.document, said), headers)


async def send_json(send: Send, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    headers += (JSON, (b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Weak comparison (RFC 9110, 13.1.2); `*` matches what exists."""
    if if_none_match in (etag, b"*"):
        return True
    bare = etag.removeprefix(b"W/")
    return any(one.strip().removeprefix(b"W/") == bare for one in if_none_match.split(b","))
