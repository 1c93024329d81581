"""`as_of` answers are what was answered then, byte for byte; `effective_at` ones what had happened, as known now."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import asyncpg
import msgspec
import pytest

from app.reads.database import SQL
from app.reads.past import BYTES_MAX, ROWS_MAX
from projections.references import SubjectKind, public_id
from projections.subjects import partition_of
from tests.api.ladder import ORDER, SHIPMENT
from tests.fixtures_service import READ, Service
from tests.messages import at, milestone, order_released, pro, retracted, shipment_planned
from tests.properties import strategies
from tests.properties.strategies import OFTEN, START, TENANTS, Draft, retraction, write

STEPS = 40
SAMPLES = 1_000
SEED = 20
EVERYTHING = (*READ, "documents:read", "charges:read", "invoices:read")
Answers = dict[tuple[str, str], bytes | None]


def documents() -> Iterator[tuple[str, str]]:
    """Every document that two tenants may have, by tenant and path."""
    for tenant in TENANTS:
        for number in strategies.shipments(tenant):
            yield tenant, f"/v1/shipments/{public_id(SubjectKind.SHIPMENT, tenant, number)}"
        for number in strategies.orders(tenant):
            yield tenant, f"/v1/orders/{public_id(SubjectKind.ORDER, tenant, number)}"


def steps(chance: random.Random) -> Iterator[list[bytes]]:
    """What comes in, step by step: loads that carry both tenants' goods; some late, some twice, some taken back."""
    first = strategies._first_words(SEED)
    chance.shuffle(first)
    types = [*strategies.WRITTEN, *OFTEN]
    drafts = first + [
        write(chance.choice(types), chance.choice(TENANTS), chance.getrandbits(32)) for _ in range(STEPS * 4)
    ]
    said: list[tuple[str, Draft]] = []
    for start in range(0, len(drafts), len(drafts) // STEPS):
        step = [(f"e{start + number}", draft) for number, draft in enumerate(drafts[start : start + 5])]
        if said and chance.random() < 0.4:
            event_id, draft = chance.choice(said)
            step.append((f"r{start}", retraction(draft, event_id, START)))
        said += step
        again = chance.choices(said, k=2)
        yield [draft.body(event_id) for event_id, draft in step + again]


async def answered(service: Service, tenant: str, path: str, scopes: tuple[str, ...], **params: str) -> bytes | None:
    """The document without its freshness, or None."""
    answer = await service.get(path, tenant, scopes, params=params)
    assert answer.status_code in (200, 404), answer.text
    return answer.content[: answer.content.rindex(b',"freshness":')] if answer.is_success else None


@pytest.mark.timeout(240)
async def test_a_thousand_answers_as_of_then_are_the_answers_given_then(service: Service):
    chance = random.Random(SEED)  # noqa: S311 - repeatable is the point
    recorded: list[tuple[datetime, datetime, Answers]] = []
    before_all = datetime.now(UTC)
    recorded.append((before_all, before_all, dict.fromkeys(documents())))
    for bodies in steps(chance):
        await service.take(*bodies)
        answers: Answers = {}
        since = datetime.now(UTC)
        for tenant, path in documents():
            answers[tenant, path] = await answered(service, tenant, path, EVERYTHING)
        recorded.append((since, datetime.now(UTC), answers))
    assert len({answer for _, _, answers in recorded for answer in answers.values()}) > 2 * STEPS
    for _ in range(SAMPLES):
        since, until, answers = chance.choice(recorded)
        moment = since + chance.random() * (until - since)
        tenant, path = chance.choice(list(answers))
        then = await answered(service, tenant, path, EVERYTHING, as_of=moment.isoformat())
        assert then == answers[tenant, path], (tenant, path, moment)
    _, _, last = recorded[-1]
    for tenant, path in documents():
        now = await answered(service, tenant, path, EVERYTHING, effective_at=datetime.now(UTC).isoformat())
        assert now == last[tenant, path]


async def get(service: Service, path: str, **params: datetime) -> dict:
    answer = await service.get(path, params={name: value.isoformat() for name, value in params.items()})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


SHIPMENT_PATH = f"/v1/shipments/{SHIPMENT}"
ORDER_PATH = f"/v1/orders/{ORDER}"


async def test_a_late_report_belongs_to_when_it_happened_and_to_when_it_was_told(service: Service):
    await service.take(order_released(), shipment_planned(), milestone(code="delivered", hours=9))
    before = datetime.now(UTC)
    await service.take(milestone(code="picked_up", hours=2))
    assert [one["code"] for one in (await get(service, SHIPMENT_PATH, as_of=before))["milestones"]] == ["delivered"]
    known_now = await get(service, SHIPMENT_PATH, effective_at=at(5))
    assert [one["code"] for one in known_now["milestones"]] == ["picked_up"]
    assert known_now["status"] == "in_transit"
    assert (await get(service, ORDER_PATH, effective_at=at(5)))["status"] == "in_transit"
    assert (await get(service, ORDER_PATH, effective_at=at(10)))["status"] == "delivered"
    part = await get(service, f"{SHIPMENT_PATH}/milestones", effective_at=at(1))
    assert part["items"] == []


async def test_what_was_taken_back_was_shown_then_and_never_happened(service: Service):
    await service.take(order_released(), shipment_planned(), milestone(hours=2, id="wrong"))
    before = datetime.now(UTC)
    await service.take(retracted("wrong", pro(), source="/carrier/ABFS", tenant=None, hours=8))
    assert (await get(service, SHIPMENT_PATH, as_of=before))["status"] == "in_transit"
    assert (await get(service, SHIPMENT_PATH, effective_at=at(3)))["status"] == "planned"


async def test_a_mended_report_happened_when_it_is_now_said_to_have(service: Service):
    def report(hours: float, reported: float) -> bytes:
        body = msgspec.json.decode(milestone(code="delivered", hours=hours))
        body["data"] |= {"report": "R-1", "reported_at": at(reported).isoformat()}
        return msgspec.json.encode(body)

    await service.take(order_released(), shipment_planned(), report(2, 3), report(8, 9))
    assert (await get(service, SHIPMENT_PATH, effective_at=at(5)))["milestones"] == []
    assert (await get(service, SHIPMENT_PATH, effective_at=at(8)))["status"] == "delivered"


async def test_an_order_of_then_has_the_shipments_it_had_then(service: Service):
    await service.take(order_released(), order_released("SO-2"), shipment_planned())
    before = datetime.now(UTC)
    await service.take(shipment_planned(order="SO-2", hours=3))
    assert (await get(service, ORDER_PATH))["shipments"] == []
    assert [one["number"] for one in (await get(service, ORDER_PATH, as_of=before))["shipments"]] == ["S-1"]
    assert [one["number"] for one in (await get(service, ORDER_PATH, effective_at=at(2)))["shipments"]] == ["S-1"]


async def test_what_is_said_of_how_fresh_the_past_is(service: Service):
    await service.take(order_released(), shipment_planned())
    then = datetime.now(UTC)
    freshness = (await get(service, SHIPMENT_PATH, as_of=then))["freshness"]
    assert (freshness["state"], freshness["served_from"]) == ("past", "log")
    assert datetime.fromisoformat(freshness["as_of"]) == then
    assert {one["source"] for one in freshness["sources"]} == {"/tms/main"}
    freshness = (await get(service, SHIPMENT_PATH, effective_at=then))["freshness"]
    assert freshness["served_from"] == "log"
    assert freshness["state"] != "past"


async def test_a_history_past_the_limit_is_refused_and_says_so(service: Service, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.reads.past.ROWS_MAX", 2)
    await service.take(order_released(), shipment_planned(), milestone(hours=1))
    assert (await service.get(SHIPMENT_PATH, params={"as_of": datetime.now(UTC).isoformat()})).status_code == 200
    await service.take(milestone(hours=2))
    answer = await service.get(SHIPMENT_PATH, params={"as_of": datetime.now(UTC).isoformat()})
    assert (answer.status_code, answer.json()["code"]) == (422, "history_too_long")
    monkeypatch.setattr("app.reads.past.BYTES_MAX", 1)
    monkeypatch.setattr("app.reads.past.ROWS_MAX", 100)
    answer = await service.get(SHIPMENT_PATH, params={"as_of": datetime.now(UTC).isoformat()})
    assert (answer.status_code, answer.json()["code"]) == (422, "history_too_long")


async def test_a_reader_of_the_log_sees_its_tenants_events_alone(service: Service):
    await service.take(order_released(), order_released("SO-9", tenant="suedwind"))
    connection = await asyncpg.connect(service.settings.database_url)
    try:
        await connection.execute("set role portal_app")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("select * from log.event")
        assert await connection.fetchval("select count(*) from log.own_event") == 0
        async with connection.transaction():
            await connection.execute("select set_config('app.tenant', 'nordwind', true)")
            assert await connection.fetch("select distinct tenant from log.own_event") == [("nordwind",)]
    finally:
        await connection.close()


async def test_a_question_about_the_past_touches_its_own_history_alone(service: Service):
    await service.take(order_released(), shipment_planned(), milestone(hours=1))
    connection = await asyncpg.connect(service.settings.database_url)
    others = "from generate_series(1, 20000) n"
    try:
        for filled in (
            f"insert into log.event select 15, n, now(), 'shp_' || n / 20, 'nordwind', 1, '{{}}' {others}",
            f"insert into portal.order_shipment select 'nordwind', 'ord_' || n / 3, 'shp_' || n {others}",
            (
                "insert into portal.change (tenant, sequence, subject_id, version, status, changed_at)"
                f" select 'nordwind', 1000 + n, 'shp_' || n / 10, n, 'planned', now() {others}"
            ),
        ):
            await connection.execute(filled)
        await connection.execute("analyze")
        async with connection.transaction():
            await connection.execute("set local role portal_app; set local search_path = portal, log")
            partition = partition_of("nordwind")
            for subject, at_time in ((SHIPMENT, None), (ORDER, datetime.now(UTC))):
                rows = await connection.fetch(SQL["past"], "nordwind", subject, partition, at_time, ROWS_MAX, BYTES_MAX)
                assert len(rows) == (2 if subject == SHIPMENT else 3)
            touched = await connection.fetch(
                "select relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) from pg_stat_xact_all_tables"
                " where relname in ('event', 'order_shipment', 'change')"
            )
    finally:
        await connection.close()
    assert len(touched) == 3
    assert all(rows <= 10 for _, rows in touched), touched
