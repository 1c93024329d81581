"""Carriers' webhooks from end to end: signed in one process, taken in by another, shown to a customer."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from app.settings import Settings
from auth.issuer.clients import Client, create_client
from projections.database import DatabaseRole, open_pool
from projections.intake.intake import Intake
from projections.intake.outcomes import Message
from projections.references import SubjectKind, public_id
from projections.runner import Projector
from projections.sources.carrier_json.mappings import load
from tests.fixtures_upstream import SimulatedUpstream
from tests.messages import at, message, order_released
from tests.served import served

MAPPINGS = load()
SECRET = "a-secret-of-the-tests"
# What each carrier calls a delivery, and what it numbers shipments by.
SAYS = {"bluecrest": ("60", "pro"), "nordvik": ("DLV", "tracking_number"), "transalpina": ("CON", "tracking_number")}
# Bluecrest's are numbers.
NUMBERS = {carrier: str(7_001 + index) for index, carrier in enumerate(sorted(MAPPINGS))}
COUNTED = ("accepted", "duplicate", "held", "quarantined", "ignored")


def planned(carrier: str) -> bytes:
    number, scac = NUMBERS[carrier], MAPPINGS[carrier].carrier
    data = {
        "about": {"type": "tms_shipment", "value": number},
        "references": [{"type": SAYS[carrier][1], "value": number, "carrier": scac}],
        "carrier": {"scac": scac, "name": MAPPINGS[carrier].name},
        "ship_to": {"name": "Depot", "city": "Kiel", "country": "DE"},
        "lines": [{"order": "SO-1", "line": 1, "quantity": 1}],
    }
    return message("shipment.planned.v1", data)


class Portal(NamedTuple):
    url: str
    http: httpx.AsyncClient
    upstream: SimulatedUpstream
    projector: Projector

    async def answers(self, carrier: str, **webhook: Any) -> tuple[int, dict[str, Any]]:
        """What the portal answers a delivery the carrier sends it."""
        scan = {"id": "s-1", "number": NUMBERS[carrier], "code": SAYS[carrier][0], "at": at(30).isoformat()}
        given = {"url": f"{self.url}/v1/sources/{carrier}/messages", "secret": SECRET, "scans": [scan], **webhook}
        sent = await asyncio.to_thread(self.upstream.sends, carrier=carrier, **given)
        return sent["status"], msgspec.json.decode(sent["body"])

    async def milestones(self, carrier: str) -> list[tuple[str, datetime]]:
        """Which milestones a customer is shown, and from when."""
        await self.projector.catch_up()
        shipment_id = public_id(SubjectKind.SHIPMENT, "nordwind", NUMBERS[carrier])
        answer = (await self.http.get(f"/v1/shipments/{shipment_id}/milestones")).raise_for_status()
        return [(one["code"], datetime.fromisoformat(one["occurred_at"])) for one in answer.json()["items"]]


@pytest.fixture
async def portal(
    settings: Settings, tmp_path: Path, upstream: SimulatedUpstream, intake: Intake, projector
) -> AsyncIterator[Portal]:
    """A served portal that knows the three carriers by a secret each, and a shipment with each of them."""
    file = tmp_path / "sources.toml"
    tables = [
        f'[{key}]\nname = "/carrier/{one.carrier}"\nformat = "carrier_json:{key}"\nsecret_env = "TESTS_SECRET"\n'
        for key, one in MAPPINGS.items()
    ]
    file.write_text("\n".join(tables))
    await intake.take([Message(body, "test") for body in (order_released(), *map(planned, NUMBERS))])
    client = Client("nordwind-app", "Nordwind", ("shipments:read",), tenant="nordwind")
    async with await open_pool(settings.database_url, DatabaseRole.ISSUER, connections=1) as pool:
        secret = await create_client(pool, client)
    async with (
        served(settings, PORTAL_SOURCES_FILE=str(file), TESTS_SECRET=SECRET) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http,
    ):
        asked = {"grant_type": "client_credentials"}
        token = (await http.post("/oauth/token", data=asked, auth=(client.client_id, secret))).raise_for_status()
        http.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
        yield Portal(url, http, upstream, projector())


async def test_each_carriers_webhook_becomes_a_milestone_once_and_none_is_taken_unproved(portal: Portal, superuser):
    for carrier in sorted(MAPPINGS):
        for untrue in ({"forged": True}, {"changed": True}):
            status, problem = await portal.answers(carrier, **untrue)
            assert (carrier, status, problem["code"]) == (carrier, 401, "unproved_sender")
        assert await portal.milestones(carrier) == []
    assert await superuser.fetchval("select count(*) from log.quarantine") == 0
    for carrier in sorted(MAPPINGS):
        status, came = await portal.answers(carrier)
        assert (status, {name: came[name] for name in COUNTED if came[name]}) == (202, {"accepted": 1}), carrier
        status, again = await portal.answers(carrier)
        assert (status, {name: again[name] for name in COUNTED if again[name]}) == (202, {"duplicate": 1}), carrier
        assert await portal.milestones(carrier) == [("delivered", at(30))]
