"""Token exchange (RFC 8693): from a token for all cards to one for a single card, which opens nothing else."""

import msgspec
import pytest

from auth.errors import Forbidden
from auth.issuer.clients import Client, create_client
from auth.policy import require
from auth.scopes import SCOPES as ALL_SCOPES
from tests.fixtures_issuer import ACCESS_TOKEN, EXCHANGE, URL, payload, refused

CARD = "shp_nvoajjtbsl5uq5sajmnzbkwj"


async def exchange(door, token: str, auth=None, **changes: str | None):
    form = {
        "grant_type": EXCHANGE,
        "subject_token": token,
        "subject_token_type": ACCESS_TOKEN,
        "resource": f"{URL}/v1/cards/{CARD}",
    } | changes
    form = {name: value for name, value in form.items() if value is not None}
    return await door.http.post("/oauth/token", data=form, auth=auth or door.acme)


async def test_a_token_for_all_cards_becomes_one_for_a_single_card(door):
    answer = await exchange(door, await door.own_token())
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["scope"], body["issued_token_type"], body["token_type"]) == ("cards:read", ACCESS_TOKEN, "Bearer")
    assert "refresh_token" not in body
    claims = payload(body["access_token"])
    assert 890 <= claims["exp"] - claims["iat"] == body["expires_in"] <= 900
    principal = await door.verifier.verify(body["access_token"])
    assert (principal.card, principal.tenant, principal.scopes) == (CARD, "acme", {"cards:read"})


async def test_a_token_for_a_card_opens_nothing_else(door):
    principal = await door.verifier.verify((await exchange(door, await door.own_token())).json()["access_token"])
    for scope in ALL_SCOPES:
        with pytest.raises(Forbidden):
            require(principal, scope)


async def test_a_token_for_a_card_cannot_be_exchanged_for_another_card(door):
    token = (await exchange(door, await door.own_token())).json()["access_token"]
    answer = await exchange(door, token, resource=f"{URL}/v1/cards/shp_other")
    assert refused(answer, 400, "invalid_request")


async def test_a_card_s_token_does_not_outlive_the_one_it_was_made_from(door):
    rules = door.issuer._rules
    door.issuer._rules = msgspec.structs.replace(rules, lifetime_seconds=60)
    token = await door.own_token()
    door.issuer._rules = rules
    assert (await exchange(door, token)).json()["expires_in"] <= 60


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"resource": None}, "invalid_target"),
        ({"resource": f"/v1/cards/{CARD}"}, "invalid_target"),
        ({"resource": f"{URL}/v1/cards/"}, "invalid_target"),
        ({"resource": f"{URL}/v1/cards/a/b"}, "invalid_target"),
        ({"resource": f"{URL}/v1/shipments/{CARD}"}, "invalid_target"),
        ({"resource": f"https://evil.example/v1/cards/{CARD}"}, "invalid_target"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token": "x"}, "invalid_request"),
        ({"subject_token": "é"}, "invalid_request"),
        ({"scope": "shipments:read"}, "invalid_scope"),
        ({"scope": "cards:read shipments:read"}, "invalid_scope"),
    ],
    ids=str,
)
async def test_any_other_exchange_is_refused(door, changes, error):
    assert refused(await exchange(door, await door.own_token(), **changes), 400, error)


async def test_a_token_without_the_scope_cannot_become_a_card_s(door):
    token = await door.own_token(scope="shipments:read")
    assert refused(await exchange(door, token), 400, "invalid_scope")


async def test_a_client_exchanges_its_own_tokens_only(door, store):
    secret = await create_client(store, Client("other", "Other", ("cards:read",), tenant="bolt"))
    answer = await exchange(door, await door.own_token(), auth=("other", secret))
    assert refused(answer, 400, "invalid_request")


async def test_a_public_client_exchanges_nothing(door):
    form = {"grant_type": EXCHANGE, "client_id": "page", "subject_token": "x", "subject_token_type": ACCESS_TOKEN}
    assert refused(await door.http.post("/oauth/token", data=form), 400, "unauthorized_client")


async def test_a_revoked_token_cannot_be_exchanged(door):
    token = await door.own_token()
    await door.http.post("/oauth/revoke", data={"token": token}, auth=door.acme)
    assert refused(await exchange(door, token), 400, "invalid_request")
