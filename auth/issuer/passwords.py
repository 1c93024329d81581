"""How passwords are kept: argon2id (RFC 9106), off the event loop, a bounded number at a time."""

import asyncio
import functools
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

# Each holds 64 MiB and some threads while it works: without a bound a few hundred sign-ins would take the machine down.
CONCURRENT_MAX: Final = 2
QUEUE_SECONDS: Final = 5.0

_hasher: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def hash_password(password: str, hasher: PasswordHasher = _hasher) -> str:
    """A salted hash as a PHC string, in which its costs stand. Slow by design."""
    return hasher.hash(_bytes(password))


@functools.cache
def _hash_of_nobody(hasher: PasswordHasher) -> str:
    """What the password of nobody is checked against, so that it takes as long as anybody's."""
    return hash_password("the password of nobody", hasher)


def _bytes(password: str) -> bytes:
    return password.encode(errors="surrogatepass")


class PasswordsBusyError(Exception):
    """More sign-ins at once than there is time for."""


class Passwords:
    """Hashes and checks passwords, at most `CONCURRENT_MAX` at a time in one process."""

    def __init__(self, hasher: PasswordHasher = _hasher) -> None:
        self._hasher = hasher
        self._places = asyncio.Semaphore(CONCURRENT_MAX)
        self._nobodys_hash = _hash_of_nobody(hasher)

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether the hash is of this password; without a hash it is not, in the same time.

        Raises PasswordsBusyError when no place comes free in time.
        """
        try:
            async with asyncio.timeout(QUEUE_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            raise PasswordsBusyError from None
        try:
            matched = await asyncio.to_thread(self._verify, password, password_hash or self._nobodys_hash)
        finally:
            self._places.release()
        return matched and password_hash is not None

    async def rehashed(self, password: str) -> str:
        """The same password, hashed with today's costs."""
        return await asyncio.to_thread(hash_password, password, self._hasher)

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with other costs than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password: str, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
