"""What reading one page gives, before the pages of a form are put together."""

from __future__ import annotations

from dataclasses import dataclass

from ocr.results import Alteration, ReadCell, SignatureBox


@dataclass(frozen=True, slots=True)
class PageFindings:
    """Cells, alterations and signatures of one page, how well it could be read and what to do about it."""

    cells: tuple[ReadCell, ...]
    alterations: tuple[Alteration, ...]
    signatures: tuple[SignatureBox, ...]
    quality: float
    problem: str | None = None
