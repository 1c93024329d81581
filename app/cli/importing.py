"""Files through an adapter into the log, one after the other, with what became of each."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from app.settings import Settings
from projections.database import DatabaseRole, open_pool
from projections.intake.intake import Intake
from projections.sources.declared import DeclaredSource
from projections.sources.taking import Account, Door, take_in

CHUNK_BYTES = 65_536


class FileUnreadableError(Exception):
    """A file that cannot be opened or read to its end; told apart from a store that is away."""


async def import_all(
    settings: Settings, one: DeclaredSource, key: str | None, paths: Sequence[Path]
) -> dict[Path, Account | None]:
    """Each file's account, or None where it cannot be read; that is said on stderr and stops no other file."""
    accounts: dict[Path, Account | None] = {}
    door = Door(f"import:{one.format}", key=key)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    async with await open_pool(settings.database_url, DatabaseRole.PROJECTOR) as pool:
        intake = Intake(pool, max_event_bytes=settings.max_event_bytes)
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            for path in paths:
                try:
                    accounts[path] = await _import_one(intake, one, door, path, progress)
                except FileUnreadableError as error:
                    accounts[path] = None
                    console.print(f"{path}: {error}", markup=False, soft_wrap=True)
    return accounts


async def _import_one(intake: Intake, one: DeclaredSource, door: Door, path: Path, progress: Progress) -> Account:
    task = progress.add_task(path.name, total=None)

    def read(read_bytes: int, total_bytes: int) -> None:
        progress.update(task, completed=read_bytes, total=total_bytes)

    chunks = _chunks(path, read)
    return await take_in(intake, one, chunks, door=door)


def _chunks(path: Path, read: Callable[[int, int], None]) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            total_bytes = path.stat().st_size
            while chunk := file.read(CHUNK_BYTES):
                read(file.tell() if file.seekable() else 0, total_bytes)
                yield chunk
    except OSError as error:
        raise FileUnreadableError(error.strerror or str(error)) from None
