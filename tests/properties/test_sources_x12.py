"""Whatever bytes come as X12, every message is accounted for, nothing is raised, and what is taken is an event."""

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.envelope import decode
from projections.event import Event, Rejection, RejectionReason
from projections.sources.adapter import CanonicalEvent, Ignored, Rejected, Source
from projections.sources.x12 import x12
from tests.unit.sources.test_x12_856 import FULL
from tests.unit.sources.x12_messages import NOW, interchange, status, transaction

CARRIER = Source("/carrier/RDFX", tenant="norvik", carrier="RDFX", zone="Europe/Berlin")
# fmt: off
REPORTS = interchange(
    status("LX*1", "AT7*AH*AG***20261103*1830*ET", "MS1*COLUMBUS*OH*US", "AT7*AG*NS***20261105*1400"),
    status("N1*ST*Stores", "N4*GARY*IN*46402*US", "LX*1", "AT7***AB*NA*20261110*0700*CT", control="0002"),
    transaction("990", "B1*RDFX*S-1*20261104*A", "N9*CN*7004512", control="0003"),
    transaction("210", "B3**I-5*S-1*PP**20261112*28055****RDFX", "LX*1", "L1*1***25000****400", control="0004"),
    transaction("204", "B2**RDFX**L-8", "B2A*00", "S5*1*LD", "N4*DAYTON*OH", "G62*69*20261105*U*0800", control="0005"),
    transaction(
        "810", "BIG*20261101*I-9**PO-7***CR", "CUR*SE*CAD", "REF*VN*SO-1", "ITD*01*3***20261211**30", "IT1*1*2*EA*1",
        "TDS*14212", "CTT*1", control="0006",
    ),
    status("LX*1", "Q5*D1*261103*1830*ET*BBD*GARY*IN*US", "Q7*D*CTN*2", "K1*Wet", "L11*8*CN", control="0007"),
)
# fmt: on
MESSAGES = st.sampled_from([REPORTS, FULL, REPORTS.replace(b"~", b"|\r\n"), REPORTS + FULL])
SPLICES = st.lists(
    st.tuples(
        st.integers(0, 5000),
        st.integers(0, 40),
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from(
                [b"~", b"*", b"\n", b"ISA", b"ST*214*9~", b"SE*1*1~", b"IEA*1*1~", b"*99999999999", b"9" * 90, b"\xff"]
            ),
        ),
    ),
    min_size=1,
    max_size=6,
)


ODD_ELEMENTS = [
    "",
    " ",
    "0",
    "1",
    "-1",
    "9" * 20,
    "1.5",
    "é",
    "\u2028",
    "x" * 700,
    "A" * 81,
    "\x07",
    "1" * 5000,
    ".",
    "--",
]
ELEMENTS = st.sampled_from(
    [*ODD_ELEMENTS, "20261103", "20260230", "2500", "ET", "SI", "CN", "GM", "T", "I", "ZZ", "US", "X2"]
)
EDITS = st.lists(
    st.tuples(st.sampled_from(["drop", "repeat", "move", "set"]), st.integers(0, 99), st.integers(0, 12), ELEMENTS),
    min_size=1,
    max_size=8,
)


def sets_of(data):
    """The transaction sets of an interchange, each a list of its segments without ST and SE."""
    found = []
    for segment in data.decode().split("~"):
        if segment.startswith("ST*"):
            found.append((segment.split("*")[1], []))
        elif found and not segment.startswith(("SE*", "GE*", "IEA*")) and segment:
            found[-1][1].append(segment)
    return found


SETS = sets_of(REPORTS) + sets_of(FULL)


def edited(segments, edits):
    segments = [segment.split("*") for segment in segments]
    for edit, anywhere, position, element in edits:
        at = anywhere % len(segments)
        if edit == "drop" and len(segments) > 1:
            del segments[at]
        elif edit == "repeat":
            segments.insert(at, list(segments[at]))
        elif edit == "move":
            segments.append(segments.pop(at))
        elif edit == "set":
            segments[at].extend([""] * (position + 1 - len(segments[at])))
            segments[at][position] = element
    return ["*".join(segment) for segment in segments]


def assert_accounted_for(data, size=1 << 16):
    chunks = (data[start : start + size] for start in range(0, len(data), size))
    answers = list(x12(chunks, CARRIER))
    assert answers
    for answer in answers:
        assert isinstance(answer, CanonicalEvent | Rejected | Ignored)
        if isinstance(answer, Rejected):
            assert answer.rejection.detail
        if isinstance(answer, CanonicalEvent):
            understood = decode(answer.body, NOW)
            assert isinstance(understood, Event) or _left_to_intake(understood), understood
    return answers


def _left_to_intake(rejection: Rejection) -> bool:
    """Ownership is the intake's to judge; so is how far ahead of our clock a time may be."""
    return rejection.reason in {RejectionReason.NOT_OWNER, RejectionReason.TIME_IMPOSSIBLE}


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes(data):
    assert_accounted_for(data)


@settings(max_examples=400)
@given(MESSAGES, SPLICES)
def test_messages_with_bytes_replaced_put_in_and_taken_out(data, splices):
    for start, length, replacement in splices:
        at = start % len(data)
        data = data[:at] + replacement + data[at + length :]
    assert_accounted_for(data)


@settings(max_examples=200)
@given(MESSAGES, st.integers(0, 5000), st.integers(1, 200))
def test_messages_cut_off_anywhere_and_in_chunks_of_any_size(data, end, size):
    cut = data[: end % len(data)]
    answers = assert_accounted_for(cut, size)
    assert answers == list(x12([cut], CARRIER))
    if cut.rstrip() != data.rstrip()[:-1]:
        assert any(isinstance(answer, Rejected) for answer in answers)


@settings(max_examples=600)
@given(st.sampled_from(SETS), EDITS)
def test_sound_envelopes_around_messages_that_make_no_sense(message, edits):
    code, segments = message
    assert_accounted_for(interchange(transaction(code, *edited(segments, edits))))
