"""`/openapi.json` and `/docs`: open to everybody, and true (tests/architecture holds them against the routes)."""

import pytest
from jsonschema import Draft202012Validator

from app.problems import PROBLEMS
from app.rest.operations import OPERATIONS
from tests.fixtures_service import Service


async def test_the_description_is_openapi_3_1_and_its_schemas_are_schemas(world: Service):
    answer = await world.http.get("/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    described = answer.json()
    assert described["openapi"] == "3.1.0"
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/problems"])
async def test_the_page_says_the_same_to_people(world: Service, path):
    answer = await world.http.get(path)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert all(operation.path in answer.text for operation in OPERATIONS)
    assert all(f'id="{code}"' in answer.text for code in PROBLEMS)


async def test_the_page_runs_nothing(world: Service):
    answer = await world.http.get("/docs")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text


async def test_the_type_of_a_problem_leads_to_its_words(world: Service):
    problem = (await world.http.get("/v1/shipments")).json()
    path, _, anchor = problem["type"].partition("#")
    page = await world.http.get(path)
    assert f'id="{anchor}"' in page.text
