"""What all users have in common: a customer of a running demo, its client's token, a shipment to begin with."""

import os
import random
from pathlib import Path
from typing import Any

import msgspec
from locust import FastHttpUser
from locust.env import Environment
from locust.exception import StopUser

from app.demo.accounts import Demo, DemoClient

DEMO_FILE = "LOAD_DEMO"


def demo() -> Demo:
    """The demo that is asked: the one of `$LOAD_DEMO`, else of `make demo` here."""
    return msgspec.json.decode(Path(os.environ.get(DEMO_FILE, ".portal/demo.json")).read_bytes(), type=Demo)


class Customer(FastHttpUser):
    """A client of one of the demo's customers, signed in."""

    abstract = True

    def __init__(self, environment: Environment) -> None:
        self._demo = demo()
        self.host = self._demo.base_url
        super().__init__(environment)
        self.account = random.choice([one for one in self._demo.clients if one.tenant in self._demo.samples])
        self.sample = self._demo.samples[str(self.account.tenant)]

    def on_start(self) -> None:
        """Sign in by client credentials (RFC 6749, section 4.4); without a token there is nothing to do."""
        self.headers = {"Authorization": f"Bearer {self._token(self.account)}"}

    def _token(self, account: DemoClient) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": account.client_id,
            "client_secret": account.client_secret,
        }
        answer = self.client.post(self._demo.token_url, data=form, name="/oauth/token")
        if answer.status_code != 200:
            raise StopUser
        return str(answer.json()["access_token"])

    def read(self, path: str, name: str | None = None, **options: Any) -> Any:  # noqa: ANN401 - as the client has them
        """GET as this customer, under one name for all ids."""
        headers = self.headers | options.pop("headers", {})
        return self.client.get(path, name=name or path, headers=headers, **options)
