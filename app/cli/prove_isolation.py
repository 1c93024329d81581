"""`portal prove-isolation`: show that no customer sees another's byte, against a running deployment."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec
import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.graphql.schema import sdl
from app.isolation import parties
from app.isolation.canaries import MOST_TENANTS
from app.isolation.exchange import AT_ONCE, Exchange
from app.isolation.findings import Findings
from app.isolation.parties import CannotStartError, Deployment
from app.isolation.planting import NotSeenError
from app.isolation.prover import prove

DEMO = Path(".portal/demo.json")
_TIMEOUT_SECONDS = 60.0
_SHOWN_MAX = 20


@click.command("prove-isolation")
@click.option("--demo", "file", type=click.Path(dir_okay=False, path_type=Path), default=DEMO, show_default=True,
              help="Who may ask: the demo's file, or one written like it for another deployment.")  # fmt: skip
@click.option("--base-url", help="Where the deployment answers, instead of what the file says.")
@click.option("--tenants", "most_tenants", type=click.IntRange(2, MOST_TENANTS), default=5, show_default=True,
              help="How many of the file's tenants take part.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def prove_isolation(file: Path, base_url: str | None, most_tenants: int, *, as_json: bool) -> None:
    """Plant marked strings for several customers, then look for them in everything anybody else is answered.

    Drives every operation of the deployment's /openapi.json with every other customer's token, an operator's,
    a source's and none. What it plants it takes back in the end; the events stay in the log.
    Exit code 1 on a leak or on an operation that could not be driven.

    \b
    Examples:
      portal prove-isolation
      portal prove-isolation --demo .portal/demo.json --tenants 6
      portal prove-isolation --demo clients.json --base-url https://staging.example --json
    """  # noqa: D301 - \b keeps the examples as they are
    try:
        deployment = parties.read(file)
        if base_url:
            deployment = msgspec.structs.replace(
                deployment, base_url=base_url, token_url=deployment.token_url.replace(deployment.base_url, base_url)
            )
        found = asyncio.run(_prove(deployment, most_tenants))
    except CannotStartError as error:
        raise click.UsageError(str(error)) from None
    except NotSeenError as error:
        raise click.ClickException(str(error)) from None
    except (httpx.HTTPError, TimeoutError) as error:
        raise click.ClickException(f"{deployment.base_url} does not answer: {error!r}") from None
    if as_json:
        click.echo(json.dumps(found.as_json()))
    else:
        _print(found)
    if not found.is_proof:
        raise SystemExit(1)


async def _prove(deployment: Deployment, most_tenants: int) -> Findings:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(
        base_url=deployment.base_url, timeout=_TIMEOUT_SECONDS, limits=limits, trust_env=False
    ) as http:
        exchange = Exchange(http)
        taking_part = await parties.sign_in(exchange, deployment, most_tenants)
        with Progress(*columns, console=Console(stderr=True)) as progress:

            def step(words: str, parts: int) -> Callable[[], None]:
                task = progress.add_task(words, total=parts)
                return lambda: progress.advance(task)

            return await prove(exchange, taking_part, step, sdl())


def _print(found: Findings) -> None:
    console = Console()
    table = Table("Operation", "Tenants tried", "Probes", "Leaks")
    for operation in found.operations:
        count = found.leaks[operation.id]
        leaks = f"[red]{count}[/]" if count else "0"
        table.add_row(
            operation.name, str(len(found.tried.get(operation.id, ()))), f"{found.probes[operation.id]:,}", leaks
        )
    console.print(table)
    console.print(
        f"{found.probes.total():,} probes over {len(found.operations)} operations and {len(found.tenants)} tenants;"
        f" {found.planted:,} canaries planted, {len(found.seen):,} seen by their owners: {found.leaks.total()} leaks."
    )
    for leak in found.details[:_SHOWN_MAX]:
        words = f"{leak.operation} shows {leak.shown_to} of {leak.victim}: {leak.kind}, {leak.what} ({leak.request})"
        console.print(words, style="red", markup=False, soft_wrap=True)
    for name, why in (*found.undriven.items(), *((name, f"{count} times") for name, count in found.faults.items())):
        console.print(f"{name}: {why}", style="red", markup=False, soft_wrap=True)
