"""`Accept-Language` and `Portal-Min-Position` over GraphQL."""

import pytest

from projections.words import ENGLISH, LANGUAGES
from tests.api.graphql_asking import posted
from tests.api.ladder import ORDER, SHIPMENT, refused
from tests.fixtures_service import Service
from tests.messages import exception_raised, milestone, order_released, shipment_planned
from tests.worded import says

ASKED = f"""{{
  shipment(id: "{SHIPMENT}") {{ reason {{ code text action_required: actionRequired }}
    milestones {{ code text }} exceptions {{ code text action_required: actionRequired }} }}
  order(id: "{ORDER}") {{ reason {{ code text action_required: actionRequired }} }}
  shipments {{ nodes {{ reason {{ code text action_required: actionRequired }} }} }}
  lookup(reference: "S-1") {{ shipment {{ milestones {{ code text }} }} }}
  exceptions {{ nodes {{ code text action_required: actionRequired }} }} }}"""


def lowered(answer):
    """Codes as they stand in documents."""
    if isinstance(answer, dict):
        return {name: value.lower() if name == "code" else lowered(value) for name, value in answer.items()}
    return [lowered(one) for one in answer] if isinstance(answer, list) else answer


@pytest.mark.parametrize("language", LANGUAGES)
async def test_words_come_in_the_language_asked_for(service: Service, language):
    await service.take(
        order_released(), shipment_planned(), milestone(), exception_raised(code="customs_papers_missing")
    )
    answer = await posted(service, {"query": ASKED}, headers={"Accept-Language": f"{language}-XX, en;q=0.1"})
    assert answer.headers["content-language"] == language
    assert answer.headers["vary"] == "Authorization, Accept, Accept-Language"
    assert "errors" not in answer.json(), answer.text
    assert says(lowered(answer.json()["data"]), language) >= 7


async def test_who_asks_for_no_language_reads_english(world: Service):
    answer = await posted(world, {"query": ASKED})
    assert answer.headers["content-language"] == ENGLISH
    assert says(lowered(answer.json()["data"]), ENGLISH)


async def test_the_position_of_an_answer_is_taken_back_and_a_broken_one_refused(world: Service):
    told = (await posted(world, {"query": "{ shipments { freshness { position } } }"})).json()
    position = told["data"]["shipments"]["freshness"]["position"]
    assert (await posted(world, {"query": ASKED}, headers={"Portal-Min-Position": position})).status_code == 200
    refused(await posted(world, {"query": ASKED}, headers={"Portal-Min-Position": "x"}), 400, "broken_position")
