"""Generated queries: both executors answer the same bytes, no answer is a fault, and none tells of another tenant."""

import os
import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from app.graphql.compiled import Declined
from app.graphql.compiled.running import Compiled
from app.reads.freshness import FreshnessClock, Said, ServedFrom
from tests.api.graphql_asking import ALL, GRAPHQL
from tests.api.ladder import OTHER_ORDER, OTHER_SHIPMENT
from tests.fixtures_service import READ, Service
from tests.graphql_queries import SCHEMA, Request

QUERIES = int(os.environ.get("PORTAL_TEST_FUZZ_QUERIES", "200"))
# Each query is some milliseconds on a quiet machine.
pytestmark = pytest.mark.timeout(300 + QUERIES)
SHOWN_EVERY = 5_000
# What no query says unless it asks for it, and every answer about suedwind would.
CANARIES = (b"suedwind", b"S-9", b"SO-9", OTHER_SHIPMENT.encode(), OTHER_ORDER.encode())
SCOPES = (ALL, READ, ("shipments:read",), ("orders:read", "documents:read"), ("ops:read",))


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Freshness says the same as long as nothing happens, so that answers can be compared byte for byte."""
    known: dict[tuple[int, bytes], Said] = {}
    said = FreshnessClock.said

    def once(self: FreshnessClock, partition: int, sources: bytes, served_from: ServedFrom) -> Said:
        return known.setdefault((partition, sources), said(self, partition, sources, served_from))

    monkeypatch.setattr(FreshnessClock, "said", once)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each question to a compiled document whether it was answered, not declined."""
    answered: list[bool] = []
    answer = Compiled.answer

    async def counted(self, reading, variables):
        try:
            found = await answer(self, reading, variables)
        except Declined:
            answered.append(False)
            raise
        answered.append(True)
        return found

    monkeypatch.setattr(Compiled, "answer", counted)
    return answered


async def agreeing(world: Service, query: str, variables: dict, scopes: tuple[str, ...]) -> bytes:
    """The answer, which is the same from graphql-core, asked first, and compiled, asked again."""
    trace = {"traceparent": f"00-{'1' * 32}-{'1' * 16}-01", "Content-Type": "application/json"}
    headers = await world.headers(scopes=scopes) | trace
    body = msgspec.json.encode({"query": query, "variables": variables})
    first, second = [await world.http.post(GRAPHQL, content=body, headers=headers) for _ in range(2)]
    assert first.status_code == 200, (query, variables, first.text)
    assert b'"INTERNAL"' not in first.content, (query, variables, first.text)
    assert first.content == second.content, (query, variables)
    for canary in CANARIES:
        assert canary not in first.content or canary in body, (query, variables, canary)
    return first.content


@pytest.mark.usefixtures("still")
async def test_generated_requests_are_answered_alike_and_tell_nothing_of_others(world: Service, compiled: list[bool]):
    told = 0
    for seed in range(QUERIES):
        request = Request(seed)
        answer = await agreeing(world, request.query, request.variables, SCOPES[seed % len(SCOPES)])
        told += b'"errors"' not in answer
        if seed % SHOWN_EVERY == SHOWN_EVERY - 1:
            print(f"{seed + 1} of {QUERIES} queries: {told} without error, {sum(compiled)} compiled", file=sys.stderr)  # noqa: T201
    # It has teeth: many can be answered without an error, and many of those by both.
    assert told > QUERIES / 4
    assert sum(compiled) > told / 4


def _texts(values: tuple[str, ...]) -> st.SearchStrategy:
    return st.sampled_from(values).map(nodes.String)


@pytest.mark.usefixtures("still")
@settings(max_examples=max(50, QUERIES // 10))
@given(queries(SCHEMA, custom_scalars={"DateTime": _texts(("2026-03-02T08:00:00Z", "x")), "Decimal": _texts(("1",))}))
async def test_any_text_and_number_in_a_query_is_answered_alike(world: Service, query: str):
    await agreeing(world, query, {}, ALL)
