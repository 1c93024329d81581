"""Erasing a person: nothing anywhere speaks of them any more, nothing else changes, and all of it can be proved."""

import asyncio
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from projections.audit import Actor
from projections.audit.reading import WantedRows, audit_rows, verify
from projections.blobs.postgres import PostgresBlobs
from projections.cache import Publisher
from projections.database import DatabaseRole, Pool, open_pool
from projections.erasure import erasing, finding
from projections.erasure.erasing import Erasure, would_erase
from projections.erasure.finding import TooManyError
from projections.erasure.person import Person, stands_for
from projections.event import Rejection, RejectionReason
from projections.intake.outcomes import Message, Native, OutcomeStatus
from projections.runner import Projector
from tests.api import ladder
from tests.fixtures_service import Service, projecting
from tests.integration.test_commands import portal, stores
from tests.integration.waiting import until
from tests.messages import (
    load_milestone,
    message,
    milestone,
    order_released,
    pro,
    shipment_assigned,
    shipment_planned,
    tms_shipment,
)

NAME = "Erika Muster"
ERIKA = Person([NAME])
JO = Actor("jo", "portal erase")
Superuser = "asyncpg.Connection[asyncpg.Record]"


def to_erika(body: bytes, **more: Any) -> bytes:
    """The event, delivering to her."""
    event = json.loads(body)
    event["data"] |= {"ship_to": {"name": NAME, "city": "Kiel", "country": "DE"}, **more}
    return msgspec.json.encode(event)


def stop(number: int, tenant: str, shipment: str) -> dict[str, Any]:
    shipments = [{"tenant": tenant, "tms_shipment": shipment}]
    return {"stop": number, "purpose": "delivery", "place": {"name": NAME, "city": "Kiel"}, "shipments": shipments}


ABOUT_S1 = {"about": tms_shipment()}
NORDWIND = (
    to_erika(order_released()),
    to_erika(shipment_planned()),
    message("shipment.milestone.v1", {"about": pro(), "code": "delivered", "note": f"given to {NAME.upper()}",
            "place": {"name": NAME, "city": "Kiel"}}, source="/carrier/ABFS", tenant=None, hours=9),
    message("document.added.v1", {"about": pro(), "document": "D-1", "kind": "pod", "signed_by": NAME},
            source="/carrier/ABFS", tenant=None),
    message("customer.changed.v1", {"name": "Nordwind", "contact_email": f"{NAME} <e@example.com>"},
            source="/erp/main"),
    milestone(driver=NAME, city="Hamburg", hours=5),
)  # fmt: skip
SUEDWIND = (
    to_erika(order_released("SO-9", tenant="suedwind")),
    to_erika(shipment_planned("S-9", "SO-9", tenant="suedwind")),
)
LOAD = message(
    "load.planned.v1",
    {"about": {"type": "load", "value": "L-1"}, "stops": [stop(1, "nordwind", "S-1"), stop(2, "suedwind", "S-9")]},
    tenant=None,
)
ON_LOAD = (
    *(shipment_assigned(), shipment_assigned("S-9", tenant="suedwind"), LOAD),
    load_milestone(place={"name": NAME, "city": "Hub", "country": "DE"}),
)
WAITING = message(
    "shipment.milestone.v1",
    {"about": pro("S-5"), "code": "departed", "note": f"with {NAME}"},
    source="/carrier/ABFS",
    tenant=None,
)
REFUSED = to_erika(shipment_planned("S-6"), colour=NAME)
REFUSED_OTHERS = to_erika(shipment_planned("S-7", tenant="suedwind"), colour=NAME)
NATIVE = Message(
    b"N1*ST*ERIKA MUSTER~",
    "http",
    rejection=Rejection(RejectionReason.MALFORMED, f"odd: {NAME}"),
    native=Native(b"N1*ST*ERIKA MUSTER~", '{"name": "/erp/main", "format": "x12", "tenant": "nordwind"}'),
)


async def erase(pool: Pool, person: Person, tenant: str, actor: Actor, because: str) -> Erasure:
    return await erasing.erase(pool, PostgresBlobs(pool, pool), person, tenant, actor=actor, because=because)


@pytest.fixture
async def eraser(database: str):
    async with await open_pool(database, DatabaseRole.ERASER, connections=1) as pool:
        yield pool


@pytest.fixture
async def told(service: Service) -> Service:
    """A service that knows her from everywhere."""
    await service.take(*NORDWIND, *SUEDWIND, *ON_LOAD, WAITING, REFUSED, REFUSED_OTHERS)
    await service.intake.take([NATIVE])
    return service


async def everything(superuser: Superuser, redis: Any) -> list[tuple[str, bytes]]:
    """Every row there is, as text, by table; and every value in Redis."""
    tables = await superuser.fetch(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('log', 'portal', 'issuer')"
    )
    found = []
    for (table,) in tables:
        for row in await superuser.fetch(f"select * from {table}"):  # noqa: S608 - names of the catalogue
            values = (value if isinstance(value, bytes) else str(value).encode() for value in row.values())
            found.append((table, b"\n".join([*values, str(row.get("tenant")).encode()])))
    for key in await redis.keys("*"):
        kind = await redis.type(key)
        value = await redis.get(key) if kind in (b"string", "string") else b""
        found.append(("redis", value + b"\n" + (key if isinstance(key, bytes) else key.encode())))
    return found


