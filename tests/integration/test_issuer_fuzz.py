"""Broken requests at the issuer's doors: refused, every one, and nothing breaks."""

import base64
from urllib.parse import quote_from_bytes, urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures_issuer import FORM, VERIFIER, asked, assertion, transaction_in

MANY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

GOOD = {
    "grant_type": ["client_credentials", "authorization_code", "refresh_token",
                   "urn:ietf:params:oauth:grant-type:token-exchange"],
    "client_id": ["page", "acme-app", "signer"],
    "client_secret": ["x"],
    "client_assertion_type": ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"],
    "client_assertion": [assertion(), "a.b.c", "e30.e30.e30"],
    "scope": ["shipments:read", "openid"],
    "code": ["x"],
    "code_verifier": [VERIFIER],
    "redirect_uri": ["https://app.example/back?keep=1"],
    "refresh_token": ["x"],
    "token": ["x", "e30.e30.e30", "a.b.c"],
    "subject_token": ["x"],
    "subject_token_type": ["urn:ietf:params:oauth:token-type:access_token"],
    "resource": ["http://localhost/v1/cards/x"],
    "transaction": ["x"],
    "username": ["ann"],
    "password": ["wrong"],
}  # fmt: skip

broken_text = st.one_of(st.text(max_size=20), st.sampled_from(["\x00", '"\\', "é", "\r\nX: y", " ", "%", "\ud800"]))


@st.composite
def forms(draw):
    """A form, mostly of known parameters, with good values or broken ones, now and then doubled, sometimes no form."""
    names = draw(st.lists(st.sampled_from(sorted(GOOD)), max_size=8))
    pairs = [(name, draw(st.sampled_from(GOOD[name]) if draw(st.booleans()) else broken_text)) for name in names]
    encoded = urlencode(pairs, errors="surrogatepass").encode()
    return draw(st.sampled_from([encoded, encoded + draw(st.binary(max_size=20))]))


authorizations = st.none() | st.binary(max_size=40).map(lambda raw: b"Basic " + base64.b64encode(raw))


@MANY
@given(body=forms() | st.binary(max_size=100), authorization=authorizations)
async def test_no_form_breaks_the_endpoints_of_clients(door, body, authorization):
    headers = FORM | ({"Authorization": authorization.decode()} if authorization else {})
    for path in ("token", "revoke", "introspect"):
        answer = await door.http.post(f"/oauth/{path}", content=body, headers=headers)
        assert answer.status_code in (400, 401), (path, body)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["error"]


@MANY
@given(body=forms())
async def test_no_form_of_a_client_that_proved_itself_breaks_them_either(door, body):
    auth = base64.b64encode(":".join(door.acme).encode()).decode()
    headers = FORM | {"Authorization": f"Basic {auth}"}
    for path in ("token", "revoke", "introspect"):
        answer = await door.http.post(f"/oauth/{path}", content=body, headers=headers)
        assert answer.status_code in (200, 400, 401), (path, body)


@MANY
@given(
    changes=st.dictionaries(st.sampled_from(sorted({*asked(), "prompt", "response_mode"})), broken_text, max_size=3),
    junk=st.binary(max_size=30),
)
async def test_no_query_breaks_the_login_page(door, changes, junk):
    query = urlencode(asked() | changes, errors="surrogatepass")
    for asking in (query, query + "&" + quote_from_bytes(junk, safe="&="), quote_from_bytes(junk, safe="&=")):
        answer = await door.http.get(f"/oauth/authorize?{asking}")
        assert answer.status_code in (200, 303, 400), asking
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("https://app.example/back?keep=1&error=")
        assert answer.headers["cache-control"] == "no-store"


@settings(MANY, max_examples=60)
@given(body=forms(), cookie=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60))
async def test_no_form_breaks_the_sign_in(door, body, cookie):
    answer = await door.http.post("/oauth/authorize", content=body, headers=FORM | {"Cookie": cookie})
    assert answer.status_code == 400


@settings(MANY, max_examples=12)
@given(username=broken_text, password=broken_text)
async def test_no_name_and_no_password_break_the_sign_in(door, username, password):
    page = await door.show()
    form = {"transaction": transaction_in(page.text), "username": username, "password": password}
    body = urlencode(form, errors="surrogatepass").encode()
    answer = await door.http.post("/oauth/authorize", content=body, headers=FORM)
    assert answer.status_code in (400, 401, 429)
