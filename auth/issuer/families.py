"""What follows from a sign-in: a code, spent once, then refresh tokens, each spent once, and their access tokens.

All of it is one family. A second use of a code or a refresh token means that two have it, one of them a thief; nobody
can tell which, so the whole family is revoked (RFC 6749, 4.1.2; RFC 9700, 4.14.2).
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from auth.issuer.clients import hash_secret
from auth.issuer.revocations import revoke_family
from auth.issuer.statements import SQL
from projections.database import Connection, Database

CODE_LIFETIME: Final = timedelta(seconds=60)
FAMILY_LIFETIME: Final = timedelta(days=30)


class NewCode(msgspec.Struct, frozen=True):
    """A code to be stored with all it was given out for."""

    code: str
    client_id: str
    username: str
    redirect_uri: str
    scope: str
    code_challenge: str
    nonce: str | None


class SpentCode(msgspec.Struct, frozen=True):
    """A code that was just spent, with the questions Authlib asks of it."""

    family: UUID
    username: str
    redirect_uri: str
    scope: str
    code_challenge: str
    nonce: str | None
    signed_in_at: datetime

    @property
    def code_challenge_method(self) -> str:
        return "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


class RefreshToken(msgspec.Struct, frozen=True):
    """A refresh token of a living family, with the questions Authlib asks of it. It was read for its client alone."""

    token_hash: bytes
    family: UUID
    username: str
    scope: str
    spent_at: datetime | None

    def check_client(self, client: object) -> bool:  # noqa: ARG002 - Authlib's call
        return True

    def get_scope(self) -> str:
        return self.scope


def new_secret() -> str:
    """256 random bits, to be kept hashed."""
    return secrets.token_urlsafe(32)


async def put_code(database: Database, new: NewCode) -> None:
    """Store a code, good once and for `CODE_LIFETIME`."""
    await database.execute(
        SQL["put_code"],
        *(hash_secret(new.code), new.client_id, new.username, new.redirect_uri, new.scope),
        *(new.code_challenge, new.nonce, CODE_LIFETIME),
    )


async def spend_code(connection: Connection, code: str, client_id: str) -> SpentCode | None:
    """The client's code, from now on spent, whatever comes of it; None when there is none to spend.

    Of several at once one gets it; the others are a second use, as any later one is.
    """
    row = await connection.fetchrow(SQL["spend_code"], hash_secret(code), client_id)
    if row is not None:
        return msgspec.convert(dict(row), SpentCode)
    family = await connection.fetchval(SQL["family_of_spent_code"], hash_secret(code), client_id)
    if family is not None:
        await revoke_family(connection, family)
    return None


async def find_refresh_token(connection: Connection, token: str, client_id: str) -> RefreshToken | None:
    """The client's refresh token of a living family, spent or not; others that refresh the family wait for us."""
    row = await connection.fetchrow(SQL["find_refresh_token"], hash_secret(token), client_id)
    return msgspec.convert(dict(row), RefreshToken) if row is not None else None


async def unspent_refresh_token(connection: Connection, token: str, client_id: str) -> RefreshToken | None:
    """The client's refresh token, if it may be used; a spent one revokes its family."""
    found = await find_refresh_token(connection, token, client_id)
    if found is not None and found.spent_at is not None:
        await revoke_family(connection, found.family)
        return None
    return found


async def begin_family(connection: Connection, code: SpentCode, client_id: str, made: dict[str, Any]) -> None:
    """Store what a code was turned into: `made` has `jti`, `exp` and `refresh_token`."""
    await connection.execute(SQL["begin_family"], code.family, client_id, code.username, code.scope, FAMILY_LIFETIME)
    await _add(connection, code.family, made)


async def rotate(connection: Connection, spent: RefreshToken, made: dict[str, Any]) -> None:
    """Store what a refresh token was turned into."""
    await connection.execute(SQL["spend_refresh_token"], spent.token_hash)
    await _add(connection, spent.family, made)


async def adopt(connection: Connection, parent_jti: str | None, made: dict[str, Any]) -> None:
    """Have a token that was made from another one die with that one's family, if it has one."""
    family = await connection.fetchval(SQL["family_of_access_token"], parent_jti)
    if family is not None:
        await connection.execute(SQL["put_access_token"], made["jti"], family, made["exp"])


async def _add(connection: Connection, family: UUID, made: dict[str, Any]) -> None:
    await connection.execute(SQL["put_refresh_token"], hash_secret(made["refresh_token"]), family)
    await connection.execute(SQL["put_access_token"], made["jti"], family, made["exp"])
