"""Revocation (RFC 7009) and introspection (RFC 7662): what a client gives back no longer counts."""

import asyncio

import asyncpg
import pytest

from auth.issuer.administration import disable_client, disable_user, enable_client
from auth.issuer.clients import Client, create_client
from tests.fixtures_issuer import ASSERTION_TYPE, EXCHANGE, URL, assertion, payload, refused
from tests.integration.waiting import until


async def revoke(door, token: str, auth=None, **form: str):
    return await door.http.post("/oauth/revoke", data={"token": token} | form, auth=auth)


async def test_a_revoked_access_token_is_told_to_all_who_verify_tokens(door, store):
    token = await door.own_token()
    assert (await door.introspect(token))["active"]
    answer = await revoke(door, token, door.acme)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert await door.introspect(token) == {"active": False}
    row = await store.fetchrow("select * from issuer.revocation")
    assert (row["jti"], row["client_id"], row["subject"]) == (payload(token)["jti"], None, None)
    assert row["expires_at"].timestamp() == payload(token)["exp"] + 60


async def test_revoking_again_is_fine_and_said_once(door, store):
    token = await door.own_token()
    for _ in range(2):
        assert (await revoke(door, token, door.acme)).status_code == 200
    assert await store.fetchval("select count(*) from issuer.revocation") == 1


async def test_a_public_client_revokes_its_refresh_token_and_all_of_that_sign_in(door):
    first = await door.tokens()
    second = (await door.refresh(first["refresh_token"])).json()
    assert (await revoke(door, second["refresh_token"], client_id="page")).status_code == 200
    for tokens in (first, second):
        assert await door.introspect(tokens["access_token"]) == {"active": False}
    assert refused(await door.refresh(second["refresh_token"]), 400, "invalid_grant")


async def test_a_card_s_token_made_from_a_sign_in_ends_with_it(door, store):
    secret = await create_client(
        store, Client("web", "Web", ("cards:read",), redirect_uris=("https://web.example/back",))
    )
    await store.execute("update issuer.oauth_user set scopes = '{cards:read}'")
    changes = {"client_id": "web", "redirect_uri": "https://web.example/back"}
    code = await door.code(**changes, scope="cards:read")
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": "v" * 43}
    answer = await door.http.post("/oauth/token", data=form | changes, auth=("web", secret))
    tokens = answer.json()
    form = {
        "grant_type": EXCHANGE,
        "subject_token": tokens["access_token"],
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "resource": f"{URL}/v1/cards/shp_x",
    }
    card = (await door.http.post("/oauth/token", data=form, auth=("web", secret))).json()["access_token"]
    assert (payload(card)["sub"], payload(card)["card"]) == ("user:ann", "shp_x")
    assert (await door.introspect(card, ("web", secret)))["card"] == "shp_x"
    await revoke(door, tokens["refresh_token"], ("web", secret))
    assert await door.introspect(card, ("web", secret)) == {"active": False}


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense"])
async def test_a_wrong_hint_does_no_harm(door, hint):
    token = await door.own_token()
    assert (await revoke(door, token, door.acme, token_type_hint=hint)).status_code == 200
    assert await door.introspect(token) == {"active": False}


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "x" * 9_000])
async def test_what_is_no_token_is_revoked_already(door, token):
    assert (await revoke(door, token, door.acme)).status_code == 200


async def test_a_client_cannot_revoke_another_s_tokens(door):
    token, tokens = await door.own_token(), await door.tokens()
    assert refused(await revoke(door, token, client_id="page"), 400, "invalid_grant")
    assert (await revoke(door, tokens["refresh_token"], door.acme)).status_code == 200
    assert (await door.introspect(token))["active"]
    assert (await door.refresh(tokens["refresh_token"])).status_code == 200


@pytest.mark.parametrize("path", ["/oauth/revoke", "/oauth/introspect"])
async def test_both_want_a_client_that_proves_itself(door, path):
    token = await door.own_token()
    assert refused(await door.http.post(path, data={"token": token}), 401, "invalid_client")
    assert refused(await door.http.post(path, data={"token": token}, auth=("acme-app", "x")), 401, "invalid_client")
    assert refused(await door.http.post(path, data={"token": token, "client_id": "acme-app"}), 401, "invalid_client")
    assert refused(await door.http.post(path, auth=door.acme), 400, "invalid_request")
    assert refused(await door.http.post(path, data={"x": "y"}, auth=door.acme), 400, "invalid_request")
    assert refused(await door.http.post(path, params={"token": token}, auth=door.acme), 400, "invalid_request")


@pytest.mark.parametrize("path", ["/oauth/revoke", "/oauth/introspect"])
async def test_both_take_a_client_that_proves_itself_by_its_key(door, path):
    form = {"token": "x", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion()}
    assert (await door.http.post(path, data=form)).status_code == 200


async def test_a_public_client_learns_nothing_about_tokens(door):
    token = (await door.tokens())["access_token"]
    answer = await door.http.post("/oauth/introspect", data={"token": token, "client_id": "page"})
    assert refused(answer, 401, "invalid_client")


