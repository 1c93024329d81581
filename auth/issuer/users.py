"""People who sign in at the embedded issuer."""

import asyncio
import re
from typing import Any, Final

import msgspec

from auth.issuer.clients import refuse_foreign_tenant, refuse_unknown_scopes
from auth.issuer.passwords import hash_password
from auth.issuer.statements import SQL
from auth.principal import PartyRole, TenantName
from projections.database import Database

# Names are kept in lower case, because phones like to begin with a capital.
USERNAME: Final = re.compile(r"[a-z0-9._~@+\-]{1,100}")
PASSWORD_CHARACTERS_MAX: Final = 1_000


class User(msgspec.Struct, frozen=True):
    """A person; `tenant` is None for operators. Invalid values raise ValueError at creation."""

    username: str
    tenant: TenantName | None = None
    accounts: tuple[TenantName, ...] = ()
    scopes: tuple[str, ...] = ()
    party_role: PartyRole = "bill_to"

    @property
    def subject(self) -> str:
        """The `sub` of this person's tokens. No client's: a client id has no colon (RFC 9068, section 5)."""
        return subject_of(self.username)


class StoredUser(msgspec.Struct, frozen=True):
    user: User
    password_hash: str


def subject_of(username: str) -> str:
    """The `sub` of a user's tokens."""
    return f"user:{username}"


def spelt(username: str) -> str:
    """A name as somebody typed it, as it is kept."""
    return username.strip().lower()


async def create_user(database: Database, user: User, password: str) -> None:
    """Store a user; one of that name becomes this one, so that the demo may be set up twice."""
    _check(user)
    check_password(password)
    password_hash = await asyncio.to_thread(hash_password, password)
    await database.execute(
        SQL["put_user"],
        *(user.username, password_hash, user.tenant, list(user.accounts), list(user.scopes), user.party_role),
    )


async def find_user(database: Database, username: str) -> StoredUser | None:
    """The user of this name, unless disabled; any string may be asked for."""
    if not USERNAME.fullmatch(username):
        return None
    row = await database.fetchrow(SQL["find_user"], username)
    if row is None:
        return None
    columns: dict[str, Any] = dict(row)
    password_hash = columns.pop("password_hash")
    return StoredUser(msgspec.convert(columns, User), password_hash)


def check_password(password: str) -> None:
    """Raise ValueError for a password nobody could sign in with, or anybody could."""
    if not 8 <= len(password) <= PASSWORD_CHARACTERS_MAX:  # noqa: PLR2004 - NIST SP 800-63B, 3.1.1.2
        raise ValueError(f"A password has 8 to {PASSWORD_CHARACTERS_MAX} characters.")


def _check(user: User) -> None:
    msgspec.convert(msgspec.to_builtins(user), User)  # a struct checks its constraints only when converted
    if not USERNAME.fullmatch(user.username):
        raise ValueError(f"A user name is 1 to 100 of a-z 0-9 . _ ~ @ + -, not {user.username!r}.")
    refuse_unknown_scopes(user.scopes)
    refuse_foreign_tenant(user.tenant, user.accounts)
