"""`portal demo`, as a newcomer starts it: the contract's file, a network that moves, and an end without remains."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures_issuer import VERIFIER, asked, transaction_in
from tests.fixtures_issuer import told as sent_back

START_SECONDS = 90.0
pytestmark = pytest.mark.timeout(240)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_of(folder: Path) -> list[int]:
    """Every process that was started for this demo: all are told of its folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            told = entry.joinpath("environ").read_bytes() + entry.joinpath("cmdline").read_bytes()
            inside = os.path.realpath(entry / "cwd").startswith(str(folder))
        except OSError:
            continue
        # A zombie has no command line any more, and waits only for whoever reaps it.
        if entry.joinpath("cmdline").read_bytes() and (inside or f"PORTAL_DATA_DIR={folder}".encode() in told):
            found.append(int(entry.name))
    return found


async def gone(folder: Path) -> list[int]:
    """The processes left after a moment's patience."""
    for _ in range(100):
        if not processes_of(folder):
            return []
        await asyncio.sleep(0.1)
    return processes_of(folder)


@asynccontextmanager
async def demo(folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    environment |= {"PORTAL_DATA_DIR": str(folder), "PORTAL_PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli", "demo"), env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await process.wait()


async def described(folder: Path, since: float) -> dict[str, Any]:
    """`demo.json`, once this start has written it."""
    file = folder / "demo.json"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if file.exists() and file.stat().st_mtime > since:
            return dict(json.loads(file.read_text()))
        await asyncio.sleep(0.1)
    raise AssertionError("the demo did not get ready: " + (folder / "logs/serve.log").read_text()[-2_000:])


async def reader(told: dict[str, Any], tenant: str, kind: str = "app") -> httpx.AsyncClient:
    client = next(one for one in told["clients"] if one["client_id"] == f"{tenant}-{kind}")
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(
            told["token_url"],
            data={"grant_type": "client_credentials"},
            auth=(client["client_id"], client["client_secret"]),
        )
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return httpx.AsyncClient(base_url=told["base_url"], headers=headers, trust_env=False)


async def moves(told: dict[str, Any], tenant: str) -> None:
    """Wait until some shipment of a tenant shows something newer than it did."""
    async with await reader(told, tenant) as http:
        since = told["started_at"]
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            answer = await http.get("/v1/shipments", params={"updated_since": since, "limit": 1})
            if answer.json()["items"]:
                return
            await asyncio.sleep(0.3)
    raise AssertionError(f"nothing of {tenant} moved")


async def signs_in(told: dict[str, Any], user: dict[str, Any]) -> None:
    """Sign a user in for the portal page, and read with what that brings."""
    back = f"{told['base_url']}/portal/callback"
    changes = {"client_id": "portal", "redirect_uri": back, "scope": "openid shipments:read"}
    async with httpx.AsyncClient(base_url=told["base_url"], trust_env=False) as http:
        page = await http.get("/oauth/authorize", params=asked(**changes))
        form = {"transaction": transaction_in(page.text), **{name: user[name] for name in ("username", "password")}}
        code = sent_back(await http.post("/oauth/authorize", data=form))["code"]
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER} | changes
        token = (await http.post("/oauth/token", data=form)).json()["access_token"]
        answer = await http.get("/v1/shipments?limit=1", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["items"][0]["tenant"] == user["tenant"]


async def shows_the_dock_no_charges(told: dict[str, Any]) -> None:
    """The first tenant's dock has the scopes of its app, and is shown what came, not what that cost."""
    tenant = next(one["tenant"] for one in told["clients"] if one["client_id"].endswith("-dock"))
    path = f"/v1/shipments/{told['samples'][tenant]['shipment_id']}"
    async with await reader(told, tenant) as app, await reader(told, tenant, "dock") as dock:
        shown_to_app, shown_to_dock = (await app.get(path)).json(), (await dock.get(path)).json()
    assert shown_to_app.keys() - shown_to_dock.keys() == {"charges"}
    assert "documents" in shown_to_dock


async def has_a_proof_of_delivery_to_save(told: dict[str, Any]) -> None:
    """The newest one, of whichever of the customer's shipments."""
    async with await reader(told, told["users"][0]["tenant"]) as http:
        shipments = (await http.get("/v1/shipments", params={"phase": "delivered,closed", "limit": 10})).json()["items"]
        listed = [(await http.get(f"/v1/shipments/{one['id']}/documents")).json()["items"] for one in shipments]
        pods = [one["id"] for items in listed for one in items if one["kind"] == "pod" and one["content"]]
        assert pods
        page = await http.get(f"/v1/documents/{pods[0]}/content")
    assert page.headers["content-type"] == "application/pdf"
    assert page.content.startswith(b"%PDF-")


async def test_the_demo_starts_moves_stops_and_goes_on(tmp_path: Path):
    port = free_port()
    async with demo(tmp_path, port) as running:
        told = await described(tmp_path, since=0)
        told["started_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        assert told["base_url"] == f"http://127.0.0.1:{port}"
        assert {"base_url", "token_url", "clients", "users", "samples"} <= told.keys()
        tenants = {client["tenant"] for client in told["clients"]} - {None}
        assert len(tenants) >= 3
        assert any(set(client["scopes"]) == {"ops:read", "ops:replay"} for client in told["clients"])
        assert any(client["scopes"] == ["events:write"] for client in told["clients"])
        assert {user["tenant"] for user in told["users"]} == tenants
        for tenant, sample in told["samples"].items():
            async with await reader(told, tenant) as http:
                assert (await http.get(f"/v1/shipments/{sample['shipment_id']}")).status_code == 200
                assert (await http.get(f"/v1/orders/{sample['order_id']}")).status_code == 200
                found = await http.get("/v1/lookup", params={"reference": sample["tracking_number"]})
                assert found.json()["items"][0]["shipment"]["tenant"] == tenant
        await signs_in(told, told["users"][0])
        await shows_the_dock_no_charges(told)
        await asyncio.gather(*(moves(told, tenant) for tenant in sorted(tenants)[:3]))
        await has_a_proof_of_delivery_to_save(told)
        running.send_signal(signal.SIGINT)
        assert await running.wait() == 0
    assert await gone(tmp_path) == []

    async with demo(tmp_path, port) as running:
        again = await described(tmp_path, since=time.time() - 1)
        assert again["clients"] == told["clients"]
        tenant, sample = next(iter(told["samples"].items()))
        async with await reader(again, tenant) as http:
            assert (await http.get(f"/v1/shipments/{sample['shipment_id']}")).status_code == 200
        running.kill()
        await running.wait()
    assert await gone(tmp_path) == []
