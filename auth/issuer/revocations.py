"""Tokens that no longer count. Every worker of the service reads `issuer.revocation` several times a second."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from auth.claims import Claims
from auth.issuer.statements import SQL
from projections.database import Connection, Database

# How long an access token may live at most (`token_seconds` in the settings), and how much clocks may differ.
LIFETIME_MAX: Final = timedelta(days=1)
LEEWAY: Final = timedelta(minutes=1)
# A token that was being signed while its client or user was disabled carries a time a moment later.
UNDER_WAY: Final = timedelta(seconds=2)


async def revoke_access_token(database: Database, claims: Claims) -> None:
    """From now on this token does not count; one without a `jti` is none of ours."""
    await database.execute(SQL["revoke_access_token"], claims.jti, claims.exp, LEEWAY)


async def revoke_family(connection: Connection, family: UUID) -> None:
    """From now on nothing counts that followed from a sign-in."""
    await connection.execute(SQL["revoke_family"], family)
    await connection.execute(SQL["revoke_access_tokens_of_family"], family, LEEWAY)


async def revoke_all_of_client(connection: Connection, client_id: str) -> None:
    """From now on no token counts that this client was given so far."""
    await connection.execute(SQL["revoke_families_of_client"], client_id)
    await connection.execute(SQL["revoke_of_client"], client_id, UNDER_WAY, UNDER_WAY + LIFETIME_MAX + LEEWAY)


async def revoke_all_of_user(connection: Connection, username: str, subject: str) -> None:
    """From now on no token counts that speaks for this user so far."""
    await connection.execute(SQL["revoke_families_of_user"], username)
    await connection.execute(SQL["revoke_of_subject"], subject, UNDER_WAY, UNDER_WAY + LIFETIME_MAX + LEEWAY)


async def is_revoked(database: Database, claims: Claims) -> bool:
    """Whether this access token was revoked, itself or with its client, its user or all others."""
    revoked: bool = await database.fetchval(SQL["is_revoked"], claims.jti, claims.client_id, claims.sub, claims.iat)
    return revoked
