import base64
import json

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar

from auth.errors import Unauthorized
from auth.issuer.clients import Client, create_client, find_client
from auth.issuer.issuer import Issuer
from auth.issuer.routes import issuer_router
from auth.issuer.signing_key import load_or_create_signing_key
from auth.issuer.users import create_user, password_matches
from auth.remote_keys import RemoteKeys
from auth.tokens import TokenVerifier

URL = "http://localhost"
AUDIENCE = "https://portal.example"
ACME = Client("acme-app", "Acme's app", ("shipments:read", "orders:read"), tenant="acme")
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
async def store(database):
    """The database as the issuer sees it: with its own role, which can do no more than the grants allow."""
    pool = await asyncpg.create_pool(database, min_size=1, max_size=2, server_settings={"role": "portal_issuer"})
    yield pool
    await pool.close()


@pytest.fixture
def issuer(store, tmp_path):
    signing_key = load_or_create_signing_key(tmp_path / "issuer.jwk")
    return Issuer(url=URL, audience=AUDIENCE, signing_key=signing_key, database=store)


@pytest.fixture
async def http(issuer):
    app = Litestar([issuer_router(issuer)], openapi_config=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client:
        yield client


@pytest.fixture
async def secret(store):
    return await create_client(store, ACME)


@pytest.fixture
def verifier(issuer):
    return TokenVerifier(issuer.keys, issuer=URL, audience=AUDIENCE)


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def refused(response, status, error):
    assert (response.status_code, response.json()["error"]) == (status, error), response.text
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    return True


async def test_a_client_gets_a_token_that_the_portal_believes(http, secret, verifier):
    response = await http.post("/oauth/token", data=GRANT, auth=("acme-app", secret))
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, "shipments:read orders:read")
    principal = await verifier.verify(body["access_token"])
    assert (principal.subject, principal.client_id, principal.tenant) == ("acme-app", "acme-app", "acme")
    assert principal.scopes == {"shipments:read", "orders:read"}


async def test_the_header_of_a_token_names_its_type_and_key(http, secret, issuer):
    token = (await http.post("/oauth/token", data=GRANT, auth=("acme-app", secret))).json()["access_token"]
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": issuer.jwks["keys"][0]["kid"]}


async def test_the_secret_may_come_in_the_form(http, secret):
    form = {**GRANT, "client_id": "acme-app", "client_secret": secret}
    assert (await http.post("/oauth/token", data=form)).status_code == 200


