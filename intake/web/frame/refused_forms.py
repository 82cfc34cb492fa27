"""A page that refuses a form says so in its title and puts the focus on what is wrong, with or without scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Flask
from markupsafe import Markup

_SUMMARY = re.compile(r"""<div\b(?=[^>]*\srole="alert")[^>]*>""")
_WRONG_FIELD = re.compile(r"""<(?:input|select|textarea|fieldset)\b(?=[^>]*\saria-invalid="true")[^>]*>""")
_TAKES_FOCUS = ("<input", "<select", "<textarea")


@dataclass(frozen=True, slots=True)
class Told:
    """The middle of a page. ``refuses``: something in it is told as wrong; the first such thing takes the focus."""

    page: Markup
    refuses: bool


def attach(app: Flask) -> None:
    """Adds the filter ``told`` to the templates of ``app``."""
    app.template_filter("told")(told)


def told(page: Markup) -> Told:
    """Finds the list of what is wrong, or the alert of a refusal, or else the first wrong field.

    ``autofocus`` needs no script (HTML, 6.6.7); a box that takes no focus by itself gets ``tabindex="-1"``.
    """
    found = _SUMMARY.search(page) or _WRONG_FIELD.search(page)
    if found is None:
        return Told(page, refuses=False)
    tag = found[0]
    reachable = "" if tag.startswith(_TAKES_FOCUS) or "tabindex=" in tag else ' tabindex="-1"'
    marked = f"{tag[:-1]}{reachable} autofocus>"
    return Told(Markup(page[: found.start()]) + Markup(marked) + Markup(page[found.end() :]), refuses=True)  # noqa: S704
