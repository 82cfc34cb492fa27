"""Is there ink in the places left for signatures."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.form_map import FormMap
from ocr.results import PageSource, SignatureBox
from ocr.verification import pixels

_INSIDE_MM = -0.8
_LEAST_INK_MM2 = 2.0
_LEAST_EXTENT_MM = 6.0
_DARK = 90


def signature_boxes(
    added: NDArray[np.bool_] | None,
    ink: NDArray[np.uint8],
    form_map: FormMap,
    page: int,
    dpi: float,
    source: PageSource,
) -> tuple[SignatureBox, ...]:
    """Each signature box of the page. ``added`` is where ink is that was not issued; without it all dark ink counts.

    A signature is strokes of at least 2 square mm of ink that reach over at least 6 mm; less is dirt.
    """
    strokes = added if added is not None else ink > _DARK
    boxes = []
    for zone in form_map.zones_on_page(page, "signature"):
        inside = strokes[pixels(zone.box, dpi, strokes.shape, margin_mm=_INSIDE_MM)]
        covered = float(inside.mean()) if inside.size else 0.0
        present = (
            float(inside.sum()) * (25.4 / dpi) ** 2 >= _LEAST_INK_MM2 and _extent_mm(inside, dpi) >= _LEAST_EXTENT_MM
        )
        boxes.append(SignatureBox(zone.name, page, zone.box, round(covered, 4), present, source))
    return tuple(boxes)


def _extent_mm(strokes: NDArray[np.bool_], dpi: float) -> float:
    joined = cv2.dilate(strokes.astype(np.uint8), np.ones((5, 5), np.uint8))
    count, _, facts, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    if count < 2:
        return 0.0
    return float(facts[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max()) * 25.4 / dpi
