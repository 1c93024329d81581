"""Whatever bytes come as EDIFACT: no error, and each message accounted for."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from projections.sources.adapter import CanonicalEvent, Source
from projections.sources.edifact import edifact
from tests.properties.broken_bytes import EDITS, accounted, broken

SOURCE = Source("/carrier/alpn", carrier="ALPN", zone="Europe/Oslo")
MESSAGE = (
    "UNH+{n}+IFTSTA:D:10B:UN'BGM+23+R-{n}+9'DTM+137:202603021200:203'NAD+CA+ALPN:172'CNI+1+C-{n}'STS+1+23+6+14'"
    "RFF+CN:A?'{n}'DTM+334:202603021015CET:303'LOC+9+DEHAM:139:6:K\u00f6ln'TDT+20++1'LOC+7+FIHEL'DTM+132:20260304:102'"
    "EQD+CN+MSKU1234565+45G1+++5'GID+1'GIN+BJ+340123450000000018'UNT+{count}+{n}'\n"
)
MESSAGES = [MESSAGE.format(n=number, count=16) for number in range(1, 4)]
FILE = ("UNA:+.? 'UNB+UNOC:3+A:ZZ+B:ZZ+260302:1205+77'" + "".join(MESSAGES) + "UNZ+3+77'").encode("latin-1")


@given(st.binary(max_size=300), st.integers(1, 50))
@example(b"UNA", 1)
@example(b"UNA'''''''", 3)
@example(b"UNB'UNG'UNH'UNT'UNE'UNZ'", 2)
@example(b"UNB+UNOC:3+++++1'UNH+1+IFTSTA'CNI'STS+1+21'DTM+334:99991231235959:204'UNT+5+1'UNZ+1+1'", 9)
@example(b"?" * 500, 7)
def test_any_bytes_are_accounted_for(body, size):
    taken = accounted(edifact, body, SOURCE, size)
    assert taken


@settings(max_examples=300)
@given(EDITS, st.none() | st.integers(0, 10_000), st.integers(1, 400))
def test_a_broken_file_is_read_as_far_as_it_can_be(edits, cut, size):
    assert accounted(edifact, broken(FILE, edits, cut), SOURCE, size)


@settings(max_examples=100)
@given(st.integers(0, len(FILE) - 1))
def test_a_cut_off_file_keeps_every_whole_message_and_says_that_it_was_cut(cut):
    whole = sum(f"'UNT+16+{number}'".encode() in FILE[:cut] for number in range(1, 4))
    taken = accounted(edifact, FILE[:cut], SOURCE, 64)
    events = [one for one in taken if isinstance(one, CanonicalEvent)]
    assert len({one.raw for one in events}) == whole
    assert len(taken) > len(events)
