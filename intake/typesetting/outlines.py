"""Black and white matrices as vector outlines.

One filled path follows the edges of the dark area: no seams between modules when a page is rasterised, and a tenth of
the bytes of single squares.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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


def trace(matrix: Sequence[Sequence[bool]]) -> Outline:
    """The outline of the true cells of a square ``matrix``, rows from the top."""
    onward: dict[Point, list[Point]] = {}
    for start, end in _edges(matrix):
        onward.setdefault(start, []).append(end)
    loops = []
    while onward:
        first = next(iter(onward))
        loop = [first]
        point = _step(onward, first)
        while point != first:
            loop.append(point)
            point = _step(onward, point)
        loops.append(_corners(loop))
    return Outline(len(matrix), tuple(loops))


def _edges(matrix: Sequence[Sequence[bool]]) -> Iterator[tuple[Point, Point]]:
    """Unit steps between a dark and a light cell, the dark one on the right hand."""
    size = len(matrix)

    def dark(x: int, y: int) -> bool:
        return 0 <= y < size and 0 <= x < size and matrix[y][x]

    for y in range(size):
        for x in range(size):
            if not matrix[y][x]:
                continue
            if not dark(x, y - 1):
                yield (x, y), (x + 1, y)
            if not dark(x + 1, y):
                yield (x + 1, y), (x + 1, y + 1)
            if not dark(x, y + 1):
                yield (x + 1, y + 1), (x, y + 1)
            if not dark(x - 1, y):
                yield (x, y + 1), (x, y)


def _step(onward: dict[Point, list[Point]], start: Point) -> Point:
    ends = onward[start]
    end = ends.pop()
    if not ends:
        del onward[start]
    return end


def _corners(loop: list[Point]) -> tuple[Point, ...]:
    around = zip([loop[-1], *loop[:-1]], loop, [*loop[1:], loop[0]], strict=True)
    return tuple(here for before, here, after in around if before[0] != after[0] and before[1] != after[1])
