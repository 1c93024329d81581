"""Which operating system account the servers run under, and files only their owner may read."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from app.embedded.errors import INSTEAD, EmbeddedUnavailable

if sys.platform != "win32":
    import pwd

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


@dataclass(frozen=True)
class Account:
    """A user without privileges, by number."""

    uid: int
    gid: int


def account_for(folder: Path) -> Account | None:
    """The account to drop to for servers that live in `folder`; None when nothing needs dropping.

    Postgres refuses to run as root, and Valkey has no need to. Root drops to the owner of the folder, so that the
    owner can start the same folder again without root, or to `nobody` where the folder is root's own.
    """
    if os.geteuid() != 0:
        return None
    owner = folder.stat()
    if owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedUnavailable(f"Postgres refuses to run as root and there is no user `nobody`: {INSTEAD}") from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def make_private(folder: Path, account: Account | None) -> None:
    """Make a folder that only `account` (or whoever runs this) can enter, if it is not there yet."""
    try:
        folder.mkdir(mode=PRIVATE_FOLDER)
    except FileExistsError:
        return
    if account:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)


def open_private(path: Path, flags: int) -> int:
    """Open a file for its owner's eyes only and return the descriptor.

    The file belongs to the owner of its folder also when root makes it, so that a later start without root can use
    it. A symbolic link in its place is refused: someone else may own the folder.
    """
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor
