"""A first visit, which gets tokens, warms a server up and finds out how long its answers are."""

import asyncio
import base64
import http.client
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import asyncpg
import msgspec

from auth.issuer.clients import Client, create_client
from loadtests.bench.client import Ask
from loadtests.bench.questions import Question, Reader
from loadtests.bench.world import World
from projections.database import DatabaseRole, open_pool

PATIENCE_SECONDS = 20.0
SCOPES = ("shipments:read", "orders:read", "cards:read")
_LOOK_SECONDS = 0.1
_TOKEN_REQUEST = {"Content-Type": "application/x-www-form-urlencoded"}
_IDS = """
select tenant, array_agg(id order by id) as ids from portal.shipment_view
where $1::int is null or jsonb_array_length(convert_from(document, 'UTF8')::jsonb -> 'milestones') = $1
group by tenant
"""


class UnexpectedAnswerError(Exception):
    """A server does not answer as the row needs it."""


class Answer(msgspec.Struct, frozen=True):
    status: int
    etag: str | None
    body: bytes

    @property
    def refused(self) -> bool:
        """Whether what was asked for is not answered here, or GraphQL's errors came instead."""
        return self.status != 200 or self.body.startswith(b'{"errors"') or b'"data":null' in self.body

    def is_from(self, place: str) -> bool:
        return self.status == 200 and f'"served_from":"{place}"'.encode() in self.body


class Visitor:
    """Asks a server one thing after the other, over one connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)

    def ask(self, question: Question) -> Answer:
        headers = {"Authorization": f"Bearer {question.token}", "Accept": "application/json"}
        if question.body:
            return self._ask("POST", question.path, headers | {"Content-Type": "application/json"}, question.body)
        return self._ask("GET", question.path, headers)

    def token(self, client_id: str, secret: str) -> str:
        basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        form = urlencode({"grant_type": "client_credentials"})
        answer = self._ask("POST", "/oauth/token", {"Authorization": f"Basic {basic}", **_TOKEN_REQUEST}, form)
        if answer.status != 200:
            raise UnexpectedAnswerError(f"no token: {answer.status} {answer.body[:300]!r}")
        return str(msgspec.json.decode(answer.body)["access_token"])

    async def until_from(self, place: str, question: Question) -> None:
        """Wait until the service answers from there: caches are believed only after a while."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + PATIENCE_SECONDS
        while not (answer := self.ask(question)).is_from(place):
            # No route, or nothing there: that does not pass.
            if clock() > deadline or answer.status == 404:
                raise UnexpectedAnswerError(f"not served from {place}: {_said(question, answer)}")
            await asyncio.sleep(_LOOK_SECONDS)

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: str | bytes | None = None) -> Answer:
        self._connection.request(method, path, body, dict(headers))
        answer = self._connection.getresponse()
        return Answer(answer.status, answer.getheader("etag"), answer.read())


async def readers(world: World, visitor: Visitor, milestones: int | None) -> list[Reader]:
    """A client for each tenant, with its shipments; those with so many milestones, where that is said."""
    database_url = world.databases.url("viewed")
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(_IDS, milestones)
    finally:
        await connection.close()
    if not rows:
        raise UnexpectedAnswerError(f"nobody has a shipment with {milestones} milestones")
    async with await open_pool(database_url, DatabaseRole.ISSUER, connections=1) as pool:
        secrets = {row["tenant"]: await _client(pool, row["tenant"]) for row in rows}
    return [Reader(visitor.token(f"bench-{row['tenant']}", secrets[row["tenant"]]), row["ids"]) for row in rows]


async def _client(pool: "asyncpg.Pool[asyncpg.Record]", tenant: str) -> str:
    return await create_client(pool, Client(f"bench-{tenant}", "bench", SCOPES, tenant))


def asks(asked: Sequence[Question], visitor: Visitor, status: int) -> list[Ask]:
    """Ask each question once: that warms the server up, and says how long each answer is."""
    found = [(question, visitor.ask(question)) for question in asked]
    for question, answer in found:
        if answer.refused:
            raise UnexpectedAnswerError(_said(question, answer))
    if status == 304:
        return [Ask(question.request(answer.etag), 0) for question, answer in found]
    return [Ask(question.request(None), len(answer.body)) for question, answer in found]


def _said(question: Question, answer: Answer) -> str:
    return f"{question.path}: {answer.status} {answer.body[-300:]!r}"
