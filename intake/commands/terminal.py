"""How commands speak to the terminal: plain sentences and the contract's exit codes. Light: every command starts with it."""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

import click

DONE, DOES_NOT_HOLD, WRONG_USE, UNREADABLE = 0, 1, 2, 3


def stop(message: str, code: int = DOES_NOT_HOLD) -> NoReturn:
    """Says ``message`` on standard error and ends with ``code``."""
    click.echo(message, err=True)
    sys.exit(code)


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json_text(document, indent=2))


def json_text(document: Any, indent: int | None = None) -> str:
    """JSON that any terminal can write: what is no text, as in a file name of another encoding, is escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=indent, default=str)
    return text.encode("utf-8", "backslashreplace").decode()
