"""The simulated network: true to the vocabulary, repeatable, and as broken as it is told to be, no more."""

import asyncio
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import islice

import msgspec
import pytest
from click.testing import CliRunner

from app.cli.simulate import simulate
from app.simulator.disorder import Disorder, disturbed
from app.simulator.emission import Emission, Fault
from app.simulator.flaws import FLAWS
from app.simulator.network import network
from app.simulator.numbers import Numbers, run_of
from app.simulator.publish import broadcast
from app.simulator.simulation import Knobs, Simulation, events, sample_references
from projections.envelope import decode
from projections.event import Event, Rejection
from projections.events import (
    EVENT_TYPES,
    About,
    EtaChanged,
    LoadPlanned,
    OrderReleased,
    ShipmentAssigned,
    ShipmentPlanned,
)
from projections.references import ReferenceType, SubjectKind, public_id

START = datetime(2026, 1, 5, 6, tzinfo=UTC)
LATER = START + timedelta(days=300)


def understood(body: bytes) -> Event:
    event = decode(body, LATER)
    assert isinstance(event, Event), event
    return event


@pytest.fixture(scope="module")
def bodies() -> list[bytes]:
    return list(events(seed=7, tenants=6, shipments=2_000, start=START))


@pytest.fixture(scope="module")
def stream(bodies) -> list[Event]:
    return [understood(body) for body in bodies]


def names_of(event: Event):
    """All names an event gives its subject, each with the space it is unique in."""
    data = event.data
    for reference in (data.about, *data.references):
        if reference.identifies:
            yield reference.type, reference.scope(event.tenant), reference.value


def test_every_event_is_understood_and_every_type_occurs(stream):
    assert {event.type for event in stream} == set(EVENT_TYPES)


def test_no_two_events_share_an_id(stream):
    assert len({event.key for event in stream}) == len(stream)


def test_a_shipment_has_about_twenty_events(stream):
    shipments = {event.data.about.value for event in stream if isinstance(event.data, ShipmentPlanned)}
    beats = sum(event.type == "source.heartbeat.v1" for event in stream)
    assert 2_000 <= len(shipments) < 2_020
    assert 18 <= (len(stream) - beats) / len(shipments) <= 25


def test_events_come_in_order_of_time(stream):
    times = [event.occurred_at for event in stream]
    assert times == sorted(times)


def test_the_last_story_ends_within_the_time_promised(stream):
    assert stream[-1].occurred_at < START + timedelta(days=260)


def test_every_reference_leads_to_one_thing_that_was_introduced(stream):
    introduced = {
        (event.data.about.type, event.data.about.scope(event.tenant), event.data.about.value)
        for event in stream
        if isinstance(event.data, OrderReleased | ShipmentPlanned | LoadPlanned)
    }
    thing_of = {name: name for name in introduced}
    for _ in range(2):  # A link may be told before or after what it hangs on.
        for event in stream:
            if isinstance(event.data, About):
                names = list(names_of(event))
                things = {thing_of[name] for name in names if name in thing_of}
                assert len(things) <= 1, event
                thing_of.update((name, thing) for name in names for thing in things)
    for event in stream:
        if event.type == "invoice.posted.v1":
            thing_of[(ReferenceType.INVOICE, f"tenant:{event.tenant}", event.data.invoice)] = event.id
    assert all(name in thing_of for event in stream if isinstance(event.data, About) for name in names_of(event))


def test_carriers_speak_of_no_tenant_and_all_who_must_do(stream):
    for event in stream:
        if event.source.startswith("/carrier/"):
            assert event.tenant is None


def test_trucks_carry_several_customers_some_to_one_stop(stream):
    loads = [event.data for event in stream if isinstance(event.data, LoadPlanned)]
    aboard = [{one.tenant for one in load.stops[0].shipments} for load in loads]
    shared = [stop for load in loads for stop in load.stops[1:] if len({one.tenant for one in stop.shipments}) > 1]
    assert sum(len(tenants) > 1 for tenants in aboard) > len(loads) / 2
    assert shared


def test_a_load_is_assigned_every_shipment_its_stops_name(stream):
    assigned = defaultdict(set)
    for event in stream:
        if isinstance(event.data, ShipmentAssigned):
            assigned[event.data.load].add(event.data.about.value)
    for event in stream:
        if isinstance(event.data, LoadPlanned):
            assert {one.tms_shipment for one in event.data.stops[0].shipments} == assigned[event.data.about.value]


