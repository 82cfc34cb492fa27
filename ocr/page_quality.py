"""Whether a page is worth reading, before anything is read: too coarse, dark, faint, blurred, cut, skewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pages import Page
from ocr.picture_file import resized
from ocr.printed_codes import flattened

QualityFault = Literal["coarse", "dark", "faint", "blurred", "cut", "skewed"]

REMEDY = "La scansioni di nuovo a 300 dpi, in piano, a colori, per intero."
_WORDS: dict[QualityFault, str] = {
    "coarse": "è troppo grossolana: le lettere hanno troppo pochi punti per leggerle",
    "dark": "è troppo scura",
    "faint": "è troppo sbiadita: l'inchiostro quasi non si distingue dalla carta",
    "blurred": "è sfocata",
    "cut": "è tagliata: il testo arriva fin sul bordo",
    "skewed": "è molto storta",
}
_HOPELESS: frozenset[QualityFault] = frozenset({"coarse", "dark", "faint", "blurred"})

_MEASURED_DPI = 200.0
_INK = 150
_LETTER_PX = (3, 70)
_LEAST_LETTERS = 40
_COARSE_PX = 6.0
_DARK_PAPER = 95.0
_FAINT = 30.0
_BLURRED_PX = 2.0
_LEAST_CONTRAST = 12.0
_JUDGED_CONTRAST = 40.0
_CUT_LETTERS = 6
_BARE_BORDER = 0.2
_SKEWED_DEG = 6.0
_MOST_SKEW = 25.0
_SKEW_DPI = 60.0
_SKEW_INK = 190
_LEAST_SKEW_INK = 300
_BARE_PAPER = 130.0
_EVEN_LIGHT = 0.4


@dataclass(frozen=True, slots=True)
class PageQuality:
    """What was measured of a page, None where it says nothing (a page drawn with text, a page without letters).

    ``paper`` is the grey of the paper (0 black to 255), ``contrast`` its distance to the ink, ``letter_px`` the height of
    its small letters in the scan's own pixels, ``blur`` the softness of the sharpest edges in pixels as measured, ``cut`` the
    letters that touch an edge of the picture, ``skew_deg`` how far the lines run down. ``faults`` are named worst first.
    """

    dpi: float | None
    paper: float | None
    contrast: float | None
    letter_px: float | None
    blur: float | None
    cut: int | None
    skew_deg: float | None
    faults: tuple[QualityFault, ...]

    @property
    def hopeless(self) -> bool:
        """Whether reading would only guess."""
        return bool(_HOPELESS & set(self.faults))

    @property
    def sentence(self) -> str | None:
        """The one plain word for the worst fault, to be said of «la pagina»; None for a page without faults."""
        return _WORDS[self.faults[0]] if self.faults else None


def quality_of(page: Page) -> PageQuality:
    """Measures a page. One that is drawn with text has no faults. Raises ``UnreadablePages``."""
    if page.has_text:
        return PageQuality(None, None, None, None, None, None, None, ())
    native = page.native_dpi or _MEASURED_DPI
    dpi = min(native, _MEASURED_DPI)
    return measured(page.image(dpi), dpi, native)


def measured(picture: NDArray[np.uint8], dpi: float, native_dpi: float) -> PageQuality:
    """Measures the grey picture of a page at ``dpi``, made from a scan of ``native_dpi``."""
    picture = resized(picture, min(1.0, _MEASURED_DPI / dpi))
    dpi = min(dpi, _MEASURED_DPI)
    scale = native_dpi / dpi
    paper, contrast = _paper_and_contrast(picture)
    even = flattened(picture)
    boxes = _letters(even)
    height = float(np.median(boxes[:, 3])) if len(boxes) >= _LEAST_LETTERS else None
    blur = _edge_softness(even) if contrast >= _JUDGED_CONTRAST else None
    cut = _touching(boxes, even)
    skew = _skew(even, dpi)
    faults: list[QualityFault] = []
    if paper < _DARK_PAPER:
        faults.append("dark")
    elif contrast < _FAINT and height is not None:
        faults.append("faint")
    if blur is not None and blur > _BLURRED_PX:
        faults.append("blurred")
    elif height is not None and height * scale < _COARSE_PX:
        faults.append("coarse")
    if cut >= _CUT_LETTERS:
        faults.append("cut")
    if skew is not None and abs(skew) > _SKEWED_DEG:
        faults.append("skewed")
    return PageQuality(
        round(native_dpi, 1),
        round(paper, 1),
        round(contrast, 1),
        None if height is None else round(height * scale, 1),
        None if blur is None else round(blur, 3),
        cut,
        None if skew is None else round(skew, 2),
        tuple(faults),
    )


def is_bare_paper(picture: NDArray[np.uint8]) -> bool:
    """Whether a picture without ink is a sheet of paper, bright and of one tone but for shadows, and no photograph."""
    small = cv2.resize(picture, (48, 64), interpolation=cv2.INTER_AREA)
    dark, bright = np.percentile(small, [5, 95])
    return bool(bright >= _BARE_PAPER and dark >= _EVEN_LIGHT * bright)


def _paper_and_contrast(picture: NDArray[np.uint8]) -> tuple[float, float]:
    """Grey of the paper and how much darker the darkest half percent is, without the page's outer tenth."""
    height, width = picture.shape
    middle = picture[height // 10 : height - height // 10 or None, width // 10 : width - width // 10 or None]
    paper, ink = np.percentile(middle[::2, ::2], [80, 0.5])
    return float(paper), float(paper - ink)


def _letters(even: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Left, top, width, height of each piece of ink that could be a letter, however faint; noise of the paper is none."""
    smooth = cv2.GaussianBlur(even, (0, 0), 1.0)
    paper, ink = np.percentile(smooth[::2, ::2], [80, 0.3])
    if paper - ink < _LEAST_CONTRAST:
        return np.empty((0, 4), np.int32)
    dark = (smooth < (paper + ink) / 2).astype(np.uint8)
    _, _, facts, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    boxes = facts[1:, :4]
    low, high = _LETTER_PX
    tall = (boxes[:, 3] >= low) & (boxes[:, 3] <= high)
    slim = (boxes[:, 2] >= 2) & (boxes[:, 2] <= high)
    return np.asarray(boxes[tall & slim], dtype=np.int32)


def _edge_softness(even: NDArray[np.uint8]) -> float:
    """Width of the sharpest edges in pixels: the sigma of the blur that would make a step as steep as they are."""
    across = cv2.Sobel(even, cv2.CV_32F, 1, 0, ksize=3) / 8
    down = cv2.Sobel(even, cv2.CV_32F, 0, 1, ksize=3) / 8
    steep = float(np.percentile(np.hypot(across, down), 99.7))
    contrast = 255.0 - float(np.percentile(even[::2, ::2], 0.3))
    return contrast / (2.5066 * max(steep, 0.1))


def _touching(boxes: NDArray[np.int32], even: NDArray[np.uint8]) -> int:
    """Letters cut by the edge of the picture where that edge is paper: the most on any one side."""
    height, width = even.shape
    sides = (
        (boxes[:, 0] <= 0, even[:, 0]),
        (boxes[:, 1] <= 0, even[0]),
        (boxes[:, 0] + boxes[:, 2] >= width, even[:, -1]),
        (boxes[:, 1] + boxes[:, 3] >= height, even[-1]),
    )
    return max(int(touch.sum()) if (edge < _INK).mean() < _BARE_BORDER else 0 for touch, edge in sides)


def _skew(even: NDArray[np.uint8], dpi: float) -> float | None:
    """Degrees clockwise by which the lines of a page run down, whichever way it lies; None where there is hardly any ink.

    The turn at which ink gathers most sharply in rows (Postl, 1986).
    """
    factor = _SKEW_DPI / dpi
    small = cv2.resize(even, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    rows, columns = np.nonzero(small < _SKEW_INK)
    if rows.size < _LEAST_SKEW_INK:
        return None
    angles = np.arange(-_MOST_SKEW, _MOST_SKEW + 0.1, 1.0)
    gathered = [
        (_gathered(along, over, angle), angle)
        for along, over in ((columns, rows), (-rows, columns))
        for angle in angles
    ]
    return float(max(gathered)[1])


def _gathered(along: NDArray[np.int64], over: NDArray[np.int64], degrees: float) -> float:
    angle = np.radians(degrees)
    places = over * np.cos(angle) - along * np.sin(angle)
    lines = np.bincount((places - places.min()).astype(np.int64)).astype(np.float64)
    return float((np.diff(lines) ** 2).sum())
