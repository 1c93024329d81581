"""Who can sign in to the demo: clients and users, made once and kept in `demo.json`."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from app.settings import Settings
from auth.issuer.clients import Client, create_client, create_public_client
from auth.issuer.users import User, create_user
from auth.scopes import SCOPES
from projections.database import DatabaseRole, open_pool

READER_SCOPES = tuple(name for name in SCOPES if name not in ("events:write", "ops:read", "ops:replay"))
OPERATOR, SOURCE = "operator", "source"
# Of the first tenant, with all its app's scopes: it only receives goods, so what they cost is not shown to it.
DOCK = "-dock"
# The page in the browser; being public it has no secret, and so no place in `demo.json`.
PORTAL = "portal"


class DemoClient(msgspec.Struct):
    client_id: str
    client_secret: str
    tenant: str | None
    scopes: tuple[str, ...]


class DemoUser(msgspec.Struct):
    username: str
    password: str
    tenant: str


class Sample(msgspec.Struct):
    """Something of a tenant's to look at first."""

    shipment_id: str
    order_id: str
    tracking_number: str


class Demo(msgspec.Struct):
    """`demo.json`: where the demo answers and who may ask. Only its owner can read it."""

    base_url: str
    token_url: str
    clients: tuple[DemoClient, ...]
    users: tuple[DemoUser, ...]
    samples: Mapping[str, Sample]


def recall(file: Path) -> Demo | None:
    """The demo of an earlier start, if there was one."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Demo)
    except FileNotFoundError:
        return None


def save(file: Path, demo: Demo) -> None:
    """Write it whole or not at all, readable by its owner only: it holds secrets."""
    text = msgspec.json.format(msgspec.json.encode(demo), indent=2)
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_bytes(text + b"\n")
    fresh.rename(file)


def plan(base_url: str, tenants: Sequence[str], earlier: Demo | None) -> Demo:
    """The demo's accounts: those of an earlier start keep their secrets."""
    known = {client.client_id: client.client_secret for client in earlier.clients} if earlier else {}
    passwords = {user.username: user.password for user in earlier.users} if earlier else {}
    named = [
        *((f"{tenant}-app", tenant, READER_SCOPES) for tenant in tenants),
        *((f"{tenant}{DOCK}", tenant, READER_SCOPES) for tenant in tenants[:1]),
        (OPERATOR, None, ("ops:read", "ops:replay")),
        (SOURCE, None, ("events:write",)),
    ]
    clients = tuple(
        DemoClient(name, known.get(name) or secrets.token_urlsafe(32), tenant, scopes) for name, tenant, scopes in named
    )
    users = tuple(
        DemoUser(f"{tenant}-user", passwords.get(f"{tenant}-user") or secrets.token_urlsafe(12), tenant)
        for tenant in tenants
    )
    return Demo(base_url, f"{base_url}/oauth/token", clients, users, earlier.samples if earlier else {})


async def register(configured: Settings, demo: Demo) -> None:
    """Make the demo's clients and users known to the embedded issuer."""
    async with await open_pool(configured.database_url, DatabaseRole.ISSUER, connections=1) as pool:
        for client in demo.clients:
            await create_client(pool, _registered(client), secret=client.client_secret)
        for user in demo.users:
            await create_user(pool, User(user.username, user.tenant, scopes=READER_SCOPES), user.password)
        pages = tuple(f"{demo.base_url}/portal{path}" for path in ("", "/", "/callback"))
        await create_public_client(pool, Client(PORTAL, "the shipment portal", READER_SCOPES, redirect_uris=pages))


def _registered(client: DemoClient) -> Client:
    return Client(
        client.client_id,
        client.client_id,
        client.scopes,
        tenant=client.tenant,
        sources=("/",) if client.client_id == SOURCE else (),
        party_role="ship_to" if client.client_id.endswith(DOCK) else "bill_to",
    )
