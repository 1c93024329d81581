"""The links there are: each is one tenant's, opens one shipment, and is known by the digest of its token alone."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

import msgspec
from asyncpg import Record

from app.reads.cursors import Cursor
from app.reads.database import fetch
from projections.audit import Actor, AuditEntry, record
from projections.database import Pool
from projections.sql import load

SQL = load(__package__)


class Share(msgspec.Struct, frozen=True):
    """A tracking link. It opens its shipment until `expires_at`, or until it was revoked."""

    id: str
    tenant: str
    shipment_id: str
    note: str | None
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None


class WantedShare(msgspec.Struct, frozen=True):
    """A link to be made."""

    tenant: str
    shipment_id: str
    note: str | None
    lives_days: int


class Shares:
    """`reading` is held to one tenant's rows; `writing` as well, and has the audit log."""

    def __init__(self, reading: Pool, writing: Pool) -> None:
        self._reading = reading
        self._writing = writing

    async def create(self, wanted: WantedShare, actor: Actor) -> tuple[Share, str]:
        """A new link with its token, which nobody can be told again."""
        share_id, token = _new_id(), secrets.token_urlsafe(32)
        async with self._writing.acquire() as connection, connection.transaction():
            await connection.execute(SQL["act_as"], wanted.tenant)
            row = await connection.fetchrow(
                SQL["create"],
                *(wanted.tenant, share_id, _digest(token), wanted.shipment_id, wanted.note),
                *(actor.subject, wanted.lives_days),
            )
            assert row is not None  # noqa: S101 - an insert that returns
            share = _share(row)
            detail = {"shipment": share.shipment_id, "expires_at": share.expires_at}
            await record(connection, [_deed(actor, "share.create", share, detail)])
        return share, token

    async def page(
        self, tenants: Sequence[str], shipment_id: str | None, limit: int, after: Cursor | None
    ) -> list[Share]:
        """The newest first, those made before `after`; each tenant's are read as that tenant alone."""
        start = (after.created_at, after.id) if after else (None, None)
        rows = [
            row
            for tenant in tenants
            for row in await fetch(self._reading, "share_list", tenant, limit, *start, shipment_id)
        ]
        found = sorted(map(_share, rows), key=lambda share: (share.created_at, share.id), reverse=True)
        return found[:limit]

    async def find(self, tenants: Sequence[str], share_id: str) -> Share | None:
        """The link with this id that is one of these tenants'."""
        rows = await fetch(self._reading, "share", tenants, share_id)
        return _share(rows[0]) if rows else None

    async def revoke(self, share: Share, actor: Actor) -> None:
        """From now on it opens nothing. One that was revoked stays as it is."""
        async with self._writing.acquire() as connection, connection.transaction():
            await connection.execute(SQL["act_as"], share.tenant)
            if await connection.fetchval(SQL["revoke"], share.tenant, share.id) is not None:
                await record(connection, [_deed(actor, "share.revoke", share, {"shipment": share.shipment_id})])

    async def opened(self, token: str) -> Share | None:
        """The link this token opens now; None whether it is unknown, has expired or was revoked."""
        rows = await fetch(self._reading, "opened_share", _digest(token))
        return _share(rows[0]) if rows else None


def _new_id() -> str:
    return f"shr_{base64.b32encode(secrets.token_bytes(15)).decode().lower()}"


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _deed(actor: Actor, action: str, share: Share, detail: dict[str, object]) -> AuditEntry:
    return AuditEntry(actor, action, f"share/{share.id}", detail, share.tenant)


def _share(row: Record) -> Share:
    return Share(
        id=row["id"],
        tenant=row["tenant"],
        shipment_id=row["subject_id"],
        note=row["note"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
