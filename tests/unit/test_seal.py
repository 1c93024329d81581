"""Positions as tokens: what was sealed comes out again, and nothing else is let in or given away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reads.seal import KEY_BYTES, TOKEN_CHARACTERS_MAX, BrokenPositionError, PositionSeal

SEAL = PositionSeal(b"k" * KEY_BYTES)
POSITIONS = st.dictionaries(st.integers(0, 15), st.integers(0, 2**63 - 1))


@given(POSITIONS)
def test_what_was_sealed_is_opened_by_every_worker_with_the_key(positions):
    token = SEAL.seal(positions)
    assert PositionSeal(b"k" * KEY_BYTES).open(token) == positions
    assert len(token) <= TOKEN_CHARACTERS_MAX
    assert token.replace("-", "").replace("_", "").isalnum()


def test_two_tokens_do_not_tell_whether_anything_happened_between_them():
    assert SEAL.seal({3: 7}) != SEAL.seal({3: 7})
    assert len(SEAL.seal({3: 7})) == len(SEAL.seal({3: 8}))


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_what_we_did_not_give_is_refused(text):
    with pytest.raises(BrokenPositionError):
        SEAL.open(text)


@given(POSITIONS, st.data())
def test_a_token_with_one_bit_changed_is_refused(positions, data):
    token = SEAL.seal(positions)
    index = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.sampled_from("ABab01-_").filter(lambda one: one != token[index]))
    with pytest.raises(BrokenPositionError):
        SEAL.open(token[:index] + other + token[index + 1 :])


def test_another_installations_token_is_refused():
    with pytest.raises(BrokenPositionError):
        PositionSeal(b"x" * KEY_BYTES).open(SEAL.seal({3: 7}))
