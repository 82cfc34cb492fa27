"""Text as people type it, made fit to be kept and compared."""

from __future__ import annotations


def visible(typed: str) -> str:
    """What was typed without control characters, which the database cannot keep, and with single spaces."""
    return " ".join("".join(each if each.isprintable() else " " for each in typed).split())
