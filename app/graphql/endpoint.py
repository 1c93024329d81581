"""`/graphql`, answered before Litestar is asked (read this one)."""

from inspect import isawaitable
from typing import Any, Final

import msgspec
from graphql import ExecutionResult, OperationType, execute

from app.edge import AsgiApp, Receive, Scope, Send
from app.graphql.compiled import Declined
from app.graphql.documents import InvalidDocumentError, Prepared, Preparing
from app.graphql.measuring import DOCUMENTS_A_POINT
from app.graphql.persisted import Persisted
from app.graphql.reading import Reading, Reads
from app.graphql.refusals import formatted, refuse
from app.graphql.requests import GRAPHQL_JSON, Asked, asked_of, media_type_of
from app.graphql.schema import CORE
from app.graphql.sockets import Admission, Sockets
from app.graphql.sse import EventStream, is_wanted
from app.graphql.streams import Streams
from app.languages import CONTENT_LANGUAGE, language_of
from app.live.bearer import Bearer
from app.refusals import problem_of, send_problem
from app.rest.access import Access, authorization_of, require_account
from app.surcharge import Surcharge
from auth.principal import Principal

PATHS: Final = frozenset({"/graphql", "/graphql/"})
_HEADERS: Final = [(b"cache-control", b"no-store"), (b"vary", b"Authorization, Accept, Accept-Language")]


class GraphQL:
    """Answers GraphQL over HTTP, and passes everything else on to the application behind it."""

    def __init__(
        self,
        app: AsgiApp,
        *,
        access: Access,
        reads: Reads,
        preparing: Preparing,
        persisted: Persisted,
        surcharge: Surcharge,
        admission: Admission,
    ) -> None:
        self._app = app
        self._access = access
        self._reads = reads
        self._preparing = preparing
        self._persisted = persisted
        self._surcharge = surcharge
        self._streams = Streams(reads, self._prepared, surcharge)
        self._sockets = Sockets(self._streams, access.verifier, admission)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] not in PATHS:
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._sockets(scope, receive, send)
            return
        try:
            await self._answer(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - each becomes the problem it is, as Litestar's do
            await send_problem(problem_of(error, scope), scope, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        principal = await self._bearer(scope)
        if is_wanted(scope["portal.named"]):
            bearer = Bearer(self._access.verifier, authorization_of(scope) or b"", principal)
            await EventStream(self._streams, scope, receive, send).run(await asked_of(scope, receive), bearer)
            return
        media_type, language = media_type_of(scope["portal.named"]), language_of(scope)
        asked = await asked_of(scope, receive)
        try:
            body, status = await self._executed(asked, Reading(self._reads, principal, language), scope), 200
        except InvalidDocumentError as refused:
            errors = [formatted(error, scope, refused.code) for error in refused.errors]
            body = msgspec.json.encode({"errors": errors})
            # Well-formed requests are answered 200 in the older media type (GraphQL over HTTP, 6.4.1).
            status = 400 if media_type == GRAPHQL_JSON else 200
        headers = [
            (b"content-type", media_type.encode()),
            (b"content-length", b"%d" % len(body)),
            CONTENT_LANGUAGE[language],
            *_HEADERS,
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _bearer(self, scope: Scope) -> Principal:
        # Limits have found out who asks, as a rule.
        principal: Principal | None = scope.get("portal.principal")
        if principal is None:
            return await self._access.bearer(authorization_of(scope))
        require_account(principal)
        return principal

    async def _executed(self, asked: Asked, reading: Reading, scope: Scope) -> bytes:
        prepared = await self._prepared(asked)
        operation, variables = prepared.operation(asked.operation_name), asked.variables or {}
        if operation.operation is OperationType.SUBSCRIPTION:
            code, words = "SUBSCRIPTION_NOT_STREAMED", "Ask for a subscription over a WebSocket or an event stream."
            raise InvalidDocumentError([refuse(code, words)], code)
        cost = prepared.cost(operation, variables)
        if cost > DOCUMENTS_A_POINT:
            await self._surcharge(scope, reading.principal, -(-cost // DOCUMENTS_A_POINT))
        compiled = prepared.compiled(operation)
        if compiled is not None:
            try:
                return await compiled.answer(reading, variables)
            except Declined:
                # The standard executor says what is wrong, or answers what is seldom asked.
                pass
        return await self._by_the_book(prepared, asked, reading, scope)

    async def _by_the_book(self, prepared: Prepared, asked: Asked, reading: Reading, scope: Scope) -> bytes:
        """What graphql-core answers."""
        result = execute(
            CORE,
            prepared.document,
            context_value=reading,
            variable_values=asked.variables or {},
            operation_name=asked.operation_name,
            hide_suggestions=True,
        )
        return _body(await result if isawaitable(result) else result, scope)

    async def _prepared(self, asked: Asked) -> Prepared:
        text, is_new = await self._persisted.text(asked.query, asked.sha256)
        prepared = self._preparing.prepared(text)
        if is_new and asked.sha256:
            await self._persisted.keep(asked.sha256, text)
        return prepared


def _body(result: ExecutionResult, scope: Scope) -> bytes:
    """The answer as JSON. Without any data nothing was executed: a variable was not valid."""
    errors = [formatted(error, scope, "BAD_USER_INPUT") for error in result.errors or ()]
    if errors and result.data is None and all(error.path is None for error in result.errors or ()):
        raise InvalidDocumentError(list(result.errors or ()), "BAD_USER_INPUT")
    told: dict[str, Any] = {"errors": errors} if errors else {}
    return msgspec.json.encode(told | {"data": result.data})
