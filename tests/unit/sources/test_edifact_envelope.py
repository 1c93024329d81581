"""EDIFACT interchanges: characters, counts and truncation; a broken message harms no other."""

import json

import pytest

from projections.event import RejectionReason
from projections.sources.adapter import Rejected
from projections.sources.edifact import edifact
from tests.unit.sources.edifact_messages import CARRIER, SHIPPED, interchange, message, refused, single, taken
from tests.unit.sources.taken_words import bodies, ignored, in_pieces, rejections


def test_a_release_character_takes_the_meaning_of_the_next():
    (event,) = single("CNI+1", "STS+1+21:::Left at ?'gate?' 4?+5?: ok??", "RFF+CN:A?:B")
    assert event["data"]["note"] == "Left at 'gate' 4+5: ok?"
    assert event["data"]["about"]["value"] == "A:B"


def test_una_gives_other_service_characters():
    text = (
        interchange(message(*SHIPPED), una="").replace("'", "~").replace("+", "|").replace(":", "^").replace("?", "!")
    )
    assert bodies(taken("UNA^|.! ~" + text)) == single(*SHIPPED)


def test_each_interchange_of_a_file_has_its_own_service_characters():
    other = "UNA^|.! ~" + interchange(message(*SHIPPED)).translate(str.maketrans("'+:", "~|^"))
    assert len(bodies(taken(other + interchange(message(*SHIPPED)) + other))) == 3


@pytest.mark.parametrize(
    ("repertoire", "encoding"), [("UNOC", "latin-1"), ("UNOD", "iso8859-2"), ("UNOY", "utf-8"), ("UNOW", "utf-8")]
)
def test_text_is_read_in_the_repertoire_of_its_interchange(repertoire, encoding):
    text = interchange(message("CNI+1", "STS+1+21", "RFF+CN:1", "LOC+9+:::Köln"), repertoire=repertoire)
    (event,) = bodies(taken(text, encoding=encoding))
    assert event["data"]["place"]["name"] == "Köln"


def test_a_byte_outside_the_repertoire_is_refused_with_its_place():
    rejection = refused(interchange(message("CNI+1", "STS+1+21", "RFF+CN:Ø"), repertoire="UNOA"))
    assert rejection.reason is RejectionReason.MALFORMED
    assert rejection.detail == "message M1: segment 7 (RFF) has the byte 0xd8, not of UNOA"


def test_a_test_interchange_changes_nothing():
    found = taken(interchange(message(*SHIPPED), more="++++++1"))
    assert ignored(found) == ["message M1 is a test (UNB 0035)"]
    assert not bodies(found)


def test_a_message_of_another_type_is_refused_and_its_neighbour_read():
    other = "UNH+M0+IFTMIN:D:96A:UN'BGM+610+1+9'UNT+3+M0'"
    found = taken(interchange(other, message(*SHIPPED)))
    assert [rejection.reason for rejection in rejections(found)] == [RejectionReason.UNKNOWN_TYPE]
    assert len(bodies(found)) == 1


def test_a_miscounted_message_is_refused_and_its_neighbours_read():
    found = taken(interchange(message(*SHIPPED), message(*SHIPPED, reference="M2", count=4), message(*SHIPPED)))
    (rejection,) = rejections(found)
    assert rejection.reason is RejectionReason.MALFORMED
    assert rejection.detail == "message M2: segment 19 (UNT) counts 4 segments, there are 9"
    assert len(bodies(found)) == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("UNZ+1+77", "UNZ+2+77", "UNZ) counts 2 messages, there are 1"),
        ("UNZ+1+77", "UNZ+1+78", "UNZ) closes 78, but 77 was opened"),
        ("UNZ+1+77'\n", "", "truncated: the end of input comes before the UNZ of interchange 77"),
    ],
)
def test_an_interchange_that_does_not_end_as_it_began_keeps_its_good_messages(old, new, words):
    found = taken(interchange(message(*SHIPPED)).replace(old, new))
    assert len(bodies(found)) == 1
    (rejection,) = rejections(found)
    assert words in rejection.detail


