"""GraphQL over HTTP: methods, media types, statuses, persisted documents, limits."""

import hashlib
import json
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import pytest

from app.graphql.documents import TEXT_BYTES_MAX, Preparing
from app.graphql.endpoint import GraphQL
from app.graphql.measuring import TOKENS_MAX
from app.graphql.schema import CORE
from app.settings import Settings
from projections.database import Pool
from projections.redis import Redis
from tests.api import ladder
from tests.api.graphql_asking import GRAPHQL, ask, codes, posted, shown
from tests.commands import portal, stores
from tests.fixtures_service import Service, running

TENANT = "{ viewer { tenant } }"
NEWER = {"Accept": "application/graphql-response+json, application/json;q=0.9"}


async def test_a_query_can_be_asked_with_get(world: Service):
    asked = {"query": "query Q($n: Int!) { shipments(first: $n) { nodes { number } } }", "variables": '{"n": 1}'}
    answer = await world.get(f"{GRAPHQL}?{urlencode(asked)}")
    assert answer.json() == {"data": {"shipments": {"nodes": [{"number": "S-1"}]}}}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("application/graphql-response+json", "application/graphql-response+json"),
        ("application/json, application/graphql-response+json", "application/graphql-response+json"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
    ],
)
async def test_the_answer_is_in_the_media_type_asked_for(world: Service, accept, answered):
    answer = await posted(world, {"query": TENANT}, headers={"Accept": accept})
    assert answer.headers["content-type"] == answered
    assert answer.json() == {"data": {"viewer": {"tenant": "nordwind"}}}


async def test_a_media_type_we_do_not_speak_is_refused(world: Service):
    ladder.refused(await posted(world, {"query": TENANT}, headers={"Accept": "text/html"}), 406, "not_acceptable")


@pytest.mark.parametrize("query", ["{", "{ nothing }", "{ shipment { id } }"])
async def test_what_cannot_be_executed_is_400_in_the_newer_media_type_and_200_in_the_older(world: Service, query):
    newer, older = await posted(world, {"query": query}, headers=NEWER), await posted(world, {"query": query})
    assert (newer.status_code, older.status_code) == (400, 200)
    assert "data" not in newer.json()
    assert codes(newer.json()) == codes(older.json())
    assert codes(newer.json())[0] in ("GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED")


async def test_an_error_while_executing_is_200_in_both(world: Service):
    query = '{ shipments(after: "x") { nodes { id } } }'
    assert (await posted(world, {"query": query}, headers=NEWER)).status_code == 200


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed"),
        (b"[]", "application/json", 400, "invalid_body"),
        (b'{"query": 5}', "application/json", 400, "invalid_body"),
        (b"{ viewer { tenant } }", "application/graphql", 415, "unsupported_media_type"),
        (b'"' + b"x" * 200_000 + b'"', "application/json", 413, "too_large"),
    ],
)
async def test_a_body_that_cannot_be_read_is_a_problem(world: Service, content, media_type, status, code):
    headers = await world.headers() | {"Content-Type": media_type}
    ladder.refused(await world.http.post(GRAPHQL, content=content, headers=headers), status, code)


async def test_other_methods_are_refused(world: Service):
    answer = await world.http.delete(GRAPHQL, headers=await world.headers())
    ladder.refused(answer, 405, "method_not_allowed")


async def test_of_several_operations_one_is_to_be_named(world: Service):
    several = "query A { viewer { tenant } } query B { viewer { subject } }"
    assert codes((await posted(world, {"query": several})).json()) == ["OPERATION_RESOLUTION_FAILURE"]
    named = {"query": several, "operationName": "A"}
    assert (await posted(world, named)).json() == {"data": {"viewer": {"tenant": "nordwind"}}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ shipments { nodes { orders { order { " + "shipments { shipment { orders { order { " * 3 + "id" + " } } } }" * 3 + " } } } } }", "TOO_DEEP"),
        ("{ " + " ".join(f"a{n}: viewer {{ tenant }}" for n in range(60)) + " }", "TOO_MANY_ALIASES"),
        ("{ viewer { " + "tenant " * TOKENS_MAX + "} }", "TOO_MANY_TOKENS"),
        ("{ shipments(first: 200) { nodes { orders { order { shipments { shipment { id } } } } } } }", "TOO_COSTLY"),
        ("query Q($n: Int = 200) { shipments(first: $n) { nodes { orders { order { shipments { shipment { id } } } } } } }", "TOO_COSTLY"),
        ("{ " + " ".join(f"viewer {{ {name} }}" for name in ("tenant", "subject") * 150) + " }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ viewer { " + "tenant " * 1_900 + "} }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ viewer { tenant } } #" + "x" * TEXT_BYTES_MAX, "TOO_MANY_TOKENS"),
        ("{ shipments(first: " + "9" * 5_000 + ") { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ __schema { types { name } } }", "INTROSPECTION_DISABLED"),
        ('{ __type(name: "Shipment") { name } }', "INTROSPECTION_DISABLED"),
    ],
)  # fmt: skip
async def test_what_is_past_a_limit_is_refused_with_its_reason(world: Service, query, code):
    assert codes(await ask(world, query)) == [code]


@pytest.mark.parametrize(
    ("number", "code"), [("200.0", "TOO_COSTLY"), ("200", "TOO_COSTLY"), ("9" * 400, "TOO_COSTLY")]
)
async def test_a_number_is_measured_however_it_is_spelt(world: Service, number, code):
    nested = "nodes { orders { order { shipments { shipment { id } } } } }"
    query = f"query Q($n: Int!) {{ shipments(first: $n) {{ {nested} }} }}"
    asked = urlencode({"query": query, "variables": f'{{"n": {number}}}'})
    assert codes((await world.get(f"{GRAPHQL}?{asked}")).json()) == [code]


