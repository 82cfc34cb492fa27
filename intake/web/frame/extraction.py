"""Finds every sentence that people read and keeps the English catalogue in step: ``python -m intake.web.frame.extraction``."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import intake
from intake.errors import refusals
from intake.settings import PROJECT, TEMPLATES
from intake.web.frame.language import LANGUAGES, catalogue_file

_FROM_CODE = [("**.py", "python")]
_FROM_PAGES = [("**.html", "jinja2")]
Identity = str | tuple[str, ...] | list[str]
_SINCE = datetime(2026, 11, 21, tzinfo=UTC)
"""The header's dates do not move: a catalogue changes only when a sentence does."""
_KEYWORDS = {"_": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2)}


def sentences() -> Catalog:
    """Every marked sentence of the screens, and the texts of every refusal."""
    found = Catalog(locale="it", fuzzy=False)
    for folder, method in ((PROJECT / "intake", _FROM_CODE), (TEMPLATES / "pages", _FROM_PAGES)):
        for name, _, message, _, _ in extract_from_dir(folder, method, keywords=_KEYWORDS):
            found.add(message, locations=[(_place(folder, name), 0)])
    for text in _refusal_texts():
        found.add(text, locations=[("intake/errors.py", 0)])
    return found


def missing(code: str) -> list[str]:
    """Sentences without a translation into ``code``."""
    known = _read(code)
    return [str(each.id) for each in sentences() if each.id and not _is_translated(known, each.id)]


def update(code: str) -> None:
    """Rewrites the catalogue of ``code``: what is translated stays, new sentences come empty, old ones go."""
    known, wanted = _read(code), sentences()
    made = Catalog(
        locale=code,
        fuzzy=False,
        header_comment="# English beside the Italian sentences of Sportello. Licence: EUPL-1.2.",
        project="Sportello",
        version="1",
        creation_date=_SINCE,
        revision_date=_SINCE,
    )
    for each in wanted:
        if each.id:
            old = known.get(_key(each.id))
            made.add(each.id, old.string if old else None, locations=sorted(each.locations))
    file = catalogue_file(code)
    beside = file.with_suffix(f".{os.getpid()}.new")
    with beside.open("wb") as target:
        write_po(target, made, width=128, include_lineno=False, sort_output=True, omit_header=False)
    beside.replace(file)  # whoever reads it meanwhile sees all of the old or all of the new


def _read(code: str) -> Catalog:
    with catalogue_file(code).open("rb") as source:
        return read_po(source, locale=code, abort_invalid=True)


def _is_translated(known: Catalog, identity: Identity) -> bool:
    found = known.get(_key(identity))
    if found is None:
        return False
    strings = found.string if isinstance(found.string, tuple | list) else (found.string,)
    return all(strings) and not found.fuzzy


def _key(identity: Identity) -> str:
    return identity if isinstance(identity, str) else identity[0]


def _refusal_texts() -> list[str]:
    for module in walk_packages(intake.__path__, "intake."):
        if "migrations" not in module.name and not module.name.endswith("__main__"):
            import_module(module.name)
    return [text for kind in refusals() for text in (kind.message, kind.remedy, kind.law) if text]


def _place(folder: Path, name: str) -> str:
    return (folder / name).relative_to(PROJECT).as_posix()


if __name__ == "__main__":
    for language_code in LANGUAGES:
        if language_code != "it":
            update(language_code)
