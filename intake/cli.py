"""``sportello`` on the command line."""

from __future__ import annotations

import click

from intake.commands.inspection import inspect
from intake.commands.notices import notices
from intake.commands.people import people
from intake.commands.register import receipt, register
from intake.commands.running import database, serve, up, work


@click.group()
@click.version_option(package_name="sportello")
def main() -> None:
    """Lo sportello delle domande di cassa integrazione in deroga."""


for command in (up, serve, work, database, notices, register, receipt, people, inspect):
    main.add_command(command)

if __name__ == "__main__":
    main()
