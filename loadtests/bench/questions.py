"""What each row asks, of us and of peers, as data."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from loadtests.bench.world import EMPTY

# As a partner's app would ask: a shipment's page with what happened, and a list to choose from.
_SINGLE = """query ($id: ID!) { shipment(id: $id) {
  id number status phase promisedAt etaAt shippedAt deliveredAt
  milestones { code text phase occurredAt source } } }"""
_PAGE = "{ shipments(first: 50) { nodes { id number status phase promisedAt etaAt shippedAt createdAt } } }"
_STRAWBERRY_PAGE = _PAGE.replace("nodes {", "", 1).replace("} } }", "} }")
_POSTGRAPHILE_SINGLE = """query ($id: String!) { shipmentByRowId(rowId: $id) {
  rowId number status phase promisedAt etaAt shippedAt deliveredAt
  milestonesByShipmentId(orderBy: [OCCURRED_AT_ASC]) { nodes { code text phase occurredAt source } } } }"""
_POSTGRAPHILE_PAGE = """{ allShipments(first: 50, orderBy: [CREATED_AT_DESC]) { nodes {
  rowId number status phase promisedAt etaAt shippedAt createdAt } } }"""
GRAPHQL: Final = "/graphql"
# As many as the target was set for.
MILESTONES = 10


class Asked(msgspec.Struct, frozen=True):
    """A path, where `{id}` is a shipment's, or a GraphQL document that is posted there, where `$id` is."""

    path: str
    query: str | None = None

    @property
    def of_one(self) -> bool:
        """Whether it is asked for each shipment, or else once for each customer."""
        return "{id}" in self.path or "$id" in (self.query or "")

    def body(self, shipment_id: str) -> bytes:
        """What is posted; empty where nothing is."""
        if self.query is None:
            return b""
        return msgspec.json.encode({"query": self.query, "variables": {"id": shipment_id} if self.of_one else {}})


class Read(msgspec.Struct, frozen=True):
    """How a row asks, and from where the service must answer for the row to mean what it says.

    `served_from` None: it does not say. `memory_documents` None: as many as is the default. `redis`: the number of
    the database it is given. `milestones`: only shipments with so many. `peers`: the same question of others.
    """

    asked: Asked
    served_from: str | None = None
    memory_documents: int | None = None
    redis: int = 0
    status: int = 200
    milestones: int | None = None
    peers: Mapping[str, Asked] = {}


_SHIPMENT = Asked("/v1/shipments/{id}")
_FASTAPI_SHIPMENT = Asked("/shipments/{id}")

READS: Final[Mapping[str, Read]] = {
    "memory_hit": Read(_SHIPMENT, "memory", peers={"fastapi": _FASTAPI_SHIPMENT}),
    "not_modified_304": Read(_SHIPMENT, "memory", status=304),
    "redis_hit": Read(_SHIPMENT, "redis", memory_documents=0),
    # With a Redis that has nothing, and never will, every read is Postgres'.
    "postgres_hit": Read(_SHIPMENT, "postgres", memory_documents=0, redis=EMPTY, peers={"fastapi": _FASTAPI_SHIPMENT}),
    "list_50_postgres": Read(
        Asked("/v1/shipments?limit=50"), "postgres", peers={"fastapi": Asked("/shipments?limit=50")}
    ),
    "card": Read(Asked("/v1/cards/{id}"), "memory"),
    "graphql_single": Read(
        Asked(GRAPHQL, _SINGLE),
        milestones=MILESTONES,
        peers={
            "strawberry": Asked(GRAPHQL, _SINGLE),
            "postgraphile": Asked(GRAPHQL, _POSTGRAPHILE_SINGLE),
        },
    ),
    "graphql_page_50": Read(
        Asked(GRAPHQL, _PAGE),
        peers={
            "strawberry": Asked(GRAPHQL, _STRAWBERRY_PAGE),
            "postgraphile": Asked(GRAPHQL, _POSTGRAPHILE_PAGE),
        },
    ),
}
READ_TARGETS: Final[Mapping[str, float]] = {
    "memory_hit": 0.60,
    "not_modified_304": 0.60,
    "redis_hit": 0.40,
    "postgres_hit": 0.22,
    "list_50_postgres": 0.10,
    "card": 0.55,
    "graphql_single": 0.20,
    "graphql_page_50": 0.10,
}


class Reader(msgspec.Struct, frozen=True):
    """A customer's client: its token, and which shipments it may ask for."""

    token: str
    ids: Sequence[str]


class Question(msgspec.Struct, frozen=True):
    """One thing asked by one reader."""

    path: str
    token: str
    body: bytes = b""

    def request(self, etag: str | None) -> bytes:
        """As bytes on the wire (RFC 9112)."""
        more = f"If-None-Match: {etag}\r\n" if etag else ""
        if self.body:
            more += f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n"
        head = (
            f"{'POST' if self.body else 'GET'} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Accept: application/json\r\nAuthorization: Bearer {self.token}\r\n{more}\r\n"
        )
        return head.encode() + self.body


def questions(asked: Asked, readers: Sequence[Reader], ids_a_reader: int) -> list[Question]:
    """Each reader's shipments, or what each asks only once."""
    return [
        Question(asked.path.replace("{id}", shipment_id), reader.token, asked.body(shipment_id))
        for reader in readers
        for shipment_id in (reader.ids[:ids_a_reader] if asked.of_one else reader.ids[:1])
    ]
