"""Which tokens a revocation covers, and for how long it is kept."""

import pytest

from auth.errors import Unauthorized
from auth.revocation.revoked import GRACE_SECONDS, Revocation, Revoked
from tests.signed_tokens import NOW, claims, sign, verifier


def revocation(sequence: int = 1, **parts) -> Revocation:
    named = {"jti": None, "client_id": None, "subject": None, "issued_before": None, "expires_at": NOW + 3600}
    return Revocation(sequence=sequence, **named | parts)


TOKEN = sign(claims(jti="t-1", sub="anna", client_id="app"))
COVERING = [
    {"jti": "t-1"},
    {"client_id": "app"},
    {"subject": "anna"},
    {"client_id": "app", "subject": "anna"},
    {"jti": "t-1", "client_id": "app"},
    {"client_id": "app", "issued_before": NOW + 1},
    {"issued_before": NOW + 0.5},
]
OTHER = [
    {"jti": "t-2"},
    {"jti": ""},
    {"client_id": "other"},
    {"subject": "app"},
    {"client_id": "app", "subject": "berta"},
    {"jti": "t-1", "client_id": "other"},
    {"client_id": "app", "issued_before": NOW},
]


@pytest.mark.parametrize("parts", COVERING, ids=str)
async def test_a_token_that_is_covered_is_refused_whether_it_was_seen_before_or_not(parts):
    revoked = Revoked()
    portal = verifier(revoked=revoked)
    await portal.verify(TOKEN)
    assert revoked.learn([revocation(**parts)])
    portal.forget_revoked()
    assert portal.cached(b"Bearer " + TOKEN.encode()) is None
    with pytest.raises(Unauthorized, match="revoked"):
        await portal.verify(TOKEN)


@pytest.mark.parametrize("parts", OTHER, ids=str)
async def test_a_token_that_is_not_covered_stays_good(parts):
    revoked = Revoked()
    portal = verifier(revoked=revoked)
    await portal.verify(TOKEN)
    revoked.learn([revocation(**parts)])
    portal.forget_revoked()
    assert portal.cached(b"Bearer " + TOKEN.encode())


async def test_a_token_without_an_id_is_not_covered_by_the_revocation_of_another():
    revoked = Revoked()
    revoked.learn([revocation(jti="t-1")])
    assert await verifier(revoked=revoked).verify(sign(claims()))


def test_what_is_read_twice_is_news_once():
    revoked = Revoked()
    assert revoked.learn([revocation(), revocation(2, subject="anna")])
    assert not revoked.learn([revocation()])
    assert revoked.learn([revocation(3)])


async def test_a_revocation_is_kept_for_as_long_as_a_token_may_be_accepted():
    principal = await verifier().verify(TOKEN)
    revoked = Revoked()
    revoked.learn([revocation(jti="t-1", expires_at=NOW), revocation(2, subject="anna", expires_at=NOW + 1)])
    revoked.forget(NOW + GRACE_SECONDS - 1)
    assert revoked.covers(principal)
    revoked.forget(NOW + GRACE_SECONDS)
    assert revoked.covers(principal)
    revoked.forget(NOW + GRACE_SECONDS + 1)
    assert not revoked.covers(principal)
