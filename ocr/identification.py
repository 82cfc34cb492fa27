"""Which page is this: the codes on it, how it lies, whether there is anything on it at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import cv2
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from numpy.typing import NDArray

from ocr.form_map import FormMap
from ocr.landmarks import Landmarks, find_landmarks
from ocr.page_codes import ReadPageCode, read_page_code
from ocr.page_quality import REMEDY, is_bare_paper, measured
from ocr.pages import Page, open_pages
from ocr.pdf_file import PdfFile
from ocr.printed_codes import flattened
from ocr.results import Belonging, PageSeen
from ocr.unreadable import UnreadablePages

DRAWN_DPI = 200.0
_FINEST_DPI = 300.0
_COARSEST_DPI = 100.0
_MOST_PIXELS = 20_000_000
"""An A4 page at 300 dpi has nine million: a larger sheet is looked at more coarsely, so that no page swells the memory."""
_BLANK_INK = 0.0004
_DAMAGED = "L’immagine della pagina è danneggiata: se ne vede solo una parte, o nulla. La scansioni di nuovo."


@dataclass(frozen=True, eq=False)
class LookedAt:
    """A page with its picture at ``dpi``, its landmarks and the code they carry; ``others``: codes on it that say otherwise."""

    page: Page
    dpi: float
    picture: NDArray[np.uint8] = field(repr=False)
    landmarks: Landmarks
    code: ReadPageCode | None
    others: tuple[ReadPageCode, ...] = ()

    def as_page_of(self, form: str) -> LookedAt:
        """The same, taken for a page of ``form`` where one of its codes holds and says so."""
        own = next((each for each in self.others if each.code.form == form and each.valid is not False), None)
        if own is None or self.code is None or self.code.code.form == form:
            return self
        return replace(self, code=own, others=(self.code, *(each for each in self.others if each is not own)))


def look_at(page: Page, keys: tuple[Ed25519PublicKey, ...]) -> LookedAt:
    """Draws or decodes one page and looks for its landmarks. Raises ``UnreadablePages``."""
    dpi = _looking_dpi(page)
    picture = page.image(dpi)
    landmarks = find_landmarks(picture)
    read = {code for printed in landmarks.codes if (code := read_page_code(printed.text, keys)) is not None}
    ordered = sorted(read, key=lambda code: (code.valid is False, code.code.form, code.code.page))
    return LookedAt(page, dpi, picture, landmarks, next(iter(ordered), None), tuple(ordered[1:]))


def belonging(look: LookedAt, form_map: FormMap | None) -> Belonging:
    """Whose page it is. A code whose signature does not hold makes a page foreign, whatever form it names."""
    if look.code is not None:
        known = form_map is None or (
            look.code.code.form == form_map.form
            and look.code.code.pages == form_map.pages
            and look.code.code.page <= form_map.pages
        )
        return "ours" if known and look.code.valid is not False else "foreign"
    return "blank" if _bears_nothing(look) else "unknown"


def _bears_nothing(look: LookedAt) -> bool:
    """Whether a page is bare paper: a photograph without edges is none, nor is a page whose letters are only too pale."""
    if not is_blank(look.picture) or not is_bare_paper(look.picture):
        return False
    return "faint" not in measured(look.picture, look.dpi, look.page.native_dpi or look.dpi).faults


def is_blank(picture: NDArray[np.uint8]) -> bool:
    """Whether hardly anything is printed or written: ink on less than 0.04 % of the page without its outer tenth."""
    height, width = picture.shape
    middle = picture[height // 20 : height - height // 20, width // 20 : width - width // 20]
    dark = (flattened(middle) < 150).astype(np.uint8)
    return bool(cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)).mean() < _BLANK_INK)


def identify_pages(files: Sequence[tuple[str, bytes]], keys: tuple[Ed25519PublicKey, ...]) -> tuple[PageSeen, ...]:
    """The pages of some files, in order, without knowing the form they should belong to; one that cannot be drawn is named.

    Raises ``UnreadablePages`` for a file that gives no pages.
    """
    return tuple(_identified(page, keys) for name, data in files for page in open_pages(data, name=name))


def _identified(page: Page, keys: tuple[Ed25519PublicKey, ...]) -> PageSeen:
    try:
        look = look_at(page, keys)
        return page_seen(look, belonging(look, None))
    except UnreadablePages as problem:
        return page_not_seen(page, "unreadable", problem.message)


def page_not_seen(page: Page, belongs: Belonging, problem: str) -> PageSeen:
    """A page that could not be looked at, and why."""
    return PageSeen(page.source_name, page.index, None, belongs, "none", 0.0, 0, 0.0, problem)


def page_seen(look: LookedAt, belongs: Belonging) -> PageSeen:
    """What is known of a page that is not compared with an issued one; of one that nothing names, what is wrong with it."""
    rotation, skew = code_turn(look)
    text_from: Literal["pdf", "none"] = "pdf" if look.page.has_text else "none"
    problem = _fault_of(look) if belongs == "unknown" and not look.page.has_text else None
    if belongs in ("blank", "unknown") and (damaged := damage_of(look)):
        belongs, problem = "unreadable", damaged
    return PageSeen(
        look.page.source_name,
        look.page.index,
        look.code,
        belongs,
        text_from,
        skew,
        rotation,
        0.0,
        problem,
        other_codes=look.others,
    )


def damage_of(look: LookedAt) -> str | None:
    """What to say of a page whose picture came with spoilt data; None for any other."""
    source = look.page.source
    if isinstance(source, PdfFile) and source.picture_is_damaged(look.page.index - 1):
        return _DAMAGED
    return None


def code_turn(look: LookedAt) -> tuple[int, float]:
    """How the page lies by its codes: quarter turns in degrees clockwise and the skew left; 0 where it has none."""
    return turn_of(_turn_of_codes(look.landmarks))


def _fault_of(look: LookedAt) -> str | None:
    sentence = measured(look.picture, look.dpi, look.page.native_dpi or look.dpi).sentence
    return f"La pagina {sentence}. {REMEDY}" if sentence else None


def turn_of(degrees: float) -> tuple[int, float]:
    """A turn as quarter turns (0, 90, 180, 270) and the skew left after them."""
    quarters = round(degrees / 90)
    return quarters % 4 * 90, degrees - quarters * 90


def _turn_of_codes(landmarks: Landmarks) -> float:
    if not landmarks.codes:
        return 0.0
    top_left, top_right = landmarks.codes[0].corners[:2]
    across = top_right - top_left
    return float(np.degrees(np.arctan2(across[1], across[0])))


def _looking_dpi(page: Page) -> float:
    bearable = float(72 * (_MOST_PIXELS / (page.width_pt * page.height_pt)) ** 0.5)
    if page.has_text:
        return min(DRAWN_DPI, bearable)
    return min(_FINEST_DPI, bearable, max(_COARSEST_DPI, page.native_dpi or _FINEST_DPI))
