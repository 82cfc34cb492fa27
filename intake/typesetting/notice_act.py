"""A notice as an act to be signed, so that a rehearsal has one: its title and what its Markdown says, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from intake.typesetting.compiler import typeset
from intake.typesetting.rehearsal import RehearsalMark, rehearsal_input

TEMPLATE = "notice_act.typ"
_PARSER = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True, slots=True)
class NoticeActFacts:
    """What is printed. ``text``: Markdown, of which headings, paragraphs, lists and bold words are kept as such."""

    administration: str
    office: str
    title: str
    summary: str
    text: str
    rehearsal: RehearsalMark | None


def typeset_notice_act(facts: NoticeActFacts, *, at: datetime) -> bytes:
    """The act as PDF/A-3a, PDF/UA-1, dated ``at``, with no signature yet. Raises ``TypesettingError``."""
    given = {
        "administration": facts.administration,
        "office": facts.office,
        "title": facts.title,
        "summary": facts.summary,
        "pieces": list(_pieces(facts.text)),
        "rehearsal": rehearsal_input(facts.rehearsal),
    }
    return typeset(TEMPLATE, "act", given, at=at).pdf


def _pieces(markdown: str) -> Iterator[dict[str, Any]]:
    """Each text of the Markdown with the kind of block it stands in; ``depth``: in how many lists; ``number`` in its list."""
    kind, depth, number = "paragraph", 0, 0
    for token in _PARSER.parse(markdown):
        match token.type:
            case "heading_open":
                kind = "heading"
            case "paragraph_open":
                kind = "item" if depth else "paragraph"
            case "bullet_list_open" | "ordered_list_open":
                depth += 1
            case "bullet_list_close" | "ordered_list_close":
                depth -= 1
            case "list_item_open":
                number = int(token.info or 0)
            case "inline":
                yield {"kind": kind, "depth": depth, "number": number, "runs": list(_runs(token.children or []))}


def _runs(inline: list[Token]) -> Iterator[dict[str, Any]]:
    strong = False
    for token in inline:
        if token.type in {"strong_open", "strong_close"}:
            strong = token.type == "strong_open"
        elif token.type in {"softbreak", "hardbreak"}:
            yield {"text": " ", "strong": strong}
        elif token.content:
            yield {"text": token.content, "strong": strong}
