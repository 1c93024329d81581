"""The catalogue is whole in every language, and its texts take each other's places."""

import json
from importlib.resources import files

import msgspec
import pytest
from fluent.runtime import FluentResource
from fluent.syntax.visitor import Visitor

from projections import words
from projections.statuses import EXCEPTIONS, MILESTONES, REASONS
from projections.views import reason_of
from projections.words import ENGLISH, LANGUAGES, catalogue
from projections.words.catalogue import BrokenCatalogueError, read
from projections.words.negotiation import ACCEPTED_BYTES_MAX, negotiated
from projections.words.translation import translate
from tests.messages import message, milestone, order_released, pro, shipment_planned
from tests.properties.world import understood, views_of
from tests.worded import says

OTHERS = [language for language in LANGUAGES if language != ENGLISH]
SHOWN = [code for code, meaning in MILESTONES.items() if meaning.customer_visible]


class Written:
    """A body as a draft of an event."""

    def __init__(self, body: bytes) -> None:
        self.body = lambda _: body


@pytest.fixture(scope="module")
def eventful() -> dict[tuple[str, str], bytes]:
    """The documents of a shipment that reached every milestone and met with every exception, and of its order."""
    bodies = [
        order_released(),
        shipment_planned(),
        *(milestone(code=code, hours=hour) for hour, code in enumerate(SHOWN)),
    ]
    for code in EXCEPTIONS:
        raised = {"about": pro(), "exception": f"X-{code}", "code": code}
        bodies.append(message("shipment.exception_raised.v1", raised, source="/carrier/ABFS", tenant=None))
    events = understood((str(number), Written(body)) for number, body in enumerate(bodies))
    return {key: shown.document for key, shown in views_of(events).items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_a_customer_may_see_has_its_words_and_no_other_has(language):
    told = catalogue(language)
    assert list(told.milestones) == SHOWN
    assert list(told.reasons) == list(REASONS)


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_asks_readers_to_do_something_about_the_same_reasons(language):
    asking = {code for code, wording in catalogue(ENGLISH).reasons.items() if wording.action_required}
    assert {code for code, wording in catalogue(language).reasons.items() if wording.action_required} == asking


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_was_left_in_english(language):
    english, told = catalogue(ENGLISH), catalogue(language)
    for codes, own in ((english.milestones, told.milestones), (english.reasons, told.reasons)):
        for code, wording in codes.items():
            assert own[code].text != wording.text, code
            assert wording.action_required is None or own[code].action_required != wording.action_required, code


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_begin_large_and_end_without_a_full_stop(language):
    told = catalogue(language)
    wordings = [*told.milestones.values(), *told.reasons.values()]
    for text in [text for one in wordings for text in (one.text, one.action_required) if text]:
        assert text[0].isupper(), text
        assert text[-1].isalpha(), text


class Variables(Visitor):
    """The variables of each message of a Fluent file."""

    def __init__(self, language: str) -> None:
        self.of: dict[str, set[str]] = {}
        self.visit(FluentResource((files(words) / f"{language}.ftl").read_text(encoding="utf-8")))

    def visit_Message(self, message):  # noqa: N802 - the library's name
        self._found = self.of.setdefault(message.id.name, set())
        self.generic_visit(message)

    def visit_VariableReference(self, variable):  # noqa: N802 - the library's name
        self._found.add(variable.id.name)


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_takes_the_same_variables_in_every_language(language):
    taken = Variables(language).of
    assert taken == Variables(ENGLISH).of
    assert {name for name, variables in taken.items() if variables} == {"page-continue_to", "page-too_many_attempts"}


@pytest.mark.parametrize("language", OTHERS)
def test_every_page_is_said_in_every_language(language):
    said = [
        {name: say(client="X", minutes=minutes) for name, say in catalogue(one).pages.items()}
        for one in (ENGLISH, language)
        for minutes in (1, 2)
    ]
    assert said[0].keys() == said[2].keys()
    assert not set(said[0].values()) & set(said[2].values())
    for one, two in (said[:2], said[2:]):
        assert {name for name in one if one[name] != two[name]} == {"too_many_attempts"}
        assert "minutes" in said[1]["too_many_attempts"]


def test_a_sentence_that_misses_a_variable_is_not_shown():
    with pytest.raises(BrokenCatalogueError, match="client"):
        catalogue("de").pages["continue_to"]()


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("milestone-packed = One\nmilestone-packed = Two\n", "twice"),
        ("status-packed = Packed\n", "neither a milestone nor a reason"),
        ("reason-other = { $who } is late\n", "who"),
        ("reason-other = Late\n    .advice = Wait\n", "no attribute but action"),
        ("reason-other =\n    .action = Wait\n", "needs a text"),
        ("reason-other Late\n", "not understood"),
    ],
)
def test_a_broken_catalogue_says_where(source, complaint):
    with pytest.raises(BrokenCatalogueError, match=complaint):
        read(source, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_happened_to_a_shipment_is_told_in_one_language(eventful, language):
    said = {key[1][:3]: says(json.loads(translate(document, language)), language) for key, document in eventful.items()}
    # Its order says why it stands where it does, and nothing more.
    assert said == {"shp": len(SHOWN) + len(EXCEPTIONS) + 1, "ord": 1}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", REASONS)
def test_every_reason_is_told_in_the_language(code, language):
    stored = msgspec.json.encode({"reason": reason_of(code)})
    assert says(json.loads(translate(stored, language)), language) == 1


def test_what_looks_like_words_inside_a_text_stays():
    title = 'x","code":"weather","text":"Delayed","action_required":null,"y":"\\'
    body = msgspec.json.encode({"title": title, "place": {"code": "weather"}, "code": "weather"})
    assert translate(body, "de") == body


def test_words_of_a_code_that_is_no_longer_known_stay():
    body = b'{"code":"beamed_up","text":"Beamed \\"up\\"","action_required":null}'
    assert translate(body, "fr") == body


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de-CH", "de"),
        ("de-Latn-DE-1996", "de"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("nl, es;q=0.5", "es"),
        ("en;q=0.1, de;q=0.2", "de"),
        ("de;q=0.2,en;q=0.2", "de"),
        ("es;q=0.999 ,\tfr ; Q=1.000", "fr"),
        ("de, *;q=0.5", "de"),
        # RFC 4647, 3.4: a * that others follow is skipped.
        ("*, fr", "fr"),
        ("", "en"),
        ("*", "en"),
        ("en-GB", "en"),
        ("nl, pt-BR", "en"),
        ("ger", "en"),
        ("de;q=0", "en"),
        ("de;q=0, *", "en"),
        ("de-CH, de;q=0", "en"),
        ("en;q=0, *", "de"),
        ("en;q=0", "en"),
        ("*;q=0", "en"),
    ],
)
def test_the_language_is_negotiated(accepted, language):
    assert negotiated(accepted.encode()) == language


@pytest.mark.parametrize(
    "malformed",
    [
        b"de;q=2", b"de;q=0.1234", b"de;q=-1", b"de;q=", b"de;q=nan", b"de;level=1", b"de;;", b"de_DE", b"d\xe9", b"\xff", b"-",
        b"de-", b"abcdefghi", b",,;,", b"de fr", "дe".encode(), b"de\n", b"\x00de",
    ],
)  # fmt: skip
def test_what_is_malformed_is_passed_over(malformed):
    assert negotiated(malformed) == ENGLISH
    assert negotiated(malformed + b", es;q=0.1") == "es"


def test_a_header_of_any_length_is_answered():
    assert negotiated(b"de," * ACCEPTED_BYTES_MAX) == ENGLISH
    assert negotiated(b"," * (ACCEPTED_BYTES_MAX - 2) + b"de") == "de"
