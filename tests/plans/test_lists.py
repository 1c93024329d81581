"""What lists may cost on a million shipments of 500 customers: rows and buffers, whoever else is there."""

from collections.abc import Mapping
from typing import NamedTuple

import asyncpg
import pytest

from app.reads.database import SQL
from tests.fixtures_database import cloned
from tests.fixtures_servers import ServerUrls
from tests.plans.crowd import EARLY_TENANTS, ROWS_A_TENANT, TENANTS, come, hour, make_room
from tests.plans.explained import Explainer, Touched, explaining

PAGE = 51  # one more than is shown: whether there is a next page
SHIPMENTS, ORDERS = ROWS_A_TENANT["shipment_view"], ROWS_A_TENANT["order_view"]
EXCEPTIONS = ROWS_A_TENANT["open_exception"]
# The way down an index, its leaves, and a page of rows that two scans come across.
PATH_BUFFERS, LEAF_SHARE = 16, 0.05
DESCENT_BUFFERS = 4
# Deeper trees for ten times as many rows.
DEEPER_BUFFERS = 6
# As asked: a plan of its own for each question; and one for all, which Postgres may choose after five.
PLAN_CACHE_MODES = ("auto", "force_generic_plan")


class Question(NamedTuple):
    """A statement of `app/reads/queries.sql`, what is asked, and how many rows it may come across for that.

    `by_key`: so many of them each by a way of its own down an index.
    """

    statement: str
    values: Mapping[str, object]
    rows: int
    by_key: int = 0

    @property
    def buffers(self) -> int:
        return PATH_BUFFERS + round(self.rows * (1 + LEAF_SHARE)) + self.by_key * DESCENT_BUFFERS

    def __str__(self) -> str:
        return f"{self.statement} {dict(self.values)}"


def _listed(statement: str, own: int, middle: int) -> list[Question]:
    """A list of shipments or orders. `own`: a tenant's rows, which is as many as any question may come across.

    The index has the order of the page and nothing else: what is filtered by changes with events. A page of what is
    frequent costs little more than a plain one; of what is seldom, up to all of the tenant's rows.
    """
    asked: list[tuple[Mapping[str, object], int]] = [
        ({}, PAGE),
        ({"p_after": hour(middle), "p_after_id": "id-0"}, PAGE),
        ({"p_status": ["in_transit", "delivered"]}, PAGE + 1),
        ({"p_carrier": ["carrier-1", "carrier-2"]}, PAGE * 3),
        ({"p_status": ["lost"]}, own),
        ({"p_phase": ["lost"]}, own),
        ({"p_ship_to": "city-3"}, own),
        ({"p_has_exception": True}, own),
        ({"p_updated_since": hour(middle)}, own),
        ({"p_eta_before": hour(middle)}, own),
        ({"p_eta_after": hour(middle)}, own),
        ({"p_order_id": "order-3"}, own),
        # Found by its key, and only then looked at.
        ({"p_reference": "value-77"}, 2),
        ({"p_reference": "nothing"}, 0),
    ]
    return [Question(statement, {"p_limit": PAGE, **values}, rows) for values, rows in asked]


def _invoices(statement: str) -> list[Question]:
    own = ROWS_A_TENANT["invoice"]
    asked: list[tuple[Mapping[str, object], int]] = [
        ({}, PAGE),
        ({"p_after": hour(own // 2), "p_after_id": "inv-0"}, PAGE),
        ({"p_status": ["status-1"]}, own),
        ({"p_due_before": hour(own // 2)}, own),
        # Found by the order's key.
        ({"p_order_id": "id-3"}, 1),
        ({"p_reference": "value-77"}, 2),
    ]
    return [Question(statement, {"p_limit": PAGE, **values}, rows) for values, rows in asked]


QUESTIONS = [
    *_listed("shipment_list_newest", SHIPMENTS, SHIPMENTS // 2),
    *_listed("shipment_list_oldest", SHIPMENTS, SHIPMENTS // 2),
    *_listed("order_list_newest", ORDERS, ORDERS // 2),
    *_listed("order_list_oldest", ORDERS, ORDERS // 2),
    Question("shipment_list_newest", {"p_limit": PAGE, "p_at_risk": False}, PAGE),
    Question("lookup", {"p_values": ["value-77"], "p_types": [None], "p_each": 200}, 1),
    Question("lookup", {"p_values": ["value-77"], "p_types": ["bol"], "p_each": 200}, 1),
    Question("lookup", {"p_values": ["value-7", "nothing"], "p_types": [None, None], "p_each": 200}, 1),
    # Each with its shipment.
    Question("exception_list", {"p_limit": PAGE}, 2 * PAGE, by_key=PAGE),
    Question("exception_list", {"p_limit": PAGE, "p_code": ["code-1"]}, EXCEPTIONS + PAGE, by_key=PAGE),
    Question("exception_list", {"p_limit": PAGE, "p_carrier": ["carrier-1"]}, 2 * EXCEPTIONS, by_key=EXCEPTIONS),
    Question("exception_list", {"p_limit": PAGE, "p_shipment_id": "id-3"}, EXCEPTIONS + 1),
    Question("share_list", {"p_limit": PAGE}, ROWS_A_TENANT["share"]),
    Question("share_list", {"p_limit": PAGE, "p_shipment_id": "id-3"}, ROWS_A_TENANT["share"]),
    *_invoices("invoice_list_newest"),
    *_invoices("invoice_list_oldest"),
]
ASKED = [(question, mode) for question in QUESTIONS for mode in PLAN_CACHE_MODES]


def test_each_list_is_asked_about_here():
    lists = {name for name in SQL if "_list" in name or name.startswith("lookup")}
    assert lists == {question.statement for question in QUESTIONS}


@pytest.mark.timeout(300)
async def test_what_a_list_touches_is_bounded_and_does_not_grow_with_others(servers: ServerUrls, template, subtests):
    # One test: a million rows are made once, also where tests are spread over several workers.
    async with cloned(servers, template) as database:
        connection = await asyncpg.connect(database)
        try:
            await make_room(connection)
            await come(connection, 0, EARLY_TENANTS)
            async with explaining(database) as explainer:
                before = await _answers(explainer, "tenant-7")
            await come(connection, EARLY_TENANTS, TENANTS)
            assert await connection.fetchval("select count(*) from portal.shipment_view") == 1_000_000
        finally:
            await connection.close()
        async with explaining(database) as explainer:
            early = await _answers(explainer, "tenant-7")
            late = await _answers(explainer, f"tenant-{TENANTS - 1}")
    for (question, mode), first, then, other in zip(ASKED, before, early, late, strict=True):
        with subtests.test(question=str(question), plan_cache_mode=mode):
            assert then.returned or question.rows <= 1, "it was to find something"
            for touched in (first, then, other):
                assert touched.rows <= question.rows, touched
                assert touched.buffers <= question.buffers, touched
            assert then.rows <= first.rows, (first, then)
            assert then.buffers <= first.buffers + DEEPER_BUFFERS, (first, then)


async def _answers(explainer: Explainer, tenant: str) -> list[Touched]:
    return [
        await explainer.ask(question.statement, {"p_tenant": tenant, **question.values}, mode)
        for question, mode in ASKED
    ]
