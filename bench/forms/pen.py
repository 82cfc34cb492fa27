"""Ink on paper: ballpoint strokes with pressure and skips, and rubber stamps' flat colour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.forms.sheets import SHEET_DPI, Ink, Rgb, to_pixels
from ocr.form_map import Box
from ocr.simulated_pen import smooth

_COLOURS: dict[Ink, tuple[tuple[int, int, int], ...]] = {
    "blue": ((28, 44, 150), (40, 60, 165), (20, 30, 110)),
    "black": ((25, 25, 30), (45, 45, 48), (38, 34, 34)),
}
_SHIFT = 4
_SPREAD_MM = 1.2


@dataclass(frozen=True, slots=True)
class Pen:
    """Its colour, the width of its line in mm and how densely it covers (0 to 1)."""

    ink: Ink
    colour: tuple[int, int, int]
    width_mm: float
    cover: float


def made_pen(rng: np.random.Generator, ink: Ink | None = None) -> Pen:
    """A ballpoint: two in three are blue."""
    chosen: Ink = ink or ("blue" if rng.random() < 0.67 else "black")
    colours = _COLOURS[chosen]
    return Pen(
        chosen, colours[int(rng.integers(len(colours)))], float(rng.uniform(0.28, 0.55)), float(rng.uniform(0.75, 0.97))
    )


def draw(picture: Rgb, strokes: Iterable[NDArray[np.float64]], pen: Pen, rng: np.random.Generator) -> Box:
    """Writes ``strokes`` (points of the issued page) on ``picture`` in place and says where they are."""
    paths = [to_pixels(stroke) for stroke in strokes]
    margin = _SPREAD_MM * SHEET_DPI / 25.4
    every = np.vstack(paths)
    left, top = np.floor(every.min(axis=0) - margin).clip(0).astype(int)
    right, bottom = np.ceil(every.max(axis=0) + margin).astype(int)
    right, bottom = min(right, picture.shape[1]), min(bottom, picture.shape[0])
    mask = np.zeros((bottom - top, right - left), np.uint8)
    for path in paths:
        _stroke(mask, path - (left, top), pen, rng)
    spread = cv2.GaussianBlur(mask, (0, 0), 1.0).astype(np.float32) / 255
    covered = np.asarray(spread * _grain(mask.shape, rng), dtype=np.float32)
    inked(picture[top:bottom, left:right], covered, pen.colour, pen.cover)
    edges = np.array([*every.min(axis=0), *every.max(axis=0)]) * 72 / SHEET_DPI
    half = pen.width_mm / 2 * 72 / 25.4
    return Box(*(round(float(edge), 2) for edge in edges + np.array([-half, -half, half, half])))


def inked(place: Rgb, mask: NDArray[np.float32], colour: tuple[int, int, int], cover: float) -> None:
    """Lays ink of ``colour`` over ``place`` in place, as much as ``mask`` (0 to 1) says: it darkens, it never brightens."""
    light = 1 - mask[..., None] * cover * (1 - np.array(colour, np.float32) / 255)
    place[...] = (place * light).astype(np.uint8)


def signature(box: Box, rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """A signature's curves in ``box``; one in three runs over its edge."""
    turns = int(rng.integers(7, 16))
    reach = float(rng.uniform(1.0, 1.15)) if rng.random() < 0.33 else float(rng.uniform(0.6, 0.95))
    across = np.linspace(0.08, reach, turns) + rng.normal(0, 0.03, turns)
    high = np.where(np.arange(turns) % 2, 1, -1) * rng.uniform(0.05, 0.3, turns) * np.linspace(1.2, 0.5, turns)
    curves = [np.column_stack([across, 0.55 + high])]
    if rng.random() < 0.6:
        curves.append(np.array([[0.05, 0.8], [0.4, 0.75 + rng.normal(0, 0.05)], [min(reach, 0.95), 0.72]]))
    size = np.array([box.right - box.left, box.bottom - box.top])
    return [smooth(curve * size + (box.left, box.top)) for curve in curves]


def line(start: tuple[float, float], end: tuple[float, float], rng: np.random.Generator) -> NDArray[np.float64]:
    """A line as a hand draws it, points of the issued page."""
    knots = np.linspace(start, end, 5)
    knots[1:-1] += rng.normal(0, 0.35, (3, 2))
    return smooth(knots)


def _stroke(mask: NDArray[np.uint8], path: NDArray[np.float64], pen: Pen, rng: np.random.Generator) -> None:
    width = pen.width_mm * SHEET_DPI / 25.4
    pressure = np.interp(np.linspace(0, 1, len(path)), np.linspace(0, 1, 6), rng.uniform(0.75, 1.15, 6))
    fixed = np.rint(path * 2**_SHIFT).astype(np.int32)
    for start, end, force in zip(fixed[:-1], fixed[1:], pressure[1:], strict=True):
        thick = max(1, round(width * float(force)))
        cv2.line(mask, start.tolist(), end.tolist(), 255, thick, cv2.LINE_AA, _SHIFT)


def _grain(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    height, width = shape[:2]
    coarse = rng.normal(0.9, 0.12, (max(2, height // 3), max(2, width // 3))).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height)).clip(0.4, 1), dtype=np.float32)
