"""`portal users`: who may sign in at the embedded issuer."""

import sys

import rich_click as click

from app.cli.administering import AS_JSON, PARTY_ROLE, administer, say, show, with_pool
from auth.issuer import administration
from auth.issuer.users import User, create_user
from auth.principal import PartyRole
from projections.database import Connection

_COMMAND = "portal users"


@click.group()
def users() -> None:
    """The embedded issuer's users: people who sign in.

    \b
    Examples:
      portal users list
      portal users add ann@nordwind.example --tenant nordwind --scope shipments:read
      portal users disable ann@nordwind.example
    """  # noqa: D301 - \b keeps the examples as they are


@users.command("list")
@AS_JSON
def list_users(*, as_json: bool) -> None:
    """Show all users.

    \b
    Examples:
      portal users list
      portal users list --json
    """  # noqa: D301 - \b keeps the examples as they are
    show(with_pool(administration.users), as_json=as_json)


@users.command()
@click.argument("username")
@click.option("--tenant", help="Whose data the user reads; none for operators.")
@click.option("--account", "accounts", multiple=True, help="Each tenant of a parent distributor, its own included.")
@click.option("--scope", "scopes", multiple=True, required=True, help="What the user may do.")
@PARTY_ROLE
@AS_JSON
def add(
    *,
    username: str,
    tenant: str | None,
    accounts: tuple[str, ...],
    scopes: tuple[str, ...],
    party_role: PartyRole,
    as_json: bool,
) -> None:
    """Add a user. The password is asked for, or read from the first line of standard input.

    \b
    Examples:
      portal users add ann@nordwind.example --tenant nordwind --scope shipments:read --scope orders:read
      portal users add dora@nordwind.example --tenant nordwind --scope shipments:read --party-role ship_to
      portal users add otto --scope ops:read --scope ops:replay < password.txt
    """  # noqa: D301 - \b keeps the examples as they are
    password = _password()

    async def work(connection: Connection) -> None:
        if any(row["username"] == username for row in await administration.users(connection)):
            raise ValueError(f"There is a user {username} already.")
        await create_user(connection, User(username, tenant, accounts, scopes, party_role), password)

    granted = {"tenant": tenant, "accounts": accounts, "scopes": scopes, "party_role": party_role}
    administer(_COMMAND, "user.created", f"user/{username}", work, **granted)
    say({"username": username}, f"added {username}", as_json=as_json)


@users.command("set-password")
@click.argument("username")
@AS_JSON
def set_password(username: str, *, as_json: bool) -> None:
    """Give a user another password, and sign the user out everywhere.

    \b
    Examples:
      portal users set-password ann@nordwind.example
      portal users set-password otto < password.txt
    """  # noqa: D301 - \b keeps the examples as they are
    password = _password()
    administer(
        _COMMAND,
        "user.password_changed",
        f"user/{username}",
        lambda one: administration.set_password(one, username, password),
    )
    say({"username": username}, f"changed the password of {username}", as_json=as_json)


@users.command()
@click.argument("username")
@AS_JSON
def disable(username: str, *, as_json: bool) -> None:
    """Let a user sign in no more, and have the user's tokens stop counting at once.

    \b
    Examples:
      portal users disable ann@nordwind.example
    """  # noqa: D301 - \b keeps the examples as they are
    administer(_COMMAND, "user.disabled", f"user/{username}", lambda one: administration.disable_user(one, username))
    say({"username": username, "disabled": True}, f"disabled {username}", as_json=as_json)


@users.command()
@click.argument("username")
@AS_JSON
def enable(username: str, *, as_json: bool) -> None:
    """Let a disabled user sign in again.

    \b
    Examples:
      portal users enable ann@nordwind.example
    """  # noqa: D301 - \b keeps the examples as they are
    administer(_COMMAND, "user.enabled", f"user/{username}", lambda one: administration.enable_user(one, username))
    say({"username": username, "disabled": False}, f"enabled {username}", as_json=as_json)


def _password() -> str:
    """Never an argument: those are seen by every process of the machine."""
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")
