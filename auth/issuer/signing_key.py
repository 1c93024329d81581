"""The private key of the embedded issuer: one file, made once."""

import os
import tempfile
from pathlib import Path
from typing import Final

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from auth.keys import VerificationKey

ALGORITHM: Final = "ES256"
_OTHERS_MAY: Final = 0o077


def load_or_create_signing_key(path: Path) -> ECKey:
    """The ES256 key in this file, made first if there is none; its `kid` is its thumbprint (RFC 7638).

    Safe when several processes start at once: all of them return the same key. The file is readable by its owner
    only. Raises ValueError, naming the file, when others may read it or when it holds no such key.
    """
    if not path.exists():
        _create(path)
    return _load(path)


def verification_key(key: ECKey) -> VerificationKey:
    """The public half, as a token verifier wants it."""
    public = ECKey.import_key(key.as_dict(private=False))
    return VerificationKey(key.thumbprint(), ALGORITHM, public)


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = ECKey.generate_key("P-256")
    # mkstemp makes the file 0600 from its first byte on.
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(key.as_dict(private=True, kid=key.thumbprint())))
            file.flush()
            os.fsync(file.fileno())
        # A link appears whole or not at all and, unlike a rename, never replaces the key of a process that was faster.
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()


def _load(path: Path) -> ECKey:
    if os.name == "posix" and path.stat().st_mode & _OTHERS_MAY:
        message = f"The signing key {path} is open to other users: chmod 600 it."
        raise ValueError(message)
    try:
        key = ECKey.import_key(msgspec.json.decode(path.read_bytes(), type=dict[str, str | list[str]]))
    except (JoseError, ValueError, KeyError) as error:
        message = f"The signing key {path} cannot be read: {error}"
        raise ValueError(message) from error
    if not key.is_private or key.curve_name != "P-256":
        message = f"The signing key {path} is not a private P-256 key."
        raise ValueError(message)
    key.ensure_kid()
    return key
