"""The operations on cards."""

from app.rest.cards.tokens import CardWanted
from app.rest.operation import READ_ONE, WRITE, Operation
from auth.issuer.card_tokens import CardToken
from auth.policy import CARD_SCOPE
from projections.shipment_view.shapes import ShipmentSummary

CARD_OPERATIONS = (
    Operation(
        id="getCard", method="get", path="/v1/cards/{shipment_id}", tag="Cards", scope=CARD_SCOPE,
        summary="One line about a shipment: status, ETA, reason, last place, what to do next. A token for one card opens"
        " that one.",
        answer=ShipmentSummary, conditional=True, worded=True, refusals=READ_ONE,
    ),
    Operation(
        id="makeCardToken", method="post", path="/v1/cards/tokens", tag="Cards", scope=CARD_SCOPE,
        summary="A token for one card, which opens nothing else, for pages of other people's making.",
        body=CardWanted, status=201, answer=CardToken, refusals=(*WRITE, 501),
    ),
)  # fmt: skip
