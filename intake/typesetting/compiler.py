"""The one wrapper of Typst: fonts, templates, versions, errors.

Fonts come from two places only, so that equal input gives equal bytes on every machine: Titillium Web, the face of the
Italian public administration's design system, from the wheel ``fontpkg-titillium-web`` (SIL Open Font License), and
DejaVu Sans Mono, which Typst carries in itself. Fonts of the system are never looked at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
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
class Template:
    """One template of ``templates/forms`` with its input, ready to be measured and printed."""

    name: str
    inputs: Mapping[str, Any]

    def measure(self, label: str) -> list[Any]:
        """The values of all ``metadata`` elements labelled ``label``, in document order, without writing a PDF."""
        with _reported(self.name):
            return list(json.loads(self._compiler().query(f"<{label}>", field="value")))

    def measure_and_print(self, label: str, at: datetime) -> tuple[list[Any], bytes]:
        """The same values, and the PDF (PDF/A-3a, PDF/UA-1) dated ``at``; both from one layout."""
        with _reported(self.name):
            compiler = self._compiler()
            measured = list(json.loads(compiler.query(f"<{label}>", field="value")))
            return measured, self._print(compiler, at)

    def print(self, at: datetime) -> bytes:
        """The PDF (PDF/A-3a, PDF/UA-1) dated ``at``; equal input gives equal bytes."""
        with _reported(self.name):
            return self._print(self._compiler(), at)

    def _print(self, compiler: typst.Compiler, at: datetime) -> bytes:
        pdf = compiler.compile(
            input=str(TEMPLATES / self.name),
            format="pdf",
            pdf_standards=[*PDF_STANDARDS],
            timestamp=at.astimezone(UTC).replace(microsecond=0),
        )
        assert isinstance(pdf, bytes)
        return pdf

    def _compiler(self) -> typst.Compiler:
        texts = {key: json.dumps(value, ensure_ascii=False) for key, value in self.inputs.items()}
        return typst.Compiler(str(TEMPLATES / self.name), root=str(TEMPLATES), font_paths=_fonts(), sys_inputs=texts)


class _reported:  # noqa: N801
    """Turns Typst's own error into ours, keeping its diagnostic as the cause."""

    def __init__(self, template: str) -> None:
        self.template = template

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, typst.TypstError):
            raise TypesettingError(
                "typesetting.failed",
                f"Il documento {self.template} non si è potuto comporre: {error}",
                "È un difetto del programma: lo segnali a chi gestisce il servizio con il codice di questo errore.",
            ) from error


@cache
def _fonts() -> typst.Fonts:
    folder = files(_FONT_PACKAGE.replace("-", "_")) / "files"
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(folder)])
