"""OAuth clients: who may ask the embedded issuer for tokens, and for what."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from auth.principal import SourcePrefix, TenantName
from auth.scopes import SCOPES
from projections.database import Database

# Unreserved characters (RFC 3986, section 2.3) mean the same with and without the form encoding that
# RFC 6749, section 2.3.1 asks for and most clients forget.
CLIENT_ID: Final = re.compile(r"[A-Za-z0-9._~\-]{1,100}")
SECRET_BYTES: Final = 32


class Client(msgspec.Struct, frozen=True):
    """A registered client; `tenant` is None for operators and sources. Invalid values raise ValueError at creation."""

    client_id: str
    name: str
    scopes: tuple[str, ...]
    tenant: TenantName | None = None
    accounts: tuple[TenantName, ...] = ()
    sources: tuple[SourcePrefix, ...] = ()


class StoredClient(msgspec.Struct, frozen=True):
    """A client with the digest of its secret, as the token endpoint needs it."""

    client: Client
    secret_hash: bytes

    def knows(self, secret: str) -> bool:
        """Whether this is the client's secret, in time that tells nothing about it."""
        return hmac.compare_digest(self.secret_hash, hash_secret(secret))


def hash_secret(secret: str) -> bytes:
    """The digest kept of a client secret.

    A secret is 256 random bits of our own making, so there is nothing to guess and a slow, salted password hash would
    only make the token endpoint slow. What people choose is hashed differently: see `auth.issuer.users`.
    """
    return hashlib.sha256(secret.encode()).digest()


async def create_client(database: Database, client: Client, *, secret: str | None = None) -> str:
    """Store a client and return its secret, which cannot be read again.

    A client of that id is changed to this one, secret included, so that the demo may be set up twice; whether it is
    disabled stays as it was. A given `secret` must be as random as one of ours.
    """
    _check(client)
    secret = secret or secrets.token_urlsafe(SECRET_BYTES)
    await database.execute(
        """
        insert into issuer.oauth_client (client_id, secret_hash, name, tenant, accounts, scopes, sources)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (client_id) do update set
            secret_hash = excluded.secret_hash, name = excluded.name, tenant = excluded.tenant,
            accounts = excluded.accounts, scopes = excluded.scopes, sources = excluded.sources
        """,
        client.client_id,
        hash_secret(secret),
        client.name,
        client.tenant,
        list(client.accounts),
        list(client.scopes),
        list(client.sources),
    )
    return secret


async def find_client(database: Database, client_id: str) -> StoredClient | None:
    """The client of this id, unless it is disabled; any string may be asked for."""
    if not CLIENT_ID.fullmatch(client_id):
        return None
    row = await database.fetchrow(
        """
        select client_id, secret_hash, name, tenant, accounts, scopes, sources
        from issuer.oauth_client where client_id = $1 and disabled_at is null
        """,
        client_id,
    )
    if row is None:
        return None
    columns: dict[str, Any] = dict(row)
    return StoredClient(secret_hash=columns.pop("secret_hash"), client=msgspec.convert(columns, Client))


def _check(client: Client) -> None:
    msgspec.convert(msgspec.to_builtins(client), Client)  # a struct checks its constraints only when converted
    if not CLIENT_ID.fullmatch(client.client_id):
        message = f"A client id is 1 to 100 of A-Z a-z 0-9 . _ ~ -, not {client.client_id!r}."
        raise ValueError(message)
    _refuse_unknown(client.scopes)
    if client.accounts and client.tenant not in client.accounts:
        raise ValueError("The tenant of a client with several accounts is one of them.")


def _refuse_unknown(scopes: Iterable[str]) -> None:
    unknown = sorted(set(scopes) - SCOPES.keys())
    if unknown:
        message = f"Unknown scopes: {', '.join(unknown)}."
        raise ValueError(message)
