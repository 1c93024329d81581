"""The issuer's keys as its running workers see them: the file, looked at again when it may have changed."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import structlog

from auth.issuer.signing_key import (
    ALGORITHM,
    SigningKey,
    load_keys,
    load_or_create_signing_key,
    published,
    signer,
    verification_key,
)
from auth.keys import VerificationKey, Withdrawals, Withdrawn, pick
from projections.pausing import pause

LOOK_AGAIN_SECONDS: Final = 1.0
WATCH_SECONDS: Final = 0.3
LEEWAY_SECONDS: Final = 60.0

_log = structlog.get_logger(__name__)


class KeyRing:
    """The keys of one file: one signs, the others are published before their time or until their tokens are dead.

    A rotation is seen within `LOOK_AGAIN_SECONDS`, and at once by a worker that meets a token of a key it does not
    know. A file that cannot be read any more leaves the keys as they were. Raises ValueError at the start when there
    is none to begin with. Looking is one stat(2), so whoever asks looks; `watch` is for hearing of a key's removal
    while nobody does.
    """

    def __init__(self, path: Path, *, token_seconds: float, clock: Callable[[], float] = time.time) -> None:
        load_or_create_signing_key(path)
        self._path = path
        self._lifetime_seconds = token_seconds + LEEWAY_SECONDS
        self._clock = clock
        self._looked_at = clock()
        self._seen = self._look()
        self._keys = load_keys(path)
        self._public = {one.kid: verification_key(one.key) for one in self._keys}
        self._withdrawals = Withdrawals()

    def signer(self) -> SigningKey:
        """The key to sign with now."""
        self._refresh()
        return signer(self._keys, self._clock())

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JWK Set (RFC 7517, section 5), the one that signs first, since some read no further."""
        self._refresh()
        signing = self.signer().kid
        shown = sorted(self._published().values(), key=lambda one: one.kid != signing)
        return {"keys": [one.key.as_dict(private=False, kid=one.kid, use="sig", alg=ALGORITHM) for one in shown]}

    async def find(self, kid: str | None) -> VerificationKey | None:
        """The key of this id (`auth.keys.KeySource`)."""
        self._refresh()
        key = pick(self._published(), kid)
        if key is None:
            self._refresh(at_once=True)
            key = pick(self._published(), kid)
        return key

    def on_withdrawn(self, hear: Withdrawn) -> None:
        self._withdrawals.tell_also(hear)

    async def watch(self, stop: asyncio.Event) -> None:
        """Look at the file a few times a second until told to stop."""
        while not stop.is_set():
            self._refresh(at_once=True)
            await pause(stop, WATCH_SECONDS)

    def _published(self) -> dict[str, VerificationKey]:
        kept = published(self._keys, self._clock(), self._lifetime_seconds)
        return {one.kid: self._public[one.kid] for one in kept}

    def _refresh(self, *, at_once: bool = False) -> None:
        now = self._clock()
        if not at_once and 0 <= now - self._looked_at < LOOK_AGAIN_SECONDS:
            return
        self._looked_at = now
        seen = self._look()
        if seen is None or seen == self._seen:
            return
        try:
            keys = load_keys(self._path)
        except (OSError, ValueError) as error:
            _log.warning("issuer_keys_unreadable", path=str(self._path), error=repr(error))
            return
        before = self._public
        self._seen, self._keys = seen, keys
        self._public = {one.kid: verification_key(one.key) for one in keys}
        self._withdrawals.tell(before, self._public)
        _log.info("issuer_keys_changed", kids=[one.kid for one in keys])

    def _look(self) -> tuple[int, int, int] | None:
        """What tells one state of the file from another; None when it is away."""
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size
