"""`GET /v1/cards/{shipment_id}`, answered before Litestar as ready bytes: a card is a document's summary."""

from app.edge import AsgiApp, Receive, Scope, Send
from app.languages import language_of
from app.problems import Problem
from app.reads.path import ReadPath, Served
from app.reads.shown import card_of
from app.refusals import problem_of, send_problem
from app.rest.access import Access, authorization_of, require_account
from app.rest.query import unknown_parameters
from app.rest.repeats import DocumentAnswers, Question
from auth.policy import CARD_SCOPE, EVERY_SECTION, may_see_card
from auth.principal import Principal
from projections.references import PUBLIC_ID, SubjectKind

CARDS = "/v1/cards/"
TOKENS = "tokens"
_SHIPMENT_ID = PUBLIC_ID[SubjectKind.SHIPMENT]


class Cards:
    """DocumentAnswers for cards, and passes everything else on to the application behind it."""

    def __init__(self, app: AsgiApp, access: Access, path: ReadPath, answers: DocumentAnswers) -> None:
        self._app = app
        self._access = access
        self._path = path
        self._answers = answers

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
        question = Question(served.key, EVERY_SECTION, language_of(scope), cut=card_of)
        await self._answers.send(question, served, principal, scope, send)

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
