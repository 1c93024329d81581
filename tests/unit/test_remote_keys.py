import asyncio
import json

import httpx
import pytest
from joserfc.jwk import ECKey

from auth.errors import IssuerUnavailable
from auth.remote_keys import RemoteKeys
from tests.signed_tokens import ISSUER, Clock


class OtherIssuer:
    """An identity provider as an ASGI app, whose keys and mishaps the tests choose."""

    def __init__(self, *kids: str) -> None:
        self.kids = list(kids)
        self.paths: list[str] = []
        self.metadata = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}
        self.metadata_path = "/.well-known/openid-configuration"
        self.down = False

    async def __call__(self, scope, _receive, send):
        self.paths.append(scope["path"])
        status, body = self.answer(scope["path"])
        await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    def answer(self, path):
        if self.down:
            return 503, b""
        if path == self.metadata_path:
            return 200, json.dumps(self.metadata).encode()
        if path == "/keys":
            return 200, json.dumps({"keys": [public_key(kid) for kid in self.kids]}).encode()
        return 404, b""

    @property
    def fetches(self) -> int:
        return self.paths.count("/keys")


def public_key(kid):
    return ECKey.generate_key("P-256", parameters={"kid": kid}).as_dict(private=False)


@pytest.fixture
async def http():
    clients = []

    def client_of(app):
        clients.append(httpx.AsyncClient(transport=httpx.ASGITransport(app)))
        return clients[-1]

    yield client_of
    for client in clients:
        await client.aclose()


async def test_keys_are_found_through_discovery_and_kept(http):
    issuer = OtherIssuer("one", "two")
    keys = RemoteKeys(ISSUER, http(issuer))
    for kid in ("one", "two", "one"):
        found = await keys.find(kid)
        assert (found.kid, found.algorithm) == (kid, "ES256")
    assert issuer.fetches == 1


async def test_an_issuer_with_oauth_metadata_only_is_found_too(http):
    issuer = OtherIssuer("one")
    issuer.metadata_path = "/.well-known/oauth-authorization-server"
    assert await RemoteKeys(ISSUER, http(issuer)).find("one")


async def test_a_new_key_is_fetched_when_a_token_first_names_it(http):
    clock, issuer = Clock(), OtherIssuer("old")
    keys = RemoteKeys(ISSUER, http(issuer), clock=clock)
    assert await keys.find("old")
    issuer.kids = ["new"]
    clock.now += 11
    assert await keys.find("new")
    assert await keys.find("old") is None


async def test_many_requests_for_an_unknown_key_cause_one_fetch(http):
    clock, issuer = Clock(), OtherIssuer("old")
    keys = RemoteKeys(ISSUER, http(issuer), clock=clock)
    await keys.find("old")
    issuer.kids = ["new"]
    clock.now += 11
    found = await asyncio.gather(*(keys.find("new") for _ in range(50)))
    assert all(found)
    assert issuer.fetches == 2


async def test_forged_key_ids_cannot_make_us_hammer_the_issuer(http):
    issuer = OtherIssuer("one")
    keys = RemoteKeys(ISSUER, http(issuer), clock=Clock())
    for number in range(100):
        assert await keys.find(f"forged-{number}") is None
    assert issuer.fetches == 1


async def test_a_request_that_goes_away_does_not_take_the_fetch_with_it(http):
    keys = RemoteKeys(ISSUER, http(OtherIssuer("one")))
    first = asyncio.create_task(keys.find("one"))
    second = asyncio.create_task(keys.find("one"))
    await asyncio.sleep(0)
    first.cancel()
    assert await second


async def test_a_withdrawn_key_stops_counting(http):
    clock, issuer = Clock(), OtherIssuer("stolen", "good")
    keys = RemoteKeys(ISSUER, http(issuer), clock=clock, max_age_seconds=60)
    assert await keys.find("stolen")
    issuer.kids = ["good"]
    clock.now += 61
    assert await keys.find("stolen") is None
    assert await keys.find("good")


async def test_known_keys_go_on_serving_while_the_issuer_is_away(http):
    clock, issuer = Clock(), OtherIssuer("one")
    keys = RemoteKeys(ISSUER, http(issuer), clock=clock, max_age_seconds=60)
    assert await keys.find("one")
    issuer.down = True
    clock.now += 61
    assert await keys.find("one")
    assert await keys.find("new") is None


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example", "jwks_uri": f"{ISSUER}/keys"},
        {"issuer": ISSUER, "jwks_uri": "http://issuer.example/keys"},
        {"issuer": ISSUER, "jwks_uri": "keys"},
        {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/nothing-here"},
        {"issuer": ISSUER},
        ["issuer"],
    ],
    ids=str,
)
async def test_metadata_that_cannot_be_trusted_gives_no_keys(http, metadata):
    issuer = OtherIssuer("one")
    issuer.metadata = metadata
    with pytest.raises(IssuerUnavailable, match=ISSUER):
        await RemoteKeys(ISSUER, http(issuer)).find("one")


async def test_an_issuer_that_comes_up_later_is_asked_again(http):
    clock, issuer = Clock(), OtherIssuer("one")
    issuer.down = True
    keys = RemoteKeys(ISSUER, http(issuer), clock=clock)
    with pytest.raises(IssuerUnavailable):
        await keys.find("one")
    issuer.down = False
    clock.now += 11
    assert await keys.find("one")
