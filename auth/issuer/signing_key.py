"""The private keys of the embedded issuer: one file, made once, that all its processes read.

A JWK Set whose keys each say in `sign_from` (unix seconds) when they begin to sign. That, the clock and the tokens'
lifetime are all there is to rotation: what a worker does at any moment follows from the file alone, so that workers
which have read it agree without a word between them.
"""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from auth.keys import VerificationKey

if sys.platform != "win32":
    import fcntl

ALGORITHM: Final = "ES256"
SIGN_FROM: Final = "sign_from"
# No access token lives longer (`token_seconds` in the settings), so no key is needed longer after its last signature.
RETIRED_SECONDS: Final = 86_400 + 300
_OTHERS_MAY: Final = 0o077


class SigningKey(msgspec.Struct, frozen=True):
    """A private key, its id (RFC 7638 thumbprint) and when it begins to sign, in unix seconds."""

    kid: str
    key: ECKey
    sign_from: float = 0.0


def load_or_create_signing_key(path: Path) -> ECKey:
    """The ES256 key of this file that signs now; the file is made first if there is none.

    Safe when several processes start at once: all of them return the same key. The file is readable by its owner
    only. Raises ValueError, naming the file, when others may read it or when it holds no such key.
    """
    if not path.exists():
        _write_new(path, [_new_key(sign_from=0)])
    return signer(load_keys(path), time.time()).key


def load_keys(path: Path) -> list[SigningKey]:
    """All keys of the file, the one that signs first coming first. Raises ValueError as above."""
    if os.name == "posix" and path.stat().st_mode & _OTHERS_MAY:
        message = f"The signing key {path} is open to other users: chmod 600 it."
        raise ValueError(message)
    try:
        jwks = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        # A single key, as a person may have made it, is a set of one.
        keys = [_read(jwk) for jwk in msgspec.convert(jwks.get("keys", [jwks]), list[dict[str, Any]])]
    except (JoseError, ValueError, TypeError, KeyError) as error:
        message = f"The signing key {path} cannot be read: {error}"
        raise ValueError(message) from error
    if not keys:
        raise ValueError(f"The signing key {path} holds no key.")
    return sorted(keys, key=lambda one: one.sign_from)


def rotate(path: Path, *, lead_seconds: float, now: Callable[[], float] = time.time) -> SigningKey:
    """Add a key that begins to sign in `lead_seconds`, and drop those whose last tokens are dead by now.

    The lead is the time others have to fetch the new public key before they meet its tokens. Several rotations at
    once each add their key.
    """
    with _locked(path):
        keys = load_keys(path)
        added = _new_key(sign_from=now() + lead_seconds)
        kept = [one for one, end in zip(keys, _ends(keys), strict=True) if end is None or end + RETIRED_SECONDS > now()]
        _replace(path, [*kept, added])
    return added


def remove(path: Path, kid: str, *, now: Callable[[], float] = time.time) -> bool:
    """Drop a key that must not count any more; False when there is none of this id.

    Raises ValueError when nothing would be left to sign with.
    """
    with _locked(path):
        keys = load_keys(path)
        kept = [one for one in keys if one.kid != kid]
        if not any(one.sign_from <= now() for one in kept):
            raise ValueError("No key would be left to sign with: rotate with --lead 0s first.")
        if len(kept) < len(keys):
            _replace(path, kept)
    return len(kept) < len(keys)


def signer(keys: Sequence[SigningKey], now: float) -> SigningKey:
    """Of keys in their order, the one that signs at this time."""
    begun = [one for one in keys if one.sign_from <= now]
    return begun[-1] if begun else keys[0]


def published(keys: Sequence[SigningKey], now: float, lifetime_seconds: float) -> list[SigningKey]:
    """Of keys in their order, those to be published: to come, signing, or with tokens alive."""
    return [one for one, end in zip(keys, _ends(keys), strict=True) if end is None or end + lifetime_seconds > now]


def verification_key(key: ECKey) -> VerificationKey:
    """The public half, as a token verifier wants it."""
    public = ECKey.import_key(key.as_dict(private=False))
    return VerificationKey(key.thumbprint(), ALGORITHM, public)


def _ends(keys: Sequence[SigningKey]) -> list[float | None]:
    """When each of the keys stops signing: when the next begins."""
    return [*(one.sign_from for one in keys[1:]), None]


def _new_key(*, sign_from: float) -> SigningKey:
    key = ECKey.generate_key("P-256")
    return SigningKey(key.thumbprint(), key, sign_from)


def _read(jwk: dict[str, Any]) -> SigningKey:
    sign_from = msgspec.convert(jwk.get(SIGN_FROM, 0), float)
    key = ECKey.import_key({name: value for name, value in jwk.items() if name not in (SIGN_FROM, "kid")})
    if not key.is_private or key.curve_name != "P-256":
        raise ValueError("not a private P-256 key")
    key = ECKey.import_key(key.as_dict(private=True, kid=key.thumbprint()))
    return SigningKey(key.thumbprint(), key, sign_from)


def _encoded(keys: Sequence[SigningKey]) -> bytes:
    jwks = [{**one.key.as_dict(private=True, kid=one.kid), SIGN_FROM: one.sign_from} for one in keys]
    return msgspec.json.encode({"keys": jwks})


@contextlib.contextmanager
def _temporary(path: Path, keys: Sequence[SigningKey]) -> Iterator[Path]:
    """The keys in a file beside `path`, whole and on disc, gone at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes the file 0600 from its first byte on.
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_encoded(keys))
            file.flush()
            os.fsync(file.fileno())
        yield Path(temporary)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _write_new(path: Path, keys: Sequence[SigningKey]) -> None:
    # A link appears whole or not at all and, unlike a rename, never replaces the key of a process that was faster.
    with _temporary(path, keys) as temporary, contextlib.suppress(FileExistsError):
        os.link(temporary, path)


def _replace(path: Path, keys: Sequence[SigningKey]) -> None:
    with _temporary(path, keys) as temporary:
        temporary.replace(path)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One change at a time; the lock is a file of its own, since the keys' file is replaced."""
    descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform != "win32":
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
