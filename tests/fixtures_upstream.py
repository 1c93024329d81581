"""A simulated ERP and TMS, and carriers that send webhooks, in a process of their own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

START_SECONDS = 30.0


class SimulatedUpstream:
    """Tells the process what to have and what to do wrong."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.http = httpx.Client(base_url=base_url, trust_env=False, timeout=20)

    def has(self, kind: str, *records: Any) -> None:
        self.http.put(f"/control/records/{kind}", json=records).raise_for_status()

    def fails(self, kind: str, **fault: Any) -> None:
        self.http.post("/control/faults", json={"kind": kind, **fault}).raise_for_status()

    def sends(self, **webhook: Any) -> dict[str, Any]:
        """Has a carrier send a webhook, and says what it was answered."""
        answer = self.http.post("/control/webhooks", json=webhook).raise_for_status()
        return dict(answer.json())

    def asked(self) -> list[dict[str, Any]]:
        """The requests so far, since the last reset."""
        return list(self.http.get("/control/requests").json())

    def reset(self) -> None:
        self.http.post("/control/reset").raise_for_status()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def upstream_process() -> Iterator[SimulatedUpstream]:
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    command = [sys.executable, "-m", "app.simulator.upstream", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    upstream = SimulatedUpstream(f"http://127.0.0.1:{port}")
    try:
        _wait_for(upstream, process)
        yield upstream
    finally:
        upstream.http.close()
        process.terminate()
        process.wait(20)


def _wait_for(upstream: SimulatedUpstream, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the simulated upstream ended"
        try:
            upstream.asked()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the simulated upstream did not start")


@pytest.fixture
def upstream(upstream_process: SimulatedUpstream) -> SimulatedUpstream:
    """Without records, faults or a past."""
    upstream_process.reset()
    return upstream_process
