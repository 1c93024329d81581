"""`Accept-Language`: reasons, milestones and what there is to do in the reader's language, through every read."""

import pytest

from projections.statuses import EXCEPTIONS, MILESTONES
from projections.words import ENGLISH, LANGUAGES
from tests.api import ladder
from tests.fixtures_service import READ, Service
from tests.messages import charge_posted, document_added, message, milestone, order_released, pro, shipment_planned
from tests.worded import says

SHIPMENT = f"/v1/shipments/{ladder.SHIPMENT}"
ONE = (SHIPMENT, f"{SHIPMENT}/milestones", f"/v1/orders/{ladder.ORDER}")
SEVERAL = ("/v1/shipments", "/v1/orders", "/v1/lookup?reference=SO-1", "/v1/lookup?reference=S-1")
OTHERS = [language for language in LANGUAGES if language != ENGLISH]


def asking(accepted: str, **headers: str) -> dict[str, str]:
    return {"Accept-Language": accepted, **headers}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", [*ONE, *SEVERAL])
async def test_words_come_in_the_language_asked_for(world: Service, path, language):
    answer = await world.get(path, headers=asking(f"{language}-XX, en;q=0.5"))
    assert answer.headers["content-language"] == language
    assert answer.headers["vary"] == "Authorization, Accept-Language"
    assert says(answer.json(), language)


@pytest.mark.parametrize("path", [*ONE, *SEVERAL])
async def test_who_asks_for_no_language_reads_english(world: Service, path):
    # The client of these tests sends no Accept-Language of its own.
    for headers in ({}, asking("*"), asking("nl"), asking("en-GB,en;q=0.9")):
        answer = await world.get(path, headers=headers)
        assert answer.headers["content-language"] == ENGLISH
        assert says(answer.json(), ENGLISH)


@pytest.mark.parametrize("accepted", ["de;q=9", ";;;", "=", "de_DE", "x" * 2_000, "de," * 2_000, "\x7f", "d\xe9"])
@pytest.mark.parametrize("path", [ONE[0], SEVERAL[0], SEVERAL[-1]])
async def test_a_header_that_is_not_understood_is_no_error(world: Service, path, accepted):
    answer = await world.get(path, headers={"Accept-Language": accepted.encode("latin-1")})
    assert (answer.status_code, answer.headers["content-language"]) == (200, ENGLISH)


async def test_two_headers_are_one_list(world: Service):
    headers = [*(await world.headers()).items(), ("Accept-Language", "nl"), ("Accept-Language", "fr")]
    assert (await world.http.get(SHIPMENT, headers=headers)).headers["content-language"] == "fr"


@pytest.mark.parametrize("path", [*ONE, *SEVERAL])
async def test_only_the_words_differ(world: Service, path):
    english, german = [(await world.get(path, headers=asking(language))).json() for language in (ENGLISH, "de")]
    assert _without_words(german) == _without_words(english)


def _without_words(answer):
    if isinstance(answer, dict):
        passing = ("text", "action_required", "freshness", "next_cursor")
        return [(name, _without_words(value)) for name, value in answer.items() if name not in passing]
    return [_without_words(one) for one in answer] if isinstance(answer, list) else answer


@pytest.mark.parametrize("path", ONE)
async def test_each_language_has_a_tag_of_its_own(world: Service, path):
    tags = {(await world.get(path, headers=asking(language))).headers["etag"]: language for language in LANGUAGES}
    assert len(tags) == len(LANGUAGES)
    for tag, language in tags.items():
        for other in LANGUAGES:
            answer = await world.get(path, headers=asking(other, **{"If-None-Match": tag}))
            assert answer.status_code == (304 if other == language else 200), (language, other)
            assert answer.headers["vary"] == "Authorization, Accept-Language"


@pytest.mark.parametrize("language", OTHERS)
async def test_all_that_can_happen_is_told_in_the_language(service: Service, language):
    shown = [code for code, meaning in MILESTONES.items() if not meaning.closes_as]
    await service.take(order_released(), shipment_planned())
    await service.take(*(milestone(code=code, hours=hour) for hour, code in enumerate(shown)))
    about = pro()
    await service.take(
        *(
            message(
                "shipment.exception_raised.v1",
                {"about": about, "exception": f"X-{code}", "code": code},
                source="/carrier/ABFS",
                tenant=None,
            )
            for code in EXCEPTIONS
        )
    )
    visible = sum(MILESTONES[code].customer_visible for code in shown)
    answer = (await service.get(SHIPMENT, headers=asking(language))).json()
    assert says(answer, language) == visible + len(EXCEPTIONS) + 1
    # What is for our own eyes is not there in any words.
    assert {one["code"] for one in answer["milestones"]} == {
        code for code in shown if MILESTONES[code].customer_visible
    }


async def test_what_a_reader_may_not_see_is_hidden_in_every_language(service: Service):
    await service.take(order_released(), shipment_planned(), document_added(), charge_posted())
    all_of_it = (*READ, "documents:read", "charges:read")
    for language in LANGUAGES:
        whole = (await service.get(SHIPMENT, scopes=all_of_it, headers=asking(language))).json()
        cut = (await service.get(SHIPMENT, headers=asking(language))).json()
        assert whole.keys() - cut.keys() == {"documents", "charges"}
        # Why it is planned, and why its promise is at risk.
        assert says(cut, language) == says(whole, language) == 2


async def test_a_translation_is_as_new_as_its_document(service: Service):
    await service.take(order_released(), shipment_planned())
    first = await service.get(SHIPMENT, headers=asking("de"))
    await service.take(milestone())
    second = await service.get(SHIPMENT, headers=asking("de", **{"If-None-Match": first.headers["etag"]}))
    assert second.status_code == 200
    assert [one["text"] for one in second.json()["milestones"]] == ["Abgegangen"]


async def test_problems_are_said_in_english(world: Service):
    answer = await world.get(f"/v1/shipments/{ladder.NO_SHIPMENT}", headers=asking("de"))
    assert ladder.refused(answer, 404, "not_found")["detail"] == "There is no such shipment."
