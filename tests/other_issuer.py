"""An identity provider elsewhere, over real HTTP on loopback, whose keys, tokens and mishaps the tests choose."""

import asyncio
import base64
import json
import time
from typing import Any, Self
from urllib.parse import parse_qs, unquote_plus

import httpx
from joserfc.jwk import ECKey

from tests.signed_tokens import sign

CLIENT_ID, SECRET = "portal:rs", "s3cret/+ä"


class OtherIssuer:
    """Answers discovery, JWKS and introspection; `paths` are what was asked, in order."""

    def __init__(self, *kids: str) -> None:
        self.kids = list(kids)
        self.paths: list[str] = []
        self.fetched_at: list[float] = []
        self.metadata: dict[str, Any] = {}
        self.metadata_path = "/.well-known/openid-configuration"
        self.extra_keys: list[dict[str, Any]] = []
        self.tokens: dict[str, dict[str, Any]] = {}
        self.down = False
        self.gate, self.asked = asyncio.Event(), asyncio.Event()
        self.gate.set()
        self._keys: dict[str, ECKey] = {}
        self._rotate_to: str | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.metadata = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/keys",
            "introspection_endpoint": f"{self.url}/introspect",
        }
        self.http = httpx.AsyncClient(timeout=5, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()
        self._server.close()
        await self._server.wait_closed()

    def http_as(self, origin: str) -> httpx.AsyncClient:
        """A client that finds this server under another origin."""

        async def here(request: httpx.Request) -> httpx.Response:
            return await self.http.get(str(request.url).replace(origin, self.url))

        return httpx.AsyncClient(transport=httpx.MockTransport(here))

    @property
    def fetches(self) -> int:
        return self.paths.count("/keys")

    @property
    def introspections(self) -> int:
        return self.paths.count("/introspect")

    def rotate(self, kid: str) -> None:
        """Sign with this key from now on; the one before is withdrawn."""
        self.kids = [kid]

    def replace(self, kid: str) -> None:
        """Another key under this id from now on."""
        del self._keys[kid]

    def answer_then_rotate(self, kid: str) -> None:
        """Rotate as soon as the set under way has been sent, which lacks the new key."""
        self._rotate_to = kid

    def token(self, **claims: Any) -> str:
        """An access token signed with the newest key."""
        now = int(time.time())
        named = {"sub": "app", "client_id": "app", "scope": "shipments:read", "tenant": "nordwind"}
        return sign({"iss": self.url, "iat": now, "exp": now + 600, **named, **claims}, key=self._key(self.kids[-1]))

    def _key(self, kid: str) -> ECKey:
        if kid not in self._keys:
            self._keys[kid] = ECKey.generate_key("P-256", parameters={"kid": kid})
        return self._keys[kid]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ", 2)[1]
            headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            authorization = next(
                (line[15:] for line in head.split("\r\n") if line.lower()[:14] == "authorization:"), ""
            )
            self.paths.append(path)
            self.asked.set()
            status, answer = self._answer(path, authorization, body.decode())
            await self.gate.wait()
            content = json.dumps(answer).encode()
            writer.write(b"HTTP/1.1 %d x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % (status, len(content)))
            writer.write(content)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            # Whoever asked is gone.
            pass
        finally:
            writer.close()

    def _answer(self, path: str, authorization: str, body: str) -> tuple[int, Any]:
        if self.down:
            return 503, {}
        if path == self.metadata_path:
            return 200, {name: value for name, value in self.metadata.items() if value is not None}
        if path == "/keys":
            self.fetched_at.append(time.monotonic())
            public = [self._key(kid).as_dict(private=False) for kid in self.kids]
            if self._rotate_to:
                self.rotate(self._rotate_to)
                self._rotate_to = None
            return 200, {"keys": public + self.extra_keys}
        if path == "/introspect":
            if not _is_known(authorization):
                return 401, {"error": "invalid_client"}
            return 200, self.tokens.get(parse_qs(body)["token"][0], {"active": False})
        return 404, {}


def _is_known(authorization: str) -> bool:
    client_id, _, secret = base64.b64decode(authorization.partition(" ")[2]).decode().partition(":")
    return (unquote_plus(client_id), unquote_plus(secret)) == (CLIENT_ID, SECRET)
