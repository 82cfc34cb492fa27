"""Documentation made from the code, so that it cannot say something else: errors, commands, settings."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import click

import intake
from intake.errors import refusals
from intake.settings import PROJECT, Settings
from signing.problems import KINDS

NOTE = "<!-- Made by `python -m intake.reference_pages`. Do not edit. -->"


def errors_page() -> str:
    """Every refusal that a person can meet."""
    for module in pkgutil.walk_packages(intake.__path__, "intake."):
        if not module.name.startswith(("intake.migrations", "intake.cli")):
            importlib.import_module(module.name)
    rows = [
        f"| `{kind.code}` | {kind.status.value} | {kind.message} | {kind.remedy} | {kind.law or ''} |"
        for kind in refusals()
    ]
    return "\n".join(
        [
            "# Messages that a person can meet",
            "",
            NOTE,
            "",
            "Words in braces are filled with the facts of the case.",
            "",
            "| code | HTTP | what happened | what to do | law |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "",
            "## What is said of signatures",
            "",
            "| code | what is said | what to do |",
            "| --- | --- | --- |",
            *(f"| `{code}` | {kind.message} | {kind.remedy} |" for code, kind in sorted(KINDS.items())),
            "",
        ]
    )


def commands_page() -> str:
    """Every command with its own help."""
    from intake.cli import main

    return "\n".join(["# Commands", "", NOTE, "", *_command_lines(main, "sportello", None), *_settings_lines()])


def _command_lines(command: click.Command, name: str, parent: click.Context | None) -> list[str]:
    context = click.Context(command, info_name=name, parent=parent)
    lines = [f"## `{context.command_path}`", "", "```", command.get_help(context), "```", ""]
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            lines += _command_lines(found, child, context) if found else []
    return lines


def _settings_lines() -> list[str]:
    rows = [
        f"| `SPORTELLO_{name.upper()}` | {_default(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return ["## Settings", "", "| variable | default | what it is |", "| --- | --- | --- |", *rows, ""]


def _default(value: object) -> str:
    if isinstance(value, Path):
        return f"`{value.relative_to(PROJECT)}/`"
    return "" if value is None else f"`{value}`"


PAGES = {"errors.md": errors_page, "commands.md": commands_page}

if __name__ == "__main__":
    for file, make in PAGES.items():
        (PROJECT / "docs" / file).write_text(make())
