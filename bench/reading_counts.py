"""Counting what a reading got right of a returned form whose truth is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from stdnum.it import codicefiscale

from bench.forms import Altered, ReturnedForm, Sheet
from ocr.form_map import Box
from ocr.results import Alteration, ReadCell, ReturnedReading

HOLDS = frozenset({"agrees", "empty"})
PEN = "pen_over_digit"
_NEAR = 2.0
"""Points by which an alteration's place may miss the ink that was drawn."""


def counted(back: ReturnedForm, reading: ReturnedReading) -> Counter[str]:
    """How often what, over all pages of ``back``; ``reading`` was given its PDF and the issued form."""
    counts: Counter[str] = Counter()
    for sheet, seen in zip(back.sheets, reading.pages, strict=True):
        counts["pages"] += 1
        ours = seen.belongs == "ours" and (seen.code is None or seen.code.code.page == sheet.page)
        laid_over = seen.to_issued is not None or any(cell.page == sheet.page for cell in reading.cells)
        counts["pages_identified"] += ours
        counts["pages_laid_over"] += ours and laid_over
        counts["pages_refused"] += seen.problem is not None
    by_name = {cell.name: cell for cell in reading.cells}
    for sheet in back.sheets:
        counts += _page(sheet, back, by_name, [each for each in reading.alterations if each.page == sheet.page])
    present = {box.name for box in reading.signatures if box.present}
    for zone in (zone for sheet in back.sheets for zone in back.form.form_map.zones_on_page(sheet.page, "signature")):
        truth = any(zone.name in sheet.signed for sheet in back.sheets)
        counts["signature_boxes"] += 1
        counts["signature_boxes_right"] += truth == (zone.name in present)
    return counts


def _page(sheet: Sheet, back: ReturnedForm, cells: dict[str, ReadCell], alterations: list[Alteration]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for altered in sheet.altered:
        _count_found(counts, altered, alterations)
    changed = {name: altered for altered in sheet.altered for name in altered.fields}
    alarmed = {each.field for each in alterations if each.field}
    touched = [altered.box for altered in sheet.altered]
    for field in back.form.form_map.on_page(sheet.page):
        cell, written = cells.get(field.name), back.values[field.name]
        code = field.name.endswith(".tax_code")
        if field.name in changed:
            if changed[field.name].ink == "printed":
                _count_read(counts, "changed", cell, written, code=code)
            continue
        if sheet.altered and any(_overlap(box, field.box) for box in touched):
            continue
        _count_genuine(counts, cell, written, code=code, alarm=field.name in alarmed)
    if not sheet.altered:
        stray = [each for each in alterations if not each.field]
        counts["untouched_pages"] += 1
        counts["stray_marks"] += len(stray)
        counts["untouched_pages_alarmed"] += bool(alterations) or counts["genuine_alarmed"] > 0
    return counts


def _count_found(counts: Counter[str], altered: Altered, alterations: Iterable[Alteration]) -> None:
    found = any(each.field in altered.fields or _overlap(each.box, altered.box) for each in alterations)
    keys = [altered.kind, f"{PEN}_{altered.ink}"] if altered.kind == PEN else [altered.kind, "changes"]
    for key in keys:
        counts[key] += 1
        counts[f"{key}_found"] += found


def _count_genuine(counts: Counter[str], cell: ReadCell | None, written: str, *, code: bool, alarm: bool) -> None:
    """A value nobody altered: exact when it was read as it stands and called so; an alarm when called anything else."""
    held = cell is not None and cell.status in HOLDS
    counts["genuine"] += 1
    counts["genuine_exact"] += held and _alike(cell, written)
    counts["genuine_alarmed"] += alarm or (cell is not None and not held)
    counts["genuine_unread"] += cell is None
    if code:
        _count_read(counts, "genuine", cell, written, code=True)


def _count_read(counts: Counter[str], what: str, cell: ReadCell | None, written: str, *, code: bool) -> None:
    """A value as read, whatever was said of it. A code is repaired wrongly when it is a valid one and not the written one."""
    key = f"{what}_code" if code else f"{what}_value"
    counts[f"{key}s"] += 1
    counts[f"{key}s_exact"] += _alike(cell, written)
    if code and cell is not None and cell.read is not None:
        wrong = not _alike(cell, written) and codicefiscale.is_valid(cell.read)
        counts["codes_repaired_wrongly"] += wrong


def _alike(cell: ReadCell | None, written: str) -> bool:
    return cell is not None and same_text(cell.read or "", written)


def same_text(read: str, written: str) -> bool:
    """Letter by letter, accents included; spaces count as one, and both kinds of apostrophe are the same."""
    return " ".join(read.split()).replace("'", "’") == " ".join(written.split()).replace("'", "’")


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.left < other.right + _NEAR
        and other.left < one.right + _NEAR
        and one.top < other.bottom + _NEAR
        and other.top < one.bottom + _NEAR
    )
