"""Taking again what was refused: in order, with what waited for it, and as the dry run said."""

import asyncio

import asyncpg
import msgspec
import pytest

from projections.audit import Actor
from projections.database import DatabaseRole, open_pool
from projections.event import RejectionReason
from projections.intake.intake import Intake
from projections.intake.outcomes import Message, OutcomeStatus
from projections.quarantine import preview
from projections.quarantine.entries import Wanted, content, discard, entries, entry
from projections.quarantine.errors import BehindError, NotThereError, SettledError
from projections.quarantine.held import WantedHeld, held, held_content, let_go
from projections.quarantine.replay import Chosen, Replays
from projections.references import SubjectKind, public_id
from projections.sources.declared import declared
from projections.sources.registry import FORMATS
from projections.sources.taking import Door, take_in
from tests.fixtures_database import cloned
from tests.integration.test_intake import history_of, take
from tests.messages import (
    invoice_posted,
    load_milestone,
    message,
    milestone,
    order_released,
    pro,
    reference_linked,
    retracted,
    shipment_assigned,
    shipment_planned,
    tms_shipment,
)
from tests.refold import refolded, stored

ACCEPTED, DUPLICATE, HELD, QUARANTINED = OutcomeStatus
OPERATOR = Actor("jo", "ops-page")
SHIPMENT = public_id(SubjectKind.SHIPMENT, "nordwind", "S-1")
ORDER = public_id(SubjectKind.ORDER, "nordwind", "SO-1")


@pytest.fixture
def replays(projector_pool):
    return Replays(projector_pool, {})


def poisoned(body):
    """The same event with a field that its type does not know."""
    event = msgspec.json.decode(body)
    return msgspec.json.encode(event | {"data": event["data"] | {"colour": "red"}})


async def opened(pool):
    return [one.id for one in reversed(await entries(pool, Wanted(), state="open"))]


async def statuses(replaying):
    return [one.status for one in (await replaying).entries]


def eta(number="S-1", **envelope):
    data = {"about": pro(number), "eta_at": "2026-03-05T12:00:00Z"}
    return message("shipment.eta_changed.v1", data, **{"source": "/carrier/ABFS", "tenant": None, **envelope})


async def test_what_waited_behind_a_poisoned_plan_is_released_with_it_in_order(
    intake, replays, projector_pool, superuser, projector
):
    plan = shipment_planned()
    behind = [milestone(hours=2), eta(hours=3), milestone(code="arrived_at_terminal", hours=1), eta(hours=4)]
    await take(intake, order_released(), poisoned(plan))
    for body in behind:
        assert await take(intake, body) == [HELD]
    [poison] = await opened(projector_pool)
    replay = await replays.replay(Chosen(ids=(poison,)), OPERATOR, body=plan)
    assert [one.status for one in replay.entries] == ["accepted"]
    ids = [msgspec.json.decode(body)["id"] for body in behind]
    assert [one.event_id for one in replay.released] == ids
    rows = await superuser.fetch(
        "select convert_from(body, 'utf8')::jsonb ->> 'id' as id, recorded_at from log.event"
        " where subject_id = $1 order by position",
        SHIPMENT,
    )
    assert [row["id"] for row in rows] == [msgspec.json.decode(plan)["id"], *ids]
    # One transaction took all of it.
    assert len({row["recorded_at"] for row in rows}) == 1
    await projector().catch_up()
    healed = await stored(superuser)
    assert healed == await refolded(superuser)
    assert b'"in_transit"' in healed["nordwind", SHIPMENT].document


async def test_the_views_are_those_of_a_log_that_was_never_poisoned(
    intake, replays, projector_pool, superuser, projector, servers, template
):
    plan, others = shipment_planned(), [order_released(), milestone(hours=2), eta(hours=3)]
    await take(intake, poisoned(plan), *others)
    [poison] = await opened(projector_pool)
    await replays.replay(Chosen(ids=(poison,)), OPERATOR, body=plan)
    await projector().catch_up()
    healed = await stored(superuser)
    assert len(healed) == 2
    async with cloned(servers, template) as clean, await open_pool(clean, DatabaseRole.PROJECTOR) as pool:
        await take(Intake(pool), plan, *others)
        assert await refolded(pool) == healed


