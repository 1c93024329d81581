"""Opaque tokens: what the issuer says of them, asked over HTTP."""

import asyncio
import time

import pytest

from auth.errors import IssuerUnavailable, Unauthorized
from auth.introspection import REFUSED_MAX, Introspection
from auth.remote_keys import RemoteKeys
from auth.tokens import TokenVerifier
from tests.other_issuer import CLIENT_ID, SECRET, OtherIssuer
from tests.signed_tokens import AUDIENCE, NOW, Clock

GOOD = {
    "active": True,
    "aud": AUDIENCE,
    "scope": "shipments:read",
    "client_id": "partner-app",
    "sub": "partner",
    "exp": NOW + 600,
    "iat": NOW,
    "tenant": "acme",
}


@pytest.fixture
async def issuer():
    async with OtherIssuer("one") as started:
        started.tokens = {"good": GOOD}
        yield started


def verifier_of(issuer: OtherIssuer, clock=None, secret=SECRET) -> TokenVerifier:
    clock = clock or Clock()
    options = {"client_id": CLIENT_ID, "secret": secret, "audience": AUDIENCE, "clock": clock}
    introspection = Introspection(issuer.url, issuer.http, **options)
    keys = RemoteKeys(issuer.url, issuer.http)
    return TokenVerifier(keys, issuer=issuer.url, audience=AUDIENCE, introspection=introspection, clock=clock)


async def test_an_active_token_names_its_bearer(issuer):
    principal = await verifier_of(issuer).verify("good")
    assert (principal.subject, principal.client_id, principal.tenant) == ("partner", "partner-app", "acme")
    assert principal.scopes == {"shipments:read"}


async def test_whether_the_bearer_pays_or_only_receives_is_the_issuers_to_say(issuer):
    issuer.tokens["dock"] = GOOD | {"party_role": "ship_to"}
    assert (await verifier_of(issuer).verify("good")).party_role == "bill_to"
    assert (await verifier_of(issuer).verify("dock")).party_role == "ship_to"


async def test_the_issuers_word_counts_for_a_second(issuer):
    clock = Clock()
    verifier = verifier_of(issuer, clock)
    for _ in range(3):
        await verifier.verify("good")
    assert issuer.introspections == 1
    issuer.tokens.clear()
    clock.now += 1
    with pytest.raises(Unauthorized, match="not active"):
        await verifier.verify("good")


async def test_many_requests_with_one_token_ask_once(issuer):
    verifier = verifier_of(issuer)
    await asyncio.gather(*(verifier.verify("good") for _ in range(50)))
    assert issuer.introspections == 1


async def test_a_request_that_goes_away_does_not_take_the_question_with_it(issuer):
    verifier = verifier_of(issuer)
    first, second = (asyncio.create_task(verifier.verify("good")) for _ in range(2))
    await issuer.asked.wait()
    first.cancel()
    assert await second


async def test_a_refusal_counts_for_a_second_too(issuer):
    clock = Clock()
    verifier = verifier_of(issuer, clock)
    for _ in range(3):
        with pytest.raises(Unauthorized):
            await verifier.verify("later")
    assert issuer.introspections == 1
    issuer.tokens["later"] = GOOD
    clock.now += 1.1
    assert await verifier.verify("later")


async def test_remembered_refusals_are_bounded(issuer):
    introspection = verifier_of(issuer)._introspection
    for number in range(REFUSED_MAX + 10):
        introspection._refuse(b"%d" % number, NOW + 1, "no")
    assert len(introspection._refused) == REFUSED_MAX


async def test_a_token_without_an_end_is_asked_about_again(issuer):
    clock = Clock()
    issuer.tokens["endless"] = {name: value for name, value in GOOD.items() if name not in ("exp", "iat", "sub")}
    verifier = verifier_of(issuer, clock)
    assert (await verifier.verify("endless")).subject == "partner-app"
    clock.now += 1
    await verifier.verify("endless")
    assert issuer.introspections == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"exp": NOW - 1},
        {"nbf": NOW + 10},
        {"token_type": "refresh_token"},
        {"token_use": "refresh_token"},
        {"tenant": "two words"},
        {"tenant": "acme", "accounts": ["bolt"]},
        {"scope": ["shipments:read"]},
        {"sub": None, "client_id": None},
        {"client_id": 5},
        {"party_role": "consignee"},
    ],
    ids=str,
)
async def test_a_token_that_is_active_but_not_for_us_is_refused(issuer, changes):
    issuer.tokens["good"] = GOOD | changes
    with pytest.raises(Unauthorized):
        await verifier_of(issuer).verify("good")


@pytest.mark.parametrize("token", ["two words", "ümlaut".encode(), b"\xff\xfe", b"a\x00b", "a=b", b"{}"])
async def test_what_is_spelt_like_no_token_is_not_worth_asking(issuer, token):
    with pytest.raises(Unauthorized):
        await verifier_of(issuer).verify(token)
    assert issuer.introspections == 0


async def test_a_jwt_is_proved_by_keys_and_not_asked_about(issuer):
    now = time.time()
    assert await verifier_of(issuer, Clock(now)).verify(issuer.token(aud=AUDIENCE))
    assert issuer.introspections == 0


@pytest.mark.parametrize("answer", [{}, [], {"active": "yes"}, None, "active"])
async def test_an_answer_that_is_none_says_nothing_of_the_token(issuer, answer):
    issuer.tokens["good"] = answer
    with pytest.raises(IssuerUnavailable):
        await verifier_of(issuer).verify("good")


async def test_the_token_is_not_blamed_for_an_issuer_that_is_away_or_does_not_know_us(issuer):
    clock = Clock()
    verifier = verifier_of(issuer, clock)
    await verifier.verify("good")
    issuer.down = True
    assert await verifier.verify("good")
    clock.now += 1
    with pytest.raises(IssuerUnavailable):
        await verifier.verify("good")
    issuer.down = False
    assert await verifier.verify("good")
    with pytest.raises(IssuerUnavailable):
        await verifier_of(issuer, secret="wrong").verify("good")


async def test_an_issuer_without_the_endpoint_cannot_be_asked(issuer):
    issuer.metadata["introspection_endpoint"] = None
    with pytest.raises(IssuerUnavailable):
        await verifier_of(issuer).verify("good")