async def test_many_lists_in_one_query_cost_what_they_cost_one_by_one(
    settings: Settings, redis: Redis, projector_pool: Pool
):
    limited = msgspec.structs.replace(settings, rate_limit="100/minute")
    async with running(limited, redis, projector_pool) as service:
        counting = "{ " + " ".join(f"a{n}: shipments(first: 1) {{ totalCount }}" for n in range(20)) + " }"
        answer = await posted(service, {"query": counting})
        assert "r=80;" in answer.headers["ratelimit"]


async def test_fragments_within_fragments_are_measured_without_following_each(world: Service):
    doubled = " ".join(f"fragment F{n} on Shipment {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    query = f"{{ shipments {{ nodes {{ ...F0 }} }} }} {doubled} fragment F60 on Shipment {{ id }}"
    assert (await shown(world, query))["shipments"]["nodes"]


async def test_introspection_is_answered_where_the_setting_allows_it(
    settings: Settings, redis: Redis, projector_pool: Pool
):
    told = msgspec.structs.replace(settings, graphql_introspection=True)
    async with running(told, redis, projector_pool) as service:
        assert (await shown(service, "{ __schema { queryType { name } } }"))["__schema"]["queryType"] == {
            "name": "Query"
        }


async def test_a_document_sent_once_with_its_hash_is_asked_by_the_hash_alone(service: Service):
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(TENANT.encode()).hexdigest()}}
    unknown = (await posted(service, {"extensions": extensions})).json()
    assert codes(unknown) == ["PERSISTED_QUERY_NOT_FOUND"]
    assert unknown["errors"][0]["message"] == "PersistedQueryNotFound"
    for body in ({"query": TENANT, "extensions": extensions}, {"extensions": extensions}):
        assert (await posted(service, body)).json() == {"data": {"viewer": {"tenant": "nordwind"}}}
    assert codes((await posted(service, {"query": "{ __typename }", "extensions": extensions})).json()) == [
        "PERSISTED_QUERY_MISMATCH"
    ]


async def test_a_document_is_parsed_and_checked_once(world: Service):
    preparing = Preparing(CORE, introspection=False)
    assert preparing.prepared(TENANT) is preparing.prepared(TENANT)
    graphql = world.portal._app
    while not isinstance(graphql, GraphQL):
        graphql = graphql._app
    before = len(graphql._preparing._prepared)
    for _ in range(3):
        await shown(world, "{ viewer { tenant } __typename }")
    assert len(graphql._preparing._prepared) == before + 1


async def test_a_query_costs_as_many_points_as_documents_it_may_read(
    settings: Settings, redis: Redis, projector_pool: Pool
):
    limited = msgspec.structs.replace(settings, rate_limit="100/minute")
    async with running(limited, redis, projector_pool) as service:
        cheap, dear = TENANT, "{ shipments(first: 100) { nodes { id milestones { code } } } }"
        left = [
            int((await posted(service, {"query": query})).headers["ratelimit"].split("r=")[1].split(";")[0])
            for query in (cheap, dear, cheap)
        ]
        assert (left[0] - left[1], left[1] - left[2]) == (10, 1)
        answers = [await posted(service, {"query": dear}) for _ in range(10)]
        ladder.refused(answers[-1], 429, "rate_limited")
        assert int(answers[-1].headers["retry-after"]) > 0


async def test_where_only_registered_documents_may_be_asked_others_are_refused(
    settings: Settings, redis: Redis, projector_pool: Pool, tmp_path: Path
):
    strict = msgspec.structs.replace(settings, graphql_documents="registered")
    async with running(strict, redis, projector_pool) as service:
        assert codes((await posted(service, {"query": TENANT}, headers=NEWER)).json()) == ["DOCUMENT_NOT_REGISTERED"]
        file = tmp_path / "tenant.graphql"
        file.write_text(TENANT)
        (known,) = json.loads(portal("graphql", "register", "--json", str(file), **stores(settings)).stdout)
        assert known == {"id": hashlib.sha256(TENANT.encode()).hexdigest(), "name": "tenant.graphql"}
        for body in ({"query": TENANT}, {"documentId": f"sha256:{known['id']}"}):
            assert (await posted(service, body)).json() == {"data": {"viewer": {"tenant": "nordwind"}}}
        extensions = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(b"{ __typename }").hexdigest()}}
        sent = await posted(service, {"query": "{ __typename }", "extensions": extensions})
        assert codes(sent.json()) == ["DOCUMENT_NOT_REGISTERED"]
    assert known["id"] in portal("graphql", "list", "--json", **stores(settings)).stdout


def test_documents_are_registered_as_clients_generators_write_them(settings: Settings, tmp_path: Path):
    sha256 = hashlib.sha256(TENANT.encode()).hexdigest()
    file = tmp_path / "persisted-documents.json"
    file.write_text(json.dumps({f"sha256:{sha256}": TENANT}))
    known = json.loads(portal("graphql", "register", "--json", str(file), **stores(settings)).stdout)
    assert known == [{"id": sha256, "name": "persisted-documents.json"}]
    file.write_text("[]")
    ended = portal("graphql", "register", str(file), **stores(settings))
    assert ended.returncode == 1
    assert "does not hold documents by their hashes" in ended.stderr


def test_a_document_the_schema_cannot_answer_is_not_registered(settings: Settings, tmp_path: Path):
    file = tmp_path / "wrong.graphql"
    file.write_text("{ colour }")
    ended = portal("graphql", "register", str(file), **stores(settings))
    assert ended.returncode == 1
    assert "wrong.graphql: Cannot query field 'colour'" in ended.stderr
