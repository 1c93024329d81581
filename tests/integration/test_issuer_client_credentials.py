"""client_credentials: programs that prove themselves and act for themselves."""

import asyncio
import base64

import httpx
import pytest
from litestar import Litestar

from auth.issuer.clients import Client, create_client
from auth.issuer.issuer import Issuer
from auth.issuer.routes import issuer_router
from tests.fixtures_issuer import (
    ASSERTION_TYPE,
    AUDIENCE,
    FORM,
    GRANT,
    URL,
    assertion,
    header,
    payload,
    refused,
)


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


async def test_a_client_gets_a_token_that_the_portal_believes(door):
    response = await door.http.post("/oauth/token", data=GRANT, auth=door.acme)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == (
        "Bearer",
        3600,
        "shipments:read orders:read cards:read",
    )
    principal = await door.verifier.verify(body["access_token"])
    assert (principal.subject, principal.client_id, principal.tenant) == ("acme-app", "acme-app", "acme")
    assert principal.scopes == {"shipments:read", "orders:read", "cards:read"}
    assert "refresh_token" not in body


async def test_the_header_of_a_token_names_its_type_and_key(door):
    token = (await door.http.post("/oauth/token", data=GRANT, auth=door.acme)).json()["access_token"]
    assert header(token) == {"alg": "ES256", "typ": "at+jwt", "kid": door.issuer.jwks()["keys"][0]["kid"]}


async def test_the_secret_may_come_in_the_form(door):
    form = {**GRANT, "client_id": "acme-app", "client_secret": door.secret}
    assert (await door.http.post("/oauth/token", data=form)).status_code == 200


async def test_the_lifetime_of_tokens_is_a_setting_and_not_ten_days(door, store, keys):
    issuer = Issuer(url=URL, audience=AUDIENCE, keys=keys, database=store, lifetime_seconds=60)
    app = Litestar([issuer_router(issuer)], openapi_config=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as http:
        body = (await http.post("/oauth/token", data=GRANT, auth=door.acme)).json()
    claims = payload(body["access_token"])
    assert body["expires_in"] == claims["exp"] - claims["iat"] == 60


async def test_a_token_can_be_asked_for_with_fewer_scopes(door):
    response = await door.http.post("/oauth/token", data={**GRANT, "scope": "orders:read"}, auth=door.acme)
    assert response.json()["scope"] == "orders:read"
    assert (await door.verifier.verify(response.json()["access_token"])).scopes == {"orders:read"}


@pytest.mark.parametrize("scope", ["ops:read", "shipments:read ops:replay", "nonsense", 'a"é'])
async def test_a_scope_beyond_the_client_s_own_is_refused(door, scope):
    response = await door.http.post("/oauth/token", data={**GRANT, "scope": scope}, auth=door.acme)
    assert refused(response, 400, "invalid_scope")


async def test_a_parent_distributor_s_token_names_its_accounts(door, store):
    parent = Client("parent", "Parent", ("shipments:read",), tenant="acme", accounts=("acme", "bolt"))
    secret = await create_client(store, parent)
    body = (await door.http.post("/oauth/token", data=GRANT, auth=("parent", secret))).json()
    principal = await door.verifier.verify(body["access_token"])
    assert (principal.tenant, principal.accounts) == ("acme", ("acme", "bolt"))


async def test_a_source_s_token_names_what_it_may_speak_for_and_no_tenant(door, store):
    secret = await create_client(store, Client("erp", "ERP", ("events:write",), sources=("/erp/", "/wms/")))
    body = (await door.http.post("/oauth/token", data=GRANT, auth=("erp", secret))).json()
    principal = await door.verifier.verify(body["access_token"])
    assert (principal.tenant, principal.sources) == (None, ("/erp/", "/wms/"))


async def test_an_unknown_client_and_a_wrong_secret_get_the_same_answer(door, store):
    await store.execute("update issuer.oauth_client set disabled_at = now() where client_id = 'acme-app'")
    disabled = await door.http.post("/oauth/token", data=GRANT, auth=door.acme)
    await store.execute("update issuer.oauth_client set disabled_at = null")
    wrong = await door.http.post("/oauth/token", data=GRANT, auth=("acme-app", "wrong"))
    unknown = await door.http.post("/oauth/token", data=GRANT, auth=("nobody", "wrong"))
    in_form = await door.http.post("/oauth/token", data={**GRANT, "client_id": "nobody", "client_secret": "wrong"})
    absent = await door.http.post("/oauth/token", data=GRANT)
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
async def test_credentials_that_make_no_sense_are_an_unknown_client(door, authorization):
    response = await door.http.post("/oauth/token", data=GRANT, headers={"Authorization": authorization})
    assert refused(response, 401, "invalid_client")


async def test_a_token_cannot_be_asked_for_in_the_query(door):
    query = {**GRANT, "client_id": "acme-app", "client_secret": door.secret}
    assert refused(await door.http.post("/oauth/token", params=query), 400, "invalid_request")
    assert refused(await door.http.post("/oauth/token", params=query, data=GRANT), 400, "invalid_request")
    assert (await door.http.get("/oauth/token", params=query)).status_code == 405


@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token"])
async def test_a_client_that_speaks_for_itself_cannot_speak_for_people(door, grant):
    form = {"grant_type": grant, "code": "x", "refresh_token": "x"}
    response = await door.http.post("/oauth/token", data=form, auth=door.acme)
    assert refused(response, 400, "unauthorized_client")


async def test_two_ways_of_authentication_at_once_are_refused(door):
    form = {**GRANT, "client_id": "acme-app", "client_secret": door.secret}
    assert refused(await door.http.post("/oauth/token", data=form, auth=door.acme), 400, "invalid_request")
    for other in ({"client_secret": door.secret, "client_id": "signer"}, {}):
        form = GRANT | other | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion()}
        auth = None if other else door.acme
        assert refused(await door.http.post("/oauth/token", data=form, auth=auth), 400, "invalid_request")


