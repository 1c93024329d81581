"""How senders prove themselves: carriers' own signatures, ours with a time, and keys in a header."""

import base64
import hashlib
import hmac

import pytest

from projections.sources.carrier_json.mappings import load
from projections.sources.signature import NOT_PROVED, KeyInHeader, Signature, SignedBody, is_signed

MAPPINGS = load()
SECRET = b"a secret of a test"
NOW = 1_780_000_000.0
TIMED = Signature("X-Signature", timestamp_header="X-Timestamp")


def signed(carrier, body, secret=SECRET):
    digest = hmac.new(secret, body, {"bluecrest": hashlib.sha512}.get(carrier, hashlib.sha256)).digest()
    return {
        "nordvik": "sha256=" + digest.hex(),
        "bluecrest": base64.b64encode(digest).decode(),
        "transalpina": "hmac " + base64.b64encode(digest).decode(),
    }[carrier]


@pytest.mark.parametrize("carrier", sorted(MAPPINGS))
def test_a_body_signed_by_the_carrier_is_known_and_any_other_is_not(carrier):
    signature, body = MAPPINGS[carrier].signature, b'{"a": 1}'
    assert signature is not None
    good = signed(carrier, body)
    assert is_signed(signature, [SECRET], body, good)
    assert is_signed(signature, [b"the next one", SECRET], body, good)
    assert is_signed(signature, [SECRET], body, f"{signed(carrier, body, b'an older one')}, {good}")
    assert not is_signed(signature, [SECRET], body + b" ", good)
    assert not is_signed(signature, [b"another"], body, good)
    assert not is_signed(signature, [b""], body, signed(carrier, body, b""))
    for forged in (None, "", ",", "sha256=", good[:-4], good.swapcase()[:9], "\u00e4", "\udcff"):
        assert not is_signed(signature, [SECRET], body, forged)


def refusal(timestamp, body=b"{}", signature=None):
    right = hmac.new(SECRET, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Timestamp": timestamp, "X-Signature": signature or right}
    return SignedBody(TIMED, (SECRET,)).refusal(headers.get, body, NOW)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_signed_time_near_ours_is_good(seconds):
    assert refusal(f"{NOW + seconds:.0f}") is None


@pytest.mark.parametrize(
    "timestamp", [f"{NOW - 301:.0f}", f"{NOW + 301:.0f}", "", "soon", "1.5", "9" * 30, "\u0663", "-1"]
)
def test_a_signed_time_that_is_far_or_none_is_refused(timestamp):
    assert "too far from ours" in (refusal(timestamp) or "")


def test_a_time_that_was_not_signed_does_not_count():
    old = hmac.new(SECRET, f"{NOW - 9_999:.0f}.".encode() + b"{}", hashlib.sha256).hexdigest()
    assert refusal(f"{NOW:.0f}", signature=old) == NOT_PROVED
    headers = {"X-Signature": hmac.new(SECRET, b"{}", hashlib.sha256).hexdigest()}
    assert SignedBody(TIMED, (SECRET,)).refusal(headers.get, b"{}", NOW) == NOT_PROVED


def test_a_key_is_known_in_its_header_and_as_a_bearers():
    key = KeyInHeader("X-Api-Key", (b"old key of ours", b"new key of ours"))
    for given in ("old key of ours", "new key of ours"):
        assert key.refusal({"X-Api-Key": given}.get, b"", NOW) is None
    for given in ("", "old key", "Bearer new key of ours", "old key of ours, new key of ours", "\u00e4"):
        assert key.refusal({"X-Api-Key": given}.get, b"", NOW)
    bearer = KeyInHeader("Authorization", (b"abc",))
    assert bearer.refusal({"Authorization": "bearer abc"}.get, b"", NOW) is None
    assert bearer.refusal({"Authorization": "Basic abc"}.get, b"", NOW)


def test_no_refusal_tells_what_would_have_been_right():
    right = hmac.new(SECRET, b"0.{}", hashlib.sha256).hexdigest()
    assert right not in (refusal("0", signature="x") or "")
