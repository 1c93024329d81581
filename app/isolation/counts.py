"""How many another tenant has must not show: neither in a list's length nor in whether there is a next page."""

from typing import Any

from app.isolation.comparing import shape_of
from app.isolation.drivers import Driven
from app.isolation.exchange import Request
from app.isolation.findings import Leak
from app.isolation.knowledge import Knowledge
from app.isolation.planting import Planter
from app.isolation.stage import Stage
from app.isolation.story import Names, Storyteller


class Counts:
    """Plants the same words for all: a PO number, a city, a carrier. Lists narrowed to them must not grow."""

    def __init__(self, stage: Stage, planter: Planter, teller: Storyteller) -> None:
        self._stage = stage
        self._planter = planter
        self._teller = teller
        self._shared = {tenant: stage.canaries.mint(None, f"words of {tenant}") for tenant in stage.tenants}
        self._narrow = {tenant: stage.new_knowledge(tenant) for tenant in stage.tenants}

    async def run(self, names: list[Names]) -> None:
        for tenant, shared in self._shared.items():
            events = self._teller.common(tenant, shared)
            self._narrow[tenant].plant(events)
            await self._planter.plant(events)
        await self._planter.until_all_see(names)
        before = await self._lists()
        for tenant in self._stage.tenants:
            others = [shared for other, shared in self._shared.items() if other != tenant]
            await self._planter.plant([event for shared in others for event in self._teller.common(tenant, shared)])
        await self._planter.until_all_see(names)
        self._compare(before, await self._lists())

    async def _lists(self) -> dict[tuple[str, str, str], Any]:
        """What each owner is shown under its words, by operation and request."""
        shapes = {}
        for tenant, party in self._stage.tenants.items():
            for operation in self._stage.operations:
                if operation.audience == "customers" and operation.is_read and operation.open_to(party):
                    requests = self._narrowed(operation, self._narrow[tenant])
                    answers = await self._stage.ask(requests, party)
                    for request, answer in zip(requests, answers, strict=True):
                        shapes[tenant, operation.id, request.target] = shape_of(answer)
        return shapes

    def _narrowed(self, operation: Driven, known: Knowledge) -> list[Request]:
        shared = self._shared[known.tenant]
        return [request for request in operation.own(known) if shared in request.target]

    def _compare(self, before: dict[tuple[str, str, str], Any], after: dict[tuple[str, str, str], Any]) -> None:
        if not any(shape[1].get("items") for shape in before.values() if isinstance(shape[1], dict)):
            self._stage.findings.cannot_drive("lists", "no list shows its owner what was planted under shared words")
        for (tenant, operation, target), shape in before.items():
            self._stage.findings.probes[operation] += 2
            if shape != after[tenant, operation, target]:
                self._stage.findings.leak(
                    Leak(
                        operation=operation,
                        kind="count",
                        victim="others",
                        shown_to=tenant,
                        what="changed when others got what answers to the same words",
                        request=f"GET {target}",
                        status=shape[0],
                    )
                )