async def test_what_is_mended_by_a_setting_is_replayed_as_it_came(projector_pool, superuser):
    small = Intake(projector_pool, max_event_bytes=300)
    assert await take(small, shipment_planned()) == [QUARANTINED]
    narrow = Replays(projector_pool, {}, max_event_bytes=300)
    assert await statuses(narrow.replay(Chosen(), OPERATOR)) == ["quarantined"]
    assert await statuses(Replays(projector_pool, {}).replay(Chosen(), OPERATOR)) == ["accepted"]
    assert await history_of(superuser, "nordwind", "S-1") == ["shipment.planned.v1"]
    assert await opened(projector_pool) == []


async def test_entries_are_taken_in_the_order_they_came(projector_pool, replays):
    """Two plans claim one PRO number: the first to come has it, whichever way it came in."""
    small = Intake(projector_pool, max_event_bytes=300)
    first = message(
        "shipment.planned.v1",
        {"about": tms_shipment("S-1"), "references": [pro("S-1")], "ship_to": {"name": "x" * 200}},
    )
    second = message(
        "shipment.planned.v1",
        {"about": tms_shipment("S-2"), "references": [pro("S-1")], "ship_to": {"name": "x" * 200}},
    )
    await take(small, first, second)
    ids = await opened(projector_pool)
    replay = await replays.replay(Chosen(ids=tuple(reversed(ids))), OPERATOR)
    assert [(one.id, one.status, one.reason) for one in replay.entries] == [
        (ids[0], "accepted", None),
        (ids[1], "quarantined", "reference_conflict"),
    ]
    kept = await entry(projector_pool, ids[1])
    assert (kept.state, kept.reason, kept.pointer) == ("open", "reference_conflict", "/data/references")


async def test_a_released_event_that_conflicts_becomes_an_entry_of_its_own(intake, replays, projector_pool):
    plan = shipment_planned("S-1")
    link = reference_linked(tms_shipment("S-1"), pro("S-2"))
    await take(intake, poisoned(plan), link, shipment_planned("S-2"))
    replay = await replays.replay(Chosen(), OPERATOR)
    assert [one.status for one in replay.entries] == ["quarantined"]
    [poison] = await opened(projector_pool)
    replay = await replays.replay(Chosen(ids=(poison,)), OPERATOR, body=plan)
    assert [one.reason for one in replay.released] == ["reference_conflict"]
    [one] = await opened(projector_pool)
    assert (await content(projector_pool, one)).original == link


async def test_a_message_the_store_cannot_take_does_not_undo_the_others(projector_pool, replays, superuser):
    small = Intake(projector_pool, max_event_bytes=200)
    long = {"name": "x" * 200}
    bodies = [
        message("shipment.planned.v1", {"about": tms_shipment(number), "ship_to": long}, id=number)
        for number in ("S-1", "poison", "S-3")
    ]
    await take(small, *bodies)
    await superuser.execute("alter table log.event_key add constraint picky check (true)")
    await superuser.execute(
        "alter table log.event add constraint picky check (position(convert_to('poison', 'utf8') in body) = 0)"
    )
    assert await statuses(replays.replay(Chosen(), OPERATOR)) == ["accepted", "quarantined", "accepted"]
    await superuser.execute("alter table log.event drop constraint picky")
    assert await statuses(replays.replay(Chosen(), OPERATOR)) == ["accepted"]


NATIVE = declared("rdfx", {"name": "/3pl/lager", "format": "csv", "tenant": "nordwind"}, FORMATS)
ROWS = b"Wann,tracking_number,carrier,code\n2026-03-02T10:15:00Z,AL-1,RDFX,departed\n"


async def test_a_native_message_is_read_again_as_its_source_is_declared_now(intake, projector_pool):
    account = await take_in(intake, NATIVE, [ROWS], door=Door("import:csv", key="lager"))
    assert account.reasons == {"malformed": account.quarantined}
    as_it_was = Replays(projector_pool, {"other": NATIVE})
    assert set(await statuses(as_it_was.replay(Chosen(), OPERATOR))) == {"quarantined"}
    mended = declared(
        "lager",
        {"name": "/3pl/lager", "format": "csv", "tenant": "nordwind", "csv": {"columns": {"Wann": "time"}}},
        FORMATS,
    )
    assert "held" in await statuses(Replays(projector_pool, {"lager": mended}).replay(Chosen(), OPERATOR))
    [one] = await held(projector_pool, WantedHeld())
    assert (one.source, one.waits_for.value) == ("/3pl/lager", "AL-1")


