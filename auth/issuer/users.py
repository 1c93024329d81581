"""People who sign in at the embedded issuer, and how their passwords are kept."""

import asyncio
import base64
import hashlib
import hmac
import secrets
from typing import Final

from projections.database import Database

# OWASP's password storage advice for scrypt: 16 MiB a guess, five times over.
COST_LOG2: Final = 14
BLOCK_SIZE: Final = 8
PARALLELISM: Final = 5
SALT_BYTES: Final = 16
_KEY_BYTES: Final = 32


async def create_user(database: Database, *, username: str, password: str, tenant: str) -> None:
    """Store a user; one of that name gets this password and tenant, so that the demo may be set up twice."""
    # Some tenths of a second of arithmetic that lets go of the GIL: off the loop it goes.
    password_hash = await asyncio.to_thread(hash_password, password)
    await database.execute(
        """
        insert into issuer.oauth_user (username, password_hash, tenant) values ($1, $2, $3)
        on conflict (username) do update set password_hash = excluded.password_hash, tenant = excluded.tenant
        """,
        username,
        password_hash,
        tenant,
    )


def hash_password(password: str) -> str:
    """A salted scrypt hash (RFC 7914) as a PHC string, `$scrypt$ln=14,r=8,p=5$salt$hash`.

    The cost stands in the string, so that it can be raised later without losing the old hashes. Slow by design.
    """
    salt = secrets.token_bytes(SALT_BYTES)
    key = _scrypt(password, salt, COST_LOG2, BLOCK_SIZE, PARALLELISM)
    return f"$scrypt$ln={COST_LOG2},r={BLOCK_SIZE},p={PARALLELISM}${_base64(salt)}${_base64(key)}"


def password_matches(password: str, password_hash: str) -> bool:
    """Whether the hash is of this password. Slow by design; ValueError when the hash is not one of ours."""
    _, scheme, cost, salt, key = password_hash.split("$")
    if scheme != "scrypt":
        raise ValueError("Not a scrypt hash.")
    costs = dict(part.split("=") for part in cost.split(","))
    guess = _scrypt(password, _unbase64(salt), int(costs["ln"]), int(costs["r"]), int(costs["p"]))
    return hmac.compare_digest(guess, _unbase64(key))


def _scrypt(password: str, salt: bytes, cost_log2: int, block_size: int, parallelism: int) -> bytes:
    return hashlib.scrypt(
        password.encode(),
        salt=salt,
        n=1 << cost_log2,
        r=block_size,
        p=parallelism,
        maxmem=256 * block_size * (1 << cost_log2),  # twice what it needs; OpenSSL's own bound is just too low
        dklen=_KEY_BYTES,
    )


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).rstrip(b"=").decode()


def _unbase64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))
