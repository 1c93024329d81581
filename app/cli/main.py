"""The `portal` command: one group, one file a command."""

import rich_click as click

from app.cli.audit import audit
from app.cli.clients import clients
from app.cli.doctor import doctor
from app.cli.erase import erase
from app.cli.import_files import import_files
from app.cli.keys import keys
from app.cli.migrate import migrate
from app.cli.prove_isolation import prove_isolation
from app.cli.reconcile import reconcile
from app.cli.replay import replay
from app.cli.roles import intake, project, serve
from app.cli.schema import schema
from app.cli.simulate import simulate
from app.cli.token import token
from app.cli.users import users
from app.demo.command import demo
from app.settings import SettingsError

COMMANDS = (
    *(demo, serve, intake, project, migrate, import_files, reconcile, replay, audit, erase, simulate),
    *(token, clients, users, keys, prove_isolation, doctor, schema),
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shipment-visibility-portal")
def portal() -> None:
    """Shipment visibility: where is my order, and can I trust the answer?

    Settings come from PORTAL_* variables or a TOML file named by PORTAL_CONFIG; `portal doctor` checks them.

    \b
    Examples:
      portal demo                      everything, on this machine, with a simulated network
      portal serve                     the API alone
      portal token --help              an access token for trying things out
    """  # noqa: D301 - \b keeps the examples as they are


for command in COMMANDS:
    portal.add_command(command)


def main() -> None:
    """Run the command; a wrong setting is a usage error that names itself."""
    try:
        portal()
    except SettingsError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from None
