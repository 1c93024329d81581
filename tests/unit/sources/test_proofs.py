"""Secrets of declared sources: named by the file, kept in the environment, asked for before anything starts."""

import pytest

from projections.sources.declared import SourcesFileError, declared
from projections.sources.proofs import proofs_of
from projections.sources.registry import FORMATS, SIGNATURES
from projections.sources.signature import KeyInHeader, Signature, SignedBody

CARRIER = {"name": "/carrier/ndvk", "format": "carrier_json:nordvik", "secret_env": "NORDVIK"}
X12 = {"name": "/carrier/abfs", "format": "x12", "secret_env": "ABFS"}
ONE, TWO = "0123456789abcdef", "fedcba9876543210"


def proof(table, **environ):
    sources = {"one": declared("one", table, FORMATS)}
    return proofs_of(sources, SIGNATURES, environ).get("one")


def refused(table, **environ):
    with pytest.raises(SourcesFileError) as raised:
        proof(table, **environ)
    assert str(raised.value).startswith("one: ")
    assert not any(value in str(raised.value) for value in environ.values() if value.strip())
    return str(raised.value)


def test_a_source_without_a_secret_proves_nothing_by_itself():
    assert proof({"name": "/carrier/abfs", "format": "x12"}) is None


def test_a_carriers_mapping_says_how_it_signs():
    assert proof(CARRIER, NORDVIK=ONE) == SignedBody(SIGNATURES["carrier_json:nordvik"], (ONE.encode(),))


def test_a_source_says_how_it_signs_where_its_format_does_not_or_otherwise():
    own = {"header": "X-Sig", "algorithm": "sha512", "timestamp_header": "X-Time"}
    expected = SignedBody(Signature("X-Sig", "sha512", timestamp_header="X-Time"), (ONE.encode(),))
    assert proof(X12 | {"signature": own}, ABFS=ONE) == expected
    assert proof(CARRIER | {"signature": own}, NORDVIK=ONE) == expected


def test_two_secrets_are_good_while_one_replaces_the_other():
    assert proof(X12 | {"key_header": "X-Key"}, ABFS=f"{ONE} {TWO}\n") == KeyInHeader(
        "X-Key", (ONE.encode(), TWO.encode())
    )


def test_a_secret_that_is_missing_or_no_secret_is_named_and_never_repeated():
    keyed = X12 | {"key_header": "X-Key"}
    for environ in ({}, {"ABFS": " "}):
        assert "ABFS, which holds its secret, is not set" in refused(keyed, **environ)
    assert "fewer than 16 characters" in refused(keyed, ABFS="hunter2")
    assert "holds 3 secrets" in refused(keyed, ABFS=f"{ONE} {TWO} {ONE}")


def test_a_secret_that_nobody_says_how_to_show_is_refused():
    assert "x12 brings no signature along" in refused(X12, ABFS=ONE)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"signature": {"header": "X"}, "key_header": "X"}, "two ways"),
        ({"signature": {"header": "X"}, "secret_env": None}, "secret_env is missing"),
        ({"key_header": "X", "secret_env": None}, "secret_env is missing"),
        ({"secret_env": "PORTAL_SECRET", "key_header": "X"}, "must not begin with PORTAL_"),
        ({"secret_env": "A B", "key_header": "X"}, "secret_env"),
        ({"key_header": "X Y"}, "key_header"),
        ({"signature": {"header": "X", "algorithm": "md5"}}, "algorithm"),
        ({"signature": {"header": "X", "tolerance": 1}}, "tolerance"),
        ({"secret": ONE}, "unknown field `secret`"),
        ({"expected_every_seconds": 0}, "expected_every_seconds"),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused(changes, words):
    table = {name: value for name, value in (X12 | changes).items() if value is not None}
    with pytest.raises(SourcesFileError, match=words):
        declared("one", table, FORMATS)