async def test_a_request_that_names_two_clients_is_refused(door):
    answer = await door.http.post("/oauth/token", data={**GRANT, "client_id": "signer"}, auth=door.acme)
    assert refused(answer, 400, "invalid_request")


@pytest.mark.parametrize("client_id", ["acme-app", "signer"])
async def test_a_confidential_client_gets_nothing_for_its_name_alone(door, client_id):
    assert refused(await door.http.post("/oauth/token", data={**GRANT, "client_id": client_id}), 401, "invalid_client")


async def test_a_public_client_has_nothing_of_its_own(door):
    answer = await door.http.post("/oauth/token", data={**GRANT, "client_id": "page"})
    assert refused(answer, 400, "unauthorized_client")


async def test_a_public_client_cannot_be_made_to_have_an_empty_secret(door):
    for auth in (("page", ""), ("page", "x")):
        assert refused(await door.http.post("/oauth/token", data=GRANT, auth=auth), 401, "invalid_client")


@pytest.mark.parametrize("grant", ["password", "implicit", 'x"é\\\n', "CLIENT_CREDENTIALS"])
async def test_other_grants_are_not_supported(door, grant):
    response = await door.http.post("/oauth/token", data={"grant_type": grant}, auth=door.acme)
    assert refused(response, 400, "unsupported_grant_type")
    assert response.json()["error_description"] == "This grant type is not supported."


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
async def test_a_body_that_is_not_a_proper_form_is_refused(door, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded", **basic("acme-app", door.secret)}
    assert refused(await door.http.post("/oauth/token", content=body, headers=headers), 400, "invalid_request")


async def test_json_is_not_a_form(door):
    response = await door.http.post("/oauth/token", json=GRANT, auth=door.acme)
    assert refused(response, 400, "invalid_request")


async def test_an_enormous_token_request_is_refused(door):
    response = await door.http.post("/oauth/token", data={**GRANT, "scope": "x" * 20_000})
    assert response.status_code == 413


async def test_a_body_that_does_not_come_is_not_waited_for(issuer):
    """Over ASGI itself: no HTTP client would send half a body so slowly."""
    app = Litestar([issuer_router(issuer, body_seconds=0.05)], openapi_config=None)
    for path in ("/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/authorize"):
        sent = await half_sent(app, path)
        assert sent[0]["status"] == 400, path


async def test_a_body_that_is_broken_off_is_refused(issuer):
    app = Litestar([issuer_router(issuer)], openapi_config=None)
    sent = await half_sent(app, "/oauth/token", then={"type": "http.disconnect"})
    assert sent[0]["status"] == 400


async def half_sent(app: Litestar, path: str, then: dict[str, str] | None = None) -> list[dict]:
    """What is answered to a form of which half came, and then this, or nothing ever."""
    first = iter([{"type": "http.request", "body": b"grant_type=", "more_body": True}])
    sent: list[dict] = []

    async def receive():
        for message in first:
            return message
        if then is None:
            await asyncio.Event().wait()
        return then

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"content-type", FORM["Content-Type"].encode())],
        "client": ("127.0.0.1", 1),
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 1),
        "asgi": {"version": "3.0"},
    }
    async with asyncio.timeout(20):
        await app(scope, receive, send)
    return sent
