"""Party roles: what a client or person is to shipments follows every token that is made for it."""

import pytest

from auth.issuer.clients import Client, create_client, create_public_client
from auth.issuer.users import User, create_user
from tests.fixtures_issuer import ACCESS_TOKEN, ACME, BACK, EXCHANGE, GRANT, PASSWORD, SCOPES, URL, payload

RECEIVES = Client("dock", "The dock", SCOPES, tenant="acme", party_role="ship_to")
DORA = User("dora", "acme", ("acme", "bolt"), ("shipments:read", "orders:read"), party_role="ship_to")


async def roles_of(door, token: str) -> list[str]:
    """What the token says, what introspection says, and what it is taken for."""
    told = await door.introspect(token, door.operator)
    return [payload(token)["party_role"], told["party_role"], (await door.verifier.verify(token)).party_role]


@pytest.fixture
async def door(door, store):
    operator = Client("operator", "Operator", ("ops:read",))
    door.operator = ("operator", await create_client(store, operator))
    door.dock = ("dock", await create_client(store, RECEIVES))
    await create_user(store, DORA, PASSWORD)
    return door


async def dock_token(door) -> str:
    return str((await door.http.post("/oauth/token", data=GRANT, auth=door.dock)).json()["access_token"])


async def test_a_client_s_own_tokens_have_its_role(door):
    assert await roles_of(door, await dock_token(door)) == ["ship_to"] * 3


async def test_the_usual_role_goes_without_saying(door):
    token = await door.own_token()
    assert "party_role" not in payload(token)
    assert "party_role" not in await door.introspect(token)
    assert (await door.verifier.verify(token)).party_role == ACME.party_role == "bill_to"


async def test_a_person_s_role_outlives_refreshing(door):
    tokens = (await door.redeem(await signed_in(door, "dora"))).json()
    for _ in range(3):
        assert await roles_of(door, tokens["access_token"]) == ["ship_to"] * 3
        tokens = (await door.refresh(tokens["refresh_token"])).json()


async def test_a_role_that_was_changed_counts_from_the_next_refresh_on(door, store):
    tokens = await door.tokens()
    await create_user(store, User("ann", "acme", ("acme", "bolt"), ("shipments:read",), "ship_to"), PASSWORD)
    again = (await door.refresh(tokens["refresh_token"])).json()
    assert await roles_of(door, again["access_token"]) == ["ship_to"] * 3


async def test_whoever_signs_in_through_a_client_that_only_receives_is_shown_no_more(door, store):
    page = Client("gate", "The gate", SCOPES, redirect_uris=(BACK,), party_role="ship_to")
    await create_public_client(store, page)
    answer = await door.redeem(await door.code(client_id="gate"), client_id="gate")
    assert await roles_of(door, answer.json()["access_token"]) == ["ship_to"] * 3


async def test_a_card_s_token_keeps_the_role_of_the_one_it_was_made_from(door):
    form = {"grant_type": EXCHANGE, "subject_token_type": ACCESS_TOKEN, "resource": f"{URL}/v1/cards/shp_a"}
    answer = await door.http.post("/oauth/token", data=form | {"subject_token": await dock_token(door)}, auth=door.dock)
    assert answer.status_code == 200, answer.text
    assert await roles_of(door, answer.json()["access_token"]) == ["ship_to"] * 3


@pytest.mark.parametrize("role", ["", "consignee", "BILL_TO", None])
async def test_a_role_that_is_none_is_not_stored(store, role):
    with pytest.raises(ValueError, match=r"party_role|enum"):
        await create_client(store, Client("x", "X", SCOPES, tenant="acme", party_role=role))
    with pytest.raises(ValueError, match=r"party_role|enum"):
        await create_user(store, User("x", "acme", party_role=role), PASSWORD)


async def signed_in(door, username: str) -> str:
    return (await door.sign_in(username)).headers["location"].partition("code=")[2].partition("&")[0]
