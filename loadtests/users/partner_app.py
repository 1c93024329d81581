"""A partner's app: GraphQL, a page to choose from and one shipment with what happened."""

import random
from typing import Any

from locust import between, task

from loadtests.users.customer import Customer

PAGE = "{ shipments(first: 50) { nodes { id number status phase promisedAt etaAt shippedAt createdAt } } }"
SHIPMENT = """query ($id: ID!) { shipment(id: $id) {
  id number status phase promisedAt etaAt milestones { code text occurredAt } } }"""


class PartnerApp(Customer):
    wait_time = between(0.2, 1.0)
    weight = 3

    def on_start(self) -> None:
        super().on_start()
        self._known = [self.sample.shipment_id]

    @task(1)
    def page(self) -> None:
        answered = self._ask("page of 50", PAGE, {})
        if answered:
            self._known = [node["id"] for node in answered["shipments"]["nodes"]] or self._known

    @task(4)
    def shipment(self) -> None:
        self._ask("shipment", SHIPMENT, {"id": random.choice(self._known)})

    def _ask(self, name: str, query: str, variables: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
        """The data; an answer with errors counts as a failure."""
        body = {"query": query, "variables": variables}
        with self.client.post(
            "/graphql", name=f"/graphql, {name}", json=body, headers=self.headers, catch_response=True
        ) as answer:
            told = answer.json() if answer.status_code == 200 else {}
            if "data" not in told or told.get("errors"):
                answer.failure(f"{answer.status_code} {str(told.get('errors'))[:200]}")
            return told.get("data")
