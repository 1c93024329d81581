"""Cursors go out and come back the same; anything else is a broken cursor and nothing worse."""

import base64
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.reads import cursors
from app.reads.cursors import BrokenCursorError, Cursor

QUESTION = cursors.question_of("shipment", ("nordwind",))
times = st.datetimes(timezones=st.just(UTC))
ids = st.from_regex(r"(shp|ord)_[a-z2-7]{24}", fullmatch=True)


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(value)).decode().rstrip("=")


@given(times, ids)
def test_a_cursor_comes_back_the_same(created_at, subject_id):
    cursor = Cursor(created_at, subject_id, QUESTION)
    assert cursors.read(cursors.write(cursor), QUESTION) == cursor


@given(times, ids)
def test_a_cursor_fits_into_a_url(created_at, subject_id):
    text = cursors.write(Cursor(created_at, subject_id, QUESTION))
    assert len(text) <= 200
    assert text.replace("-", "").replace("_", "").isalnum()


@given(st.lists(st.text(max_size=5), max_size=3), st.lists(st.text(max_size=5), max_size=3))
def test_only_the_same_question_has_the_same_name(one, other):
    same = cursors.question_of(*one) == cursors.question_of(*other)
    assert same == (one == other)


def test_a_cursor_of_another_question_is_refused():
    cursor = cursors.write(Cursor(datetime.now(UTC), "shp_a", QUESTION))
    with pytest.raises(BrokenCursorError, match="another list"):
        cursors.read(cursor, cursors.question_of("shipment", ("suedwind",)))


@given(st.text() | st.binary(max_size=200).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
@example("\ud800")
@example(base64.urlsafe_b64encode(b"\x94" + b"\x91" * 100_000).decode())
@example(encoded([datetime.min.replace(tzinfo=UTC), "a\0b", QUESTION]))
@example(encoded(["0001-01-01T00:00:00+14:00", "shp_a", QUESTION]))
@example(encoded(["2026-01-01T00:00:00", "shp_a", QUESTION]))
@example(encoded([1e300, "shp_a", QUESTION]))
def test_garbage_is_a_broken_cursor_and_nothing_worse(text):
    with pytest.raises(BrokenCursorError):
        cursors.read(text, QUESTION)
