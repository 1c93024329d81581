"""Translating documents changes their words and not another byte."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.sections import SECTIONS, without
from projections.words import ENGLISH, LANGUAGES
from projections.words.negotiation import negotiated
from projections.words.translation import translate
from tests.properties.strategies import worlds
from tests.properties.test_sections import rendered
from tests.properties.world import understood
from tests.worded import says, worded, wording_of


def back(translated: bytes) -> bytes:
    """A document in English again, by its codes, decoded and encoded anew."""
    document: Any = msgspec.json.decode(translated)
    for member in worded(document):
        wording = wording_of(member, ENGLISH)
        member["text"] = wording.text
        if "action_required" in member:
            member["action_required"] = wording.action_required
    return msgspec.json.encode(document)


@settings(max_examples=40)
@given(worlds())
def test_translated_by_codes_and_back_a_document_is_what_it_was(world):
    for one in rendered(understood(world)).values():
        for language in LANGUAGES:
            translated = translate(one.document, language)
            assert back(translated) == one.document
            assert says(msgspec.json.decode(translated), language)


@settings(max_examples=20)
@given(worlds())
def test_what_is_hidden_and_what_is_translated_do_not_meet(world):
    for one in rendered(understood(world)).values():
        cut = translate(without(one.document, one.sections.encode(), frozenset()), "de")
        whole = msgspec.json.decode(translate(one.document, "de"))
        assert msgspec.json.decode(cut) == {name: value for name, value in whole.items() if name not in SECTIONS}


@given(st.binary(max_size=60))
def test_no_header_is_an_error(accepted):
    assert negotiated(accepted) in LANGUAGES
