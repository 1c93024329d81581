"""authorization_code with PKCE: from the page people sign in on to tokens."""

import asyncio

import pytest

from auth.issuer.administration import disable_user
from auth.issuer.clients import Client, create_client, create_public_client
from auth.issuer.users import User, create_user
from auth.remote_keys import RemoteKeys
from tests.fixtures_issuer import AUDIENCE, BACK, PASSWORD, URL, VERIFIER, asked, header, payload, refused, told


async def test_a_person_signs_in_and_the_client_gets_tokens_for_that_person(door):
    tokens = await door.tokens()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    assert tokens["scope"] == "openid orders:read shipments:read"
    principal = await door.verifier.verify(tokens["access_token"])
    assert (principal.subject, principal.client_id) == ("user:ann", "page")
    assert principal.accounts == ("acme", "bolt")
    assert payload(tokens["access_token"])["jti"]


async def test_the_answer_echoes_the_state_and_names_the_issuer(door):
    answer = await door.sign_in()
    assert told(answer)["state"] == "st4te&=é"
    assert told(answer)["iss"] == URL
    assert told(answer)["keep"] == "1"
    assert answer.headers["location"].startswith("https://app.example/back?")
    assert answer.headers["cache-control"] == "no-store"


async def test_an_answer_without_a_state_has_none(door):
    assert told(await door.sign_in(state=None)).keys() == {"keep", "code", "iss"}


async def test_an_app_may_be_answered_at_its_own_scheme(door):
    answer = await door.sign_in(redirect_uri="com.example.app:/back")
    assert answer.headers["location"].startswith("com.example.app:/back?code=")


# PKCE: Authlib allows `plain`, and takes it for granted when no method is named.


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge_method": "plain", "code_challenge": VERIFIER},
        {"code_challenge_method": None, "code_challenge": VERIFIER},
        {"code_challenge_method": None},
        {"code_challenge_method": "s256"},
        {"code_challenge": None},
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": "short"},
        {"code_challenge": "x" * 44},
        {"code_challenge": "é" * 43},
    ],
)
async def test_anything_but_a_challenge_of_method_s256_is_refused_before_anybody_signs_in(door, changes):
    answer = told(await door.show(**changes))
    assert answer["error"] == "invalid_request"
    assert (answer["state"], answer["iss"]) == ("st4te&=é", URL)


async def test_a_confidential_client_needs_a_challenge_too(door, store):
    await create_client(store, Client("web", "Web", ("shipments:read",), redirect_uris=(BACK,)))
    answer = await door.show(client_id="web", scope=None, code_challenge=None, code_challenge_method=None)
    assert told(answer)["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("verifier", "error"),
    [
        (None, "invalid_request"),
        ("short", "invalid_request"),
        ("w" * 43, "invalid_grant"),
        ("é" * 43, "invalid_request"),
    ],
)
async def test_a_code_without_the_right_verifier_is_worth_nothing_and_spent(door, verifier, error):
    code = await door.code()
    assert refused(await door.redeem(code, code_verifier=verifier), 400, error)
    assert refused(await door.redeem(code), 400, "invalid_grant")


# Redirect URIs: exactly the registered one, and nobody is sent anywhere else.


@pytest.mark.parametrize(
    "uri",
    [
        None,
        "https://app.example/back",
        "https://app.example/back?keep=1&x=2",
        "https://app.example/back?keep=1#x",
        "https://APP.example/back?keep=1",
        "https://app.example:443/back?keep=1",
        "https://app.example/./back?keep=1",
        "https://evil.example/",
        "javascript:alert(1)",
        'x" onload="',
        "\\",
    ],
)
async def test_a_redirect_uri_that_is_not_exactly_registered_sends_nobody_anywhere(door, uri):
    answer = await door.show(redirect_uri=uri)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")
    assert "not registered" in answer.text


@pytest.mark.parametrize("client_id", [None, "nobody", "acme-app", "signer", "a b", "é\\"])
async def test_a_client_that_is_unknown_or_for_nobody_s_sign_in_sends_nobody_anywhere(door, client_id):
    answer = await door.show(client_id=client_id)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_code_is_only_good_with_the_redirect_uri_it_was_sent_to(door):
    for uri in ("com.example.app:/back", None):
        code = await door.code()
        assert refused(await door.redeem(code, redirect_uri=uri), 400, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": 'code "é\\'}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "ops:read"}, "invalid_scope"),
        ({"scope": 'x"é'}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
        ({"request": "x"}, "request_not_supported"),
        ({"request_uri": "https://x.example"}, "request_uri_not_supported"),
    ],
)
async def test_a_request_that_cannot_be_granted_goes_back_to_the_client_with_the_reason(door, changes, error):
    answer = told(await door.show(**changes))
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "st4te&=é", URL)


async def test_parameters_given_twice_send_nobody_anywhere(door):
    query = "&".join([*(f"{name}={value}" for name, value in asked(state="x").items()), "state=y"])
    assert (await door.http.get(f"/oauth/authorize?{query}")).status_code == 400


