"""`make load`'s users, over real HTTP against a service of a process of its own."""

import asyncio
import os
import sys
from pathlib import Path

import msgspec
import pytest

from app.demo.accounts import READER_SCOPES, Demo, DemoClient, Sample
from app.settings import Settings
from auth.issuer.clients import Client, create_client
from loadtests.users.names import CRM_CARD, PARTNER_APP, PORTAL_READER, offered
from projections.database import DatabaseRole, open_pool
from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import milestone, order_released, shipment_planned
from tests.served import served

pytestmark = pytest.mark.timeout(180)


async def ran(*words: str) -> tuple[int | None, str]:
    """The exit code of a module, and what it said."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *words),
        env=os.environ | {"NO_COLOR": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await child.communicate()
    return child.returncode, said.decode()


async def load(url: str, secret: str, folder: Path) -> tuple[int | None, str]:
    """Three users for three seconds, on a service that is known to nordwind's client with this secret."""
    client = DemoClient("nordwind-app", secret, "nordwind", READER_SCOPES)
    samples = {"nordwind": Sample(ladder.SHIPMENT, ladder.ORDER, "S-1")}
    file = folder / "demo.json"
    file.write_bytes(msgspec.json.encode(Demo(url, f"{url}/oauth/token", (client,), (), samples)))
    bounds = ("--users", "3", "--seconds", "3", "--report", str(folder / "report.html"))
    return await ran("loadtests.load", "--demo", str(file), *bounds)


async def test_users_read_without_a_failure_and_a_failure_is_told(service: Service, settings: Settings, tmp_path: Path):
    await service.take(order_released(), shipment_planned(), milestone(hours=5))
    async with await open_pool(settings.database_url, DatabaseRole.ISSUER, connections=1) as pool:
        secret = await create_client(pool, Client("nordwind-app", "app", READER_SCOPES, tenant="nordwind"))
    async with served(settings) as url:
        code, said = await load(url, secret, tmp_path)
        assert code == 0, said
        assert "Aggregated" in said
        assert "/v1/shipments/{id}" in (tmp_path / "report.html").read_text()
        code, said = await load(url, "not the secret", tmp_path)
        assert code == 1, said


async def test_a_demo_that_does_not_answer_is_named(tmp_path: Path):
    code, said = await ran("loadtests.load", "--demo", str(tmp_path / "demo.json"))
    assert code == 1
    assert "names no demo that answers" in said


async def test_the_users_known_by_name_are_those_there_are():
    code, said = await ran("locust", "-f", "loadtests/locustfile.py", "--list")
    assert code == 0, said
    assert {word for word in said.split() if word.isalpha()} >= {PORTAL_READER, CRM_CARD, PARTNER_APP}


def test_users_whose_door_is_missing_are_left_out_by_name():
    assert offered(["/v1/shipments", "/v1/cards/{shipment_id}"], graphql=True)[1] == {}
    kinds, left_out = offered(["/v1/shipments"], graphql=False)
    assert kinds == [PORTAL_READER]
    assert left_out.keys() == {CRM_CARD, PARTNER_APP}
