"""Coloured ink in a cell: what the form prints in its cells is black, so a coloured line there was written by a hand.

A pen that follows a printed digit leaves little ink beside it; where the scan has colours, its colour tells it from the print.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.alignment import Alignment
from ocr.form_map import Box, FormField
from ocr.identification import LookedAt

_PAPER_MM = 8.0
_LEAST_CHROMA = 0.2
_DARKEST = 0.3
_LEAST_BLACK = 90.0
_EDGE_MM = 0.4
_CELL_PIXEL_MM = 0.2

Colours = NDArray[np.uint8]
Flags = NDArray[np.bool_]


def coloured_in_cells(
    look: LookedAt, alignment: Alignment, dpi: float, fields: Sequence[FormField]
) -> tuple[float, ...]:
    """Square millimetres of coloured ink in the box of each of ``fields``; 0 for a scan without colours.

    ``alignment`` lays the scan over the issued page at ``dpi``. Half of the scan's resolution shows a pen's line.
    """
    coarse = look.dpi / 2
    colours = look.page.colours(coarse)
    if colours is None:
        return (0.0,) * len(fields)
    scale = colours.shape[1] / look.picture.shape[1]
    return coloured_mm2(coloured_ink(colours, coarse), alignment, scale, dpi, [field.box for field in fields])


def coloured_ink(colours: Colours, dpi: float) -> Flags:
    """Where ``colours`` (height, width, 3) differs in colour from the paper around it by a fifth of what black does."""
    around = round(_PAPER_MM * dpi / 25.4) | 1
    small = cv2.resize(colours, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    near = max(3, around // 4) | 1
    paper = cv2.blur(cv2.dilate(small, np.ones((near, near), np.uint8)), (near, near))
    paper = cv2.resize(paper, (colours.shape[1], colours.shape[0]), interpolation=cv2.INTER_LINEAR)
    level = cv2.divide(colours, np.maximum(paper, 1), scale=255)
    red, green, blue = cv2.split(level)
    darkest, lightest = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    black = max(_LEAST_BLACK, 255 - float(np.percentile(lightest[::2, ::2], _DARKEST)))
    return np.asarray(cv2.subtract(lightest, darkest) > _LEAST_CHROMA * black)


def coloured_mm2(
    flags: Flags, alignment: Alignment, scale: float, dpi: float, boxes: Sequence[Box]
) -> tuple[float, ...]:
    """Square millimetres of coloured ink in each of ``boxes`` of the issued page.

    ``flags`` has ``scale`` of the pixels of the scan that ``alignment`` lays over the issued page at ``dpi``.
    """
    picture = flags.astype(np.uint8)
    to_points = np.diag([72 / dpi, 72 / dpi, 1.0]) @ alignment.matrix @ np.diag([1 / scale, 1 / scale, 1.0])
    return tuple(float(_cut(picture, to_points, box).sum()) * _CELL_PIXEL_MM**2 for box in boxes)


def _cut(picture: NDArray[np.uint8], to_points: NDArray[np.float64], box: Box) -> NDArray[np.uint8]:
    """What of ``picture`` lies in ``box`` without its edges, which a neighbour's coloured rule may touch."""
    pixel, edge = _CELL_PIXEL_MM * 72 / 25.4, _EDGE_MM * 72 / 25.4
    wide, high = (max(1, round((length - 2 * edge) / pixel)) for length in (box.right - box.left, box.bottom - box.top))
    to_pixels = np.array(
        [[1 / pixel, 0, -(box.left + edge) / pixel], [0, 1 / pixel, -(box.top + edge) / pixel], [0, 0, 1]]
    )
    laid = cv2.warpPerspective(picture, to_pixels @ to_points, (wide, high), flags=cv2.INTER_NEAREST)
    return np.asarray(laid, dtype=np.uint8)
