"""What one request needs of the database, read beforehand, and what it leaves to be written afterwards.

Authlib is synchronous and asyncpg is not. So whatever Authlib will ask for is read before it runs, it answers from
memory, and what it made is stored after, all in one transaction: no threads, and nothing shared between requests.
"""

import msgspec

from auth.claims import Claims
from auth.issuer.clients import StoredClient
from auth.issuer.families import NewCode, RefreshToken, SpentCode
from auth.issuer.users import User


class Presented(msgspec.Struct, frozen=True):
    """A token somebody asks about: an access token's claims, or a refresh token."""

    client_id: str
    access: Claims | None = None
    refresh: RefreshToken | None = None


class Held(msgspec.Struct):
    """One request's part of the database."""

    stored: StoredClient | None = None
    # Whether a client assertion proved the client.
    has_proof: bool = False
    code: SpentCode | None = None
    refresh_token: RefreshToken | None = None
    # The person a code or refresh token is of, or who has just signed in.
    user: User | None = None
    # The token that is exchanged.
    subject: Claims | None = None
    card: str | None = None
    # The token to be revoked or introspected, when it is one the client may see and it still counts.
    presented: Presented | None = None

    # What Authlib leaves to be stored.
    new_code: NewCode | None = None
    is_to_revoke: bool = False
