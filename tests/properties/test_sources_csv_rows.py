"""Whatever bytes come as CSV: no error, and each row accounted for."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from projections.sources.adapter import CanonicalEvent, Source
from projections.sources.csv_rows import csv_rows
from tests.properties.broken_bytes import EDITS, accounted, broken

SOURCE = Source("/3pl/lager", tenant="nordwind", carrier="ALPN", zone="Europe/Berlin")
ROWS = (
    '2026-03-02T10:15:00Z,milestone,AL-1,D-1,picked_up,"Hamburg, ""Mitte""",DE,,,,',
    "02.03.2026 10:15,eta,AL-1,D-1,,,,2026-03-05 14:00,,,",
    '2026-03-02 10:15,packed,AL-1,D-1,,,,,"C-1\n",12.5,SO-1:1:4',
)
FILE = ("time,event,tracking,shipment,status,city,country,eta,package,weight,lines\n" + "\n".join(ROWS)).encode()


@given(st.binary(max_size=300), st.integers(1, 50))
@example(b'"', 1)
@example(b"time,pro\n" + b'"' * 300, 5)
@example(b"time,pro,code\n0001-01-01T00:00:00+23:59,P,departed\n9999-12-31T23:59:59-23:59,P,departed", 5)
@example(b"time,pro,code,zone\n0001-01-01,P,departed,Asia/Tokyo\n2026-01-01,P,departed,../etc\n2026-01-01,P,d,\0", 5)
def test_any_bytes_are_accounted_for(body, size):
    accounted(csv_rows, body, SOURCE, size)


@settings(max_examples=300)
@given(EDITS, st.none() | st.integers(0, 10_000), st.integers(1, 400))
def test_a_broken_file_is_read_as_far_as_it_can_be(edits, cut, size):
    assert accounted(csv_rows, broken(FILE, edits, cut), SOURCE, size)


@settings(max_examples=100)
@given(st.lists(st.sampled_from([*ROWS, "x", '"open', "", ",,,"]), max_size=12))
def test_good_rows_are_taken_whatever_stands_between_them(rows):
    taken = accounted(csv_rows, FILE.split(b"\n", 1)[0] + b"\n" + "\n".join(rows).encode(), SOURCE, 100)
    # What follows an open quote may be meant to be inside it; every other good row counts.
    if '"open' not in rows:
        assert sum(isinstance(one, CanonicalEvent) for one in taken) == sum(row in ROWS for row in rows)
        assert len(taken) == (sum(bool(row) for row in rows) or 1)