def test_some_shipments_are_late_and_most_are_not(stream):
    promised, last_eta, shipment_of = {}, {}, {}
    for event in stream:
        data = event.data
        if isinstance(data, ShipmentPlanned):
            promised[data.about.value] = data.promised_at
        if event.type in {"shipment.planned.v1", "shipment.tender_accepted.v1", "reference.linked.v1"}:
            shipment_of.update(dict.fromkeys((one.value for one in data.references), data.about.value))
        if isinstance(data, EtaChanged) and data.about.value in shipment_of:
            last_eta[shipment_of[data.about.value]] = data.eta_at
    late = sum(eta > promised[number] for number, eta in last_eta.items())
    assert 0.05 < late / len(last_eta) < 0.35


def test_the_same_seed_and_start_repeat_byte_for_byte(bodies):
    again = events(seed=7, tenants=6, shipments=2_000, start=START)
    assert list(islice(again, 5_000)) == bodies[:5_000]


@pytest.mark.parametrize(("seed", "start"), [(8, START), (7, START + timedelta(seconds=1))])
def test_another_seed_or_start_shares_no_id_and_no_number(stream, seed, start):
    others = [understood(body) for body in events(seed=seed, tenants=6, shipments=100, start=start)]
    assert not {event.key for event in others} & {event.key for event in stream}

    def numbers(told):
        return {event.data.about.value for event in told if isinstance(event.data, About)}

    assert not numbers(others) & numbers(stream)


def test_the_first_three_tenants_are_always_the_same():
    for seed in (1, 2):
        assert [tenant.slug for tenant in network(seed, 3).tenants] == ["nordwind", "alpina", "meridian"]


def test_any_number_of_tenants_has_names_of_their_own():
    tenants = network(1, 40).tenants
    assert len({tenant.slug for tenant in tenants}) == len({tenant.name for tenant in tenants}) == 40


def test_an_sscc_has_the_check_digit_of_gs1():
    numbers = Numbers(run_of(1, 3, START), 12)
    for _ in range(20):
        code = numbers.sscc()
        weighted = [int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(code)]
        assert len(code) == 18
        assert sum(weighted) % 10 == 0


def test_memory_holds_the_stories_under_way_not_all():
    simulation = Simulation(Knobs(start=START, orders_per_day=20))
    under_way = []
    for count, _ in enumerate(simulation.history(START + timedelta(days=150))):
        if count % 1_000 == 0:
            under_way.append(len(simulation._timeline))
    assert simulation._stories > 1_500
    # Goods travel and bills are paid within some 50 days: about 630 stories.
    assert max(under_way) < 800


def test_history_ends_at_its_end_and_the_present_goes_on_from_there():
    now = START + timedelta(days=10)
    simulation = Simulation(Knobs(start=START, orders_per_day=30))
    past = list(simulation.history(now))
    present = list(islice(simulation.live(now, speed=1440), 2_000))
    assert all(one.at <= now for one in past)
    assert all(now <= one.at for one in present)
    assert [one.at for one in present] == sorted(one.at for one in present)
    told = [understood(one.body) for one in past + present]
    assert len({event.key for event in told}) == len(told)
    begun = {event.data.about.value for event in told[: len(past)] if isinstance(event.data, About)}
    assert any(event.data.about.value in begun for event in told[len(past) :] if isinstance(event.data, About))


def test_in_the_present_time_runs_faster_but_promises_stay_days_ahead():
    simulation = Simulation(Knobs(start=START, orders_per_day=60))
    list(simulation.history(START))
    present = list(islice(simulation.live(START, speed=1440), 3_000))
    span_seconds = (present[-1].at - START).total_seconds()
    assert 30 < span_seconds < 600
    told = [understood(one.body) for one in present]
    assert any(event.type == "shipment.milestone.v1" and event.data.code == "delivered" for event in told)
    for event in told:
        if isinstance(event.data, OrderReleased):
            assert event.data.promised_at > event.occurred_at + timedelta(hours=36)


def test_samples_name_what_was_published():
    now = START + timedelta(days=20)
    knobs = Knobs(start=START, tenants=3)
    published = [understood(one.body) for one in Simulation(knobs).history(now)]
    samples = sample_references(knobs, now)
    assert set(samples) == {"nordwind", "alpina", "meridian"}
    for tenant, sample in samples.items():
        assert sample.shipment_id == public_id(SubjectKind.SHIPMENT, tenant, sample.shipment_number)
        assert sample.order_id == public_id(SubjectKind.ORDER, tenant, sample.order_number)
        mine = [event for event in published if event.tenant == tenant]
        assert any(name[2] == sample.tracking_number for event in mine for name in named(event))
        assert any(sample.order_number in event.body.decode() and event.type == "order.released.v1" for event in mine)
        assert any(
            sample.shipment_number in event.body.decode() and event.type == "shipment.planned.v1" for event in mine
        )


def named(event: Event):
    return names_of(event) if isinstance(event.data, About) else ()


@pytest.fixture(scope="module")
def clean() -> list[Emission]:
    return list(islice(Simulation(Knobs(start=START)).history(), 20_000))


