"""What the rooms say in Italian, in the reader's language: the English of the whole sentence, or the Italian marked as such.

A finding is kept as the sentence that was said, names and numbers inside. Its English stands beside the catalogue in
``findings.toml``: a pattern of the Italian sentence, with its facts in braces, and the English around the same facts.
A fact called ``label`` is the name of a field, ``said`` is a sentence of its own, ``list`` are several with commas between
them, ``items`` with semicolons, ``spans`` with «e», ``inside`` says in which document, ``whose`` of which form,
``paper`` names a document, and whatever begins with ``date`` is a day in words: all are put in English too.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache

from flask import Flask
from flask_babel import gettext
from markupsafe import Markup, escape

from intake.web.frame.language import CATALOGUES, language
from intake.web.frame.said_days import day_in_english

_FACT = re.compile(r"\{(\w+)\}")
_STOP = re.compile(r"(?<=[.!?]) ")
_PART = re.compile(r"[.!?:] ")
_MOST_PARTS = 20
_SEVERAL = {"list": (", ", ", "), "items": ("; ", "; "), "spans": (" e ", " and ")}
"""What stands between the parts of a fact that is several, and between their English."""
_ONLY = {
    "row": r"\d+",
    "run": r"[\d, -]+",
    "inside": r"(?:nel |nell'|tra le ).+?",
    "whose": r"(?:di una sua |del modulo ).+?",
    "paper": "la patente di guida|il permesso di soggiorno|.+?",
}
"""Facts that would take half of another sentence for themselves if they were anything."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """``italian`` as it stands in the file, and the same as an expression whose groups are the facts."""

    italian: str
    whole: re.Pattern[str]
    english: str


def attach(app: Flask) -> None:
    """Adds the filter ``said`` to the templates of ``app``."""
    app.template_filter("said")(said)


def said(sentence: str | None) -> Markup:
    """The sentence in the reader's language; where it has no English, the Italian inside ``<span lang="it">``.

    What is marked up already is the page's own sentence and stays as it is.
    """
    if not sentence or isinstance(sentence, Markup) or language() == "it":
        return escape(sentence or "")
    english = in_english(sentence)
    return Markup('<span lang="it">{}</span>').format(sentence) if english is None else escape(english)


def in_english(sentences: str) -> str | None:
    """The English of what was said in Italian, None where a sentence of it has no pattern, or where it has too many parts."""
    return _Translation().of(sentences) if len(_PART.findall(sentences)) <= _MOST_PARTS else None


class _Translation:
    """Puts one text in English, each part of it once however often the whole can be divided: names that people gave their
    files stand among the facts, and may hold any number of what looks like the end of a sentence.
    """

    def __init__(self) -> None:
        self._seen: dict[str, str | None] = {}

    def of(self, sentences: str) -> str | None:
        """The English of one or more sentences. Divided before whole: in a pattern that ends with a fact, the fact would take
        the sentences after it too."""
        if sentences not in self._seen:
            self._seen[sentences] = self._divided(sentences) or self._whole(sentences)
        return self._seen[sentences]

    def _divided(self, sentences: str) -> str | None:
        for stop in _STOP.finditer(sentences):
            first = self._whole(sentences[: stop.start()])
            rest = self.of(sentences[stop.end() :]) if first is not None else None
            if rest is not None:
                return f"{first} {rest}"
        return None

    def _whole(self, sentence: str) -> str | None:
        for pattern in patterns():
            if found := pattern.whole.fullmatch(sentence):
                facts = {name: self._fact(name, value) for name, value in found.groupdict().items()}
                if None not in facts.values():
                    return pattern.english.format_map(facts)
        return None

    def _fact(self, name: str, value: str) -> str | None:
        if name == "label" and ". " in value:
            return None  # two sentences, taken for a name
        if name == "label":
            return str(gettext(value[:1].upper() + value[1:]))
        if name in _SEVERAL:
            between, in_english_between = _SEVERAL[name]
            parts = value.split(between)
            told = [self.of(each) for each in parts] if len(parts) <= _MOST_PARTS else [None]
            return None if None in told else in_english_between.join(map(str, told))
        if name.startswith("date"):
            return day_in_english(value)
        return self.of(value) if name in {"said", "inside", "whose", "paper"} else value


@cache
def patterns() -> tuple[Pattern, ...]:
    """All patterns in the order of the file: the first that holds decides."""
    written = tomllib.loads((CATALOGUES / "en" / "findings.toml").read_text())
    return tuple(
        Pattern(italian, _expression(italian), english)
        for room in written.values()
        for italian, english in room.items()
    )


def _expression(italian: str) -> re.Pattern[str]:
    pieces = _FACT.split(italian)  # literal, name, literal, name, ...
    return re.compile(
        "".join(_expected(piece) if place % 2 else re.escape(piece) for place, piece in enumerate(pieces)), re.DOTALL
    )


def _expected(fact: str) -> str:
    return f"(?P<{fact}>{_ONLY.get(fact, '.+?')})"
