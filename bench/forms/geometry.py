"""Where each pixel of a scan stands on the issued page: the truth that an alignment has to find."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Geometry:
    """``matrix`` takes a pixel of the scan to the sheet's picture at ``sheet_dpi``; there, ``arch`` is how many pixels lower
    a curled sheet of ``sheet_height`` pixels shows what stands in a column, wholly at the bottom and a fifth of it at the top.
    """

    matrix: NDArray[np.float64]
    sheet_dpi: float
    arch: NDArray[np.float64] | None = None
    sheet_height: int = 1

    def on_issued(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points of the issued page, ``(n, 2)``, for pixels of the scan, ``(n, 2)``."""
        there = np.column_stack([pixels, np.ones(len(pixels))]) @ self.matrix.T
        x, y = there[:, 0] / there[:, 2], there[:, 1] / there[:, 2]
        if self.arch is not None:
            bow = np.interp(x, np.arange(len(self.arch)), self.arch)
            y = y + np.interp(y, [0, self.sheet_height - 1], [0.2, 1.0]) * bow
        return (np.column_stack([x, y]) + 0.5) * 72 / self.sheet_dpi

    def cut(self, left: int) -> Geometry:
        """The same for a scan whose first ``left`` columns were lost."""
        return replace(self, matrix=self.matrix @ np.array([[1, 0, left], [0, 1, 0], [0, 0, 1]]))

    def half_turned(self, size: tuple[int, int]) -> Geometry:
        """The same for a scan of ``size`` (width, height) laid upside down."""
        turn = np.array([[-1, 0, size[0] - 1], [0, -1, size[1] - 1], [0, 0, 1]])
        return replace(self, matrix=self.matrix @ turn)
