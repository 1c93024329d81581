"""`portal clients`: who may ask the embedded issuer for tokens."""

from pathlib import Path

import msgspec
import rich_click as click

from app.cli.administering import AS_JSON, PARTY_ROLE, administer, say, show, with_pool
from auth.issuer import administration
from auth.issuer.clients import Client, Jwk, create_client, create_key_client, create_public_client
from auth.principal import PartyRole
from projections.database import Connection

_COMMAND = "portal clients"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def clients() -> None:
    """The embedded issuer's clients: programs that ask for tokens.

    \b
    Examples:
      portal clients list
      portal clients add crm --tenant nordwind --scope shipments:read --scope cards:read
      portal clients disable crm
    """  # noqa: D301 - \b keeps the examples as they are


@clients.command("list")
@AS_JSON
def list_clients(*, as_json: bool) -> None:
    """Show all clients.

    \b
    Examples:
      portal clients list
      portal clients list --json
    """  # noqa: D301 - \b keeps the examples as they are
    show(with_pool(administration.clients), as_json=as_json)


@clients.command()
@click.argument("client_id")
@click.option("--name", help="What people are shown when they sign in for it; the id when not given.")
@click.option("--tenant", help="Whose data it reads; none for operators and sources.")
@click.option("--account", "accounts", multiple=True, help="Each tenant of a parent distributor, its own included.")
@click.option("--scope", "scopes", multiple=True, required=True, help="What it may do.")
@click.option("--source", "sources", multiple=True, help="Prefix of event sources it may speak for, say /erp/.")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Where people who sign in are sent back to.")
@click.option("--public", is_flag=True, help="It can keep no secret: a page in a browser, an app on a phone.")
@click.option("--jwks", type=_FILE, help="It proves itself by a key (private_key_jwt): its public JWK Set.")
@PARTY_ROLE
@AS_JSON
def add(  # noqa: PLR0913 - an option each
    *,
    client_id: str,
    name: str | None,
    tenant: str | None,
    accounts: tuple[str, ...],
    scopes: tuple[str, ...],
    sources: tuple[str, ...],
    redirect_uris: tuple[str, ...],
    public: bool,
    jwks: Path | None,
    party_role: PartyRole,
    as_json: bool,
) -> None:
    """Add a client and print its secret, once. It speaks for itself or, with --redirect-uri, for people who sign in.

    \b
    Examples:
      portal clients add crm --tenant nordwind --scope shipments:read --scope cards:read
      portal clients add dock --tenant nordwind --scope shipments:read --scope documents:read --party-role ship_to
      portal clients add erp --scope events:write --source /erp/
      portal clients add tms --tenant nordwind --scope shipments:read --jwks tms-public.json
      portal clients add portal --public --redirect-uri https://portal.example/portal --scope shipments:read
    """  # noqa: D301 - \b keeps the examples as they are
    if public and jwks:
        raise click.UsageError("A client is --public or has --jwks, not both.")
    client = Client(client_id, name or client_id, scopes, tenant, accounts, sources, redirect_uris, party_role)
    keys = _keys(jwks) if jwks else []

    async def work(connection: Connection) -> str | None:
        if any(row["client_id"] == client_id for row in await administration.clients(connection)):
            raise ValueError(f"There is a client {client_id} already.")
        if not public and not keys:
            return await create_client(connection, client)
        await (create_key_client(connection, client, keys) if keys else create_public_client(connection, client))
        return None

    granted = {"tenant": tenant, "accounts": accounts, "scopes": scopes, "sources": sources, "party_role": party_role}
    secret = administer(_COMMAND, "client.created", f"client/{client_id}", work, **granted)
    said = {"client_id": client_id} | ({"client_secret": secret} if secret else {})
    say(said, f"added {client_id}" + (f"; its secret, shown this once: {secret}" if secret else ""), as_json=as_json)


@clients.command()
@click.argument("client_id")
@AS_JSON
def disable(client_id: str, *, as_json: bool) -> None:
    """Give a client no more tokens, and have those it has stop counting at once.

    \b
    Examples:
      portal clients disable crm
    """  # noqa: D301 - \b keeps the examples as they are
    administer(
        _COMMAND, "client.disabled", f"client/{client_id}", lambda one: administration.disable_client(one, client_id)
    )
    say({"client_id": client_id, "disabled": True}, f"disabled {client_id}", as_json=as_json)


@clients.command()
@click.argument("client_id")
@AS_JSON
def enable(client_id: str, *, as_json: bool) -> None:
    """Let a disabled client get tokens again.

    \b
    Examples:
      portal clients enable crm
    """  # noqa: D301 - \b keeps the examples as they are
    administer(
        _COMMAND, "client.enabled", f"client/{client_id}", lambda one: administration.enable_client(one, client_id)
    )
    say({"client_id": client_id, "disabled": False}, f"enabled {client_id}", as_json=as_json)


@clients.command("rotate-secret")
@click.argument("client_id")
@AS_JSON
def rotate_secret(client_id: str, *, as_json: bool) -> None:
    """Give a client another secret and print it, once. The old one stops working; tokens go on until they expire.

    \b
    Examples:
      portal clients rotate-secret crm
    """  # noqa: D301 - \b keeps the examples as they are
    secret = administer(
        _COMMAND,
        "client.secret_rotated",
        f"client/{client_id}",
        lambda one: administration.rotate_secret(one, client_id),
    )
    words = f"the secret of {client_id} from now on, shown this once: {secret}"
    say({"client_id": client_id, "client_secret": secret}, words, as_json=as_json)


def _keys(file: Path) -> list[Jwk]:
    """The keys of a JWK Set, or the one key of a JWK."""
    try:
        read = msgspec.json.decode(file.read_bytes(), type=Jwk)
        return msgspec.convert(read.get("keys", [read]), list[Jwk])
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{file} is no JWK Set: {error}") from None
