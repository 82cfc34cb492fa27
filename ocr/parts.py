"""The connected parts of a picture that is mostly bare paper."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

Place = tuple[slice, slice]


def parts_of(dark: NDArray[np.uint8]) -> Iterator[tuple[Place, NDArray[np.bool_]]]:
    """Each part of ``dark`` that hangs together, corners included: the rows and columns it lies in, its pixels there.

    Borders are followed instead of numbering every pixel of the page, most of which is paper.
    """
    borders, nesting = cv2.findContours(dark, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    for border, (_, _, _, around) in zip(borders, [] if nesting is None else nesting[0], strict=True):
        if around >= 0:
            continue
        left, top, width, height = cv2.boundingRect(border)
        place = slice(top, top + height), slice(left, left + width)
        _, labels = cv2.connectedComponents(dark[place], connectivity=8)
        column, row = border[0, 0]
        yield place, np.asarray(labels == labels[row - top, column - left])
