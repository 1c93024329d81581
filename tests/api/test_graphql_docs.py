"""The page about GraphQL cannot rot: its queries are answered, and what it lists is what there is."""

import re
from pathlib import Path

import pytest

from app.graphql.arguments import NODES_MAX, PAGE_MAX
from app.graphql.listing import COUNT_MAX
from app.graphql.measuring import ALIASES_MAX, ASSUMED, COST_MAX, DEPTH_MAX, DOCUMENTS_A_POINT, LIST_LEAST, TOKENS_MAX
from app.graphql.refusals import CODES
from app.graphql.requests import BODY_BYTES_MAX
from tests.api.graphql_asking import ALL, shown
from tests.api.ladder import ORDER, SHIPMENT
from tests.fixtures_service import Service
from tests.papers import document_id, invoice_id

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "graphql.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"^```graphql\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
FILES = sorted((DOCS / "examples").rglob("*.graphql"))
VARIABLES = {
    "order": ORDER,
    "shipment": SHIPMENT,
    "reference": "SO-1",
    "ids": [SHIPMENT, ORDER, document_id(), invoice_id()],
    "first": 10,
    "after": None,
}


@pytest.mark.parametrize("query", [*QUERIES, *(file.read_text(encoding="utf-8") for file in FILES)])
async def test_each_example_is_answered(world: Service, query: str):
    declared = re.findall(r"\$(\w+):", query)
    assert await shown(world, query, scopes=ALL, **{name: VARIABLES[name] for name in declared})


def test_there_are_examples():
    assert len(QUERIES) > 5
    assert FILES


def test_the_page_lists_each_code_with_its_words():
    assert dict(re.findall(r"^\| `([A-Z_]+)` \| (.+) \|$", PAGE, re.MULTILINE)) == CODES


def test_the_page_says_what_the_limits_are():
    limits = dict(re.findall(r"^\| (.+) \| ([\d,]+)(?: bytes)? \|$", PAGE, re.MULTILINE))
    assert [int(one.replace(",", "")) for one in limits.values()] == [
        *(TOKENS_MAX, DEPTH_MAX, ALIASES_MAX, PAGE_MAX, COST_MAX, BODY_BYTES_MAX),
    ]
    assert PAGE_MAX == NODES_MAX
    assert f"Each {DOCUMENTS_A_POINT} documents" in PAGE
    assert f"A list counts as {LIST_LEAST} at least" in PAGE
    assert f"an order's shipments, as {ASSUMED}." in PAGE
    assert f"up to {COUNT_MAX:,}" in PAGE
