"""Black and white matrices as vector outlines.

One filled path follows the edges of the dark area: no seams between modules when a page is rasterised, and a tenth of
the bytes of single squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Outline:
    """The dark area of a square matrix: closed ``loops`` of corners, one unit a cell, ``y`` downwards, even-odd fill."""

    size: int
    loops: tuple[tuple[Point, ...], ...]

    def svg(self) -> str:
        """An SVG picture of ``size`` by ``size`` units."""
        path = "".join(
            f"M{loop[0][0]} {loop[0][1]}" + "".join(f"L{x} {y}" for x, y in loop[1:]) + "z" for loop in self.loops
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.size} {self.size}" '
            f'width="{self.size}" height="{self.size}"><path fill="#000" fill-rule="evenodd" d="{path}"/></svg>'
        )

    def pdf_operators(self) -> bytes:
        """Path operators (ISO 32000-1, 8.5) that fill the area black in a square of ``size`` units, ``y`` upwards."""
        drawn = []
        for loop in self.loops:
            (left, top), *others = [(x, self.size - y) for x, y in loop]
            drawn.append(f"{left} {top} m " + "".join(f"{x} {y} l " for x, y in others) + "h")
        return "\n".join(["0 g", *drawn, "f*"]).encode()


def trace(matrix: Sequence[Sequence[bool]] | NDArray[np.bool_]) -> Outline:
    """The outline of the true cells of a square ``matrix``, rows from the top.

    A corner stands where a border between dark and light begins or ends. Along each row and each column of the grid borders
    run from one corner to the next, so that every corner has one partner across and one down; where two borders cross, both
    run on, which an even-odd fill takes as it should.
    """
    dark = np.pad(np.asarray(matrix, dtype=bool), 1)
    borders = dark[:-1] != dark[1:]
    width = borders.shape[1] - 1
    rows, columns = np.nonzero(borders[:, :-1] != borders[:, 1:])
    corners = rows * width + columns
    across = _partners(corners)
    down = _partners(corners[np.lexsort((rows, columns))])
    loops = []
    while across:
        first = point = next(iter(across))
        loop = []
        while point in across:
            turn = across.pop(point)
            del across[turn]
            loop += [point, turn]
            point = down[turn]
        assert point == first
        loops.append(tuple((corner % width, corner // width) for corner in loop))
    return Outline(dark.shape[0] - 2, tuple(loops))


def _partners(corners: NDArray[np.intp]) -> dict[int, int]:
    """Each corner's partner, of corners that follow each other along their lines: the first and the second, and so on."""
    pairs = corners.reshape(-1, 2).tolist()
    return {one: other for pair in pairs for one, other in (pair, pair[::-1])}
