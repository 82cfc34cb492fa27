"""The part of an examination that looks for stamp duty in the returned files of a form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

import numpy as np

from intake.checks.stamp_duty import StampOutcome, judge_marks
from intake.checks.stamp_marks import SeenMark, StampFile, StampQuestion, look_for_marks
from ocr.form_map import Box
from ocr.placed_text import PlacedText
from ocr.results import PageSeen, ReturnedReading
from signing.container import DEEPEST_ENVELOPE, open_container
from signing.envelope_content import ENVELOPE_KINDS, enclosed_content
from signing.stamp_duty.digital import is_digital_stamp
from signing.stamp_duty.mark import StampKind, StampMark, StampStatus
from signing.trust import TrustStore

_FIELDS = "stamp_duty."


def examine_stamps(
    question: StampQuestion,
    forms: Mapping[str, bytes],
    papers: Mapping[str, bytes],
    *,
    issued: bytes,
    reading: ReturnedReading | None,
    trust: TrustStore,
    names: dict[str, str],
) -> StampOutcome:
    """``forms`` and ``papers``: bytes as received, by document. Where no duty is due no page of the form is searched."""
    exempt = question.rule is not None and not question.rule.due
    texts = texts_read(reading)
    files = [
        *(
            StampFile(
                *(document, data, inside_of(data)), is_form=True, texts=texts.get(document, ()), only_compared=exempt
            )
            for document, data in forms.items()
        ),
        *(StampFile(document, data, inside_of(data)) for document, data in papers.items()),
    ]
    seen = look_for_marks(files, question, trust=trust, issued=issued)
    if exempt and question.rule is not None and forms:
        mark = StampMark(StampKind.exemption, StampStatus.valid, law=question.rule.law)
        seen = (SeenMark(next(iter(forms)), mark), *seen)
    return judge_marks(seen, question, names)


def bears_a_stamp(data: bytes) -> bool:
    """Whether a file is a digital stamp, bare or in an envelope, whatever its sender calls it."""
    return is_digital_stamp(([data, *inside_of(data)])[-1])


def inside_of(data: bytes) -> tuple[bytes, ...]:
    """What the envelopes of a file hold, from the outside in: signed messages, containers, time-stamped data."""
    found: list[bytes] = []
    current: bytes | None = data
    while current is not None and len(found) < DEEPEST_ENVELOPE:
        opened = open_container(current, name="")
        found += [layer.content for layer in opened.layers if layer.content is not None]
        kind = opened.content_kind
        current = enclosed_content(kind, opened.content) if kind in ENVELOPE_KINDS else None
        found += [current] if current is not None else []
    return tuple(found)


def texts_read(reading: ReturnedReading | None) -> dict[str, tuple[PlacedText, ...]]:
    """What the scanned pages of the form say about stamp duty, by document: they need not be read again."""
    if reading is None:
        return {}
    texts: dict[str, list[PlacedText]] = defaultdict(list)
    for page in reading.pages:
        if page.belongs == "ours" and page.text_from == "ocr":
            cells = [
                (cell.read, cell.box)
                for cell in reading.cells
                if cell.name.startswith(_FIELDS) and cell.read and cell.page_source == (page.source_name, page.number)
            ]
            texts[page.source_name].append(_page_text(page, cells))
    return {document: tuple(pages) for document, pages in texts.items()}


def _page_text(page: PageSeen, cells: Collection[tuple[str, Box]]) -> PlacedText:
    text, boxes = "", list[Box | None]()
    for read, box in cells:
        text += f"{read} "
        boxes += [_as_received(box, page.to_issued)] * len(read) + [None]
    return PlacedText(page.number, text, tuple(boxes))


def _as_received(box: Box, to_issued: Iterable[float] | None) -> Box:
    """A box of the issued page on the page as it came back."""
    if to_issued is None:
        return box
    corners = [
        (box.left, box.top, 1.0),
        (box.right, box.top, 1.0),
        (box.right, box.bottom, 1.0),
        (box.left, box.bottom, 1.0),
    ]
    moved = np.linalg.inv(np.array(list(to_issued)).reshape(3, 3)) @ np.array(corners).T
    across, down = moved[0] / moved[2], moved[1] / moved[2]
    return Box(float(across.min()), float(down.min()), float(across.max()), float(down.max()))
