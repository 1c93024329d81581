"""The keys of an issuer elsewhere, fetched over HTTP from one that the tests turn off, mend and rotate."""

import asyncio

import pytest
from joserfc.jwk import ECKey

from auth.errors import IssuerUnavailable, Unauthorized
from auth.remote_keys import RemoteKeys
from auth.tokens import TokenVerifier
from tests.integration.waiting import until
from tests.other_issuer import OtherIssuer
from tests.signed_tokens import AUDIENCE, Clock

# Long enough to be told from none.
COOLDOWN_SECONDS = 0.2


@pytest.fixture
async def issuer():
    async with OtherIssuer("one", "two") as started:
        yield started


def keys_of(issuer: OtherIssuer, **options) -> RemoteKeys:
    return RemoteKeys(issuer.url, issuer.http, **{"cooldown_seconds": COOLDOWN_SECONDS} | options)


async def test_keys_are_found_through_discovery_and_kept(issuer):
    keys = keys_of(issuer)
    for kid in ("one", "two", "one"):
        found = await keys.find(kid)
        assert (found.kid, found.algorithm) == (kid, "ES256")
    assert issuer.fetches == 1


async def test_an_issuer_with_oauth_metadata_only_is_found_too(issuer):
    issuer.metadata_path = "/.well-known/oauth-authorization-server"
    assert await keys_of(issuer).find("one")


async def test_a_new_key_is_known_the_moment_it_is_used(issuer):
    keys = keys_of(issuer)
    assert await keys.find("one")
    for number in range(3):
        issuer.rotate(f"new-{number}")
        assert await keys.find(f"new-{number}")
    assert await keys.find("one") is None


async def test_a_key_made_while_the_set_was_on_its_way_is_found_too(issuer):
    keys = keys_of(issuer)
    issuer.gate.clear()
    first = asyncio.create_task(keys.find("one"))
    await issuer.asked.wait()
    issuer.answer_then_rotate("late")
    second = asyncio.create_task(keys.find("late"))
    await asyncio.sleep(0)
    issuer.gate.set()
    assert await first
    assert await second
    assert issuer.fetches == 2


async def test_many_requests_for_an_unknown_key_cause_one_fetch(issuer):
    keys = keys_of(issuer)
    await keys.find("one")
    issuer.rotate("new")
    assert all(await asyncio.gather(*(keys.find("new") for _ in range(50))))
    assert issuer.fetches == 2


async def test_forged_key_ids_cannot_make_us_hammer_the_issuer(issuer):
    keys = keys_of(issuer)
    await keys.find("one")
    for _ in range(2):
        assert not any(await asyncio.gather(*(keys.find(f"forged-{number}") for number in range(100))))
    assert issuer.fetches == 3
    gaps = [later - earlier for earlier, later in zip(issuer.fetched_at, issuer.fetched_at[1:], strict=False)]
    assert min(gaps) > COOLDOWN_SECONDS / 2


async def test_a_token_without_key_id_asks_nobody_when_there_are_several_keys(issuer):
    keys = keys_of(issuer)
    await keys.find("one")
    assert await keys.find(None) is None
    assert issuer.fetches == 1


async def test_a_request_that_goes_away_does_not_take_the_fetch_with_it(issuer):
    keys = keys_of(issuer)
    first = asyncio.create_task(keys.find("one"))
    second = asyncio.create_task(keys.find("one"))
    await asyncio.sleep(0)
    first.cancel()
    assert await second


async def test_a_withdrawn_key_stops_counting(issuer):
    clock = Clock()
    keys = keys_of(issuer, clock=clock, max_age_seconds=60)
    assert await keys.find("one")
    issuer.kids = ["two"]
    clock.now += 61
    assert await keys.find("one") is None
    assert await keys.find("two")


async def test_known_keys_go_on_serving_while_the_issuer_is_away(issuer):
    clock = Clock()
    keys = keys_of(issuer, clock=clock, max_age_seconds=60)
    assert await keys.find("one")
    issuer.down = True
    clock.now += 61
    assert await keys.find("one")
    asked = len(issuer.paths)
    assert await keys.find("one")
    assert len(issuer.paths) == asked, "asked again at once"


