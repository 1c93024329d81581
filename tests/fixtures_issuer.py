"""The embedded issuer alone, over HTTP, with clients and a person that many tests know."""

import base64
import hashlib
import json
import re
import time
import uuid
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey, Key
from litestar import Litestar

from auth.issuer.clients import Client, create_client, create_key_client, create_public_client
from auth.issuer.issuer import Issuer
from auth.issuer.key_ring import KeyRing
from auth.issuer.routes import issuer_router
from auth.issuer.users import User, create_user
from auth.tokens import TokenVerifier
from projections.database import DatabaseRole, Pool, open_pool
from tests.signed_tokens import sign

URL: Final = "http://localhost"
AUDIENCE: Final = "https://portal.example"
BACK: Final = "https://app.example/back?keep=1"
SCOPES: Final = ("shipments:read", "orders:read", "cards:read")
ACME: Final = Client("acme-app", "Acme's app", SCOPES, tenant="acme")
SIGNER: Final = Client("signer", "Proves itself by a key", ("shipments:read",), tenant="acme")
PAGE: Final = Client("page", 'Page & <b>"Co"</b>', SCOPES, redirect_uris=(BACK, "com.example.app:/back"))
ANN: Final = User("ann", "acme", ("acme", "bolt"), ("shipments:read", "orders:read"))
PASSWORD: Final = "correct horse battery"
SIGNER_KEY: Final = ECKey.generate_key("P-256", parameters={"kid": "signer-key"})
VERIFIER: Final = "v" * 43
GRANT: Final = {"grant_type": "client_credentials"}
EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


def challenge(verifier: str = VERIFIER) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def asked(**changes: Any) -> dict[str, str]:
    """A good authorization request with these changed; a parameter changed to None is left out."""
    good = {
        "response_type": "code",
        "client_id": "page",
        "redirect_uri": BACK,
        "scope": "openid shipments:read orders:read",
        "state": "st4te&=é",
        "nonce": "n0nce",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def payload(token: str) -> dict[str, Any]:
    """What a JWT says, unverified."""
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return decoded


def header(token: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".", maxsplit=1)[0] + "=="))
    return decoded


def assertion(key: Key = SIGNER_KEY, alg: str = "ES256", head: dict[str, Any] | None = None, **changes: Any) -> str:
    """A good client assertion with these claims changed."""

    now = int(time.time())
    good = {"iss": "signer", "sub": "signer", "aud": URL, "exp": now + 60, "iat": now, "jti": uuid.uuid4().hex}
    claims = {name: value for name, value in (good | changes).items() if value is not None}
    return sign(claims, alg=alg, key=key, typ="JWT", **(head or {}))


def told(response: httpx.Response) -> dict[str, str]:
    """The parameters a client is sent back with."""
    assert response.status_code == 303, response.text
    return {name: value for name, (value,) in parse_qs(urlsplit(response.headers["location"]).query).items()}


def transaction_in(html: str) -> str:
    match = re.search(r'name="transaction" value="([^"]+)"', html)
    assert match, html
    return unescape(match[1])


def refused(response: httpx.Response, status: int, error: str) -> bool:
    assert (response.status_code, response.json()["error"]) == (status, error), response.text
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    return True


class Door:
    """The issuer over HTTP, as clients and browsers use it."""

    def __init__(self, http: httpx.AsyncClient, issuer: Issuer, secret: str) -> None:
        self.http = http
        self.issuer = issuer
        self.secret = secret
        self.verifier = TokenVerifier(issuer.keys, issuer=URL, audience=AUDIENCE)

    @property
    def acme(self) -> tuple[str, str]:
        return ("acme-app", self.secret)

    async def show(self, **changes: Any) -> httpx.Response:
        return await self.http.get("/oauth/authorize", params=asked(**changes))

    async def sign_in(
        self, username: str = "ann", password: str = PASSWORD, page: httpx.Response | None = None, **changes: Any
    ) -> httpx.Response:
        page = page or await self.show(**changes)
        form = {"transaction": transaction_in(page.text), "username": username, "password": password}
        return await self.http.post("/oauth/authorize", data=form)

    async def code(self, **changes: Any) -> str:
        return told(await self.sign_in(**changes))["code"]

    async def redeem(self, code: str, **changes: Any) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "client_id": "page",
            "redirect_uri": BACK,
            "code": code,
            "code_verifier": VERIFIER,
        } | changes
        return await self.http.post(
            "/oauth/token", data={name: value for name, value in form.items() if value is not None}
        )

    async def tokens(self, **changes: Any) -> dict[str, Any]:
        """The token response after a sign-in."""
        response = await self.redeem(await self.code(**changes))
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def refresh(self, token: str, **changes: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", "client_id": "page", "refresh_token": token} | changes
        return await self.http.post("/oauth/token", data=form)

    async def own_token(self, **form: str) -> str:
        """An access token of acme-app's own."""
        response = await self.http.post("/oauth/token", data=GRANT | form, auth=self.acme)
        return str(response.json()["access_token"])

    async def introspect(self, token: str, auth: tuple[str, str] | None = None) -> dict[str, Any]:
        response = await self.http.post("/oauth/introspect", data={"token": token}, auth=auth or self.acme)
        assert response.status_code == 200, response.text
        return dict(response.json())


@pytest.fixture
async def store(database: str) -> AsyncIterator[Pool]:
    """The database as the issuer sees it: with its own role, which can do no more than the grants allow."""
    async with await open_pool(database, DatabaseRole.ISSUER) as pool:
        yield pool


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "issuer.jwk", token_seconds=3600)


@pytest.fixture
def issuer(store: Pool, keys: KeyRing) -> Issuer:
    return Issuer(url=URL, audience=AUDIENCE, keys=keys, database=store)


@pytest.fixture
async def door(store: Pool, issuer: Issuer) -> AsyncIterator[Door]:
    """The issuer with acme-app (a secret), signer (a key), page (public) and ann, who signs in."""
    secret = await create_client(store, ACME)
    await create_key_client(store, SIGNER, [SIGNER_KEY.as_dict(private=False)])
    await create_public_client(store, PAGE)
    await create_user(store, ANN, PASSWORD)
    app = Litestar([issuer_router(issuer)], openapi_config=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as http:
        yield Door(http, issuer, secret)
