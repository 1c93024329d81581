"""`portal token`: an access token for trying things out."""

import json
from pathlib import Path

import httpx
import rich_click as click

DEMO = Path(".portal/demo.json")


@click.command()
@click.option("--client", help="The client's id; one of the demo's when no --secret is given.")
@click.option("--secret", envvar="PORTAL_CLIENT_SECRET", help="Its secret.  [env: PORTAL_CLIENT_SECRET]")
@click.option("--url", help="The token endpoint.")
@click.option("--demo", "demo_file", type=click.Path(dir_okay=False, path_type=Path), default=DEMO, show_default=True,
              help="The demo's file to take clients from.")  # fmt: skip
@click.option("--tenant", help="Of the demo's clients, the one of this tenant.")
@click.option("--scope", help="Only these scopes, separated by spaces.")
def token(
    client: str | None, secret: str | None, url: str | None, demo_file: Path, tenant: str | None, scope: str | None
) -> None:
    """Get an access token and print it.

    \b
    Examples:
      portal token --tenant nordwind
      portal token --client nordwind-dock
      portal token --client source
      curl -H "Authorization: Bearer $(portal token --tenant nordwind)" http://127.0.0.1:8000/v1/shipments
      portal token --client crm --secret … --url https://portal.example/oauth/token
    """  # noqa: D301 - \b keeps the examples as they are
    if secret is None:
        client, secret, url = _of_demo(demo_file, client, tenant)
    if client is None or url is None:
        raise click.UsageError("--secret needs --client and --url too")
    form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
    try:
        answer = httpx.post(url, data=form, auth=(client, secret), timeout=10, trust_env=False)
        said = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise click.ClickException(f"{url} does not answer as a token endpoint: {error}") from None
    if answer.status_code != httpx.codes.OK:
        raise click.ClickException(f"refused: {said.get('error')}: {said.get('error_description', '')}")
    click.echo(said["access_token"])


def _of_demo(demo_file: Path, client: str | None, tenant: str | None) -> tuple[str, str, str]:
    """Id, secret and token endpoint of the demo's client with this id, or for this tenant, or of its first."""
    try:
        demo = json.loads(demo_file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.UsageError(f"no --secret given, and {demo_file} cannot be read: {error}") from None
    for one in demo["clients"]:
        if client in (None, one["client_id"]) and tenant in (None, one["tenant"]):
            return one["client_id"], one["client_secret"], demo["token_url"]
    known = ", ".join(f"{one['client_id']} ({one['tenant'] or 'no tenant'})" for one in demo["clients"])
    raise click.UsageError(f"the demo has no such client; it has {known}")
