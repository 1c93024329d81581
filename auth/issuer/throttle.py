"""How often one may try to sign in, counted in Postgres so that all workers agree."""

import hashlib
from datetime import timedelta
from typing import Final

from auth.addresses import network_of
from auth.issuer.statements import SQL
from projections.database import Database

WINDOW: Final = timedelta(minutes=15)
ATTEMPTS_OF_NAME_MAX: Final = 10
# An office has one address, and so have all users when a proxy hides them.
ATTEMPTS_OF_ADDRESS_MAX: Final = 200


class Throttle:
    """Counts attempts by user name, whether there is such a user or not, and by address.

    An attempt is counted before the password is looked at, so that many at once are no way around; a good one takes
    its own back. A window begins with its first attempt and is not prolonged by more of them.
    """

    def __init__(self, database: Database, *, of_name: int = ATTEMPTS_OF_NAME_MAX) -> None:
        self._database = database
        self._of_name = of_name

    async def attempt(self, username: str, address: str) -> float:
        """Count one attempt. For how many seconds there may be no other; 0 when this one may go on."""
        allowed = {_name_bucket(username): self._of_name, _address_bucket(address): ATTEMPTS_OF_ADDRESS_MAX}
        rows = await self._database.fetch(SQL["count_attempt"], list(allowed), WINDOW)
        waits: list[float] = [row["seconds_left"] for row in rows if row["attempts"] > allowed[row["bucket"]]]
        return max(waits, default=0.0)

    async def forgive(self, username: str, address: str) -> None:
        """Take a good attempt back."""
        for bucket in (_name_bucket(username), _address_bucket(address)):
            await self._database.execute(SQL["forget_attempt"], bucket)


def _name_bucket(username: str) -> bytes:
    return _digest(f"name:{username}")


def _address_bucket(address: str) -> bytes:
    return _digest(f"address:{network_of(address)}")


def _digest(text: str) -> bytes:
    # What people mistake for their name may be their password: it is not kept as it is.
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
