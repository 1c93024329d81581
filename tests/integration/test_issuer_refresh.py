"""refresh_token: each is good once; a second use means a thief, and ends it for both."""

import asyncio

import pytest

from auth.issuer.administration import disable_client, disable_user, enable_user, set_password
from auth.issuer.clients import Client, create_client, create_public_client
from auth.issuer.users import User, create_user
from tests.fixtures_issuer import BACK, PASSWORD, SCOPES, refused


async def test_a_refresh_token_brings_new_tokens_for_the_same_person(door):
    first = await door.tokens()
    answer = await door.refresh(first["refresh_token"])
    assert answer.headers["cache-control"] == "no-store"
    second = answer.json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == first["scope"]
    assert (await door.verifier.verify(second["access_token"])).subject == "user:ann"
    assert (await door.refresh(second["refresh_token"])).status_code == 200


async def test_a_refresh_token_used_again_ends_the_whole_family(door):
    first = await door.tokens()
    second = (await door.refresh(first["refresh_token"])).json()
    assert refused(await door.refresh(first["refresh_token"]), 400, "invalid_grant")
    assert refused(await door.refresh(second["refresh_token"]), 400, "invalid_grant")
    for tokens in (first, second):
        assert await door.introspect(tokens["access_token"]) == {"active": False}


async def test_another_sign_in_of_the_same_person_goes_on(door):
    first, other = await door.tokens(), await door.tokens()
    await door.refresh(first["refresh_token"])
    await door.refresh(first["refresh_token"])
    assert (await door.refresh(other["refresh_token"])).status_code == 200


async def test_of_many_uses_at_once_one_is_answered(door):
    token = (await door.tokens())["refresh_token"]
    answers = await asyncio.gather(*(door.refresh(token) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 7]


async def test_a_refresh_token_is_its_client_s_alone(door, store):
    await create_public_client(store, Client("other", "Other", SCOPES, redirect_uris=(BACK,)))
    token = (await door.tokens())["refresh_token"]
    assert refused(await door.refresh(token, client_id="other"), 400, "invalid_grant")
    assert (await door.refresh(token)).status_code == 200


async def test_a_confidential_client_cannot_refresh_without_its_secret(door, store):
    await create_client(store, Client("web", "Web", SCOPES, redirect_uris=(BACK,)))
    token = (await door.tokens())["refresh_token"]
    assert refused(await door.refresh(token, client_id="web"), 401, "invalid_client")


async def test_scopes_can_be_fewer_and_never_more(door):
    token = (await door.tokens(scope="shipments:read orders:read"))["refresh_token"]
    assert refused(await door.refresh(token, scope="shipments:read cards:read"), 400, "invalid_scope")
    fewer = (await door.refresh(token, scope="orders:read")).json()
    assert fewer["scope"] == "orders:read"


async def test_a_refused_request_leaves_the_refresh_token_whole(door):
    token = (await door.tokens())["refresh_token"]
    assert refused(await door.refresh(token, scope="ops:read"), 400, "invalid_scope")
    assert (await door.refresh(token)).status_code == 200


async def test_what_a_person_may_do_now_counts_and_not_what_it_was_at_sign_in(door, store):
    token = (await door.tokens())["refresh_token"]
    await create_user(store, User("ann", "acme", scopes=("orders:read",)), PASSWORD)
    answer = (await door.refresh(token)).json()
    assert answer["scope"] == "openid orders:read"
    assert (await door.verifier.verify(answer["access_token"])).accounts == ("acme",)
    await create_user(store, User("ann", "acme"), PASSWORD)
    none_left = (await door.refresh(answer["refresh_token"])).json()
    # Authlib takes an empty scope for none asked, and would give all the client has.
    assert none_left["scope"] == "openid"


async def test_a_person_with_nothing_left_gets_nothing(door, store):
    token = (await door.tokens(scope="shipments:read"))["refresh_token"]
    await create_user(store, User("ann", "acme"), PASSWORD)
    assert refused(await door.refresh(token), 400, "invalid_grant")


async def test_it_all_ends_thirty_days_after_the_sign_in_however_often_it_was_refreshed(door, store):
    token = (await door.refresh((await door.tokens())["refresh_token"])).json()["refresh_token"]
    days = await store.fetchval("select extract(epoch from expires_at - now()) / 86400 from issuer.family")
    assert 29.9 < days <= 30
    await store.execute("update issuer.family set expires_at = now()")
    assert refused(await door.refresh(token), 400, "invalid_grant")


@pytest.mark.parametrize("end", ["user", "password", "client"])
async def test_disabling_and_a_new_password_end_it(door, store, end):
    tokens = await door.tokens()
    if end == "user":
        await disable_user(store, "ann")
        await enable_user(store, "ann")
    elif end == "password":
        await set_password(store, "ann", "another password")
    else:
        await disable_client(store, "page")
        await create_public_client(store, Client("page", "Page", SCOPES, redirect_uris=(BACK,)))
        await store.execute("update issuer.oauth_client set disabled_at = null")
    assert refused(await door.refresh(tokens["refresh_token"]), 400, "invalid_grant")
    assert await door.introspect(tokens["access_token"]) == {"active": False}


@pytest.mark.parametrize("token", ["", "x", "\udcff", "é" * 100])
async def test_what_is_no_refresh_token_is_refused(door, token):
    form = f"grant_type=refresh_token&client_id=page&refresh_token={token}".encode(errors="surrogateescape")
    answer = await door.http.post(
        "/oauth/token", content=form, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_grant", "invalid_request")
