"""A distributor in the portal: looks through the list, opens shipments, looks numbers up, looks again."""

import random
from typing import Any
from urllib.parse import quote

from locust import between, task

from loadtests.users.customer import Customer

REMEMBERED = 50


class PortalReader(Customer):
    wait_time = between(0.2, 1.0)
    weight = 6

    def on_start(self) -> None:
        super().on_start()
        self._known: dict[str, str] = {self.sample.shipment_id: self.sample.tracking_number}
        self._etags: dict[str, str] = {}

    @task(3)
    def look_through(self) -> None:
        """Two pages of the list, and shipments to open from it."""
        page = self._listed("/v1/shipments?limit=20")
        if page and page["next_cursor"]:
            self._listed(f"/v1/shipments?limit=20&cursor={quote(page['next_cursor'])}", ", next page")

    @task(1)
    def look_for_trouble(self) -> None:
        self._listed("/v1/shipments?limit=20&status=delayed", "&status=delayed")

    def _listed(self, path: str, kind: str = "") -> Any:  # noqa: ANN401 - JSON
        answer = self.read(path, f"/v1/shipments?limit{kind}")
        if answer.status_code != 200:
            return None
        page = answer.json()
        for item in page["items"]:
            self._known[item["id"]] = item["number"]
        while len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]
        return page

    @task(6)
    def open(self) -> None:
        """A shipment and what happened to it."""
        shipment = random.choice(list(self._known))
        answer = self.read(f"/v1/shipments/{shipment}", "/v1/shipments/{id}")
        if answer.status_code == 200:
            self._etags = {shipment: answer.headers["etag"]}
            self.read(f"/v1/shipments/{shipment}/milestones", "/v1/shipments/{id}/milestones")

    @task(6)
    def look_again(self) -> None:
        """The page refreshes by itself: mostly nothing has changed since."""
        for shipment, etag in self._etags.items():
            path, name = f"/v1/shipments/{shipment}", "/v1/shipments/{id}, again"
            with self.read(path, name, headers={"If-None-Match": etag}, catch_response=True) as answer:
                if answer.status_code not in (200, 304):
                    answer.failure(f"{answer.status_code} instead of 200 or 304")
                else:
                    answer.success()

    @task(2)
    def look_up(self) -> None:
        """A number from a paper: there must be something under it."""
        number = random.choice(list(self._known.values()))
        path = f"/v1/lookup?reference={quote(number)}"
        with self.read(path, "/v1/lookup?reference", catch_response=True) as answer:
            if answer.status_code != 200 or not answer.json()["items"]:
                answer.failure(f"{answer.status_code}, nothing under {number}")
