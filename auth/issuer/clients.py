"""OAuth clients: who may ask the embedded issuer for tokens, and for what."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from auth.issuer.redirects import refuse_unsafe
from auth.issuer.statements import SQL
from auth.keys import verification_keys
from auth.principal import PartyRole, SourcePrefix, TenantName
from auth.scopes import SCOPES
from projections.database import Database

# Unreserved characters (RFC 3986, section 2.3) mean the same with and without the form encoding that
# RFC 6749, section 2.3.1 asks for and most clients forget.
CLIENT_ID: Final = re.compile(r"[A-Za-z0-9._~\-]{1,100}")
SECRET_BYTES: Final = 32

Jwk = dict[str, Any]


class Client(msgspec.Struct, frozen=True):
    """A registered client; `tenant` is None for operators and sources. Invalid values raise ValueError at creation.

    With `redirect_uris` it speaks for people who sign in, and its scopes are the most it may be given of theirs.
    Without, it speaks for itself. Never both: what people may do must not fall to the client itself.
    A `party_role` of "ship_to" is passed on to whoever signs in through it.
    """

    client_id: str
    name: str
    scopes: tuple[str, ...]
    tenant: TenantName | None = None
    accounts: tuple[TenantName, ...] = ()
    sources: tuple[SourcePrefix, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    party_role: PartyRole = "bill_to"

    def serves(self, tenant: str | None) -> bool:
        """Whether people of this tenant may sign in through it: a customer's own client is for its own people."""
        return self.tenant is None or tenant in (self.tenant, *self.accounts)


class StoredClient(msgspec.Struct, frozen=True):
    """A client with what proves it: the digest of a secret, public keys, or nothing when it is public."""

    client: Client
    secret_hash: bytes | None = None
    jwks: tuple[Jwk, ...] = ()

    def knows(self, secret: str) -> bool:
        """Whether this is the client's secret, in time that tells nothing about it."""
        return self.secret_hash is not None and hmac.compare_digest(self.secret_hash, hash_secret(secret))

    @property
    def is_public(self) -> bool:
        return self.secret_hash is None and not self.jwks


def hash_secret(secret: str) -> bytes:
    """The digest kept of a client secret, a code or a refresh token.

    Each is 256 random bits of our own making, so there is nothing to guess and a slow, salted password hash would
    only make the token endpoint slow. What people choose is hashed differently: see `auth.issuer.passwords`.
    """
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


async def create_client(database: Database, client: Client, *, secret: str | None = None) -> str:
    """Store a client and return its secret, which cannot be read again.

    A client of that id is changed to this one, secret included, so that the demo may be set up twice; whether it is
    disabled stays as it was. A given `secret` must be as random as one of ours.
    """
    secret = secret or secrets.token_urlsafe(SECRET_BYTES)
    await _put(database, client, hash_secret(secret), None)
    return secret


async def create_key_client(database: Database, client: Client, jwks: Sequence[Jwk]) -> None:
    """Store a client that proves itself by keys of its own (private_key_jwt); of these only the public halves."""
    usable = verification_keys(jwks)
    if not usable:
        raise ValueError("None of the keys is an RS256, ES256 or EdDSA public key.")
    public = [key.key.as_dict(private=False, kid=key.kid) for key in usable.values()]
    await _put(database, client, None, msgspec.json.encode(public).decode())


async def create_public_client(database: Database, client: Client) -> None:
    """Store a client that can keep no secret, say a page in a browser: people sign in through it."""
    if not client.redirect_uris:
        raise ValueError("A public client needs a redirect URI: it can only speak for people who sign in.")
    await _put(database, client, None, None)


async def find_client(database: Database, client_id: str) -> StoredClient | None:
    """The client of this id, unless it is disabled; any string may be asked for."""
    if not CLIENT_ID.fullmatch(client_id):
        return None
    row = await database.fetchrow(SQL["find_client"], client_id)
    if row is None:
        return None
    columns: dict[str, Any] = dict(row)
    secret_hash, jwks = columns.pop("secret_hash"), columns.pop("jwks")
    return StoredClient(
        client=msgspec.convert(columns, Client),
        secret_hash=secret_hash,
        jwks=msgspec.json.decode(jwks, type=tuple[Jwk, ...]) if jwks else (),
    )


async def _put(database: Database, client: Client, secret_hash: bytes | None, jwks: str | None) -> None:
    _check(client)
    await database.execute(
        SQL["put_client"],
        *(client.client_id, secret_hash, jwks, client.name, client.tenant, list(client.accounts)),
        *(list(client.scopes), list(client.sources), list(client.redirect_uris), client.party_role),
    )


def _check(client: Client) -> None:
    msgspec.convert(msgspec.to_builtins(client), Client)  # a struct checks its constraints only when converted
    if not CLIENT_ID.fullmatch(client.client_id):
        message = f"A client id is 1 to 100 of A-Z a-z 0-9 . _ ~ -, not {client.client_id!r}."
        raise ValueError(message)
    refuse_unknown_scopes(client.scopes)
    refuse_foreign_tenant(client.tenant, client.accounts)
    for uri in client.redirect_uris:
        refuse_unsafe(uri)


def refuse_unknown_scopes(scopes: Iterable[str]) -> None:
    """Raise ValueError, naming them, when some scopes do not exist."""
    unknown = sorted(set(scopes) - SCOPES.keys())
    if unknown:
        message = f"Unknown scopes: {', '.join(unknown)}."
        raise ValueError(message)


def refuse_foreign_tenant(tenant: str | None, accounts: Sequence[str]) -> None:
    """Raise ValueError unless the tenant is one of several accounts: which of the two to believe is no guess to make."""
    if accounts and tenant not in accounts:
        raise ValueError("The tenant of a client or user with several accounts is one of them.")
