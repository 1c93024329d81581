"""Ten thousand forged tokens at the door of the whole service: each is refused, and none does harm."""

import asyncio
import json
from collections import Counter

import msgspec

from app.edge import AsgiApp
from auth.issuer.signing_key import load_or_create_signing_key
from tests.fixtures_service import Service, running
from tests.other_issuer import OtherIssuer
from tests.properties.forgeries import Forger, good_claims
from tests.signed_tokens import KEYS

FORGED, FORGED_ELSEWHERE, AT_ONCE = 10_000, 2_000, 500
SEED = 20_261_121


async def ask(app: AsgiApp, token: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    """What a list answers to a token of any bytes, without a client that would refuse to send them."""
    headers = [(b"host", b"localhost"), (b"authorization", b"Bearer " + token)]
    scope = {"type": "http", "method": "GET", "path": "/v1/shipments", "raw_path": b"/v1/shipments", "query_string": b"",
             "root_path": "", "scheme": "http", "http_version": "1.1", "asgi": {"version": "3.0"}, "headers": headers,
             "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000)}  # fmt: skip
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def judge(token: bytes, answer: tuple[int, dict[bytes, bytes], bytes]) -> int:
    status, headers, body = answer
    assert status in (400, 401, 403), (status, token, body)
    assert headers[b"content-type"] == b"application/problem+json", token
    problem = json.loads(body)
    assert problem["status"] == status
    if status != 400:
        assert headers[b"www-authenticate"].startswith(b'Bearer realm="portal", error='), token
    return status


async def test_of_ten_thousand_forged_tokens_each_is_refused(world: Service):
    app = world.http._transport.app
    key = load_or_create_signing_key(world.settings.issuer_key)
    forger = Forger(SEED, [key], good_claims(world.settings.public_url, world.settings.audience))
    assert (await ask(app, forger.good().encode()))[0] == 200
    statuses: Counter[int] = Counter()
    for _ in range(FORGED):
        token = forger.token()
        statuses[judge(token, await ask(app, token))] += 1
    assert statuses[401] > FORGED / 2
    assert statuses[403]
    assert (await ask(app, forger.good().encode()))[0] == 200


async def test_nor_do_several_keys_of_an_issuer_elsewhere_let_one_through(settings, redis, projector_pool):
    async with OtherIssuer("first") as issuer:
        issuer.extra_keys = [KEYS[name].as_dict(private=False) for name in ("RS256", "EdDSA")]
        changed = msgspec.structs.replace(settings, issuer=issuer.url)
        async with running(changed, redis, projector_pool) as service:
            app = service.http._transport.app
            keys = [issuer._key("first"), KEYS["RS256"], KEYS["EdDSA"]]
            forger = Forger(SEED, keys, good_claims(issuer.url, settings.audience))
            for key in keys:
                one = Forger(SEED, [key], forger.claims)
                assert (await ask(app, one.good().encode()))[0] == 200
            for _ in range(FORGED_ELSEWHERE // AT_ONCE):
                tokens = [forger.token() for _ in range(AT_ONCE)]
                for token, answer in zip(
                    tokens, await asyncio.gather(*(ask(app, token) for token in tokens)), strict=True
                ):
                    judge(token, answer)
