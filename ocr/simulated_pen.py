"""Strokes and letters put on simulated paper."""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
import typst
from numpy.typing import NDArray
from PIL import Image

from ocr.form_map import Box

_BLUE_INK = (38, 52, 140)
_FAMILIES = {"mono": "DejaVu Sans Mono", "sans": "Libertinus Serif"}


def sign(paper: NDArray[np.uint8], box: Box, dpi: int, *, shape: str) -> None:
    """Draws a blue pen stroke in ``box``: a smooth curve whose form depends only on ``shape``."""
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(shape.encode()).digest()[:8], "big"))
    turns = int(rng.integers(9, 15))
    across = np.linspace(0.12, 0.8, turns) + rng.uniform(-0.02, 0.05, turns)
    down = 0.5 + rng.uniform(-0.28, 0.28, turns)
    knots = np.column_stack([across, down])
    curve = smooth(knots)
    points = np.column_stack(
        [box.left + curve[:, 0] * (box.right - box.left), box.top + curve[:, 1] * (box.bottom - box.top)]
    )
    pixels = np.round(points * dpi / 72 * 16).astype(np.int32)
    width = max(1, round(0.4 * dpi / 25.4))
    cv2.polylines(paper, [pixels.reshape(-1, 1, 2)], False, _BLUE_INK, width, cv2.LINE_AA, shift=4)


def write_margin(paper: NDArray[np.uint8], text: str, dpi: int) -> None:
    """Writes ``text`` small and grey along the top margin, outside the corner marks."""
    height = dpi / 25.4 * 2
    cv2.putText(
        paper,
        text,
        (round(paper.shape[1] * 0.42), round(dpi / 25.4 * 4)),
        cv2.FONT_HERSHEY_SIMPLEX,
        height / 22,
        (150, 150, 150),
        max(1, dpi // 200),
        cv2.LINE_AA,
    )


@lru_cache(maxsize=256)
def text_picture(
    text: str, *, font: Literal["mono", "sans"], size: float, dpi: int, family: str | None = None
) -> NDArray[np.uint8]:
    """``text`` typeset black on white, cut to its ink."""
    source = (
        f"#set page(width: auto, height: auto, margin: 4pt)\n"
        f"#set text(font: {_quoted(family or _FAMILIES[font])}, size: {size}pt, kerning: false, ligatures: false)\n"
        f"#{_quoted(text)}"
    )
    png = typst.compile(source.encode(), format="png", ppi=float(dpi))
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    rows, columns = np.flatnonzero(picture.min(axis=1) < 200), np.flatnonzero(picture.min(axis=0) < 200)
    if rows.size == 0:
        return picture[:1, :1]
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def smooth(knots: NDArray[np.float64], steps: int = 24) -> NDArray[np.float64]:
    """A Catmull-Rom curve through ``knots``, ``(n, 2)``, with ``steps`` points from each to the next."""
    padded = np.vstack([knots[0], knots, knots[-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = []
    for start in range(len(knots) - 1):
        a, b, c, d = padded[start : start + 4]
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.vstack([*parts, knots[-1:]])
