"""Planting: told through the public door as a source tells it, seen when its owner sees it, taken back in the end."""

import asyncio
import time
from collections.abc import Sequence
from urllib.parse import quote, urlencode

import msgspec

from app.isolation.exchange import Request
from app.isolation.parties import Party
from app.isolation.stage import Stage
from app.isolation.story import FIRST_WORDS, CloudEvent, Names, Storyteller

BATCH = 500
SEEN_SECONDS = 120.0
_POLL_SECONDS = 0.1


class NotSeenError(Exception):
    """What was planted does not show to its owner: to look for it elsewhere would prove nothing."""


class Planter:
    def __init__(self, stage: Stage, teller: Storyteller) -> None:
        self._stage = stage
        self._teller = teller
        self._first_words: list[CloudEvent] = []

    async def plant(self, events: Sequence[CloudEvent]) -> None:
        """Have events taken in. One that is not accepted is a type that is not driven."""
        self._first_words += [event for event in events if event["type"] in FIRST_WORDS]
        for start in range(0, len(events), BATCH):
            batch = events[start : start + BATCH]
            for event, outcome in zip(batch, await self._say(batch), strict=True):
                if outcome["status"] != "accepted":
                    why = f"{outcome['status']}: {outcome.get('detail')} {outcome.get('pointer') or ''}"
                    self._stage.findings.cannot_drive(f"event {event['type']}", why)

    async def _say(self, batch: Sequence[CloudEvent]) -> list[dict[str, str]]:
        headers = (("Content-Type", "application/cloudevents-batch+json"),)
        request = Request("POST", "/v1/events", headers, msgspec.json.encode(batch))
        answer = await self._stage.exchange.send(request, self._stage.parties.source.authorization)
        if not answer.is_good:
            raise NotSeenError(f"planting is refused: {answer.status} {answer.body[:200]!r}")
        results: list[dict[str, str]] = msgspec.json.decode(answer.body)["results"]
        return results

    async def bring_bytes(self, tenant: str, events: Sequence[CloudEvent]) -> None:
        """Have the bytes of all documents taken in, each a text with a canary in it."""
        for event in events:
            if event["type"] == "document.added.v1":
                named = urlencode({"source": event["source"], "document": event["data"]["document"]})
                text = self._stage.canaries.mint(tenant, "bytes of a document").encode()
                headers = (("Content-Type", "text/plain"),)
                request = Request("PUT", f"/v1/documents/content?{named}", headers, text)
                answer = await self._stage.exchange.send(request, self._stage.parties.source.authorization)
                if not answer.is_good:
                    self._stage.findings.cannot_drive("bytes of documents", f"{answer.status} {answer.body[:200]!r}")

    async def take_back(self) -> None:
        """Retract all first words: with them the orders and shipments are gone from every view."""
        retractions = [self._teller.taken_back(event) for event in self._first_words]
        for start in range(0, len(retractions), BATCH):
            await self._say(retractions[start : start + BATCH])

    async def until_all_see(self, names: Sequence[Names]) -> None:
        """Wait until every tenant is shown the last word said of it: then it is shown all that came before."""
        last = {one.tenant: self._teller.seen_last(one) for one in names}
        await self.plant(list(last.values()))
        for one in names:
            await self._until_seen(self._stage.tenants[one.tenant], one, last[one.tenant])

    async def _until_seen(self, owner: Party, names: Names, last: CloudEvent) -> None:
        mark = last["data"]["place"]["city"].encode()
        deadline = time.monotonic() + SEEN_SECONDS
        while time.monotonic() < deadline:
            if mark in await self._shipment(owner, names):
                return
            await asyncio.sleep(_POLL_SECONDS)
        raise NotSeenError(f"{owner.name} does not see what was planted for it within {SEEN_SECONDS:.0f} s")

    async def _shipment(self, owner: Party, names: Names) -> bytes:
        listed = Request("GET", f"/v1/shipments?reference={quote(names.shipment)}")
        answer = await self._stage.exchange.send(listed, owner.authorization)
        items = msgspec.json.decode(answer.body).get("items")
        if not items:
            return b""
        return (
            await self._stage.exchange.send(Request("GET", f"/v1/shipments/{items[0]['id']}"), owner.authorization)
        ).body