async def test_the_native_bytes_are_kept_when_intake_refuses_what_an_adapter_made_of_them(intake, projector_pool):
    crm = declared("desk", {"name": "/crm/desk", "format": "csv", "tenant": "nordwind"}, FORMATS)
    row = b"time,tracking_number,carrier,code\n2026-03-02T10:15:00Z,AL-1,RDFX,departed\n"
    account = await take_in(intake, crm, [row], door=Door("http:csv", ("/crm/",), ("nordwind",), "desk"))
    assert account.reasons == {"not_owner": 1}
    [one] = await entries(projector_pool, Wanted())
    assert (await content(projector_pool, one.id)).original == row
    assert (one.format, one.source_key, one.sources, one.tenants) == ("csv", "desk", ("/crm/",), ("nordwind",))


async def test_what_was_taken_of_a_message_is_a_duplicate_and_the_rest_is_taken(intake, projector_pool, replays):
    """A row of events of one body: one of them was refused."""
    feed = declared("feed", {"name": "/carrier/blcr", "format": "carrier_json:bluecrest"}, FORMATS)
    event = {"eventId": 9, "proNumber": 730184562, "statusCode": 60, "eventTimeMs": 1772442900000}
    broken = msgspec.json.encode(event | {"eventTimeMs": "x"})
    await take_in(intake, feed, [broken], door=Door("http:x"))
    [one] = await opened(projector_pool)
    both = msgspec.json.encode([event, event | {"eventId": 10, "eventTimeMs": 1772443900000}])
    await take_in(intake, feed, [msgspec.json.encode(event)], door=Door("http:x"))
    assert await statuses(replays.replay(Chosen(ids=(one,)), OPERATOR, body=both)) == ["held"]
    assert len(await held(projector_pool, WantedHeld())) == 2


async def test_a_replay_has_no_more_rights_than_the_sender_had(intake, projector_pool, replays):
    body = order_released(source="/erp/main")
    await intake.take([Message(body, "http", ("/erp/second",), ("nordwind",))])
    assert await statuses(replays.replay(Chosen(), OPERATOR)) == ["quarantined"]
    [one] = await opened(projector_pool)
    others = order_released(source="/erp/second", tenant="suedwind")
    assert await statuses(replays.replay(Chosen(ids=(one,)), OPERATOR, body=others)) == ["quarantined"]
    own = order_released(source="/erp/second")
    assert await statuses(replays.replay(Chosen(ids=(one,)), OPERATOR, body=own)) == ["accepted"]


async def test_the_same_bytes_of_two_senders_are_two_entries(intake, projector_pool):
    await intake.take([Message(b"{", "http", ("/erp/",)), Message(b"{", "http", ("/tms/",)), Message(b"{", "stream")])
    assert len(await opened(projector_pool)) == 3


async def test_a_replay_does_not_make_a_source_heard(projector_pool, replays, superuser):
    await take(Intake(projector_pool, max_event_bytes=100), order_released())
    await replays.replay(Chosen(), OPERATOR)
    assert await superuser.fetchval("select count(*) from log.source_watermark") == 0


async def test_the_original_and_what_was_taken_in_its_stead_are_both_kept(intake, projector_pool, replays):
    plan = shipment_planned()
    await take(intake, poisoned(plan))
    [one] = await opened(projector_pool)
    await replays.replay(Chosen(ids=(one,)), OPERATOR, body=plan)
    assert tuple(await content(projector_pool, one)) == (poisoned(plan), plan)
    kept = await entry(projector_pool, one)
    assert (kept.state, kept.replaced, kept.settled_by) == ("replayed", True, "jo")
    with pytest.raises(SettledError):
        await replays.replay(Chosen(ids=(one,)), OPERATOR)
    with pytest.raises(NotThereError):
        await replays.dry_run(Chosen(ids=(one + 1,)))


async def test_what_was_decided_stands_while_the_reason_is_the_same(intake, projector_pool):
    await take(intake, b"{")
    [one] = await opened(projector_pool)
    await discard(projector_pool, one, OPERATOR, "noise")
    await take(intake, b"{")
    kept = await entry(projector_pool, one)
    assert (kept.state, kept.seen_count, kept.settled_because) == ("discarded", 2, "noise")
    with pytest.raises(SettledError):
        await discard(projector_pool, one, OPERATOR, "again")
    await take(Intake(projector_pool, max_event_bytes=0), b"{")
    kept = await entry(projector_pool, one)
    assert (kept.state, kept.reason, kept.settled_because) == ("open", RejectionReason.OVERSIZED, "noise")


