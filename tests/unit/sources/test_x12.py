"""X12 envelopes: every set is taken or refused at its place, however the file is cut, padded or broken."""

import pytest

from projections.event import RejectionReason
from projections.sources.adapter import CanonicalEvent, Rejected
from projections.sources.x12 import x12
from tests.unit.sources.x12_messages import (
    CARRIER,
    HEADER,
    data_of,
    events,
    ids,
    ignored,
    interchange,
    rejections,
    status,
    taken,
    transaction,
)

ARRIVED = ("LX*1", "AT7*X4*NS***20261103*1830*ET", "MS1*COLUMBUS*OH*US")
FIRST, SECOND, THIRD = (status(*ARRIVED, control=f"000{number}") for number in (1, 2, 3))


@pytest.mark.parametrize("terminator", ["~", "~\n", "~\r\n", "\n", "\r\n", "|", "|\n", "'", "\x85", "\x1c"])
def test_any_terminator_is_read_with_or_without_line_breaks_after_it(terminator):
    header = HEADER
    file = interchange(FIRST, SECOND, terminator=terminator, header=header)
    data = file.decode().encode("latin-1")
    assert len(events(data)) == 2
    assert not rejections(data)


def test_other_separators_are_read_from_the_header():
    data = interchange(FIRST).replace(b"*", b"^")
    assert len(events(data)) == 1


def test_a_file_may_come_a_byte_at_a_time():
    data = interchange(FIRST, SECOND)
    whole = taken(data)
    assert list(x12((bytes([byte]) for byte in data), CARRIER)) == whole


def test_a_header_padded_wrongly_is_still_read():
    assert len(events(interchange(FIRST, header=HEADER.replace(" ", "")))) == 1


def test_several_interchanges_in_one_file_may_differ_in_delimiters():
    data = interchange(FIRST) + b"\r\n" + interchange(SECOND, terminator="|\n")
    assert len(events(data)) == 2
    assert not rejections(data)


def test_the_last_segment_may_lack_its_terminator():
    assert not rejections(interchange(FIRST).removesuffix(b"~"))


def test_a_set_with_a_wrong_count_is_refused_alone():
    broken = [*SECOND[:-1], "SE*9*0002"]
    data = interchange(FIRST, broken, THIRD)
    assert len(events(data)) == 2
    (rejection,) = rejections(data)
    assert rejection.reason is RejectionReason.MALFORMED
    assert "set 214 0002 of interchange 000000071 has 6 segments, its SE says 9" in rejection.detail


def test_a_set_closed_by_another_ones_number_is_refused_alone():
    data = interchange(FIRST, [*SECOND[:-1], "SE*6*0009"], THIRD)
    assert len(events(data)) == 2
    assert "closed by the SE of set 0009" in rejections(data)[0].detail


def test_a_set_without_its_end_is_refused_and_the_next_is_taken():
    data = interchange(FIRST, SECOND[:-1], THIRD)
    assert len(events(data)) == 2
    assert "has no SE before the next ST" in rejections(data)[0].detail


def test_the_raw_bytes_of_a_refused_set_are_that_set_in_its_envelopes():
    (refused,) = [one for one in taken(interchange(FIRST, [*SECOND[:-1], "SE*9*0002"])) if isinstance(one, Rejected)]
    assert refused.raw.count(b"ST*") == 1
    assert b"~ST*214*0002~" in refused.raw
    assert refused.raw.endswith(b"~SE*9*0002~GE*1*7~IEA*1*000000071~")


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        (b"GE*2*7", b"GE*3*7", "group 7 has 2 transaction sets, its GE says 3"),
        (b"GE*2*7", b"GE*2*8", "group 7 is closed by the GE of group 8"),
        (b"IEA*1*000000071", b"IEA*2*000000071", "has 1 groups, its IEA says 2"),
        (b"IEA*1*000000071", b"IEA*1*000000072", "closed by the IEA of interchange 000000072"),
        (b"GE*2*7~", b"", "group 7 has no GE before the IEA"),
    ],
)
def test_a_miscounted_envelope_is_reported_and_its_sets_stay(right, wrong, words):
    data = interchange(FIRST, SECOND).replace(right, wrong)
    assert len(events(data)) == 2
    assert words in rejections(data)[0].detail


