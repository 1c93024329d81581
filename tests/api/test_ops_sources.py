"""`GET /v1/ops/sources` and what customers see of a source's silence."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest

from app.settings import Settings
from projections.intake.outcomes import Message
from tests.api import ladder
from tests.fixtures_service import Service, projecting
from tests.integration.waiting import until
from tests.messages import message, milestone, order_released, shipment_planned

PATH = "/v1/ops/sources"
SOURCES = """
[erp]
name = "/erp/main"
format = "events"
expected_every_seconds = 600

[abfs]
name = "/carrier/ABFS"
format = "x12"

[never]
name = "/3pl/never"
format = "csv"
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    file = tmp_path / "sources.toml"
    file.write_text(SOURCES)
    return msgspec.structs.replace(settings, sources_file=str(file))


async def ask(service: Service, path: str = PATH) -> httpx.Response:
    return await service.get(path, None, ("ops:read",))


async def listed(service: Service) -> dict[str, dict]:
    return {one["source"]: one for one in (await ask(service)).json()["items"]}


async def quiet(service: Service, source: str, **ago: float) -> None:
    """Have a source last heard so long ago."""
    connection = await asyncpg.connect(service.settings.database_url)
    await connection.execute(
        "update log.source_watermark set recorded_at = $2, alive_at = $2 where source = $1",
        *(source, datetime.now(UTC) - timedelta(**ago)),
    )
    await connection.close()


async def test_the_anonymous_and_those_without_the_scope_are_refused(world: Service):
    await ladder.refuses_the_anonymous(world, PATH)
    ladder.refused(await world.get(PATH, scopes=("shipments:read", "ops:replay")), 403, "missing_scope")


async def test_what_is_asked_wrongly_is_named(world: Service):
    for query, code in (
        ("colour=red", "unknown_parameter"),
        ("limit=201", "invalid_parameter"),
        ("cursor=x", "broken_cursor"),
    ):
        assert ladder.refused(await ask(world, f"{PATH}?{query}"), 400, code)["detail"]


async def test_every_source_heard_counted_or_declared_is_listed(service: Service):
    await service.take(order_released(), shipment_planned(), milestone(), milestone(code="teleported"))
    await service.take(shipment_planned(source="/crm/desk"), b"{")
    found = await listed(service)
    assert [*found] == sorted(found)
    assert {name: one["state"] for name, one in found.items()} == {
        "/erp/main": "live",
        "/tms/main": "live",
        "/carrier/ABFS": "live",
        "/crm/desk": "silent",
        "/3pl/never": "silent",
        "/unknown": "silent",
    }
    carrier = found["/carrier/ABFS"]
    assert (carrier["role"], carrier["keys"], carrier["expected_every_seconds"]) == ("carrier", ["abfs"], 86_400)
    assert (carrier["accepted"], carrier["quarantined"], carrier["reasons"]) == (1, 1, {"unknown_code": 1})
    assert datetime.fromisoformat(carrier["occurred_at"]) < datetime.fromisoformat(carrier["heard_at"])
    assert carrier["watermark_lag_seconds"] > 86_400
    assert found["/crm/desk"]["reasons"] == {"not_owner": 1}
    assert found["/erp/main"]["expected_every_seconds"] == 600
    never = found["/3pl/never"]
    assert (never["keys"], never["heard_at"], never["watermark_lag_seconds"]) == (["never"], None, None)


async def test_unknown_codes_are_told_as_their_source_writes_them(service: Service):
    about = {"about": {"type": "pro", "value": "PRO-1", "carrier": "ABFS"}, "code": "unmapped", "raw_code": "Ö 7"}
    await service.take(message("shipment.milestone.v1", about, source="/carrier/ABFS", tenant=None))
    assert (await listed(service))["/carrier/ABFS"]["unknown_codes"] == {"Ö 7": 1}


async def test_pages_hold_each_source_once(service: Service):
    await service.take(*(order_released(f"SO-{n}", source=f"/erp/{'x' * 190}{n}") for n in range(3)), b"{")
    whole = [one["source"] for one in (await ask(service)).json()["items"]]
    paged, path = [], f"{PATH}?limit=2"
    while path:
        page = (await ask(service, path)).json()
        paged += [one["source"] for one in page["items"]]
        path = page["next_cursor"] and f"{PATH}?limit=2&cursor={page['next_cursor']}"
    assert paged == whole
    assert len(whole) == 7


async def test_a_customer_sees_which_source_is_silent_and_that_the_document_is_not_live(service: Service):
    await service.take(order_released(), shipment_planned(), milestone())
    path = f"/v1/orders/{ladder.ORDER}"

    async def freshness() -> dict:
        return dict((await service.get(path)).json()["freshness"])

    async def told(state: str, source: str, of_source: str) -> bool:
        seen = await freshness()
        return (
            seen["state"] == state
            and {"source": source, "state": of_source}.items()
            <= next(one for one in seen["sources"] if one["source"] == source).items()
        )

    async with projecting(service):
        await until(lambda: told("live", "/erp/main", "live"))
        await quiet(service, "/erp/main", seconds=700)
        await until(lambda: told("live", "/erp/main", "late"))
        await quiet(service, "/erp/main", seconds=1_900)
        await until(lambda: told("delayed", "/erp/main", "silent"))
        # It speaks again, though of old things only; a heartbeat of old things would not do.
        beat = message("source.heartbeat.v1", {}, source="/erp/main", tenant=None)
        await service.intake.take([Message(beat, "test")])
        assert await told("delayed", "/erp/main", "silent")
        await service.intake.take([Message(order_released("SO-2"), "test")])
        await until(lambda: told("live", "/erp/main", "live"))
        assert (await service.http.get("/healthz")).status_code == 200