# Codes: once, soon, by the client they were given to.


async def test_a_code_used_twice_is_refused_and_revokes_what_the_first_use_brought(door):
    code = await door.code()
    first = (await door.redeem(code)).json()
    assert refused(await door.redeem(code), 400, "invalid_grant")
    assert refused(await door.refresh(first["refresh_token"]), 400, "invalid_grant")
    assert await door.introspect(first["access_token"]) == {"active": False}


async def test_of_many_uses_at_once_one_gets_tokens_at_most_and_they_do_not_last(door):
    code = await door.code()
    answers = await asyncio.gather(*(door.redeem(code) for _ in range(8)))
    good = [answer for answer in answers if answer.status_code == 200]
    assert len(good) == 1
    assert {answer.json()["error"] for answer in answers if answer is not good[0]} == {"invalid_grant"}
    assert refused(await door.refresh(good[0].json()["refresh_token"]), 400, "invalid_grant")


async def test_a_code_is_good_for_a_minute(door, store):
    code = await door.code()
    left = await store.fetchval("select extract(epoch from expires_at - now()) from issuer.authorization_code")
    assert 50 < left <= 60
    await store.execute("update issuer.authorization_code set expires_at = now()")
    assert refused(await door.redeem(code), 400, "invalid_grant")


async def test_a_code_of_another_client_is_worth_nothing_and_stays_whole(door, store):
    await create_public_client(store, Client("other", "Other", ("shipments:read",), redirect_uris=(BACK,)))
    code = await door.code()
    assert refused(await door.redeem(code, client_id="other"), 400, "invalid_grant")
    assert (await door.redeem(code)).status_code == 200


async def test_a_confidential_client_cannot_redeem_a_code_without_its_secret(door, store):
    secret = await create_client(store, Client("web", "Web", ("shipments:read",), redirect_uris=(BACK,)))
    code = await door.code(client_id="web", scope="shipments:read")
    assert refused(await door.redeem(code, client_id="web"), 401, "invalid_client")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    assert (await door.http.post("/oauth/token", data=form, auth=("web", secret))).status_code == 200


async def test_codes_and_refresh_tokens_are_not_in_the_database(door, store):
    code = await door.code()
    tokens = (await door.redeem(code)).json()
    for table in ("authorization_code", "refresh_token", "family", "family_access_token"):
        rows = await store.fetch(f"select * from issuer.{table}")  # noqa: S608 - names of our own
        assert rows
        assert code not in str(rows)
        assert tokens["refresh_token"] not in str(rows)


# What a person gives: never more than the client may have, never more than the person has.


async def test_a_person_gives_no_more_than_the_person_has(door):
    tokens = await door.tokens(scope="shipments:read cards:read")
    assert tokens["scope"] == "shipments:read"
    assert "id_token" not in tokens


async def test_a_request_without_a_scope_asks_for_all_the_client_may_have(door):
    assert (await door.tokens(scope=None))["scope"] == "orders:read shipments:read"


async def test_a_person_who_has_nothing_to_give_is_sent_back_with_access_denied(door):
    answer = told(await door.sign_in(scope="cards:read"))
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "st4te&=é", URL)


async def test_a_customer_s_own_client_is_not_for_other_customers_people(door, store):
    client = Client("bolt-web", "Bolt", ("shipments:read",), tenant="bolt", redirect_uris=(BACK,))
    await create_public_client(store, client)
    await create_user(store, User("bob", "bolt", scopes=("shipments:read",)), PASSWORD)
    good = await door.sign_in("bob", client_id="bolt-web", scope=None)
    assert "code" in told(good)
    assert told(await door.sign_in("ann", client_id="bolt-web", scope=None))["error"] == "access_denied"


async def test_a_client_that_speaks_for_people_cannot_speak_for_itself(door, store):
    secret = await create_client(store, Client("web", "Web", ("ops:read",), redirect_uris=(BACK,)))
    answer = await door.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=("web", secret))
    assert refused(answer, 400, "unauthorized_client")


async def test_a_person_disabled_after_signing_in_gets_no_tokens(door, store):
    code = await door.code()
    await disable_user(store, "ann")
    assert refused(await door.redeem(code), 400, "invalid_grant")


# OpenID Connect.


async def test_an_id_token_says_who_signed_in_for_whom_and_repeats_the_nonce(door):
    tokens = await door.tokens()
    claims = payload(tokens["id_token"])
    assert (claims["iss"], claims["aud"], claims["sub"], claims["nonce"]) == (URL, "page", "user:ann", "n0nce")
    assert claims["preferred_username"] == "ann"
    assert claims["auth_time"] <= claims["iat"] < claims["exp"]
    key = await RemoteKeys(URL, door.http).find(header(tokens["id_token"])["kid"])
    assert key is not None


async def test_an_id_token_is_no_access_token(door):
    tokens = await door.tokens()
    assert await door.introspect(tokens["id_token"]) == {"active": False}
    assert header(tokens["id_token"])["typ"] == "JWT"
    assert AUDIENCE not in payload(tokens["id_token"])["aud"]
