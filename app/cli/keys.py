"""`portal keys`: the keys the embedded issuer signs with."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from app.cli.administering import AS_JSON, administer, own_issuer, say, show
from app.cli.durations import DURATION
from auth.issuer import signing_key
from auth.issuer.signing_key import SigningKey
from projections.database import Connection

Result = TypeVar("Result")


@click.group()
def keys() -> None:
    """The embedded issuer's signing keys. Running workers see a change within a second, without a restart.

    \b
    Examples:
      portal keys list
      portal keys rotate
    """  # noqa: D301 - \b keeps the examples as they are


@keys.command("list")
@AS_JSON
def list_keys(*, as_json: bool) -> None:
    """Show the keys: which signs, which will, which only verify.

    \b
    Examples:
      portal keys list --json
    """  # noqa: D301 - \b keeps the examples as they are
    show(_rows(_reading(signing_key.load_keys), time.time()), as_json=as_json)


@keys.command()
@click.option("--lead", type=DURATION, default="5m", show_default=True,
              help="How long the new key is published before it signs, so that all have fetched it by then.")  # fmt: skip
@AS_JSON
def rotate(lead: timedelta, *, as_json: bool) -> None:
    """Make a new key. It takes over after the lead; the old one verifies until its last token is dead.

    \b
    Examples:
      portal keys rotate
      portal keys rotate --lead 0s
    """  # noqa: D301 - \b keeps the examples as they are
    added = _reading(lambda path: signing_key.rotate(path, lead_seconds=lead.total_seconds()))
    _written_down("key.rotated", added.kid)
    starts = _time(added.sign_from)
    say({"kid": added.kid, "sign_from": starts}, f"{added.kid} signs from {starts} on", as_json=as_json)


# A key's id is base64url, so one in 64 begins with a dash and would be taken for an option.
@keys.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("kid")
@AS_JSON
def remove(kid: str, *, as_json: bool) -> None:
    """Remove a key that was stolen: running workers refuse tokens it signed within a second.

    \b
    Examples:
      portal keys rotate --lead 0s
      portal keys remove KID
    """  # noqa: D301 - \b keeps the examples as they are
    if not _reading(lambda path: signing_key.remove(path, kid)):
        raise click.ClickException(f"There is no key {kid}.")
    _written_down("key.removed", kid)
    say({"kid": kid, "removed": True}, f"removed {kid}", as_json=as_json)


def _written_down(action: str, kid: str) -> None:
    """In the audit log, after the deed: keys are a file, and one must go even while Postgres is away."""

    async def nothing(_: Connection) -> None: ...

    try:
        administer("portal keys", action, f"key/{kid}", nothing)
    except click.ClickException as error:
        click.echo(f"Not in the audit log: {error.message}", err=True)


def _reading(work: Callable[[Path], Result]) -> Result:
    path = own_issuer().issuer_key
    try:
        return work(path)
    except FileNotFoundError:
        raise click.ClickException(f"There is no {path} yet: `portal serve` makes it at its first start.") from None
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None


def _rows(found: list[SigningKey], now: float) -> list[dict[str, Any]]:
    signing = signing_key.signer(found, now)

    def state(one: SigningKey) -> str:
        if one.kid == signing.kid:
            return "signs"
        return "next" if one.sign_from > now else "verifies only"

    return [{"kid": one.kid, "state": state(one), "sign_from": _time(one.sign_from)} for one in found]


def _time(seconds: float) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else None
