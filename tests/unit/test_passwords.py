import base64
import hashlib

import pytest

from auth.issuer.users import hash_password, password_matches


def test_a_password_matches_its_own_hash_only():
    password_hash = hash_password("correct horse")
    assert password_matches("correct horse", password_hash)
    assert not password_matches("wrong horse", password_hash)


def test_the_same_password_is_never_hashed_the_same_way_twice():
    assert hash_password("correct horse") != hash_password("correct horse")


def test_a_hash_says_what_it_cost():
    assert hash_password("correct horse").startswith("$scrypt$ln=14,r=8,p=5$")


def test_a_hash_of_another_cost_still_matches():
    cheap = "$scrypt$ln=10,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
    key = hashlib.scrypt(b"correct horse", salt=b"saltsaltsaltsalt", n=1 << 10, r=8, p=1, dklen=32)
    assert password_matches("correct horse", cheap + base64.b64encode(key).rstrip(b"=").decode())


@pytest.mark.parametrize("stored", ["", "correct horse", "$argon2id$v=19,m=1,t=1$AA$AA"])
def test_a_hash_that_is_not_ours_is_an_error_and_never_a_match(stored):
    with pytest.raises(ValueError):  # noqa: PT011 - of any wording
        password_matches("correct horse", stored)
