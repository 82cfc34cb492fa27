"""``sportello`` on the command line. Each command is loaded when it is asked for: what it needs may be heavy."""

from __future__ import annotations

from importlib import import_module

import click

from intake.loading import nothing_swept

COMMANDS = {
    "balance": "intake.commands.balance",
    "database": "intake.commands.running",
    "inspect": "intake.commands.inspection",
    "notices": "intake.commands.notices",
    "people": "intake.commands.people",
    "receipt": "intake.commands.register",
    "register": "intake.commands.register",
    "seal": "intake.commands.seal",
    "serve": "intake.commands.running",
    "trust": "intake.commands.trust",
    "up": "intake.commands.running",
    "work": "intake.commands.running",
}


class LoadedWhenAsked(click.Group):
    """A group that imports a command's module only to run it or to show its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        with nothing_swept():
            command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command


@click.group(cls=LoadedWhenAsked)
@click.version_option(package_name="sportello")
def main() -> None:
    """Lo sportello delle domande di cassa integrazione in deroga."""
    from intake.log import configure_logging

    configure_logging()  # standard output belongs to the answer


if __name__ == "__main__":
    main()