def test_without_knobs_the_stream_stays_clean(clean):
    assert list(disturbed(iter(clean), Disorder(), 1)) == clean


def test_faults_come_in_the_shares_asked_for_and_lose_nothing(clean):
    knobs = Disorder(duplicates=0.03, late=0.02, disorder=0.04, malformed=0.01)
    sent = list(disturbed(iter(clean), knobs, 1))
    counts = Counter(emission.fault for emission in sent)
    for fault, share in zip(Fault, (0.03, 0.02, 0.04, 0.01), strict=True):
        assert counts[fault] == pytest.approx(share * len(clean), rel=0.2)
    true = [emission.body for emission in sent if emission.fault not in {Fault.DUPLICATE, Fault.MALFORMED}]
    assert Counter(true) == Counter(emission.body for emission in clean)
    assert true != [emission.body for emission in clean]


def test_faults_are_repeatable(clean):
    knobs = Disorder(duplicates=0.1, late=0.1, disorder=0.1, malformed=0.1)
    assert list(disturbed(iter(clean), knobs, 5)) == list(disturbed(iter(clean), knobs, 5))
    assert list(disturbed(iter(clean), knobs, 5)) != list(disturbed(iter(clean), knobs, 6))


@pytest.mark.parametrize("name", FLAWS)
def test_a_flawed_message_is_refused_for_its_reason(clean, name):
    for emission in clean[::100]:
        answer = decode(FLAWS[name].spoil(emission.body), LATER)
        assert isinstance(answer, Rejection)
        assert answer.reason is FLAWS[name].reason


class Recorder:
    """A feed that notes when each message came."""

    def __init__(self) -> None:
        self.came: list[tuple[datetime, Emission]] = []

    async def send(self, batch):
        self.came += [(datetime.now(UTC), emission) for emission in batch]


async def test_nothing_is_sent_before_its_time():
    now = datetime.now(UTC)
    due = [Emission(now + timedelta(milliseconds=15 * number), "x", b"{}") for number in range(-3, 6)]
    feed = Recorder()
    await broadcast(iter(due), feed, lambda _: None)
    assert [emission for _, emission in feed.came] == due
    assert all(came_at >= emission.at for came_at, emission in feed.came)


async def test_sending_stops_when_told_to():
    simulation = Simulation(Knobs(start=datetime.now(UTC)))
    task = asyncio.create_task(broadcast(simulation.live(simulation.knobs.start, 60), Recorder(), lambda _: None))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_the_command_writes_a_history_its_samples_and_a_summary(tmp_path):
    out, samples = tmp_path / "events.ndjson", tmp_path / "samples.json"
    arguments = (
        f"--history 20d --no-live --tenants 3 --malformed 0.01 --duplicates 0.02 --out {out} --samples {samples}"
    )
    ran = CliRunner().invoke(simulate, [*arguments.split(), "--json"])
    assert ran.exit_code == 0, ran.output
    summary = msgspec.json.decode(ran.stdout)
    lines = out.read_bytes().splitlines()
    now = datetime.now(UTC)
    refused = sum(isinstance(decode(line, now), Rejection) for line in lines)
    assert len(lines) == summary["events"] > 10_000
    assert refused == summary["malformed"] > 0
    assert summary["duplicates"] > 0
    assert summary["shipments"] > 500
    assert set(msgspec.json.decode(samples.read_bytes())) == {"nordwind", "alpina", "meridian"}


def test_the_command_goes_live_and_stops_after_so_many_events(tmp_path):
    out = tmp_path / "events.ndjson"
    ran = CliRunner().invoke(simulate, f"--speed 1000000 --events 300 --out {out} --json".split())
    assert ran.exit_code == 0, ran.output
    told = [decode(line, datetime.now(UTC)) for line in out.read_bytes().splitlines()]
    assert len(told) == 300
    assert max(event.occurred_at for event in told) <= datetime.now(UTC)


@pytest.mark.parametrize(
    "arguments",
    [
        "--history 1d",
        "--out x --no-live",
        "--out x --history soon",
        "--out x --late 1.5",
        "--redis-url localhost:6379",
        "--out /nowhere/at/all",
    ],
)
def test_wrong_options_are_refused_with_code_2(arguments, monkeypatch):
    monkeypatch.delenv("PORTAL_REDIS_URL", raising=False)
    assert CliRunner().invoke(simulate, arguments.split()).exit_code == 2


def test_a_feed_that_cannot_be_reached_is_said_with_code_1():
    ran = CliRunner().invoke(simulate, ["--redis-url", "redis://127.0.0.1:1/0", "--history", "1d", "--no-live"])
    assert ran.exit_code == 1
    assert "cannot be written" in ran.stderr
