"""Reading a page that is drawn with text: its text layer answers, its picture confirms."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.form_map import Box, FormField
from ocr.identification import LookedAt
from ocr.issued_form import IssuedForm
from ocr.page_findings import PageFindings
from ocr.pages import Character
from ocr.results import Alteration, PageSource, ReadCell, SignatureBox
from ocr.signature_ink import signature_boxes
from ocr.strange_marks import marks_outside
from ocr.verification import pixels
from ocr.written_values import same_value, spaced

_VISIBLE_CHANGE = 48
_LEAST_CHANGED_MM2 = 0.02
_HARMLESS_ANNOTATIONS = {"Widget", "Link", "Popup"}


def read_drawn_page(look: LookedAt, number: int, issued: IssuedForm) -> PageFindings:
    """Compares text and picture of a page that lies exactly as the issued one."""
    source: PageSource = (look.page.source_name, look.page.index)
    characters = look.page.characters()
    issued_ink = issued.ink(number, look.dpi)
    ink = np.asarray(255 - look.picture, dtype=np.uint8)
    more = less = np.zeros(ink.shape, dtype=bool)
    if issued_ink is not None:
        more, less = _beyond(ink, issued_ink), _beyond(issued_ink, ink)
    fields = issued.form_map.on_page(number)
    cells = tuple(_cell(field, text_in(field.box, characters), more | less, look.dpi, source) for field in fields)
    alterations = [_altered_cell(cell) for cell in cells if cell.status in ("differs", "doubtful")]
    for changed, kind in ((more, "added"), (less, "removed")):
        alterations += [
            Alteration(number, mark.box, "", "", "", "added" if kind == "added" else "removed", source)
            for mark in marks_outside(changed, issued.form_map, number, look.dpi)
        ]
    if issued_ink is None:
        alterations += _overlaid(look, number, source)
    signatures: tuple[SignatureBox, ...] = signature_boxes(
        more if issued_ink is not None else None, ink, issued.form_map, number, look.dpi, source
    )
    return PageFindings(cells, tuple(alterations), signatures, 1.0)


def text_in(box: Box, characters: Sequence[Character]) -> str:
    """The characters whose middle lies in ``box``, in text order; a new line or a gap reads as a space."""
    inside = [
        character
        for character in characters
        if box.left <= (character.left + character.right) / 2 <= box.right
        and box.top <= (character.top + character.bottom) / 2 <= box.bottom
    ]
    text = ""
    for before, character in zip([None, *inside], inside, strict=False):
        if before is not None and (character.left < before.left or character.top > before.bottom):
            text += " "
        text += character.text
    return spaced(text)


def _beyond(ink: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray(cv2.subtract(ink, other) > _VISIBLE_CHANGE)


def _cell(field: FormField, text: str, changed: NDArray[np.bool_], dpi: float, source: PageSource) -> ReadCell:
    agrees = same_value(text, field.value)
    looks_changed = changed[pixels(field.box, dpi, changed.shape)].sum() * (25.4 / dpi) ** 2 > _LEAST_CHANGED_MM2
    if not agrees:
        return ReadCell(field.name, field.page, field.box, field.value, text, 1.0, "differs", "pdf", source)
    if looks_changed:
        return ReadCell(field.name, field.page, field.box, field.value, None, 0.0, "doubtful", "pdf", source)
    status = "agrees" if spaced(field.value) else "empty"
    read = field.value
    return ReadCell(field.name, field.page, field.box, field.value, read, 1.0, status, "pdf", source)  # type: ignore[arg-type]


def _altered_cell(cell: ReadCell) -> Alteration:
    seen = cell.read or ""
    if not cell.issued.strip():
        return Alteration(cell.page, cell.box, cell.name, cell.issued, seen, "added", cell.page_source)
    gone = cell.status == "differs" and not seen
    return Alteration(
        cell.page, cell.box, cell.name, cell.issued, seen, "removed" if gone else "changed", cell.page_source
    )


def _overlaid(look: LookedAt, number: int, source: PageSource) -> list[Alteration]:
    return [
        Alteration(number, Box(*box), "", "", subtype, "added", source)
        for subtype, box in look.page.annotations()
        if subtype not in _HARMLESS_ANNOTATIONS
    ]