async def test_an_unknown_key_is_not_refused_while_the_issuer_is_away(issuer):
    keys = keys_of(issuer)
    assert await keys.find("one")
    issuer.down = True
    with pytest.raises(IssuerUnavailable):
        await keys.find("new")


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example"},
        {"jwks_uri": "keys"},
        {"jwks_uri": "http://127.0.0.1:1/keys"},
        {"jwks_uri": None},
        {"issuer": None},
    ],
    ids=str,
)
async def test_metadata_that_cannot_be_trusted_gives_no_keys(issuer, changes):
    issuer.metadata |= changes
    with pytest.raises(IssuerUnavailable, match=issuer.url):
        await keys_of(issuer).find("one")


async def test_keys_of_a_secure_issuer_do_not_come_by_an_insecure_way(issuer):
    # What a proxy in between might be told to answer: the name is right, the way is not.
    issuer.metadata |= {"issuer": "https://issuer.example"}
    with pytest.raises(IssuerUnavailable):
        await RemoteKeys("https://issuer.example", issuer.http_as("https://issuer.example")).find("one")


async def test_an_issuer_that_comes_up_later_is_asked_again(issuer):
    issuer.down = True
    keys = keys_of(issuer)
    with pytest.raises(IssuerUnavailable):
        await keys.find("one")
    issuer.down = False
    assert await keys.find("one")


async def test_keys_of_no_use_are_passed_over(issuer):
    issuer.extra_keys = [{"kty": "oct", "k": "c2VjcmV0", "kid": "oct"}, {"kty": "new"}, {"kty": "EC", "kid": "broken"}]
    keys = keys_of(issuer)
    assert await keys.find("one")
    assert await keys.find("oct") is None
    assert isinstance((await keys.find("two")).key, ECKey)


def verifying(issuer: OtherIssuer, keys: RemoteKeys) -> TokenVerifier:
    return TokenVerifier(keys, issuer=issuer.url, audience=AUDIENCE)


async def test_remembered_tokens_are_forgotten_with_their_key_and_others_are_not(issuer):
    verifier = verifying(issuer, keys_of(issuer))
    token = issuer.token(aud=AUDIENCE)
    await verifier.verify(token)
    # The key before stays published: its tokens are good.
    issuer.kids = ["two", "three"]
    await verifier.verify(issuer.token(aud=AUDIENCE))
    assert verifier.cached(f"Bearer {token}".encode())
    issuer.rotate("four")
    await verifier.verify(issuer.token(aud=AUDIENCE))
    assert verifier.cached(f"Bearer {token}".encode()) is None
    with pytest.raises(Unauthorized, match="known key"):
        await verifier.verify(token)


async def test_a_key_put_in_the_place_of_another_under_its_id_takes_its_tokens_along(issuer):
    verifier = verifying(issuer, keys_of(issuer))
    token = issuer.token(aud=AUDIENCE)
    await verifier.verify(token)
    issuer.replace("two")
    issuer.kids.append("new")
    await verifier.verify(issuer.token(aud=AUDIENCE))
    assert verifier.cached(f"Bearer {token}".encode()) is None


async def test_a_withdrawn_key_is_heard_of_though_nobody_asks_for_one(issuer):
    clock = Clock()
    keys = keys_of(issuer, clock=clock, max_age_seconds=60, watch_seconds=0.01)
    verifier = verifying(issuer, keys)
    token = issuer.token(aud=AUDIENCE)
    stop = asyncio.Event()
    watching = asyncio.create_task(keys.watch(stop))
    await verifier.verify(token)
    issuer.rotate("new")
    clock.now += 61

    async def forgotten() -> bool:
        return verifier.cached(f"Bearer {token}".encode()) is None

    await until(forgotten)
    stop.set()
    await watching
    assert issuer.fetches == 2
