"""What printing, paper and scanner do to a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Level = Literal["clean", "medium", "phone"]
Rgb = NDArray[np.uint8]

_DESK = (92, 84, 78)
_SPECK_RADIUS_MM = (0.04, 0.14)


@dataclass(frozen=True, slots=True)
class Wear:
    """One level of wear: ranges of turn and print scale, perspective as a share of the page, noise in grey levels."""

    turn_deg: tuple[float, float]
    print_scale: tuple[float, float]
    perspective: float
    blur_px_300: float
    noise: float
    specks_per_cm2: float
    shadow: float
    curl_mm: float
    jpeg_quality: int


LEVELS: dict[Level, Wear] = {
    "clean": Wear((0.05, 0.3), (0.985, 1.0), 0.0, 0.5, 2.0, 0.0, 0.0, 0.0, 88),
    "medium": Wear((0.6, 2.0), (0.96, 1.0), 0.0, 0.8, 6.0, 0.2, 0.06, 0.2, 60),
    "phone": Wear((0.5, 2.0), (0.96, 1.0), 0.045, 1.2, 5.0, 0.0, 0.35, 0.9, 75),
}


def scanned(paper: Rgb, rng: np.random.Generator, wear: Wear, dpi: int) -> Rgb:
    """The page as the scanner or telephone gives it; same size for scanners, on a desk for telephones."""
    scale = dpi / 300
    moved = _moved(_curled(paper, rng, wear, dpi), rng, wear)
    soft = np.asarray(cv2.GaussianBlur(moved, (0, 0), max(0.3, wear.blur_px_300 * scale)), dtype=np.uint8)
    lit = _lit(soft, rng, wear.shadow)
    grain = rng.normal(0, wear.noise, lit.shape[:2]).astype(np.float32)
    noisy = np.clip(lit.astype(np.float32) * 0.94 + 8 + grain[..., None], 0, 255).astype(np.uint8)
    return _specked(noisy, rng, wear.specks_per_cm2, dpi)


def _curled(paper: Rgb, rng: np.random.Generator, wear: Wear, dpi: int) -> Rgb:
    if wear.curl_mm == 0:
        return paper
    height, width = paper.shape[:2]
    depth = wear.curl_mm * dpi / 25.4 * rng.uniform(0.6, 1.0)
    along = np.sin(np.linspace(0, np.pi * rng.uniform(0.8, 1.4), width)) * depth
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    rows += along.astype(np.float32)[None, :] * np.linspace(0.2, 1, height, dtype=np.float32)[:, None]
    return np.asarray(
        cv2.remap(paper, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )


def _moved(paper: Rgb, rng: np.random.Generator, wear: Wear) -> Rgb:
    height, width = paper.shape[:2]
    turn = np.radians(rng.uniform(*wear.turn_deg) * rng.choice([-1, 1]))
    scale = rng.uniform(*wear.print_scale)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    middle = np.array([width / 2, height / 2])
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    placed = (corners - middle) @ rotation.T * scale + middle + rng.uniform(-0.004, 0.004, 2) * width
    placed += rng.uniform(-1, 1, (4, 2)) * wear.perspective * width
    on_desk = wear.perspective > 0
    size = (width, height)
    if on_desk:
        placed -= placed.min(axis=0) - 0.03 * width
        size = (int(placed[:, 0].max() + 0.03 * width), int(placed[:, 1].max() + 0.03 * width))
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), placed.astype(np.float32))
    background = _DESK if on_desk else (255, 255, 255)
    return np.asarray(
        cv2.warpPerspective(paper, matrix, size, flags=cv2.INTER_AREA, borderValue=background), dtype=np.uint8
    )


def _lit(picture: Rgb, rng: np.random.Generator, shadow: float) -> Rgb:
    if shadow == 0:
        return picture
    height, width = picture.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32))
    slope = (x * np.cos(angle) + y * np.sin(angle)) / 1.5
    light = 1 - shadow * (0.5 + 0.5 * slope)
    return np.asarray(np.clip(picture * light[..., None], 0, 255), dtype=np.uint8)


def _specked(picture: Rgb, rng: np.random.Generator, per_cm2: float, dpi: int) -> Rgb:
    height, width = picture.shape[:2]
    count = rng.poisson(per_cm2 * height * width / (dpi / 2.54) ** 2)
    for x, y in zip(rng.integers(0, width, count), rng.integers(0, height, count), strict=True):
        radius = rng.uniform(*_SPECK_RADIUS_MM) * dpi / 25.4
        tone = int(rng.integers(30, 140))
        cv2.circle(picture, (int(x) * 16, int(y) * 16), round(radius * 16), (tone,) * 3, -1, cv2.LINE_AA, shift=4)
    return picture
