"""The notices' Markdown as HTML. Raw HTML in it stays text; headings start below the page's own."""

from __future__ import annotations

from flask import Flask
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from intake.notices.pack import NoticePack
from intake.notices.sourced import Text, rome_instant
from intake.web.frame.language import language

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


def attach(app: Flask) -> None:
    """Gives the templates ``notice_text`` and ``rome_instant``."""
    app.add_template_global(notice_text)
    app.add_template_global(rome_instant)


def as_html(source: str, *, top: int = 2) -> Markup:
    """HTML of ``source`` whose highest heading is ``<h{top}>``."""
    tokens = _PARSER.parse(source)
    highest = min((int(token.tag[1]) for token in tokens if token.type == "heading_open"), default=top)
    for token in tokens:
        _shift(token, top - highest)
    return Markup(_PARSER.renderer.render(tokens, _PARSER.options, {}))  # noqa: S704  (raw HTML is off)


def notice_text(pack: NoticePack, text: Text, *, top: int = 2) -> Markup:
    """A text of a notice in the reader's language; where the pack has no English, the Italian, marked as such."""
    english = f"{(text.file or '').removesuffix('.md')}.en.md"
    if language() == "en" and english in pack.pages:
        return Markup('<div class="testo">{}</div>').format(as_html(pack.pages[english], top=top))
    return Markup('<div class="testo" lang="it">{}</div>').format(as_html(pack.markdown(text), top=top))


def _shift(token: Token, by: int) -> None:
    if token.type in {"heading_open", "heading_close"}:
        token.tag = f"h{min(6, int(token.tag[1]) + by)}"
    if token.type == "table_open":
        token.attrSet("class", "table")
