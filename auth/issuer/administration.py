"""What an administrator does to clients and users.

A change, the revocations it brings and its row in the audit log are one transaction: see `audited`.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from auth.issuer.clients import SECRET_BYTES, hash_secret
from auth.issuer.passwords import hash_password
from auth.issuer.revocations import revoke_all_of_client, revoke_all_of_user
from auth.issuer.statements import SQL
from auth.issuer.users import check_password, subject_of
from projections.audit import AuditEntry, record
from projections.database import Connection, Database, Pool

Result = TypeVar("Result")


class UnknownError(Exception):
    """There is no such client or user, or not of this kind."""


async def clients(database: Database) -> list[dict[str, Any]]:
    """All clients, without what proves them."""
    return [dict(row) for row in await database.fetch(SQL["list_clients"])]


async def users(database: Database) -> list[dict[str, Any]]:
    """All users, without what proves them."""
    return [dict(row) for row in await database.fetch(SQL["list_users"])]


async def audited(pool: Pool, entry: AuditEntry, deed: Callable[[Connection], Awaitable[Result]]) -> Result:
    """Do it and write down that it was done, both or neither."""
    async with pool.acquire() as connection, connection.transaction():
        result = await deed(connection)
        await record(connection, [entry])
    return result


async def disable_client(connection: Connection, client_id: str) -> None:
    """No more tokens for it, and those it has stop counting, on every worker within a second."""
    _known(await connection.fetchval(SQL["disable_client"], client_id), f"no client {client_id}")
    await revoke_all_of_client(connection, client_id)


async def enable_client(connection: Connection, client_id: str) -> None:
    """It gets tokens again; the old ones stay revoked."""
    _known(await connection.fetchval(SQL["enable_client"], client_id), f"no client {client_id}")


async def rotate_secret(connection: Connection, client_id: str) -> str:
    """Another secret, returned once; the old one stops working, the tokens it got go on until they expire."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    changed = await connection.fetchval(SQL["change_secret"], client_id, hash_secret(secret))
    _known(changed, f"no client {client_id} that has a secret")
    return secret


async def disable_user(connection: Connection, username: str) -> None:
    """No more signing in, and the tokens stop counting, on every worker within a second."""
    _known(await connection.fetchval(SQL["disable_user"], username), f"no user {username}")
    await revoke_all_of_user(connection, username, subject_of(username))


async def enable_user(connection: Connection, username: str) -> None:
    """The user may sign in again."""
    _known(await connection.fetchval(SQL["enable_user"], username), f"no user {username}")


async def set_password(connection: Connection, username: str, password: str) -> None:
    """Another password; whoever signed in with the old one is signed out. ValueError for one that will not do."""
    check_password(password)
    password_hash = await asyncio.to_thread(hash_password, password)
    changed = await connection.fetchval(SQL["change_password"], username, password_hash)
    _known(changed, f"no user {username}")
    await revoke_all_of_user(connection, username, subject_of(username))


def _known(found: object, otherwise: str) -> None:
    if found is None:
        raise UnknownError(otherwise)
