"""Requests as many customers would send them, and a first visit that warms up and checks what answers."""

import asyncio
import base64
import http.client
from collections.abc import Mapping
from urllib.parse import urlencode

import asyncpg
import msgspec

from auth.issuer.clients import Client, create_client
from loadtests.bench.client import Ask
from loadtests.bench.world import World
from projections.database import DatabaseRole, open_pool

IDS_A_TENANT = 500
PATIENCE_SECONDS = 20.0
_LOOK_SECONDS = 0.1
_TOKEN_REQUEST = {"Content-Type": "application/x-www-form-urlencoded"}


class Read(msgspec.Struct, frozen=True):
    """How a row asks, and from where the service must answer for the row to mean what it says.

    `memory_documents` None: as many as is the default. `redis`: the number of the database it is given.
    """

    served_from: str
    memory_documents: int | None = None
    redis: int = 0
    status: int = 200
    listed: bool = False


class UnexpectedAnswerError(Exception):
    """The service does not answer as the row needs it."""


class Question(msgspec.Struct, frozen=True):
    """A path and the token it is asked with."""

    path: str
    token: str

    def request(self, etag: str | None) -> bytes:
        condition = f"If-None-Match: {etag}\r\n" if etag else ""
        return (
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n{condition}\r\n"
        ).encode()


class Answer(msgspec.Struct, frozen=True):
    status: int
    etag: str | None
    body: bytes

    def is_from(self, place: str) -> bool:
        return self.status == 200 and f'"served_from":"{place}"'.encode() in self.body


class Visitor:
    """Asks a service one thing after the other, over one connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)

    def get(self, question: Question) -> Answer:
        return self._ask("GET", question.path, {"Authorization": f"Bearer {question.token}"})

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
        while not (answer := self.get(question)).is_from(place):
            if clock() > deadline:
                raise UnexpectedAnswerError(f"not served from {place}: {answer.status} {answer.body[-300:]!r}")
            await asyncio.sleep(_LOOK_SECONDS)

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: str | None = None) -> Answer:
        self._connection.request(method, path, body, dict(headers))
        answer = self._connection.getresponse()
        return Answer(answer.status, answer.getheader("etag"), answer.read())


async def questions(read: Read, world: World, visitor: Visitor) -> list[Question]:
    """Each tenant's documents asked for by the tenant, or each tenant's first page."""
    database_url = world.databases.url("viewed")
    tokens = await _tokens(database_url, visitor)
    if read.listed:
        return [Question("/v1/shipments?limit=50", token) for token in tokens.values()]
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(
            "select tenant, id from (select tenant, id, row_number() over (partition by tenant order by id) as number"
            " from portal.shipment_view) v where number <= $1",
            IDS_A_TENANT,
        )
    finally:
        await connection.close()
    return [Question(f"/v1/shipments/{row['id']}", tokens[row["tenant"]]) for row in rows]


async def _tokens(database_url: str, visitor: Visitor) -> dict[str, str]:
    """An access token for each tenant with shipments, from the service's own issuer."""
    async with await open_pool(database_url, DatabaseRole.PROJECTOR, connections=1) as pool:
        tenants = [row[0] for row in await pool.fetch("select distinct tenant from shipment_view")]
    async with await open_pool(database_url, DatabaseRole.ISSUER, connections=1) as pool:
        secrets = {
            tenant: await create_client(
                pool, Client(f"bench-{tenant}", "bench", ("shipments:read", "orders:read"), tenant)
            )
            for tenant in tenants
        }
    return {tenant: visitor.token(f"bench-{tenant}", secret) for tenant, secret in secrets.items()}


async def asks(read: Read, asked: list[Question], visitor: Visitor) -> list[Ask]:
    """Ask each question once: that warms the service up, and says how long each answer is."""
    await visitor.until_from(read.served_from, asked[0])
    found = [(question, visitor.get(question)) for question in asked]
    for question, answer in found:
        if answer.status != 200:
            raise UnexpectedAnswerError(f"{question.path}: {answer.status} {answer.body[:300]!r}")
    if read.status == 304:
        return [Ask(question.request(answer.etag), 0) for question, answer in found]
    return [Ask(question.request(None), len(answer.body)) for question, answer in found]
