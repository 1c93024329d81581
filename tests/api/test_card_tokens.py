"""A token for one card lies open in other people's pages: at the API it opens nothing else."""

import pytest

from app.rest.operation import Operation
from app.rest.operations import OPERATIONS
from auth.scopes import SCOPES
from tests.api import ladder
from tests.api.test_tokens import signed
from tests.fixtures_service import Service

# The card itself is for tests/api/test_card.py.
GUARDED = [operation for operation in OPERATIONS if operation.scope and operation.id != "getCard"]


@pytest.mark.parametrize("operation", GUARDED, ids=lambda operation: operation.id)
async def test_a_token_for_a_card_is_refused_everywhere_whatever_its_scopes(world: Service, operation: Operation):
    own = {"shipments": ladder.SHIPMENT, "orders": ladder.ORDER}
    path = operation.path.replace("{id}", own.get(operation.path.split("/")[2], "x")).replace("{key}", "x")
    everything = {"scope": " ".join(SCOPES), "sources": ["/"]}
    if operation.path.startswith("/v1/ops/"):
        # A customer's token is refused there anyway.
        everything["tenant"] = None
    headers = {"Content-Type": "application/json"}
    for card, refused in (({"card": ladder.SHIPMENT}, True), ({}, False)):
        headers["Authorization"] = f"Bearer {signed(world, **everything, **card)}"
        answer = await world.http.request(operation.method, path, headers=headers)
        assert (answer.status_code == 403) is refused, (path, answer.text)


async def test_a_card_that_is_no_shipment_s_id_is_a_bad_token(world: Service):
    for card in ("", "../x", 5, "x" * 100):
        headers = {"Authorization": f"Bearer {signed(world, card=card)}"}
        assert (await world.http.get("/v1/shipments", headers=headers)).status_code == 401
