"""Tokens at the door: whatever is wrong with one, the answer is a 401 that says so and nothing more."""

import time

import pytest

from auth.issuer.signing_key import load_or_create_signing_key
from tests.api import ladder
from tests.fixtures_service import Service
from tests.signed_tokens import KEYS, assemble, sign

PATHS = (f"/v1/shipments/{ladder.SHIPMENT}", "/v1/shipments", "/v1/lookup?reference=S-1")


def claims(service: Service, **changes):
    """Good claims of the service's own issuer, with these changed."""
    now = int(time.time())
    good = {"iss": service.settings.public_url, "aud": service.settings.audience, "iat": now, "exp": now + 600}
    named = {"sub": "app", "client_id": "app", "scope": "shipments:read", "tenant": "nordwind"}
    return good | named | changes


def signed(service: Service, **changes) -> str:
    return sign(claims(service, **changes), key=load_or_create_signing_key(service.settings.issuer_key))


async def refusal(service: Service, token: str, code: str = "invalid_token") -> list[str]:
    """What is said about a token, the same at every door."""
    said = []
    for path in PATHS:
        answer = await service.http.get(path, headers={"Authorization": f"Bearer {token}"})
        said.append(ladder.refused(answer, 401, code)["detail"])
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert len(set(said)) == 1
    return said


async def test_a_token_signed_with_the_issuers_key_is_good(world: Service):
    headers = {"Authorization": f"Bearer {signed(world)}"}
    assert (await world.http.get(PATHS[0], headers=headers)).status_code == 200


async def test_an_expired_token_is_refused(world: Service):
    await refusal(world, signed(world, exp=int(time.time()) - 60), "expired_token")


@pytest.mark.parametrize(
    "changes",
    [{"aud": "somebody-else"}, {"iss": "https://issuer.example"}, {"iat": 4_000_000_000}, {"tenant": "two words"}],
)
async def test_a_token_for_others_is_refused(world: Service, changes):
    await refusal(world, signed(world, **changes))


async def test_a_token_signed_by_somebody_else_is_refused(world: Service):
    kid = load_or_create_signing_key(world.settings.issuer_key).kid
    await refusal(world, sign(claims(world), key=KEYS["ES256"], kid=kid))


async def test_a_tampered_token_is_refused(world: Service):
    header, payload, signature = signed(world).split(".")
    _, other, _ = signed(world, tenant="suedwind").split(".")
    await refusal(world, f"{header}.{other}.{signature}")
    await refusal(world, f"{header}.{payload}.{signature[:-4]}AAAA")


async def test_an_unsigned_token_is_refused(world: Service):
    await refusal(world, assemble(b'{"alg":"none","typ":"at+jwt"}', b"{}", b"").decode())


async def test_what_is_no_token_is_refused(world: Service):
    for token in ("x", "a.b.c", "." * 100, "x" * 10_000):
        await refusal(world, token)


async def test_another_scheme_is_taken_as_no_token(world: Service):
    for path in PATHS:
        answer = await world.http.get(path, headers={"Authorization": "Basic bm9yZDp3aW5k"})
        ladder.refused(answer, 401, "missing_token")


async def test_two_authorization_headers_are_taken_as_none(world: Service):
    good = ("Authorization", (await world.headers())["Authorization"])
    for path in PATHS:
        for two in ([good, good], [good, ("Authorization", "Bearer x")], [("Authorization", "Bearer x"), good]):
            ladder.refused(await world.http.get(path, headers=two), 401, "missing_token")


async def test_a_token_in_the_query_is_not_taken(world: Service):
    token = (await world.headers())["Authorization"].removeprefix("Bearer ")
    ladder.refused(await world.http.get(f"{PATHS[0]}?access_token={token}"), 401, "missing_token")
