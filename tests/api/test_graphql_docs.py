"""docs/graphql.md: its examples are answered, and what it says of codes and limits is so."""

import re
from pathlib import Path

import pytest

from app.graphql import measuring
from app.graphql.refusals import CODES
from app.graphql.types.connection import COUNT_MAX
from tests.api.graphql_asking import ALL, shown
from tests.api.ladder import ORDER, SHIPMENT
from tests.fixtures_service import Service

PAGE = (Path(__file__).parents[2] / "docs/graphql.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)
VARIABLES = {"id": SHIPMENT, "reference": "S-1", "ids": [SHIPMENT, ORDER]}


@pytest.mark.parametrize("example", EXAMPLES, ids=[re.search(r"query (\w+)", one)[1] for one in EXAMPLES])
async def test_every_example_is_answered(world: Service, example: str):
    given = {name: value for name, value in VARIABLES.items() if f"${name}:" in example}
    # By the book first, then compiled.
    first, second = [await shown(world, example, scopes=ALL, **given) for _ in range(2)]
    assert first.keys() == second.keys()
    assert all(value is not None for value in first.values())


def test_every_code_is_explained_as_in_the_table():
    assert dict(re.findall(r"^\| `([A-Z_]+)` \| (.+) \|$", PAGE, re.MULTILINE)) == CODES


def test_the_limits_are_those_that_hold():
    told = [int(number.replace(",", "")) for number in re.findall(r"^\| [a-z ]+ \| ([\d,]+) \|$", PAGE, re.MULTILINE)]
    assert told == [measuring.TOKENS_MAX, measuring.DEPTH_MAX, measuring.ALIASES_MAX, measuring.COST_MAX]
    assert f"up to {COUNT_MAX:,}" in PAGE
