"""What `portal replay` asks of the database, directly."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg
import rich_click as click
from msgspec.structs import replace
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app import settings
from app.cli.actors import operator
from app.settings import Settings
from app.sources import declared_sources
from projections.database import DatabaseRole, Pool, open_pool
from projections.quarantine.errors import BehindError, NotThereError, SettledError
from projections.quarantine.replay import Chosen, Replay, Replays

T = TypeVar("T")


def ask(
    question: Callable[[Pool], Awaitable[T]], role: DatabaseRole = DatabaseRole.OPS, *, timeout_seconds: float = 30
) -> T:
    """Ask the database of the settings, as operators or, to change something, as intake."""
    return _run(lambda configured: _over_pool(configured, question, role, timeout_seconds))


async def _over_pool(
    configured: Settings, question: Callable[[Pool], Awaitable[T]], role: DatabaseRole, timeout_seconds: float
) -> T:
    pool = await open_pool(configured.database_url, role, connections=1, timeout_seconds=timeout_seconds)
    async with pool:
        return await question(pool)


def _run(work: Callable[[Settings], Awaitable[T]]) -> T:
    """Do it, and say in words what stands in the way."""
    configured = settings.load()

    async def worked() -> T:
        return await work(configured)

    try:
        return asyncio.run(worked())
    except NotThereError:
        raise click.ClickException("There is no such entry.") from None
    except SettledError as error:
        raise click.ClickException(f"Too late: {error}.") from None
    except BehindError:
        raise click.ClickException("Projection is too far behind to say what would change.") from None
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise click.ClickException(f"the database: {error}") from None


def replayed(chosen: Chosen, body: bytes | None) -> Replay:
    """Take all of the chosen again, as many at a time as one replay takes."""
    return _run(lambda configured: _replay_all(configured, chosen, body))


async def _replay_all(configured: Settings, chosen: Chosen, body: bytes | None) -> Replay:
    whole = Replay()
    async with _replays(configured) as replays:
        with _progress() as progress:
            task = progress.add_task("0 taken again", total=None)
            while True:
                part = await replays.replay(chosen, operator("portal replay"), body=body)
                whole = Replay((*whole.entries, *part.entries), (*whole.released, *part.released))
                progress.update(task, description=f"{len(whole.entries):,} taken again")
                if part.next_after is None:
                    return whole
                chosen = replace(chosen, after=part.next_after)


def dry_run(chosen: Chosen, body: bytes | None) -> Replay:
    """What taking the first of the chosen again would do; `next_after` says whether there are more."""
    return _run(lambda configured: _dry_run(configured, chosen, body))


async def _dry_run(configured: Settings, chosen: Chosen, body: bytes | None) -> Replay:
    async with _replays(configured) as replays:
        with _progress() as progress:
            progress.add_task("taking them on trial", total=None)
            return await replays.dry_run(chosen, body=body)


@asynccontextmanager
async def _replays(configured: Settings) -> AsyncIterator[Replays]:
    sources = declared_sources(configured)
    async with await open_pool(configured.database_url, DatabaseRole.PROJECTOR, connections=1) as pool:
        yield Replays(pool, sources, max_event_bytes=configured.max_event_bytes)


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
