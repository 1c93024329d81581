"""What the issuer says of itself (RFC 8414, OpenID Connect Discovery), held against what it does."""

import pytest

from auth.errors import Unauthorized
from auth.issuer.issuer import Issuer
from auth.remote_keys import RemoteKeys
from auth.tokens import TokenVerifier
from tests.fixtures_issuer import AUDIENCE, GRANT, URL, header, refused, told


async def metadata(door):
    return (await door.http.get("/.well-known/oauth-authorization-server")).json()


@pytest.mark.parametrize("document", ["oauth-authorization-server", "openid-configuration"])
async def test_the_metadata_says_where_everything_is(door, document):
    response = await door.http.get(f"/.well-known/{document}")
    said = response.json()
    assert said["issuer"] == URL
    endpoints = {name: url for name, url in said.items() if name.endswith(("_endpoint", "_uri"))}
    assert len(endpoints) == 5
    for url in endpoints.values():
        assert (await door.http.get(url)).status_code in (200, 400, 405), url
    assert (await door.http.get(said["jwks_uri"])).json()["keys"]


async def test_the_grants_it_names_are_those_it_knows(door):
    said = await metadata(door)
    assert len(said["grant_types_supported"]) == 4
    for grant in said["grant_types_supported"]:
        answer = await door.http.post("/oauth/token", data={"grant_type": grant}, auth=door.acme)
        assert answer.json().get("error") != "unsupported_grant_type", grant
    for grant in ("implicit", "password", "urn:ietf:params:oauth:grant-type:device_code"):
        answer = await door.http.post("/oauth/token", data={"grant_type": grant}, auth=door.acme)
        assert refused(answer, 400, "unsupported_grant_type")


async def test_the_response_types_and_modes_it_names_are_those_it_knows(door):
    said = await metadata(door)
    assert (said["response_types_supported"], said["response_modes_supported"]) == (["code"], ["query"])
    assert (await door.show(response_type="code", response_mode="query")).status_code == 200
    for other in ({"response_type": "id_token"}, {"response_type": "code token"}, {"response_mode": "form_post"}):
        assert told(await door.show(**other))["error"]


async def test_the_challenge_methods_it_names_are_those_it_takes(door):
    assert (await metadata(door))["code_challenge_methods_supported"] == ["S256"]
    assert (await door.show(code_challenge_method="S256")).status_code == 200
    assert told(await door.show(code_challenge_method="plain"))["error"] == "invalid_request"


async def test_each_scope_it_names_can_be_asked_for(door):
    said = await metadata(door)
    assert {"openid", "shipments:read", "ops:replay"} <= set(said["scopes_supported"])
    assert (await door.show(scope="openid")).status_code == 200
    answer = await door.http.post("/oauth/token", data={**GRANT, "scope": "shipments:read"}, auth=door.acme)
    assert answer.json()["scope"] == "shipments:read"


async def test_it_says_that_it_names_itself_in_answers_and_does(door):
    assert (await metadata(door))["authorization_response_iss_parameter_supported"] is True
    assert told(await door.sign_in())["iss"] == URL


async def test_what_it_says_it_does_not_support_is_refused(door):
    said = await metadata(door)
    for name in ("request", "request_uri"):
        assert said[f"{name}_parameter_supported"] is False
        assert told(await door.show(**{name: "x"}))["error"] == f"{name}_not_supported"
    assert told(await door.show(prompt="none"))["error"] == "login_required"
    assert (await door.show(prompt=said["prompt_values_supported"][0])).status_code == 200


async def test_id_tokens_are_signed_as_it_says(door):
    said = await metadata(door)
    token = (await door.tokens())["id_token"]
    assert [header(token)["alg"]] == said["id_token_signing_alg_values_supported"]


async def test_ways_of_proving_a_client_are_named_for_each_endpoint(door):
    said = await metadata(door)
    everything = {"client_secret_basic", "client_secret_post", "private_key_jwt", "none"}
    assert set(said["token_endpoint_auth_methods_supported"]) == everything
    assert set(said["revocation_endpoint_auth_methods_supported"]) == everything
    # The tests of introspection refuse public clients.
    assert set(said["introspection_endpoint_auth_methods_supported"]) == everything - {"none"}
    assert said["token_endpoint_auth_signing_alg_values_supported"] == ["RS256", "ES256", "EdDSA"]


async def test_the_published_keys_hold_nothing_private(door):
    response = await door.http.get("/oauth/jwks.json")
    (key,) = response.json()["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert response.headers["cache-control"] == "public, max-age=300"


async def test_a_resource_server_elsewhere_finds_the_keys_by_discovery(door):
    token = await door.own_token()
    elsewhere = TokenVerifier(RemoteKeys(URL, door.http), issuer=URL, audience=AUDIENCE)
    assert (await elsewhere.verify(token)).tenant == "acme"
    other_audience = TokenVerifier(RemoteKeys(URL, door.http), issuer=URL, audience="https://other.example")
    with pytest.raises(Unauthorized):
        await other_audience.verify(token)


@pytest.mark.parametrize("url", ["http://portal.example", "ftp://localhost", "portal", "https://portal.example?x=1"])
def test_an_issuer_address_that_clients_could_not_trust_is_refused(store, keys, url):
    with pytest.raises(ValueError, match="issuer"):
        Issuer(url=url, audience=AUDIENCE, keys=keys, database=store)
