"""Which tokens have been taken back before their time. Pure."""

from collections.abc import Iterable
from typing import Final

import msgspec

from auth.principal import Principal

# A token is accepted a little past its `exp`, for clocks that differ: what revokes it must outlive that.
GRACE_SECONDS: Final = 60.0

_Holder = tuple[str | None, str | None]


class Revocation(msgspec.Struct, frozen=True):
    """A token taken back, by its id, or all of a client, a subject or both that were issued before a moment.

    It covers a token that fits every part which is not None. Times are unix seconds. After `expires_at` all tokens
    it covers have expired.
    """

    sequence: int
    jti: str | None
    client_id: str | None
    subject: str | None
    issued_before: float | None
    expires_at: float

    def covers(self, principal: Principal) -> bool:
        return (
            self.jti in (None, principal.token_id)
            and self.client_id in (None, principal.client_id)
            and self.subject in (None, principal.subject)
            and (self.issued_before is None or principal.issued_at < self.issued_before)
        )


class Revoked:
    """The revocations that still matter, found by a token's id or by its holder."""

    def __init__(self) -> None:
        self._known: dict[int, Revocation] = {}
        self._by_token: dict[str, list[Revocation]] = {}
        self._by_holder: dict[_Holder, list[Revocation]] = {}

    def learn(self, revocations: Iterable[Revocation]) -> bool:
        """Take note of these; whether any of them was new."""
        new = [one for one in revocations if one.sequence not in self._known]
        for one in new:
            self._known[one.sequence] = one
            self._file(one)
        return bool(new)

    def covers(self, principal: Principal) -> bool:
        """Whether a token was taken back."""
        if not self._known:
            return False
        filed = list(self._by_token.get(principal.token_id, ()))
        if self._by_holder:
            for client_id in (None, principal.client_id):
                for subject in (None, principal.subject):
                    filed += self._by_holder.get((client_id, subject), ())
        return any(one.covers(principal) for one in filed)

    def forget(self, now: float) -> None:
        """Let go of what covers only tokens that have expired."""
        left = [one for one in self._known.values() if one.expires_at + GRACE_SECONDS > now]
        if len(left) < len(self._known):
            self._known, self._by_token, self._by_holder = {}, {}, {}
            self.learn(left)

    def _file(self, one: Revocation) -> None:
        if one.jti is not None:
            self._by_token.setdefault(one.jti, []).append(one)
        else:
            self._by_holder.setdefault((one.client_id, one.subject), []).append(one)