async def test_a_discarded_entry_is_taken_by_name_only(projector_pool, replays):
    await take(Intake(projector_pool, max_event_bytes=100), order_released())
    [one] = await opened(projector_pool)
    await discard(projector_pool, one, OPERATOR, "by mistake")
    assert await statuses(replays.replay(Chosen(), OPERATOR)) == []
    assert await statuses(replays.replay(Chosen(ids=(one,)), OPERATOR)) == ["accepted"]


async def test_entries_are_chosen_by_reason_source_type_and_time(intake, projector_pool, replays):
    await take(intake, b"{", poisoned(shipment_planned()), poisoned(order_released()))
    broken, plan, order = await opened(projector_pool)
    seen = (await entry(projector_pool, order)).last_seen_at

    async def chosen(**wanted):
        return [one.id for one in (await replays.dry_run(Chosen(wanted=Wanted(**wanted)))).entries]

    assert await chosen(reason="malformed") == [broken]
    assert await chosen(source="/tms/") == [plan]
    assert await chosen(event_type="order.released.v1") == [order]
    assert await chosen(since=seen) == [broken, plan, order]
    assert await chosen(since=seen.replace(year=seen.year + 1)) == []
    assert [one.id for one in (await replays.dry_run(Chosen(after=broken))).entries] == [plan, order]