def test_a_file_cut_off_in_a_set_keeps_the_sets_before():
    data = interchange(FIRST, SECOND)
    data = data[: data.index(b"MS1", data.index(b"0002")) + 5]
    assert len(events(data)) == 1
    (rejection,) = rejections(data)
    assert "set 214 0002 of interchange 000000071 is cut off at segment 5: the input ends" in rejection.detail


def test_a_file_without_its_trailer_is_reported():
    data = interchange(FIRST).split(b"GE*")[0]
    assert len(events(data)) == 1
    assert "interchange 000000071 is cut off" in rejections(data)[0].detail


def test_an_interchange_after_one_that_was_cut_off_is_taken():
    whole = interchange(FIRST, SECOND)
    data = whole[: whole.index(b"MS1", whole.index(b"0002")) + 7] + whole
    assert len(events(data)) == 3
    assert "a new interchange begins before its end" in rejections(data)[0].detail


def test_free_text_with_the_letters_isa_is_no_interchange():
    data = interchange(status(*ARRIVED, "L11*VISA*ZZ*ISA*00*x"))
    assert len(events(data)) == 1
    assert not rejections(data)


def test_sets_outside_a_group_are_refused():
    data = "~".join([HEADER, *FIRST, "IEA*0*000000071", ""]).encode()
    assert "stands in no functional group" in rejections(data)[0].detail


@pytest.mark.parametrize("data", [b"", b"\r\n ", b"%PDF-1.7 something else", b"UNB+UNOA:1+A+B'", b"ISA*00*"])
def test_what_is_no_interchange_is_refused_once(data):
    (rejection,) = rejections(data)
    assert rejection.reason is RejectionReason.MALFORMED


def test_bytes_around_an_interchange_are_reported():
    data = b"HTTP headers?\n" + interchange(FIRST)
    assert len(events(data)) == 1
    assert "no ISA segment begins here" in rejections(data)[0].detail


def test_a_set_we_do_not_read_is_refused_by_type():
    (rejection,) = rejections(interchange(transaction("850", "BEG*00*SA*1")))
    assert rejection.reason is RejectionReason.UNKNOWN_TYPE


def test_acknowledgements_are_understood_and_say_nothing():
    data = interchange(transaction("997", "AK1*QM*7", "AK9*A*1*1*1"))
    assert len(ignored(data)) == 1
    with_ta1 = interchange(FIRST).replace(b"GS*", b"TA1*000000070*261104*0900*A*000~GS*", 1)
    assert len(ignored(with_ta1)) == 1
    assert not rejections(with_ta1)


def test_the_same_set_sent_again_has_the_same_ids_also_with_line_breaks_added():
    assert ids(interchange(FIRST, SECOND)) == ids(interchange(FIRST, SECOND, terminator="~\r\n"))


def test_another_set_under_the_same_numbers_has_other_ids():
    changed = status("LX*1", "AT7*D1*NS***20261103*1830*ET")
    assert ids(interchange(FIRST)) != ids(interchange(changed))


def test_text_in_either_encoding_is_read():
    message = status("LX*1", "AT7*X4*NS***20261103*1830*ET", "MS1*MONTRÉAL*QC*CA")
    for encoding in ("utf-8", "latin-1"):
        data = interchange(message).decode().encode(encoding)
        assert data_of(data)[0].place.city == "MONTRÉAL"


def test_sets_come_out_while_the_file_still_comes_in():
    chunk = "~".join([*FIRST, ""]).encode()

    def endless():
        yield f"{HEADER}~GS*QM*A*B*20261104*0915*7*X*004010~".encode()
        for _ in range(20_000):
            yield chunk

    seen = 0
    for one in x12(endless(), CARRIER):
        seen += isinstance(one, CanonicalEvent)
        if seen == 10:
            break
    assert seen == 10


def test_a_set_that_never_ends_is_refused_as_oversized():
    def endless():
        yield f"{HEADER}~GS*QM*A*B*20261104*0915*7*X*004010~ST*214*0001~".encode()
        for _ in range(300):
            yield (b"K1*" + b"x" * 997 + b"~") * 40

    (first, *_) = [one for one in x12(endless(), CARRIER) if isinstance(one, Rejected)]
    assert first.rejection.reason is RejectionReason.OVERSIZED
    assert len(first.raw) <= 1 << 16
