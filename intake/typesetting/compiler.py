"""The one wrapper of Typst: fonts, templates, versions, errors.

Fonts come from two places only, so that equal input gives equal bytes on every machine: Titillium Web, the face of the
Italian public administration's design system, from the wheel ``fontpkg-titillium-web`` (SIL Open Font License), and
DejaVu Sans Mono, which Typst carries in itself. Fonts of the system are never looked at.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import typst

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "forms"
OLDEST_TYPST = (0, 14)
PDF_STANDARDS: list[Literal["a-3a", "ua-1"]] = ["a-3a", "ua-1"]
_FONT_PACKAGE = "fontpkg-titillium-web"
_LETTER_MISSING = re.compile(r'the text `"(.*?)"` could not be displayed')
_FAMILIES = frozenset({"Titillium Web", "DejaVu Sans Mono"})


class TypesettingError(Exception):
    """A document could not be typeset. ``code`` is stable, ``message`` and ``remedy`` are for people."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class TypesetterVersion:
    """What typesets here; written into no document, shown to who operates the service."""

    typst: str
    font_package: str
    families: tuple[str, ...]


def probe_typesetter() -> TypesetterVersion:
    """The versions in use. Raises ``TypesettingError`` when Typst is too old or a font is missing."""
    try:
        found = TypesetterVersion(version("typst"), version(_FONT_PACKAGE), tuple(_fonts().families()))
    except PackageNotFoundError as error:
        raise TypesettingError(
            "typesetting.not_installed",
            f"Manca il pacchetto Python {error.name}, che serve a comporre i moduli.",
            "Esegua bin/setup, che installa le versioni del file uv.lock.",
        ) from error
    if tuple(int(part) for part in found.typst.split(".")[:2]) < OLDEST_TYPST:
        raise TypesettingError(
            "typesetting.too_old",
            f"Typst {found.typst} è troppo vecchio: non scrive insieme PDF/A-3a e PDF/UA-1.",
            "Esegua bin/setup, che installa le versioni del file uv.lock.",
        )
    missing = _FAMILIES - set(found.families)
    if missing:
        raise TypesettingError(
            "typesetting.font_missing",
            f"Mancano i caratteri {', '.join(sorted(missing))}.",
            "Esegua bin/setup, che installa le versioni del file uv.lock.",
        )
    return found


@dataclass(frozen=True, slots=True)
class Typeset:
    """A typeset document: the PDF, and the values of its ``metadata`` elements by label, in document order."""

    pdf: bytes
    measured: dict[str, list[Any]]


def typeset(template: str, name: str, given: dict[str, Any], *, at: datetime, labels: tuple[str, ...] = ()) -> Typeset:
    """Typesets ``template`` of ``templates/forms`` as PDF/A-3a and PDF/UA-1 dated ``at``.

    ``given`` reaches the template as the JSON input ``name``; ``labels`` are read from the same layout that is printed.
    Equal input gives equal bytes. Raises ``TypesettingError``.
    """
    source = str(TEMPLATES / template)
    compiler = typst.Compiler(
        source, root=str(TEMPLATES), font_paths=_fonts(), sys_inputs={name: json.dumps(given, ensure_ascii=False)}
    )
    moment = at.astimezone(UTC).replace(microsecond=0)
    try:
        measured = {label: json.loads(compiler.query(f"<{label}>", field="value")) for label in labels}
        pdf = compiler.compile(input=source, format="pdf", pdf_standards=[*PDF_STANDARDS], timestamp=moment)
    except typst.TypstError as error:
        raise _explained(template, error) from error
    assert isinstance(pdf, bytes)
    return Typeset(pdf, measured)


def _explained(template: str, error: typst.TypstError) -> TypesettingError:
    missing = _LETTER_MISSING.search(str(error))
    if missing:
        return TypesettingError(
            "typesetting.letter_missing",
            f"I caratteri del modulo non hanno il segno «{missing[1]}».",
            "Scriva il dato come sta nel documento d’identità, in lettere latine.",
        )
    return TypesettingError(
        "typesetting.failed",
        f"Il documento {template} non si è potuto comporre: {error}",
        "È un difetto del programma: lo segnali a chi gestisce il servizio con il codice di questo errore.",
    )


@cache
def _fonts() -> typst.Fonts:
    folder = files(_FONT_PACKAGE.replace("-", "_")) / "files"
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(folder)])
