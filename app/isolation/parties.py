"""Who takes part: the deployment's clients, as `demo.json` lists them, and the tokens they are given."""

from pathlib import Path

import httpx
import msgspec

from app.isolation.exchange import Exchange, Request

_OPERATORS, _SOURCES = "ops:", "events:write"
LEAST_TENANTS = 2


class CannotStartError(Exception):
    """The proof cannot be made with what was given; the message says what is missing."""


class Client(msgspec.Struct, frozen=True):
    client_id: str
    client_secret: str
    tenant: str | None
    scopes: tuple[str, ...]


class Deployment(msgspec.Struct, frozen=True):
    """The parts of `demo.json` the proof needs."""

    base_url: str
    token_url: str
    clients: tuple[Client, ...]


class Party(msgspec.Struct, frozen=True):
    """Somebody who asks. `tenant` is None for operators, sources and the anonymous."""

    name: str
    tenant: str | None = None
    scopes: frozenset[str] = frozenset()
    authorization: str | None = None

    def may(self, scope: str | None) -> bool:
        return scope is None or scope in self.scopes


class Parties(msgspec.Struct, frozen=True):
    tenants: tuple[Party, ...]
    source: Party
    others: tuple[Party, ...]

    @property
    def without_tenant(self) -> tuple[Party, ...]:
        return (self.source, *self.others)

    @property
    def everybody(self) -> tuple[Party, ...]:
        return (*self.tenants, *self.without_tenant)


def read(file: Path) -> Deployment:
    """The deployment a file describes."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Deployment)
    except OSError as error:
        raise CannotStartError(f"{file} cannot be read: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise CannotStartError(f"{file} is not as demo.json: {error}") from None


async def sign_in(exchange: Exchange, deployment: Deployment, most_tenants: int) -> Parties:
    """A token for one client of each tenant, for the source, and for all who are no tenant's."""
    chosen: dict[str, Client] = {}
    for client in sorted(deployment.clients, key=lambda one: -len(one.scopes)):
        if client.tenant:
            chosen.setdefault(client.tenant, client)
    if len(chosen) < LEAST_TENANTS:
        raise CannotStartError("clients of at least two tenants are needed")
    sources = [one for one in deployment.clients if one.tenant is None and _SOURCES in one.scopes]
    if not sources:
        raise CannotStartError(f"a client with {_SOURCES} and without a tenant is needed, to plant with")
    operators = [one for one in deployment.clients if any(scope.startswith(_OPERATORS) for scope in one.scopes)]
    tenants = [chosen[tenant] for tenant in sorted(chosen)][:most_tenants]
    signed = [await _signed_in(exchange, deployment, client) for client in (*tenants, sources[0], *operators)]
    count = len(tenants)
    return Parties(tuple(signed[:count]), signed[count], (*signed[count + 1 :], Party("anonymous")))


async def _signed_in(exchange: Exchange, deployment: Deployment, client: Client) -> Party:
    basic = httpx.BasicAuth(client.client_id, client.client_secret)
    asked = httpx.Request("POST", deployment.token_url)
    authorization = next(basic.auth_flow(asked)).headers["authorization"]
    answer = await exchange.send(
        Request(
            "POST",
            deployment.token_url,
            headers=(("Authorization", authorization), ("Content-Type", "application/x-www-form-urlencoded")),
            body=b"grant_type=client_credentials",
        )
    )
    if answer.status != httpx.codes.OK:
        raise CannotStartError(f"{deployment.token_url} gives {client.client_id} no token: {answer.status}")
    token = msgspec.json.decode(answer.body)["access_token"]
    return Party(client.client_id, client.tenant, frozenset(client.scopes), f"Bearer {token}")
