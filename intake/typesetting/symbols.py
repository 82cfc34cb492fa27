"""QR codes, corner marks and the rehearsal watermark as vector outlines.

Each symbol is one filled path that follows the edges of its dark area: no seams between modules when a page is
rasterised, and a tenth of the bytes of single squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import segno

MODULE_MM = 0.5
MARKER_MODULES = 8
MARKERS = ("TL", "TR", "BR", "BL")

Point = tuple[int, int]


def page_code_symbol(text: str) -> tuple[str, int]:
    """The QR symbol of ``text`` (ISO/IEC 18004, level M) as SVG without quiet zone, and its width in modules."""
    code = segno.make_qr(text, error="m", boost_error=False)
    matrix = [[bool(module) for module in row] for row in code.matrix]
    return outline_svg(matrix), len(matrix)


@cache
def corner_marks() -> tuple[str, ...]:
    """The four corner marks as SVG: ArUco DICT_6X6_50, numbers 0 to 3 for top left, top right, bottom right, bottom left."""
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_6X6_50)
    pictures = [cv2.aruco.generateImageMarker(dictionary, number, MARKER_MODULES) for number in range(len(MARKERS))]
    return tuple(outline_svg([[bool(pixel < 128) for pixel in row] for row in picture]) for picture in pictures)


def outline_svg(matrix: Sequence[Sequence[bool]]) -> str:
    """An SVG whose one even-odd path encloses the true cells of ``matrix``, one unit a cell."""
    size = len(matrix)
    path = "".join(
        f"M{loop[0][0]} {loop[0][1]}" + "".join(f"L{x} {y}" for x, y in loop[1:]) + "z" for loop in _outlines(matrix)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" height="{size}">'
        f'<path fill="#000" fill-rule="evenodd" d="{path}"/></svg>'
    )


def _outlines(matrix: Sequence[Sequence[bool]]) -> list[list[Point]]:
    """Closed loops of corner points around the true cells, dark area on the right hand of each step."""
    onward: dict[Point, list[Point]] = {}
    for start, end in _edges(matrix):
        onward.setdefault(start, []).append(end)
    loops = []
    while onward:
        first = next(iter(onward))
        loop = [first]
        point = _take(onward, first)
        while point != first:
            loop.append(point)
            point = _take(onward, point)
        loops.append(_without_straight_points(loop))
    return loops


def _edges(matrix: Sequence[Sequence[bool]]) -> list[tuple[Point, Point]]:
    def dark(x: int, y: int) -> bool:
        return 0 <= y < len(matrix) and 0 <= x < len(matrix[y]) and matrix[y][x]

    edges: list[tuple[Point, Point]] = []
    for y, row in enumerate(matrix):
        for x, cell in enumerate(row):
            if not cell:
                continue
            edges += [((x, y), (x + 1, y))] if not dark(x, y - 1) else []
            edges += [((x + 1, y), (x + 1, y + 1))] if not dark(x + 1, y) else []
            edges += [((x + 1, y + 1), (x, y + 1))] if not dark(x, y + 1) else []
            edges += [((x, y + 1), (x, y))] if not dark(x - 1, y) else []
    return edges


def _take(onward: dict[Point, list[Point]], start: Point) -> Point:
    ends = onward[start]
    end = ends.pop()
    if not ends:
        del onward[start]
    return end


def _without_straight_points(loop: list[Point]) -> list[Point]:
    around = zip([loop[-1], *loop[:-1]], loop, [*loop[1:], loop[0]], strict=True)
    return [here for before, here, after in around if before[0] != after[0] and before[1] != after[1]]


@cache
def rehearsal_watermark() -> str:
    """The word PROVA, slanted, as strokes: no letters of it enter the page's text, and its grey fades in a scan."""
    letters = (
        "M0 80V0H28A22 22 0 0 1 28 44H0",
        "M70 80V0H98A22 22 0 0 1 98 44H70M100 44L122 80",
        "M172 0A32 40 0 1 0 172 80A32 40 0 1 0 172 0",
        "M216 0L246 80L276 0",
        "M286 80L316 0L346 80M297 52H335",
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-20 -160 390 400" width="390" height="400">'
        '<g transform="rotate(-40 173 40)" fill="none" stroke="#ececec" stroke-width="15" stroke-linejoin="round">'
        f'<path d="{"".join(letters)}"/></g></svg>'
    )