def of_her(found: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [(table, value) for table, value in found if NAME.lower().encode() in value.lower()]


async def test_nothing_anywhere_speaks_of_her_any_more(told: Service, eraser: Pool, superuser: Superuser):
    assert NAME in (await told.get(f"/v1/shipments/{ladder.SHIPMENT}")).text
    assert NAME in (await told.get("/v1/orders")).text
    known = {table for table, _ in of_her(await everything(superuser, told.redis))}
    assert known >= {"log.event", "log.held", "log.quarantine", "portal.shipment_state", "portal.shipment_view",
                     "portal.order_state", "portal.order_view", "redis"}  # fmt: skip
    await erase(eraser, ERIKA, "nordwind", JO, "request 4711")
    await told.projector.catch_up()
    left = of_her(await everything(superuser, told.redis))
    # Another customer's person of the same name, and its stop of the load they share.
    assert left
    assert all(b"suedwind" in value for _, value in left), left
    for path in (f"/v1/shipments/{ladder.SHIPMENT}", f"/v1/orders/{ladder.ORDER}", "/v1/shipments", "/v1/orders"):
        answer = await told.get(path)
        assert answer.status_code == 200
        assert NAME not in answer.text
        assert "[erased]" in answer.text


async def test_what_is_erased_is_erased_in_the_past_too(told: Service, eraser: Pool):
    then = {"as_of": datetime.now(UTC).isoformat()}
    paths = (f"/v1/shipments/{ladder.SHIPMENT}", f"/v1/orders/{ladder.ORDER}")
    assert all([NAME in (await told.get(path, params=then)).text for path in paths])
    await erase(eraser, ERIKA, "nordwind", JO, "request 4711")
    for path in paths:
        answer = await told.get(path, params=then)
        assert NAME not in answer.text
        assert "[erased]" in answer.text
    assert NAME not in (await told.get(f"{paths[0]}/provenance")).text


async def test_another_customers_person_of_the_same_name_stays(told: Service, eraser: Pool):
    before = await _documents(told, "suedwind")
    await erase(eraser, ERIKA, "nordwind", JO, "request 4711")
    await told.projector.catch_up()
    assert NAME in before[0]
    assert await _documents(told, "suedwind") == before


async def _documents(service: Service, tenant: str) -> list[str]:
    paths = (f"/v1/shipments/{ladder.OTHER_SHIPMENT}", f"/v1/orders/{ladder.OTHER_ORDER}")
    answers = [(await service.get(path, tenant=tenant)).json() for path in paths]
    return [json.dumps({name: value for name, value in one.items() if name != "freshness"}) for one in answers]


async def test_the_original_sent_again_does_not_bring_her_back(told: Service, eraser: Pool, superuser: Superuser):
    await erase(eraser, ERIKA, "nordwind", JO, "request 4711")
    await told.projector.catch_up()
    once = of_her(await everything(superuser, told.redis))
    outcomes = await told.take(*NORDWIND, *ON_LOAD, WAITING, REFUSED)
    assert [one.status for one in outcomes[:-1]] == [OutcomeStatus.DUPLICATE] * (len(outcomes) - 1)
    assert outcomes[-1].status is OutcomeStatus.QUARANTINED
    await told.intake.take([NATIVE])
    again = of_her(await everything(superuser, told.redis))
    # The quarantine says anew why it refuses, in words that may quote the message.
    assert [one for one in again if one[0] != "log.quarantine"] == [one for one in once if one[0] != "log.quarantine"]
    bodies = await superuser.fetch("select body from log.quarantine")
    assert [row["body"] for row in bodies if NAME.lower().encode() in row["body"].lower()] == [REFUSED_OTHERS]


async def test_what_waited_is_released_without_her(told: Service, eraser: Pool, superuser: Superuser):
    await erase(eraser, ERIKA, "nordwind", JO, "request 4711")
    await told.take(shipment_planned("S-5"))
    assert await superuser.fetchval("select count(*) from log.held") == 0
    assert all(b"suedwind" in value for _, value in of_her(await everything(superuser, told.redis)))


async def test_views_are_the_fold_of_the_erased_log(told: Service, eraser: Pool, superuser: Superuser):
    await erase(eraser, ERIKA, "nordwind", JO, "request 4711")
    await told.projector.catch_up()
    shown = "select id, document, summary from portal.{0}_view order by id"
    states = "select id, state from portal.{0}_state order by id"
    questions = [one.format(kind) for one in (shown, states) for kind in ("shipment", "order")]
    before = [await superuser.fetch(one) for one in questions]
    await superuser.execute(
        "truncate portal.shipment_state, portal.order_state, portal.shipment_view, portal.order_view, portal.reference;"
        "delete from portal.projector;"
        "update portal.checkpoint set position = 0, lease_expires_at = '-infinity', owner = null, token = token + 1"
    )
    pool = told.intake._pool
    await Projector(pool, Publisher(told.redis), owner="anew").catch_up()
    assert [await superuser.fetch(one) for one in questions] == before


async def test_she_is_erased_while_all_goes_on(told: Service, eraser: Pool, superuser: Superuser):
    async def going_on() -> None:
        for hour in range(40):
            await told.intake.take([Message(milestone(hours=hour / 10, id=f"on-{hour}"), "test")])

    async with projecting(told):
        await asyncio.gather(going_on(), erase(eraser, ERIKA, "nordwind", JO, "request 4711"), going_on())
        behind = (
            "select not exists (select from portal.checkpoint c join log.partition p using (partition)"
            " where c.position < p.position)"
        )
        await until(lambda: superuser.fetchval(behind))
    assert all(b"suedwind" in value for _, value in of_her(await everything(superuser, told.redis)))
    state = await superuser.fetchval("select state from portal.shipment_state where id = $1", ladder.SHIPMENT)
    assert sum(" on-" in key for key in json.loads(state)["milestones"]) == 40


@pytest.mark.usefixtures("told")
async def test_it_can_be_proved_what_was_erased_of_what(eraser: Pool, superuser: Superuser):
    await erase(eraser, ERIKA, "nordwind", JO, "request 4711")
    [row] = await audit_rows(superuser, WantedRows(action="person.erase"))
    assert (row.actor, row.tenant, row.target) == ("jo", "nordwind", "tenant/nordwind")
    assert row.detail["because"] == "request 4711"
    assert NAME not in json.dumps(row.detail)
    assert stands_for(row.detail["person"][0], NAME)
    proofs = await superuser.fetch("select * from log.erasure order by id")
    originals = {hashlib.sha256(body).digest() for body in (*NORDWIND, LOAD, WAITING, REFUSED)}
    assert originals <= {proof["original_digest"] for proof in proofs}
    assert hashlib.sha256(SUEDWIND[0]).digest() not in {proof["original_digest"] for proof in proofs}
    there = {
        hashlib.sha256(one["body"]).digest()
        for table in ("event", "held", "quarantine")
        for one in await superuser.fetch(f"select body from log.{table}")  # noqa: S608 - names from above
    }
    assert {proof["erased_digest"] for proof in proofs} <= there
    whole = b"".join(proof["original_digest"] + proof["erased_digest"] for proof in proofs)
    assert row.detail["erasures_digest"] == hashlib.sha256(whole).hexdigest()
    assert row.detail["erasures"] == [proofs[0]["id"], proofs[-1]["id"]]
    await superuser.execute("set search_path = portal, log")
    assert (await verify(superuser)).broken is None


async def test_a_dry_run_says_the_same_and_changes_nothing(told: Service, eraser: Pool, superuser: Superuser):
    before = await everything(superuser, told.redis)
    tried = await would_erase(eraser, ERIKA, "nordwind")
    assert await everything(superuser, told.redis) == before
    assert await erase(eraser, ERIKA, "nordwind", JO, "request 4711") == tried
    assert sorted(one.kept_in for one in tried.found if one.changes) == ["held", *["log"] * 8, *["quarantine"] * 2]
    assert set(tried.subjects) == {ladder.SHIPMENT, ladder.ORDER, ladder.OTHER_SHIPMENT}


@pytest.mark.usefixtures("told")
async def test_a_second_time_there_is_nothing_to_erase(eraser: Pool):
    await erase(eraser, ERIKA, "nordwind", JO, "request 4711")
    assert [one for one in (await erase(eraser, ERIKA, "nordwind", JO, "again")).found if one.changes] == []


async def test_what_is_found_everywhere_is_no_person(told: Service, eraser: Pool, superuser: Superuser, monkeypatch):
    monkeypatch.setattr(finding, "MAX_FOUND", 3)
    before = await everything(superuser, told.redis)
    with pytest.raises(TooManyError):
        await erase(eraser, ERIKA, "nordwind", JO, "request 4711")
    assert await everything(superuser, told.redis) == before


async def test_an_operator_erases_at_a_terminal(told: Service, superuser: Superuser):
    given = ("erase", "--tenant", "nordwind", "--text", NAME, "--reason")
    tried = portal(*given, "request 4711", "--dry-run", "--json", **stores(told.settings))
    assert tried.returncode == 0, tried.stderr
    assert NAME not in tried.stdout
    assert await superuser.fetchval("select count(*) from log.erasure") == 0
    done = portal(*given, "request 4711", "--json", **stores(told.settings))
    assert json.loads(done.stdout) == json.loads(tried.stdout)
    shown = portal(*given, "again", **stores(told.settings))
    assert "0 found, 0 orders and shipments folded anew" in shown.stdout
    assert portal(*given, f"{NAME} asked", **stores(told.settings)).returncode == 2
    assert portal("erase", "--tenant", "x", "--text", "a", "--reason", "b", **stores(told.settings)).returncode == 2
