"""`/metrics`: guarded, in Prometheus' format, the same whichever worker answers."""

from prometheus_client.parser import text_string_to_metric_families

from tests.api import ladder
from tests.fixtures_service import Service, running
from tests.messages import message, milestone, order_released, shipment_planned

PATH = "/metrics"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


async def scraped(service: Service) -> Samples:
    answer = await service.get(PATH, None, ("ops:read",))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["cache-control"] == "no-store"
    families = text_string_to_metric_families(answer.text)
    samples = [sample for family in families for sample in family.samples]
    found = {(one.name, tuple(sorted(one.labels.items()))): one.value for one in samples}
    assert len(found) == len(samples)
    return found


async def test_the_anonymous_and_those_without_the_scope_are_refused(world: Service):
    await ladder.refuses_the_anonymous(world, PATH)
    ladder.refused(await world.get(PATH, scopes=("shipments:read", "ops:replay")), 403, "missing_scope")
    ladder.refused(await world.get(f"{PATH}?x=1", None, ("ops:read",)), 400, "unknown_parameter")


async def test_sources_partitions_and_what_is_stuck_are_told(service: Service):
    code = {"about": {"type": "pro", "value": "P", "carrier": "ABFS"}, "code": "unmapped", "raw_code": 'a"\\b\nc'}
    await service.take(order_released(), shipment_planned(source="/crm/desk"), milestone("S-9"), b"{")
    await service.take(message("shipment.milestone.v1", code, source="/carrier/ABFS", tenant=None))
    told = await scraped(service)
    erp, carrier = ("source", "/erp/main"), ("source", "/carrier/ABFS")
    assert told["portal_source_messages_total", (("outcome", "accepted"), erp)] == 1
    assert told["portal_source_messages_total", (("outcome", "held"), carrier)] == 2
    assert told["portal_source_quarantined_total", (("reason", "not_owner"), ("source", "/crm/desk"))] == 1
    assert told["portal_source_unknown_codes_total", (("code", 'a"\\b\nc'), carrier)] == 1
    assert told["portal_source_state", (erp, ("state", "live"))] == 1
    assert told["portal_source_quiet_seconds", (erp,)] < 60
    assert told["portal_source_quiet_seconds", (("source", "/crm/desk"),)] == float("inf")
    assert told["portal_quarantine_messages", (("reason", "malformed"),)] == 1
    assert told["portal_held_events", ()] == 2
    assert 0 <= told["portal_held_oldest_seconds", ()] < 60
    lags = {labels: value for (name, labels), value in told.items() if name == "portal_partition_lag_seconds"}
    assert len(lags) == 16
    assert told["portal_partition_behind_rows", (("partition", "0"),)] == 0


async def test_an_idle_installation_is_told_of_too(service: Service):
    told = await scraped(service)
    assert told["portal_held_events", ()] == 0
    assert not [name for name, _ in told if name.startswith("portal_source_")]


async def test_workers_tell_the_same_of_what_is_common(service: Service, redis, projector_pool):
    await service.take(order_released(), b"{")
    async with running(service.settings, redis, projector_pool) as another:
        another._headers = service._headers
        both = [await scraped(service), await scraped(another)]
    common = [
        {key: value for key, value in told.items() if key[0].endswith("_total") and "worker" not in key[0]}
        for told in both
    ]
    assert common[0] == common[1]
    assert common[0]
    for name in ("postgres_answers", "redis_answers", "memory_documents", "believed_partitions"):
        assert any(key[0] == f"portal_worker_{name}" for key in both[0])