async def test_introspection_says_what_the_token_says(door):
    token = await door.own_token()
    claims = payload(token)
    assert await door.introspect(token) == claims | {"active": True, "token_type": "Bearer"}


async def test_a_client_may_ask_about_its_own_tokens_and_an_operator_about_all(door, store):
    tokens = await door.tokens()
    operator = ("operator", await create_client(store, Client("operator", "Operator", ("ops:read",))))
    other = ("other", await create_client(store, Client("other", "Other", ("shipments:read",))))
    assert await door.introspect(tokens["access_token"], other) == {"active": False}
    assert (await door.introspect(tokens["access_token"], operator))["sub"] == "user:ann"
    assert await door.introspect(tokens["refresh_token"], operator) == {"active": False}


async def test_a_client_may_ask_about_its_refresh_token(door, store):
    secret = await create_client(
        store, Client("web", "Web", ("shipments:read",), redirect_uris=("https://web.example/back",))
    )
    changes = {"client_id": "web", "redirect_uri": "https://web.example/back"}
    form = {"grant_type": "authorization_code", "code_verifier": "v" * 43} | changes
    code = await door.code(**changes, scope="shipments:read")
    token = (await door.http.post("/oauth/token", data=form | {"code": code}, auth=("web", secret))).json()
    said = await door.introspect(token["refresh_token"], ("web", secret))
    assert said == {
        "active": True,
        "client_id": "web",
        "sub": "user:ann",
        "username": "ann",
        "scope": "shipments:read",
    }


async def test_disabling_a_client_revokes_all_it_has(door, store):
    before = await door.own_token()
    await disable_client(store, "acme-app")
    await enable_client(store, "acme-app")
    assert await door.introspect(before) == {"active": False}
    row = await store.fetchrow("select * from issuer.revocation")
    assert (row["jti"], row["client_id"], row["subject"]) == (None, "acme-app", None)
    assert row["issued_before"] > row["revoked_at"]


async def test_disabling_a_person_revokes_what_speaks_for_the_person_and_nothing_of_a_client_of_that_name(door, store):
    await create_client(store, Client("ann", "Ann's app", ("shipments:read",), tenant="acme"), secret="s" * 43)
    form = {"grant_type": "client_credentials"}
    program = (await door.http.post("/oauth/token", data=form, auth=("ann", "s" * 43))).json()["access_token"]
    person = (await door.tokens())["access_token"]
    await disable_user(store, "ann")
    row = await store.fetchrow("select * from issuer.revocation where subject is not null")
    assert (row["jti"], row["client_id"], row["subject"]) == (None, None, "user:ann")
    assert await door.introspect(person) == {"active": False}
    assert (await door.introspect(program, ("ann", "s" * 43)))["active"]


async def test_those_who_verify_tokens_may_read_revocations_and_nothing_else_of_the_issuer(database):
    connection = await asyncpg.connect(database)
    try:
        tables = await connection.fetch(
            "select relname, has_table_privilege('portal_app', oid, 'select') as read,"
            " has_table_privilege('portal_app', oid, 'insert, update, delete') as write"
            " from pg_class where relnamespace = 'issuer'::regnamespace and relkind = 'r'"
        )
        await connection.execute("set role portal_app")
        assert await connection.fetch("select * from issuer.revocation") == []
    finally:
        await connection.close()
    assert {row["relname"] for row in tables if row["read"]} == {"revocation"}
    assert not [row for row in tables if row["write"]]


async def test_revocations_are_committed_in_the_order_of_their_sequence(store):
    async with store.acquire() as first, store.acquire() as second:
        slow = first.transaction()
        await slow.start()
        await first.execute("insert into issuer.revocation (jti, expires_at) values ('a', now())")
        later = asyncio.ensure_future(
            second.execute("insert into issuer.revocation (jti, expires_at) values ('b', now())")
        )
        done, _ = await asyncio.wait([later], timeout=0.2)
        assert not done
        await slow.commit()
        await later
    rows = await store.fetch("select jti from issuer.revocation order by sequence")
    assert [row["jti"] for row in rows] == ["a", "b"]


async def test_what_has_expired_is_swept(door, store):
    tokens = await door.tokens()
    await door.refresh(tokens["refresh_token"])
    await revoke(door, await door.own_token(), door.acme)
    swept = ("authorization_code", "family", "family_access_token", "refresh_token", "revocation", "sign_in_attempt")
    await store.execute("update issuer.authorization_code set expires_at = now() - interval '2 days'")
    for table in ("family", "family_access_token", "revocation"):
        await store.execute(f"update issuer.{table} set expires_at = now() - interval '1 s'")  # noqa: S608 - our names
    await store.execute("update issuer.sign_in_attempt set window_ends_at = now() - interval '1 s'")
    stop = asyncio.Event()
    sweeping = asyncio.create_task(door.issuer.sweep(stop))
    count = " + ".join(f"(select count(*) from issuer.{name})" for name in swept)  # noqa: S608 - our names

    async def empty() -> bool:
        return await store.fetchval(f"select {count}") == 0

    try:
        await until(empty)
    finally:
        stop.set()
        await sweeping
