"""Strings and numbers that exist once in the world, each saying whose it is and in which field it was planted.

A canary is ten characters, so that it fits the narrowest field there is (a carrier's code): two fixed, four of
the run, one of the tenant, three of the field. All of a run begin alike, so one search finds any of them.
"""

import re
import secrets
from collections.abc import Iterator, Sequence

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
EVERYBODY, NOBODY = "6", "7"
MOST_TENANTS = 30
_FIELD_DIGITS = 3
_NUMBER_FIELDS = 10_000


class Canaries:
    """Mints canaries for some tenants, and tells whose those are that are found."""

    def __init__(self, tenants: Sequence[str]) -> None:
        if len(tenants) > MOST_TENANTS:
            raise ValueError(f"at most {MOST_TENANTS} tenants have canaries")
        self.prefix = "zq" + "".join(secrets.choice(ALPHABET) for _ in range(4))
        self._letter = {tenant: ALPHABET[index] for index, tenant in enumerate(tenants)}
        self._tenant = {letter: tenant for tenant, letter in self._letter.items()}
        self._fields: list[str] = []
        # Nine digits, as a quantity may have: 8, two of the run, two of the tenant, four of the field.
        self._number_start = f"8{secrets.randbelow(100):02}"
        self._text = re.compile(rf"{self.prefix}[a-z2-7]{{4}}".encode())
        self._number = re.compile(rf"(?<![0-9a-f.]){self._number_start}[0-9]{{6}}(?![0-9a-f])".encode())

    def mint(self, tenant: str | None, field: str) -> str:
        """A new one of this tenant's; with None one that everybody may see."""
        return self.prefix + (self._letter[tenant] if tenant else EVERYBODY) + _base32(self._next(field))

    def mint_number(self, tenant: str | None, field: str) -> int:
        index = ALPHABET.index(self._letter[tenant]) if tenant else ALPHABET.index(EVERYBODY)
        return int(f"{self._number_start}{index:02}{self._next(field) % _NUMBER_FIELDS:04}")

    def _next(self, field: str) -> int:
        self._fields.append(field)
        return len(self._fields) - 1

    @property
    def planted(self) -> int:
        """How many were minted."""
        return len(self._fields)

    def found_in(self, text: bytes) -> Iterator[str]:
        """Those written out in a text; case does not matter."""
        lowered = text.lower()
        for match in (*self._text.findall(lowered), *self._number.findall(lowered)):
            yield match.decode()

    def owner_of(self, canary: str) -> str | None:
        """Its tenant; None for those of everybody and of nobody."""
        if canary.startswith(self.prefix):
            return self._tenant.get(canary[len(self.prefix)])
        index = int(canary[3:5])
        return self._tenant.get(ALPHABET[index]) if index < len(ALPHABET) else None

    def field_of(self, canary: str) -> str:
        number = int(canary[5:]) if canary[0] == "8" else _from_base32(canary[-_FIELD_DIGITS:])
        return self._fields[number] if number < len(self._fields) else "?"

    def nobodys(self, canary: str) -> str:
        """The same with nobody as its tenant: as long, and never planted."""
        return canary[: len(self.prefix)] + NOBODY + canary[len(self.prefix) + 1 :]


def _base32(number: int) -> str:
    digits = ""
    for _ in range(_FIELD_DIGITS):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def _from_base32(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * len(ALPHABET) + ALPHABET.index(digit)
    return number
