"""A JSON document is read item by item: what is broken, cut off or too long harms nothing beside it."""

import pytest

from projections.event import RejectionReason
from projections.sources.adapter import Ignored, Rejected
from projections.sources.json_list import Item, items
from tests.unit.sources.taken_words import in_pieces

PATHS = frozenset({(), ("events",), ("body", "events")})


def pieces(document, **limits):
    whole = list(items([document], PATHS, **limits))
    assert list(items(in_pieces(document, 1), PATHS)) == list(items([document], PATHS))
    return whole


def raws(document):
    return [piece.raw for piece in pieces(document) if isinstance(piece, Item)]


def details(document):
    return [piece.rejection.detail for piece in pieces(document) if isinstance(piece, Rejected)]


@pytest.mark.parametrize(
    "document",
    [
        b'[{"a":1}, {"b":[2,{}]}]',
        b'{"events":[{"a":1},{"b":[2,{}]}]}',
        b'{"head":{"events":1},"body":{"x":[9],"events":[{"a":1} ,\n {"b":[2,{}]}],"tail":[[]]}}',
        b'{"a":1}\n{"b":[2,{}]}\n',
        b'\xef\xbb\xbf{"a":1}{"b":[2,{}]}',
    ],
)
def test_items_are_found_wherever_the_list_is(document):
    assert raws(document) == [b'{"a":1}', b'{"b":[2,{}]}']
    assert not details(document)


def test_a_list_under_another_name_is_part_of_its_document():
    document = b'{"other":{"events":[{"a":1}]}}'
    assert raws(document) == [document]


def test_brackets_and_quotes_within_strings_mean_nothing():
    document = rb'[{"a":"]},{\" \\"},{"b":"[{"}]'
    assert raws(document) == [rb'{"a":"]},{\" \\"}', b'{"b":"[{"}']


def test_a_string_left_open_ends_with_its_line():
    assert raws(b'[{"a":1},\n{"b":"x},\n{"c":3},\n{"d":4}]')[0] == b'{"a":1}'
    assert raws(b'[{"a":1},\n{"b":"x\n},\n{"d":4}]') == [b'{"a":1}', b'{"b":"x\n}', b'{"d":4}']


def test_a_bracket_too_many_or_too_few_stays_within_its_item():
    assert raws(b'[{"a":1}},{"b":2}]') == [b'{"a":1}}', b'{"b":2}']
    assert raws(b'[{"a":[1},{"b":2}]') == [b'{"a":[1}', b'{"b":2}']
    assert raws(b'[{"a":1},{"b":2]') == [b'{"a":1}', b'{"b":2']


def test_items_after_a_list_that_was_closed_too_early_are_still_found():
    assert raws(b'[{"a":1]},{"b":2},{"c":3}]') == [b'{"a":1', b'{"b":2}', b'{"c":3}']
    assert details(b'[{"a":1]},{"b":2}]') == [
        "} closes nothing; read on after it",
        "] closes nothing; read on after it",
    ]


def test_bytes_that_are_no_json_are_not_read_to_their_end():
    assert len(details(b"}" * 10_000)) == 100


def test_what_comes_before_a_cut_is_kept_and_the_cut_is_told():
    assert raws(b'[{"a":1},{"b":2},{"c"') == [b'{"a":1}', b'{"b":2}']
    assert details(b'[{"a":1},{"b":2},{"c"') == ["cut off: the document ends in its list, after item 2"]
    assert details(b'{"events":[{"a":1}]') == ["cut off: the document ends before its brackets are closed"]


def test_an_item_complete_but_for_its_list_is_kept():
    assert raws(b'[{"a":1}') == [b'{"a":1}']
    assert details(b'[{"a":1}') == ["cut off: the document ends in its list, after item 0"]


def test_nothing_at_all_and_nothing_between_commas_are_told():
    assert details(b" \n") == ["there is nothing in it"]
    assert details(b"[{},,{}]") == ["there is nothing where item 2 should be"]


def test_an_empty_list_is_accounted_for():
    assert pieces(b'{"events":[]}') == [Ignored("an empty list", b"]}")]


def test_an_item_that_is_too_long_is_refused_and_passed_over():
    document = b'[{"a":1},{"b":[' + b"[0]," * 500 + b'[0]]},{"c":3}]'
    found = list(items(in_pieces(document, 64), PATHS, max_item_bytes=200))
    assert [type(piece) for piece in found] == [Item, Rejected, Item]
    assert found[1].rejection.reason is RejectionReason.OVERSIZED
    assert found[1].rejection.detail.startswith("item 2 is longer than 200 bytes")


def test_a_document_without_a_list_that_is_too_long_is_refused():
    document = b'{"a":[' + b"[0]," * 500 + b'[0]]}{"b":1}'
    found = list(items(in_pieces(document, 64), PATHS, max_item_bytes=200))
    assert [type(piece) for piece in found] == [Rejected, Item]
    assert found[0].rejection.reason is RejectionReason.OVERSIZED


def test_a_string_without_end_does_not_fill_the_memory():
    endless = (b"x" * 100 for _ in range(10**9))
    found = list(items(endless, PATHS, max_item_bytes=1_000))
    assert [piece.rejection.reason for piece in found] == [RejectionReason.OVERSIZED]
