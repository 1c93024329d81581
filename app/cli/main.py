"""The `portal` command: one group, one file a command, each read when it is asked for."""

from importlib import import_module

import rich_click as click

from app.settings import SettingsError

# In the order of the help. Reading all of them takes a second and a half, which most commands need not wait for.
COMMANDS = {
    "demo": "app.demo.command:demo",
    "serve": "app.cli.roles:serve",
    "intake": "app.cli.roles:intake",
    "project": "app.cli.roles:project",
    "migrate": "app.cli.migrate:migrate",
    "import": "app.cli.import_files:import_files",
    "reconcile": "app.cli.reconcile:reconcile",
    "replay": "app.cli.replay:replay",
    "audit": "app.cli.audit:audit",
    "erase": "app.cli.erase:erase",
    "simulate": "app.cli.simulate:simulate",
    "token": "app.cli.token:token",
    "clients": "app.cli.clients:clients",
    "users": "app.cli.users:users",
    "keys": "app.cli.keys:keys",
    "graphql": "app.cli.graphql:graphql",
    "prove-isolation": "app.cli.prove_isolation:prove_isolation",
    "doctor": "app.cli.doctor:doctor",
    "schema": "app.cli.schema:schema",
}


WRONG_USAGE = 2


class _Commands(click.RichGroup):
    """The commands of the table, each imported when it is run or its help is shown."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as overridden
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            module, name = COMMANDS[cmd_name].split(":")
            self.add_command(getattr(import_module(module), name), cmd_name)
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a wrong setting is a usage error that names itself."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(WRONG_USAGE)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
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


def main() -> None:
    """Run the command."""
    portal()
