"""The `portal` command as people and scripts type it: what it prints and how it ends."""

import os
import subprocess
import sys
import threading
from typing import NamedTuple

from click.testing import CliRunner

from app.cli.main import portal as command
from app.settings import Settings

WITHIN_SECONDS = 60


class Ended(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def stores(settings: Settings) -> dict[str, str]:
    """The variables that name these servers."""
    return {
        "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL_REDIS_URL": settings.redis_url,
        "PORTAL_DATA_DIR": settings.data_dir,
    }


def portal(*arguments: str, **environment: str) -> Ended:
    """Run it in this process, which saves a second of starting; what it does not mean to raise is raised here."""
    came: list[Ended | BaseException] = []

    def run() -> None:
        try:
            ended = CliRunner().invoke(command, arguments, env=_whole(environment), catch_exceptions=False)
            came.append(Ended(ended.exit_code, ended.stdout, ended.stderr))
        except BaseException as error:  # noqa: BLE001 - for the test, which waits in another thread
            came.append(error)

    # A command has a loop of its own, and a thread has one at most.
    running = threading.Thread(target=run, daemon=True)
    running.start()
    running.join(WITHIN_SECONDS)
    assert came, f"{arguments} did not end"
    if isinstance(came[0], BaseException):
        raise came[0]
    return came[0]


def portal_process(*arguments: str, **environment: str) -> Ended:
    """Run it as a process of its own: for what a whole process is the point of, or signals, or logs."""
    whole = {name: value for name, value in (os.environ | _whole(environment)).items() if value is not None}
    ended = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        env=whole,
        capture_output=True,
        text=True,
        timeout=WITHIN_SECONDS,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def _whole(environment: dict[str, str]) -> dict[str, str | None]:
    """These variables, and none of ours that happens to be set."""
    return dict.fromkeys((name for name in os.environ if name.startswith("PORTAL_")), None) | environment
