"""Clients that prove themselves by signing (RFC 7523): our algorithms, our audience, once, and soon."""

import base64
import hmac
import json
import time

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from auth.issuer.clients import Client, create_key_client
from tests.fixtures_issuer import ASSERTION_TYPE, GRANT, SIGNER_KEY, URL, assertion, refused

RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa"})
ED = OKPKey.generate_key("Ed25519", parameters={"kid": "ed"})


async def post(door, jwt: str, **form: str):
    return await door.http.post(
        "/oauth/token", data=GRANT | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": jwt} | form
    )


@pytest.mark.parametrize("audience", [URL, f"{URL}/oauth/token", [URL]])
async def test_a_client_proves_itself_by_its_key(door, audience):
    answer = await post(door, assertion(aud=audience))
    assert answer.status_code == 200, answer.text
    assert (await door.verifier.verify(answer.json()["access_token"])).client_id == "signer"


@pytest.mark.parametrize(("alg", "key"), [("RS256", RSA), ("EdDSA", ED)])
async def test_rsa_and_ed25519_keys_do_as_well(door, store, alg, key):
    public = [SIGNER_KEY.as_dict(private=False), key.as_dict(private=False)]
    await create_key_client(store, Client("signer", "Signer", ("shipments:read",)), public)
    for jwt in (assertion(key, alg), assertion()):
        assert (await post(door, jwt)).status_code == 200


async def test_the_client_may_be_named_beside_the_assertion_if_it_is_the_same(door):
    assert (await post(door, assertion(), client_id="signer")).status_code == 200
    assert refused(await post(door, assertion(), client_id="acme-app"), 400, "invalid_request")


async def test_an_assertion_counts_once(door):
    jwt = assertion()
    assert (await post(door, jwt)).status_code == 200
    assert refused(await post(door, jwt), 401, "invalid_client")
    assert refused(await post(door, assertion(jti="fixed", exp=int(time.time()) - 600)), 401, "invalid_client")
    assert (await post(door, assertion(jti="fixed"))).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example"},
        {"aud": f"{URL}/"},
        {"aud": [URL, "https://other.example"]},
        {"aud": []},
        {"aud": None},
        {"aud": 5},
        {"iss": "acme-app"},
        {"sub": "acme-app"},
        {"sub": "nobody", "iss": "nobody"},
        {"sub": None},
        {"iss": None},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
        {"jti": "a\x00b"},
        {"jti": "x" * 300},
        {"exp": None},
        {"exp": int(time.time()) - 60},
        {"exp": int(time.time()) + 86_400},
        {"exp": 10**30},
        {"exp": "soon"},
        {"nbf": int(time.time()) + 600},
        {"iat": int(time.time()) + 600},
    ],
)
async def test_an_assertion_that_says_anything_else_is_refused(door, changes):
    assert refused(await post(door, assertion(**changes)), 401, "invalid_client")


def re_headed(**changes) -> str:
    """A good assertion whose header was changed afterwards."""
    head = json.dumps({"alg": "ES256", "kid": "signer-key"} | changes).encode()
    return base64.urlsafe_b64encode(head).rstrip(b"=").decode() + "." + assertion().partition(".")[2]


def confused() -> str:
    """A good assertion, signed by HMAC with our public key for the secret (algorithm confusion)."""
    unsigned = re_headed(alg="HS256").rpartition(".")[0]
    mac = hmac.digest(SIGNER_KEY.as_pem(private=False), unsigned.encode(), "sha256")
    return f"{unsigned}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


STRANGER = ECKey.generate_key("P-256", parameters={"kid": "signer-key"})


@pytest.mark.parametrize(
    "jwt",
    [
        assertion(STRANGER),
        confused(),
        assertion(RSA, "RS256", {"kid": "signer-key"}),
        re_headed(alg="none"),
        re_headed(alg="ES384"),
        re_headed(alg=5),
        assertion(head={"kid": "other"}),
        assertion(head={"crit": ["x"]}),
        assertion(head={"b64": False}),
        assertion()[:-4] + "AAAA",
        assertion().rpartition(".")[0] + ".",
        "a.b.c",
        "..",
        "x",
        "é.é.é",
        "a" * 9_000,
        assertion() + ".x",
    ],
    ids=lambda jwt: jwt[:20],
)
async def test_an_assertion_signed_otherwise_is_refused(door, jwt):
    assert refused(await post(door, jwt), 401, "invalid_client")


async def test_an_assertion_needs_its_type(door):
    for form in ({"client_assertion": assertion()}, {"client_assertion_type": ASSERTION_TYPE}):
        assert refused(await door.http.post("/oauth/token", data=GRANT | form), 400, "invalid_request")
    wrong = {"client_assertion_type": "x", "client_assertion": assertion()}
    assert refused(await door.http.post("/oauth/token", data=GRANT | wrong), 400, "invalid_request")


async def test_only_public_halves_are_kept_and_weak_keys_are_not(store):
    await create_key_client(store, Client("other", "Other", ()), [SIGNER_KEY.as_dict(private=True)])
    kept = await store.fetchval("select jwks from issuer.oauth_client where client_id = 'other'")
    assert '"d"' not in kept
    for bad in (OctKey.generate_key(256), ECKey.generate_key("P-384")):
        with pytest.raises(ValueError, match="None of the keys"):
            await create_key_client(store, Client("weak", "Weak", ()), [bad.as_dict()])
