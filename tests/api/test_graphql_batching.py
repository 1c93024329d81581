"""However many documents a query needs, they are read in as many calls as it has levels: there is no N+1."""

from collections.abc import Iterator

import asyncpg
import pytest

from app.reads import database
from app.reads.watch import Watch
from tests.api.graphql_asking import shown
from tests.fixtures_service import Service
from tests.messages import order_released, shipment_planned

NESTED = """{ orders(first: 50) { nodes { number shipments { shipment { number orders { order { number } } } } } } }"""
PAGES = "{ shipments(first: 50) { nodes { number milestones { code } orders { order { number } } } totalCount } }"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements Postgres was asked, by name."""
    asked: list[str] = []
    fetch = database._fetch

    async def counted(pool: asyncpg.Pool, statement: str, values: tuple[object, ...]) -> object:
        asked.append(statement)
        return await fetch(pool, statement, values)

    monkeypatch.setattr(database, "_fetch", counted)
    return asked


@pytest.fixture
async def fifty(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """Orders with two shipments each, read from Postgres alone: Redis is not believed, and so memory keeps nothing."""
    monkeypatch.setattr(Watch, "epoch", lambda *_: None)
    for number in range(50):
        await service.take(
            order_released(f"SO-{number}"),
            shipment_planned(f"S-{number}", f"SO-{number}"),
            shipment_planned(f"T-{number}", f"SO-{number}"),
        )
    return service


async def test_fifty_orders_and_their_shipments_and_back_are_three_reads(fifty: Service, calls: list[str]):
    for _ in range(3):
        calls.clear()
        orders = (await shown(fifty, NESTED))["orders"]["nodes"]
        assert len(orders) == 50
        assert all(len(one["shipments"]) == 2 and one["shipments"][0]["shipment"]["number"] for one in orders)
        # The list; the orders, whose shipments no line of a list holds; the shipments. The orders again are known.
        counted = [name for name in calls if name not in ("checkpoints", "sources")]
        assert counted == ["order_list_newest", "order_documents", "shipment_documents"]


async def test_a_page_of_fifty_with_documents_and_count_is_four_reads(fifty: Service, calls: list[str]):
    for _ in range(3):
        calls.clear()
        await shown(fifty, PAGES)
        counted = [name for name in calls if name not in ("checkpoints", "sources")]
        assert counted == ["shipment_list_newest", "shipment_documents", "shipment_count", "order_documents"]


async def test_lines_of_a_list_need_no_documents(fifty: Service, calls: list[str]):
    for _ in range(3):
        calls.clear()
        await shown(fifty, "{ shipments { nodes { number status carrier { name } freshness { state } } } }")
        assert [name for name in calls if name not in ("checkpoints", "sources")] == ["shipment_list_newest"]
