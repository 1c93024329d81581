"""`portal prove-isolation`: it finds nothing where nothing leaks, and does find each kind of leak."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from app.demo import accounts
from app.graphql.schema import sdl
from app.isolation import parties
from app.isolation.exchange import Exchange
from app.isolation.findings import Findings
from app.isolation.prover import prove
from app.reads.path import ReadPath
from app.rest import hot
from app.rest.answers import Headers
from app.rest.lists import ListEndpoint
from app.settings import Settings
from tests.fixtures_service import UNLIMITED, Service, projecting
from tests.integration.broken_policy import ALL_TENANTS
from tests.integration.test_demo import free_port
from tests.integration.waiting import until

TENANTS = ["nordwind", "suedwind", "ostwind", "westwind", "gegenwind"]
pytestmark = pytest.mark.timeout(900)

SERVE = """
import sys
import granian
from app import settings
from app.cli import roles
sound = granian.Granian
granian.Granian = lambda target, **options: sound(sys.argv[1], **options)
roles.server_of(settings.load()).serve()
"""


@contextmanager
def started(environment: dict[str, str], log: Path, *arguments: str) -> Iterator[None]:
    with log.open("wb") as out:
        running = subprocess.Popen([sys.executable, *arguments], env=environment, stdout=out, stderr=out)
        try:
            yield
        finally:
            running.terminate()
            running.wait(30)


@contextmanager
def deployment(settings: Settings, target: str) -> Iterator[dict[str, str]]:
    """The service of two workers at this target and a projector, as processes."""
    folder = Path(settings.data_dir)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    environment = inherited | {
        "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL_REDIS_URL": settings.redis_url,
        "PORTAL_DATA_DIR": settings.data_dir,
        "PORTAL_PORT": str(settings.port),
        "PORTAL_WORKERS": "2",
        "PORTAL_FAILURE_LIMIT": "off",
        # How often one may ask is proved elsewhere; to wait for it here takes minutes.
        "PORTAL_RATE_LIMIT": UNLIMITED,
        ALL_TENANTS: ",".join(TENANTS),
    }
    with ExitStack() as stack:
        stack.enter_context(started(environment, folder / "serve.log", "-c", SERVE, target))
        stack.enter_context(started(environment, folder / "project.log", "-m", "app.cli", "project"))
        yield environment


async def ready(url: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            return (await http.get(f"{url}/readyz")).is_success
        except httpx.HTTPError:
            return False


async def proof(settings: Settings, target: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    """What the command says of a deployment, and its exit code."""
    settings = msgspec.structs.replace(settings, port=free_port())
    file = Path(settings.data_dir) / "demo.json"
    demo = accounts.plan(settings.public_url, TENANTS, None)
    await accounts.register(settings, demo)
    accounts.save(file, demo)
    with deployment(settings, target):
        await until(lambda: ready(settings.public_url), within_seconds=60)
        command = [sys.executable, "-m", "app.cli", "prove-isolation", "--demo", str(file), "--json", *arguments]
        running = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, errors = await running.communicate()
    assert out, errors.decode()[-2_000:]
    return running.returncode or 0, dict(json.loads(out))


@pytest.mark.usefixtures("redis")
async def test_five_tenants_and_two_workers_leak_nothing(settings: Settings):
    code, told = await proof(settings, "app.asgi:create_app")
    assert (told["leaks"], told["undriven"], told["faults"]) == (0, {}, {}), told["details"][:3]
    assert code == 0
    assert told["tenants"] == 5
    assert told["probes"] > 5_000
    assert told["seen_by_owners"] > 1_000


@pytest.mark.usefixtures("redis")
async def test_a_policy_that_is_broken_is_caught(settings: Settings):
    code, told = await proof(settings, "tests.integration.broken_policy:create_app", "--tenants", "2")
    assert code == 1
    assert {leak["kind"] for leak in told["details"]} >= {"canary", "id", "tenant"}
    assert {leak["operation"] for leak in told["details"]} >= {"listShipments", "getOrder", "lookUp"}


@pytest.fixture
async def known(service: Service) -> AsyncIterator[parties.Deployment]:
    demo = accounts.plan(service.settings.public_url, TENANTS[:2], None)
    await accounts.register(service.settings, demo)
    async with projecting(service):
        yield msgspec.convert(msgspec.to_builtins(demo), parties.Deployment)


async def found_in(service: Service, known: parties.Deployment) -> Findings:
    exchange = Exchange(service.http)
    return await prove(exchange, await parties.sign_in(exchange, known, 2), lambda *_: lambda: None, sdl())


@pytest.fixture
def a_404_that_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody else was shown is not found in other words."""
    known: set[str] = set()
    read = ReadPath.read

    async def telling(self: ReadPath, tenants: tuple[str, ...], subject_id: str) -> object:
        served = await read(self, tenants, subject_id)
        if served is not None:
            known.add(subject_id)
        elif subject_id in known:
            raise hot.Problem("not_found", "There is no such thing of yours.")
        return served

    monkeypatch.setattr(ReadPath, "read", telling)


@pytest.fixture
def lists_that_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A total over what everybody was shown."""
    ask = ListEndpoint.__call__
    asked: dict[bytes, int] = {}

    async def counting(self: ListEndpoint, authorization: bytes | None, query_string: bytes) -> tuple[bytes, Headers]:
        answer, headers = await ask(self, authorization, query_string)
        asked[query_string] = asked.get(query_string, 0) + answer.count(b'"tenant"')
        return answer[:-1] + b',"total":%d}' % asked[query_string], headers

    monkeypatch.setattr(ListEndpoint, "__call__", counting)


@pytest.fixture
def milestones_that_show_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hot._PARTS["shipment"], "milestones", lambda _: b'{"items":[]}')


@pytest.mark.usefixtures("a_404_that_tells", "lists_that_count", "milestones_that_show_nothing")
async def test_what_no_search_can_see_is_caught_and_all_is_taken_back(service: Service, known: parties.Deployment):
    found = await found_in(service, known)
    assert {(leak.operation, leak.kind) for leak in found.details} >= {
        *((name, "existence") for name in ("getShipment", "getOrder", "getShipmentMilestones")),
        *((name, "count") for name in ("listShipments", "listOrders")),
    }
    assert found.undriven == {
        "GET /v1/shipments/{id}/milestones": "shows nordwind, suedwind nothing of what was planted for them"
    }
    assert not found.is_proof
    await service.projector.catch_up()
    for tenant in TENANTS[:2]:
        for kind in ("shipments", "orders"):
            assert (await service.get(f"/v1/{kind}", tenant=tenant)).json()["items"] == []


def test_a_file_that_is_missing_is_a_usage_error(tmp_path: Path):
    command = [sys.executable, "-m", "app.cli", "prove-isolation", "--demo", str(tmp_path / "none.json")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "cannot be read" in ended.stderr
