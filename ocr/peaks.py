"""Where between pixels a likeness is greatest."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray


def peak_between(likeness: NDArray[Any], x: int, y: int) -> tuple[float, float]:
    """How far the true peak lies from the best pixel, by a parabola through its neighbours, at most half a pixel."""
    inside_x, inside_y = 0 < x < likeness.shape[1] - 1, 0 < y < likeness.shape[0] - 1
    across = _peak(likeness[y, x - 1 : x + 2]) if inside_x else 0.0
    down = _peak(likeness[y - 1 : y + 2, x]) if inside_y else 0.0
    return across, down


def _peak(three: NDArray[Any]) -> float:
    before, top, after = (float(value) for value in three)
    bend = before - 2 * top + after
    return 0.0 if bend >= 0 else max(-0.5, min(0.5, (before - after) / (2 * bend)))
