"""`GET /v1/cards/{shipment_id}`, answered before Litestar as ready bytes: a card is a document's summary."""

import hashlib

from app.edge import AsgiApp, Receive, Scope, Send
from app.problems import Problem
from app.reads.path import ReadPath, Served
from app.refusals import problem_of, send_problem
from app.rest.access import Access, authorization_of, require_account
from app.rest.hot import _CACHE, _JSON, _VARY, _matches, _send_json
from app.rest.query import unknown_parameters
from auth.policy import CARD_SCOPE, may_see_card
from auth.principal import Principal
from projections.audit.reads import ReadJournal
from projections.references import PUBLIC_ID, SubjectKind

CARDS = "/v1/cards/"
TOKENS = "tokens"
_SHIPMENT_ID = PUBLIC_ID[SubjectKind.SHIPMENT]


class Cards:
    """Answers for cards, and passes everything else on to the application behind it."""

    def __init__(self, app: AsgiApp, access: Access, path: ReadPath, journal: ReadJournal) -> None:
        self._app = app
        self._access = access
        self._path = path
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shipment_id = _card_in(scope["path"]) if scope["type"] == "http" else None
        if shipment_id is None:
            await self._app(scope, receive, send)
            return
        try:
            await self._answer(shipment_id, scope, send)
        except Exception as error:  # noqa: BLE001 - each becomes the problem it is, as Litestar's do
            await send_problem(problem_of(error, scope), scope, send)

    async def _answer(self, shipment_id: str, scope: Scope, send: Send) -> None:
        if scope["method"] != "GET":
            raise Problem("method_not_allowed", "Cards can only be read.", headers={"Allow": "GET, HEAD"})
        principal: Principal | None = scope.get("portal.principal")
        if principal is None:
            # Limits have found out who asks, if anybody said: this refuses.
            principal = await self._access.reader(authorization_of(scope), CARD_SCOPE)
        is_open = may_see_card(principal, shipment_id)
        require_account(principal)
        if scope["query_string"]:
            raise unknown_parameters(scope["query_string"], ())
        served = await self._served(principal, shipment_id) if is_open else None
        if served is None:
            # The same for another's, for nobody's, and for any but its own to who has a token for one card.
            raise Problem("not_found", "There is no such shipment.")
        self._journal.note(principal.subject, principal.client_id, served.tenant, shipment_id)
        await self._send(served, scope, send)

    async def _send(self, served: Served, scope: Scope, send: Send) -> None:
        etag = _etag(served)
        if_none_match = scope["portal.named"].get(b"if-none-match")
        if if_none_match is not None and _matches(if_none_match, etag):
            await send({"type": "http.response.start", "status": 304, "headers": [_CACHE, _VARY, (b"etag", etag)]})
            await send({"type": "http.response.body", "body": b""})
            return
        body = self._path.with_freshness(served.document.summary, served)
        await _send_json(send, body, [_JSON, _CACHE, _VARY, (b"etag", etag)])

    async def _served(self, principal: Principal, shipment_id: str) -> Served | None:
        if not _SHIPMENT_ID.fullmatch(shipment_id):
            return None
        served = self._path.remembered(principal.accounts, shipment_id)
        return served if served is not None else await self._path.read(principal.accounts, shipment_id)


def _card_in(path: str) -> str | None:
    """What a path names as the shipment whose card it is; None when it is no card's."""
    if not path.startswith(CARDS):
        return None
    shipment_id = path[len(CARDS) :].rstrip("/")
    return None if not shipment_id or shipment_id == TOKENS or "/" in shipment_id else shipment_id


def _etag(served: Served) -> bytes:
    """Of what a card shows alone: it does not move with the rest of the document."""
    document = served.document
    return b'W/"%b"' % hashlib.blake2b(document.summary + document.sources, digest_size=8).hexdigest().encode()