async def test_each_deed_is_written_down_and_stays(intake, projector_pool, replays, superuser):
    await take(intake, b"{", poisoned(order_released()), milestone())
    broken, order = await opened(projector_pool)
    await discard(projector_pool, broken, OPERATOR, "noise")
    await replays.dry_run(Chosen())
    await replays.replay(Chosen(ids=(order,)), OPERATOR, body=order_released())
    [waiting] = await held(projector_pool, WantedHeld())
    await let_go(projector_pool, waiting.key, OPERATOR, "test shipment")
    rows = await superuser.fetch("select actor, client_id, action, target, detail from portal.audit order by id")
    said = [(row["action"], row["target"], msgspec.json.decode(row["detail"])) for row in rows]
    assert said[0] == ("quarantine.discard", f"quarantine/{broken}", {"because": "noise"})
    assert said[1][:2] == ("quarantine.replay", f"quarantine/{order}")
    assert said[1][2].keys() == {"status", "replacement_sha256"}
    assert said[2][:2] == ("held.discard", f"held/{waiting.key}")
    assert {tuple(row)[:2] for row in rows} == {("jo", "ops-page")}
    for statement in ("update portal.audit set actor = 'x'", "delete from portal.audit", "truncate portal.audit"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only added to"):
            await superuser.execute(statement)


async def test_a_held_event_that_is_let_go_is_kept_and_may_come_again(intake, projector_pool, replays):
    body = milestone()
    await take(intake, body)
    [one] = await held(projector_pool, WantedHeld(source="/carrier/", reference="PRO-S-1"))
    assert await held_content(projector_pool, one.key) == body
    kept = await let_go(projector_pool, one.key, OPERATOR, "no such shipment")
    assert (kept.state, kept.reason, kept.settled_because) == ("discarded", "never_placed", "no such shipment")
    assert await held(projector_pool, WantedHeld()) == []
    with pytest.raises(NotThereError):
        await let_go(projector_pool, one.key, OPERATOR, "again")
    # Mended, it finds its shipment.
    await take(intake, shipment_planned("S-2"))
    assert await statuses(replays.replay(Chosen(ids=(kept.id,)), OPERATOR, body=milestone("S-2"))) == ["accepted"]
    assert await take(intake, body) == [HELD]


WORLD = [
    order_released("SO-1"),
    order_released("SO-2"),
    shipment_planned("S-1", "SO-1", quantity=4),
    shipment_planned("S-2", "SO-1", quantity=6),
    shipment_planned("S-3", "SO-9", tenant="suedwind"),
    shipment_assigned("S-1"),
    shipment_assigned("S-3", tenant="suedwind"),
    milestone("S-2", hours=3),
]
FIXES = {
    "a plan that moves its lines to another order": shipment_planned("S-1", "SO-2", quantity=4, hours=5),
    "a plan nobody knew, with what waited": shipment_planned("S-7", "SO-1", quantity=1),
    "a load's milestone": load_milestone(code="departed", hours=6),
    "a delivery": milestone("S-1", "delivered", hours=9),
    "an invoice": invoice_posted(),
    "an order of a shipment that came before it": order_released("SO-9", tenant="suedwind"),
    "a retraction": retracted("gone", tms_shipment("S-2"), hours=7),
    "nothing new": WORLD[0],
}


@pytest.mark.parametrize("name", FIXES)
@pytest.mark.parametrize("projected", [True, False])
async def test_the_dry_run_says_what_the_replay_then_does(
    intake, replays, projector_pool, superuser, projector, name, projected
):
    fix = FIXES[name]
    running = projector()
    await take(
        intake, *WORLD, milestone("S-2", "out_for_delivery", id="gone", source="/tms/main", hours=4), milestone("S-7")
    )
    await running.catch_up()
    if not projected:
        # Something of the same orders is in the log and in no view yet.
        await take(intake, shipment_planned("S-8", "SO-1", quantity=2), milestone("S-8"), milestone("S-1", hours=8))
    await take(intake, b"poison")
    [poison] = await opened(projector_pool)
    before = await refolded(superuser)
    log = await superuser.fetch("select * from log.event order by partition, position")
    dry = await replays.dry_run(Chosen(ids=(poison,)), body=fix)
    assert await superuser.fetch("select * from log.event order by partition, position") == log
    assert await opened(projector_pool) == [poison]
    real = await replays.replay(Chosen(ids=(poison,)), OPERATOR, body=fix)
    assert (dry.entries, dry.released) == (real.entries, real.released)
    await running.catch_up()
    after = await stored(superuser)
    changed = {key for key in before.keys() | after.keys() if shown(before, key) != shown(after, key)}
    assert {(one.tenant, one.subject_id) for one in dry.changes} == changed
    assert bool(changed) == (name != "nothing new")
    for one in dry.changes:
        key = (one.tenant, one.subject_id)
        assert (one.before, one.after) == (shown(before, key), shown(after, key))


def shown(views, key):
    return views[key].document if key in views else None


async def test_a_dry_run_tells_nobody(replays, projector_pool, superuser):
    heard = []
    await superuser.add_listener("portal_log", lambda *_: heard.append(1))
    await take(Intake(projector_pool, max_event_bytes=100), order_released())
    assert (await replays.dry_run(Chosen())).changes
    await replays.replay(Chosen(), OPERATOR)
    await superuser.fetchval("select 1")
    await asyncio.sleep(0)
    assert heard == [1]


async def test_two_who_replay_the_same_take_it_once(projector_pool, replays, superuser):
    await take(Intake(projector_pool, max_event_bytes=100), order_released())
    both = await asyncio.gather(*(statuses(replays.replay(Chosen(), OPERATOR)) for _ in range(2)))
    assert sorted(both) == [[], ["accepted"]]
    assert await superuser.fetchval("select count(*) from log.event") == 1


async def test_a_dry_run_waits_for_projection_that_is_far_behind(intake, projector_pool, replays, monkeypatch):
    await take(intake, shipment_planned("S-8"))
    await take(Intake(projector_pool, max_event_bytes=100), order_released())
    monkeypatch.setattr(preview, "MAX_UNFOLDED", 0)
    with pytest.raises(BehindError):
        await replays.dry_run(Chosen())
    assert await statuses(replays.replay(Chosen(), OPERATOR)) == ["accepted"]


async def test_the_operators_role_looks_and_changes_nothing(database, intake):
    await take(intake, b"{", order_released())
    async with await open_pool(database, DatabaseRole.OPS, connections=1) as operating:
        for table in ("quarantine", "held", "event", "source_watermark", "partition"):
            assert await operating.fetchval(f"select count(*) from log.{table}") is not None  # noqa: S608 - names of ours
        assert await operating.fetchval("select count(*) from portal.audit") == 0
        for statement in (
            "update log.quarantine set state = 'discarded'",
            "delete from log.held",
            "insert into portal.audit (actor, client_id, action, target) values ('', '', '', '')",
            "select * from portal.shipment_view",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await operating.execute(statement)