def test_a_cut_off_message_is_refused_and_those_before_it_kept():
    text = interchange(message(*SHIPPED), message(*SHIPPED, reference="M2"))
    found = taken(text[: text.index("M2") + 60])
    assert len(bodies(found)) == 1
    assert "message M2: truncated" in rejections(found)[0].detail


def test_a_message_that_swallows_the_next_is_refused_alone():
    broken = "UNH+M0+IFTSTA:D:96A:UN'BGM+23+1+9'"
    found = taken(interchange(broken, message(*SHIPPED)))
    assert rejections(found)[0].detail == "message M0: truncated: UNH comes before its UNT"
    assert len(bodies(found)) == 1


def test_groups_are_counted():
    group = "UNG+IFTSTA+ALPN:ZZ+PORTAL:ZZ+260302:1205+G1+UN+D:96A'"
    text = "UNB+UNOC:3+A+B+260302:1205+77'" + group + message(*SHIPPED) + "UNE+1+G1'UNZ+1+77'"
    assert not rejections(taken(text))
    (rejection,) = rejections(taken(text.replace("UNE+1+", "UNE+3+")))
    assert "(UNE) counts 3 messages, there are 1" in rejection.detail


GROUP = "UNG+IFTSTA+ALPN:ZZ+PORTAL:ZZ+260302:1205+{0}+UN+D:96A'{1}UNE+2+{0}'"


def test_an_interchange_of_groups_counts_groups_and_each_group_its_messages():
    pairs = [message(*SHIPPED, reference=f"M{number}") + message(*SHIPPED, reference=f"N{number}") for number in "12"]
    groups = "".join(GROUP.format(f"G{number}", pair) for number, pair in zip("12", pairs, strict=True))
    text = "UNB+UNOC:3+A+B+260302:1205+77'" + groups + "UNZ+2+77'"
    assert not rejections(taken(text))
    assert len(bodies(taken(text))) == 4
    (rejection,) = rejections(taken(text.replace("UNZ+2", "UNZ+4")))
    assert "(UNZ) counts 4 groups, there are 2" in rejection.detail


@pytest.mark.parametrize(("count", "is_right"), [("6", True), ("06", True), ("5", False), ("8", False), ("", False)])
def test_a_count_is_of_the_segments_from_unh_to_unt_both_included(count, is_right):
    text = (
        "UNA:+.?*'UNB+UNOC:4+A+B+20260302:1205+77'"
        "UNH+1+IFTSTA:D:10B:UN'BGM+77+R-1+9'DTM+137:202603021200:203'CNI+1+C-1'STS+1+24'"
        f"UNT+{count}+1'UNZ+1+77'"
    )
    assert bool(bodies(taken(text))) is is_right
    assert bool(rejections(taken(text))) is not is_right


def test_released_terminators_and_releases_at_a_segments_end_do_not_change_the_count():
    (event,) = single("CNI+1", "STS+1+21:::?'?'", "RFF+CN:A-1", "FTX+AAI+++ends with ??")
    assert event["data"]["note"] == "''"


def test_a_refused_message_can_be_read_again_alone():
    text = interchange(message("CNI+1", "STS+1+24"), message(*SHIPPED), una="UNA:+.? '")
    (refusal,) = (one for one in taken(text) if isinstance(one, Rejected))
    (again,) = edifact([refusal.raw], CARRIER)
    assert again == refusal


@pytest.mark.parametrize(
    "text", ["", "  \r\n", "hello", "UNA:::::::", "UNB+UNOC:3'", "UNT+1+1'", "UNH+1+IFTSTA'UNT+2+1'"]
)
def test_what_is_no_interchange_is_accounted_for(text):
    assert rejections(taken(text))


def test_lines_may_be_wrapped_anywhere():
    text = interchange(message(*SHIPPED)).replace("\n", "")
    wrapped = "\r\n".join(text[start : start + 80] for start in range(0, len(text), 80))
    assert bodies(taken(wrapped)) == single(*SHIPPED)


def test_memory_holds_one_message_whatever_the_file():
    text = interchange(*[message(*SHIPPED)] * 3).encode()
    read = 0

    def chunks():
        nonlocal read
        for piece in in_pieces(text, 64):
            read += len(piece)
            yield piece

    first = next(edifact(chunks(), CARRIER))
    assert json.loads(first.body)
    assert read < len(text) / 2
