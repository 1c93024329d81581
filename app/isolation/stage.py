"""What all steps of the proof share."""

import asyncio
from collections.abc import Iterable

from app.isolation.canaries import Canaries
from app.isolation.drivers import Driven
from app.isolation.exchange import Answer, Exchange, Request
from app.isolation.findings import Findings
from app.isolation.knowledge import Knowledge
from app.isolation.parties import Parties, Party
from app.isolation.search import Search


class Stage:
    """Who takes part in one run, what is known of each tenant, and what was found."""

    def __init__(self, exchange: Exchange, parties: Parties, operations: list[Driven]) -> None:
        self.exchange = exchange
        self.parties = parties
        self.operations = operations
        self.tenants = {party.tenant: party for party in parties.tenants if party.tenant}
        self.canaries = Canaries(list(self.tenants))
        self.search = Search(self.canaries, self.tenants)
        self.known = {tenant: self.new_knowledge(tenant) for tenant in self.tenants}
        self.findings = Findings(operations, list(self.tenants))

    def new_knowledge(self, tenant: str) -> Knowledge:
        return Knowledge(tenant, self.canaries, self.search)

    async def ask(self, requests: Iterable[Request], party: Party) -> list[Answer]:
        """The answers a party is given, in the order of the requests."""
        sending = [self.exchange.send(request, party.authorization) for request in requests]
        return list(await asyncio.gather(*sending))