async def test_the_lifetime_of_tokens_is_a_setting(store, secret, tmp_path):
    key = load_or_create_signing_key(tmp_path / "issuer.jwk")
    issuer = Issuer(url=URL, audience=AUDIENCE, signing_key=key, database=store, lifetime_seconds=60)
    app = Litestar([issuer_router(issuer)], openapi_config=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as http:
        body = (await http.post("/oauth/token", data=GRANT, auth=("acme-app", secret))).json()
    claims = json.loads(base64.urlsafe_b64decode(body["access_token"].split(".")[1] + "=="))
    assert body["expires_in"] == claims["exp"] - claims["iat"] == 60


async def test_a_token_can_be_asked_for_with_fewer_scopes(http, secret, verifier):
    response = await http.post("/oauth/token", data={**GRANT, "scope": "orders:read"}, auth=("acme-app", secret))
    assert response.json()["scope"] == "orders:read"
    assert (await verifier.verify(response.json()["access_token"])).scopes == {"orders:read"}


@pytest.mark.parametrize("scope", ["ops:read", "shipments:read ops:replay", "nonsense", 'a"é'])
async def test_a_scope_beyond_the_client_s_own_is_refused(http, secret, scope):
    response = await http.post("/oauth/token", data={**GRANT, "scope": scope}, auth=("acme-app", secret))
    assert refused(response, 400, "invalid_scope")


async def test_a_parent_distributor_s_token_names_its_accounts(http, store, verifier):
    parent = Client("parent", "Parent", ("shipments:read",), tenant="acme", accounts=("acme", "bolt"))
    secret = await create_client(store, parent)
    body = (await http.post("/oauth/token", data=GRANT, auth=("parent", secret))).json()
    principal = await verifier.verify(body["access_token"])
    assert (principal.tenant, principal.accounts) == ("acme", ("acme", "bolt"))


async def test_a_source_s_token_names_what_it_may_speak_for_and_no_tenant(http, store, verifier):
    secret = await create_client(store, Client("erp", "ERP", ("events:write",), sources=("/erp/", "/wms/")))
    body = (await http.post("/oauth/token", data=GRANT, auth=("erp", secret))).json()
    principal = await verifier.verify(body["access_token"])
    assert (principal.tenant, principal.sources) == (None, ("/erp/", "/wms/"))


async def test_an_unknown_client_and_a_wrong_secret_get_the_same_answer(http, secret, store):
    await store.execute("update issuer.oauth_client set disabled_at = now() where client_id = 'acme-app'")
    disabled = await http.post("/oauth/token", data=GRANT, auth=("acme-app", secret))
    await store.execute("update issuer.oauth_client set disabled_at = null")
    wrong = await http.post("/oauth/token", data=GRANT, auth=("acme-app", "wrong"))
    unknown = await http.post("/oauth/token", data=GRANT, auth=("nobody", "wrong"))
    in_form = await http.post("/oauth/token", data={**GRANT, "client_id": "nobody", "client_secret": "wrong"})
    absent = await http.post("/oauth/token", data=GRANT)
    for response in (disabled, wrong, unknown, in_form, absent):
        assert refused(response, 401, "invalid_client")
        assert response.headers["www-authenticate"] == 'Basic realm="portal", charset="UTF-8"'
        assert response.content == wrong.content


@pytest.mark.parametrize(
    "authorization",
    [
        b"Basic " + base64.b64encode(b"\xff\xfe:secret"),
        b"Basic " + base64.b64encode(b"acme\x00:secret"),
        b"Basic " + base64.b64encode(b"no colon"),
        b"Basic " + base64.b64encode(b"%ff%fe:%ff"),
        b"Basic " + base64.b64encode(b"acme-app:"),
        b"Basic ",
        b"Basic !!!",
        b"Basic a",
        b"Basic \xe9\xe9",
        b"Basic",
        b"Bearer abc",
    ],
)
async def test_credentials_that_make_no_sense_are_an_unknown_client(http, secret, authorization):
    assert secret
    response = await http.post("/oauth/token", data=GRANT, headers={"Authorization": authorization})
    assert refused(response, 401, "invalid_client")


async def test_a_token_cannot_be_asked_for_in_the_query(http, secret):
    query = {**GRANT, "client_id": "acme-app", "client_secret": secret}
    assert refused(await http.post("/oauth/token", params=query), 400, "invalid_request")
    assert refused(await http.post("/oauth/token", params=query, data=GRANT), 400, "invalid_request")
    assert (await http.get("/oauth/token", params=query)).status_code == 405


async def test_two_ways_of_authentication_at_once_are_refused(http, secret):
    form = {**GRANT, "client_id": "acme-app", "client_secret": secret}
    assert refused(await http.post("/oauth/token", data=form, auth=("acme-app", secret)), 400, "invalid_request")


@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", 'x"é\\\n', "CLIENT_CREDENTIALS"])
async def test_other_grants_are_not_supported(http, secret, grant):
    response = await http.post("/oauth/token", data={"grant_type": grant}, auth=("acme-app", secret))
    assert refused(response, 400, "unsupported_grant_type")
    assert response.json()["error_description"] == "Only client_credentials is supported."


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"grant_type=",
        b"grant_type",
        b"grant_type=client_credentials&grant_type=client_credentials",
        b"grant_type=client_credentials&scope=a&scope=b",
        b"grant_type=%ff",
        b"\xff=\xff",
        b"&".join(b"p%d=1" % number for number in range(1000)),
    ],
)
async def test_a_body_that_is_not_a_proper_form_is_refused(http, secret, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded", **basic("acme-app", secret)}
    assert refused(await http.post("/oauth/token", content=body, headers=headers), 400, "invalid_request")


async def test_json_is_not_a_form(http, secret):
    response = await http.post("/oauth/token", json=GRANT, auth=("acme-app", secret))
    assert refused(response, 400, "invalid_request")


async def test_an_enormous_token_request_is_refused(http):
    response = await http.post("/oauth/token", data={**GRANT, "scope": "x" * 20_000})
    assert response.status_code == 413


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=100), authorization=st.none() | st.binary(max_size=40).map(base64.b64encode))
async def test_no_request_breaks_the_token_endpoint(http, body, authorization):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if authorization is not None:
        headers["Authorization"] = f"Basic {authorization.decode()}"
    for content in (body, b"grant_type=client_credentials&client_id=" + body):
        response = await http.post("/oauth/token", content=content, headers=headers)
        assert response.status_code in (400, 401)


