"""Clients and users of the embedded issuer as they are stored."""

import asyncpg
import pytest

from auth.issuer.clients import Client, create_client, create_public_client, find_client
from auth.issuer.users import User, create_user, find_user
from tests.fixtures_issuer import ACME, BACK, PASSWORD


async def test_creating_a_client_again_changes_it(store):
    secret = await create_client(store, ACME)
    changed = Client("acme-app", "Acme", ("orders:read",), tenant="bolt")
    assert await create_client(store, changed, secret="chosen-elsewhere") == "chosen-elsewhere"
    stored = await find_client(store, "acme-app")
    assert stored.client == changed
    assert stored.knows("chosen-elsewhere")
    assert not stored.knows(secret)


async def test_a_client_s_secret_is_not_in_the_database(store):
    secret = await create_client(store, ACME)
    row = await store.fetchrow("select * from issuer.oauth_client")
    assert secret not in str(dict(row))


@pytest.mark.parametrize(
    "client",
    [
        Client("", "x", ()),
        Client("a b", "x", ()),
        Client("a:b", "x", ()),
        Client("ok", "x", ("shipments:write",)),
        Client("ok", "x", ("openid",)),
        Client("ok", "x", (), tenant=""),
        Client("ok", "x", (), tenant="acme\n"),
        Client("ok", "x", (), tenant="acme", accounts=("bolt",)),
        Client("ok", "x", (), accounts=("bolt",)),
        Client("ok", "x", (), sources=("/erp",)),
    ],
    ids=str,
)
async def test_a_client_that_makes_no_sense_is_not_stored(store, client):
    with pytest.raises(ValueError):  # noqa: PT011 - msgspec words some of them
        await create_client(store, client)
    assert await store.fetchrow("select * from issuer.oauth_client") is None


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/back",
        "app.example/back",
        "http://app.example/back",
        "https://",
        "https:///back",
        "https://app.example/back#x",
        "https://app.example/a b",
        "https://app.example/é",
        "https://user@app.example/",
        "https://[::1/",
        "https://app.example:99999/",
        "https://app.example/;\n",
        "https://app.example/\\",
        "javascript:alert(1)",
        "data:text/html,x",
        "HTTPS://app.example/",
        "app:/back",
        "https://app.example/" + "x" * 500,
    ],
)
async def test_a_redirect_uri_that_is_not_safe_is_not_registered(store, uri):
    with pytest.raises(ValueError):  # noqa: PT011 - says which and why
        await create_public_client(store, Client("page", "Page", (), redirect_uris=(BACK, uri)))
    assert await store.fetchrow("select * from issuer.oauth_client") is None


@pytest.mark.parametrize("uri", ["https://app.example", "http://127.0.0.1:8000/x", "http://localhost/", "com.x.app:/b"])
async def test_a_safe_redirect_uri_is_registered(store, uri):
    await create_public_client(store, Client("page", "Page", (), redirect_uris=(uri,)))
    assert (await find_client(store, "page")).client.redirect_uris == (uri,)


async def test_a_public_client_without_a_redirect_uri_makes_no_sense(store):
    with pytest.raises(ValueError, match="redirect URI"):
        await create_public_client(store, Client("page", "Page", ()))


async def test_a_user_is_stored_with_a_hashed_password_and_changed_when_created_again(store):
    for password, tenant in (("first password", "acme"), ("second password", "bolt")):
        await create_user(store, User("ann", tenant, scopes=("shipments:read",)), password)
    stored = await find_user(store, "ann")
    assert stored.user == User("ann", "bolt", scopes=("shipments:read",))
    assert stored.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("user", "password"),
    [
        (User("", "acme"), PASSWORD),
        (User("Ann", "acme"), PASSWORD),
        (User("a b", "acme"), PASSWORD),
        (User("user:ann", "acme"), PASSWORD),
        (User("ann", ""), PASSWORD),
        (User("ann", "acme", ("bolt",)), PASSWORD),
        (User("ann", "acme", scopes=("everything",)), PASSWORD),
        (User("ann", "acme"), "short"),
        (User("ann", "acme"), "x" * 1001),
    ],
    ids=str,
)
async def test_a_user_that_makes_no_sense_is_not_stored(store, user, password):
    with pytest.raises(ValueError):  # noqa: PT011 - msgspec words some of them
        await create_user(store, user, password)
    assert await store.fetchrow("select * from issuer.oauth_user") is None


async def test_no_other_role_sees_credentials(database):
    connection = await asyncpg.connect(database)
    try:
        readable = await connection.fetch(
            "select rolname from pg_roles where not rolsuper and rolname like 'portal%'"
            " and rolname not in ('portal_issuer', 'portal_owner') and (has_table_privilege(rolname,"
            " 'issuer.oauth_client', 'select') or has_table_privilege(rolname, 'issuer.oauth_user', 'select')"
            " or has_table_privilege(rolname, 'issuer.refresh_token', 'select'))"
        )
    finally:
        await connection.close()
    assert readable == []
