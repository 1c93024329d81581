"""A CRM agent: a status card in each case that is opened, looked at again while the customer talks."""

import random

from locust import between, task

from loadtests.users.customer import Customer

CASES = 20


class CrmCard(Customer):
    wait_time = between(0.2, 1.0)
    weight = 3

    def on_start(self) -> None:
        super().on_start()
        answer = self.read(f"/v1/shipments?limit={CASES}", "/v1/shipments?limit, an agent's cases")
        items = answer.json()["items"] if answer.status_code == 200 else []
        self._cases = [item["id"] for item in items] or [self.sample.shipment_id]

    @task
    def open_case(self) -> None:
        case = random.choice(self._cases)
        answer = self.read(f"/v1/cards/{case}", "/v1/cards/{id}")
        if answer.status_code == 200:
            headers = {"If-None-Match": answer.headers["etag"]}
            with self.read(f"/v1/cards/{case}", "/v1/cards/{id}, again", headers=headers, catch_response=True) as again:
                if again.status_code in (200, 304):
                    again.success()