@pytest.mark.parametrize("document", ["oauth-authorization-server", "openid-configuration"])
async def test_the_metadata_says_where_everything_is(http, document):
    response = await http.get(f"/.well-known/{document}")
    metadata = response.json()
    assert metadata["issuer"] == URL
    assert metadata["token_endpoint"] == f"{URL}/oauth/token"
    assert metadata["grant_types_supported"] == ["client_credentials"]
    assert "shipments:read" in metadata["scopes_supported"]
    assert (await http.get(metadata["jwks_uri"])).json()["keys"]


async def test_the_published_keys_hold_nothing_private(http):
    (key,) = (await http.get("/oauth/jwks.json")).json()["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}


async def test_a_resource_server_elsewhere_finds_the_keys_by_discovery(http, secret):
    token = (await http.post("/oauth/token", data=GRANT, auth=("acme-app", secret))).json()["access_token"]
    elsewhere = TokenVerifier(RemoteKeys(URL, http), issuer=URL, audience=AUDIENCE)
    assert (await elsewhere.verify(token)).tenant == "acme"
    other_audience = TokenVerifier(RemoteKeys(URL, http), issuer=URL, audience="https://other.example")
    with pytest.raises(Unauthorized):
        await other_audience.verify(token)


@pytest.mark.parametrize("url", ["http://portal.example", "ftp://localhost", "portal", "https://portal.example?x=1"])
def test_an_issuer_address_that_clients_could_not_trust_is_refused(store, tmp_path, url):
    key = load_or_create_signing_key(tmp_path / "issuer.jwk")
    with pytest.raises(ValueError, match="issuer"):
        Issuer(url=url, audience=AUDIENCE, signing_key=key, database=store)


async def test_creating_a_client_again_changes_it(store, secret):
    changed = Client("acme-app", "Acme", ("orders:read",), tenant="bolt")
    assert await create_client(store, changed, secret="chosen-elsewhere") == "chosen-elsewhere"
    stored = await find_client(store, "acme-app")
    assert stored.client == changed
    assert stored.knows("chosen-elsewhere")
    assert not stored.knows(secret)


async def test_a_client_s_secret_is_not_in_the_database(store, secret):
    row = await store.fetchrow("select * from issuer.oauth_client")
    assert secret not in str(dict(row))


@pytest.mark.parametrize(
    "client",
    [
        Client("", "x", ()),
        Client("a b", "x", ()),
        Client("a:b", "x", ()),
        Client("ok", "x", ("shipments:write",)),
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


async def test_a_user_is_stored_with_a_hashed_password_and_changed_when_created_again(store):
    for password, tenant in (("first", "acme"), ("second", "bolt")):
        await create_user(store, username="ann", password=password, tenant=tenant)
    row = await store.fetchrow("select password_hash, tenant from issuer.oauth_user where username = 'ann'")
    assert row["tenant"] == "bolt"
    assert password_matches("second", row["password_hash"])
    assert not password_matches("first", row["password_hash"])


async def test_no_other_role_sees_credentials(database, secret):
    assert secret
    connection = await asyncpg.connect(database)
    try:
        readable = await connection.fetch(
            "select rolname from pg_roles where not rolsuper and rolname like 'portal%' and rolname <> 'portal_issuer' "
            "and (has_table_privilege(rolname, 'issuer.oauth_client', 'select') "
            "or has_table_privilege(rolname, 'issuer.oauth_user', 'select'))"
        )
    finally:
        await connection.close()
    assert readable == []
