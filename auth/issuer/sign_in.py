"""From a name and a password to a user, or to the one refusal there is."""

from auth.issuer.passwords import Passwords
from auth.issuer.statements import SQL
from auth.issuer.throttle import Throttle
from auth.issuer.users import PASSWORD_CHARACTERS_MAX, User, find_user, spelt
from projections.database import Database


class SignInRefusedError(Exception):
    """Nobody is signed in; it does not tell whether there is such a user.

    `retry_after_seconds` is not 0 when no attempt counts before that.
    """

    def __init__(self, *, retry_after_seconds: float = 0.0) -> None:
        super().__init__("too many attempts" if retry_after_seconds else "wrong name or password")
        self.retry_after_seconds = retry_after_seconds


class SignIn:
    """Checks passwords; how long it takes and what it says do not depend on whether the user exists."""

    def __init__(self, database: Database, passwords: Passwords, throttle: Throttle) -> None:
        self._database = database
        self._passwords = passwords
        self._throttle = throttle

    async def user(self, typed_name: str, password: str, address: str) -> User:
        """The user of this name and password, asking from this address. Raises SignInRefusedError, PasswordsBusyError."""
        username = spelt(typed_name)
        wait_seconds = await self._throttle.attempt(username, address)
        if wait_seconds:
            raise SignInRefusedError(retry_after_seconds=wait_seconds)
        stored = await find_user(self._database, username)
        known_hash = stored.password_hash if stored else None
        matched = await self._passwords.matches(password[: PASSWORD_CHARACTERS_MAX + 1], known_hash)
        if stored is None or not matched:
            raise SignInRefusedError
        await self._throttle.forgive(username, address)
        if self._passwords.is_outdated(stored.password_hash):
            fresh = await self._passwords.rehashed(password)
            await self._database.execute(SQL["rehash_password"], username, stored.password_hash, fresh)
        return stored.user
