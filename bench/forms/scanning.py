"""Scanner, fax and telephone: five levels of wear. The sixth, made by other means, is in ``bench.forms.other_scanner``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.forms.geometry import Geometry
from bench.forms.other_scanner import scanned_otherwise
from bench.forms.sheets import SHEET_DPI, Rgb, Sheet

Level = Literal["clean", "medium", "fax", "low_contrast", "phone", "independent"]
LEVELS: tuple[Level, ...] = get_args(Level)
DPIS = (300, 200)
_FAX_DPI = {300: 204, 200: 160}
_DESK = (92, 84, 78)
_SHEET_MM = (210.0, 297.0)
_SOFTEST_APERTURE = 0.35


@dataclass(frozen=True, slots=True)
class Wear:
    """Ranges: turn in degrees, perspective as a share of the page, curl and motion in mm, softness in pixels of 300 dpi,
    noise in grey levels, specks a square centimetre, shadow as a share of light, ink and paper tones, JPEG quality.
    """

    turn: tuple[float, float]
    softness: float
    noise: float
    quality: int
    perspective: float = 0.0
    curl: tuple[float, float] = (0.0, 0.0)
    motion: float = 0.0
    specks: float = 0.0
    shadow: float = 0.0
    cropped: float = 0.0
    ink_tone: tuple[float, float] = (0, 0)
    paper_tone: tuple[float, float] = (255, 255)


WEAR: dict[Level, Wear] = {
    "clean": Wear((0.0, 0.3), 0.45, 2.0, 88),
    "medium": Wear((1.0, 2.0), 0.8, 6.0, 50, specks=0.5, shadow=0.05),
    "fax": Wear((2.0, 3.0), 0.5, 5.0, 0, specks=0.2),
    "low_contrast": Wear(
        (1.5, 3.0), 1.1, 4.0, 40, shadow=0.12, cropped=0.02, ink_tone=(95, 125), paper_tone=(175, 205)
    ),
    "phone": Wear((0.5, 2.5), 0.7, 4.0, 75, perspective=0.06, curl=(0.5, 1.6), motion=0.12, shadow=0.35),
}


@dataclass(frozen=True, eq=False)
class ScannedPage:
    """What came out of the scanner: the picture (RGB, grey or 1 bit), its true resolution, the JPEG quality it is stored with
    (0: without loss) and where each of its pixels stands on the issued page.
    """

    sheet: Sheet
    level: Level
    dpi: int
    picture: Image.Image
    true_dpi: int
    quality: int
    geometry: Geometry


def scanned(
    sheet: Sheet, *, level: Level, dpi: int, seed: int, colour: bool = True, upside_down: bool = False
) -> ScannedPage:
    """``sheet`` scanned at 300 or 200 dpi; a fax has one bit and its own resolution (204 or 160 dpi)."""
    upright = _scanned(sheet, level=level, dpi=dpi, seed=seed, colour=colour)
    if not upside_down:
        return upright
    turned = upright.picture.transpose(Image.Transpose.ROTATE_180)
    return replace(upright, picture=turned, geometry=upright.geometry.half_turned(turned.size))


def _scanned(sheet: Sheet, *, level: Level, dpi: int, seed: int, colour: bool) -> ScannedPage:
    rng = np.random.default_rng([seed, sheet.page, LEVELS.index(level), dpi])
    if level == "independent":
        other, geometry = scanned_otherwise(sheet, rng, dpi)
        stored = other if colour else other.convert("L")
        return ScannedPage(sheet, level, dpi, stored, dpi, int(rng.integers(35, 70)), geometry)
    wear = WEAR[level]
    true_dpi = _FAX_DPI[dpi] if level == "fax" else dpi
    grey = not colour or level == "fax"
    paper = cv2.cvtColor(sheet.picture, cv2.COLOR_RGB2GRAY) if grey else sheet.picture
    moved, geometry = _moved(np.asarray(paper, dtype=np.uint8), sheet.scale, rng, wear, true_dpi)
    seen = _noisy(_toned(_lit(_soft(moved, rng, wear, true_dpi), rng, wear.shadow), rng, wear), rng, wear, true_dpi)
    if level == "fax":
        bits = Image.fromarray(_one_bit(seen, rng, true_dpi)).convert("1")
        return ScannedPage(sheet, level, dpi, bits, true_dpi, 0, geometry)
    left, right = _lost_strip(seen.shape[1], rng, wear)
    cut = Image.fromarray(np.ascontiguousarray(seen[:, left:right]))
    return ScannedPage(sheet, level, dpi, cut, true_dpi, wear.quality, geometry.cut(left))


def _moved(
    paper: Rgb, scale: tuple[float, float], rng: np.random.Generator, wear: Wear, dpi: int
) -> tuple[Rgb, Geometry]:
    """Paper to picture in one resampling, the paper first as soft as the sensor's aperture sees it."""
    per_mm = dpi / 25.4
    width, height = (round(side * per_mm) for side in _SHEET_MM)
    turn = np.radians(rng.uniform(*wear.turn) * rng.choice([-1, 1]))
    middle = np.array([width / 2, height / 2])
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    placed = (corners - middle) * np.array(scale) @ rotation.T + middle + rng.uniform(-0.004, 0.004, 2) * width
    placed += rng.uniform(-0.5, 0.5, (4, 2)) * wear.perspective * width
    background: tuple[int, ...] = (250, 250, 250)
    if wear.perspective:
        placed -= placed.min(axis=0) - 0.03 * width
        width, height = (int(edge + 0.03 * width) for edge in placed.max(axis=0))
        background = _DESK
    sides = paper.shape[1], paper.shape[0]
    on_paper = np.array([[0, 0], [sides[0], 0], list(sides), [0, sides[1]]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(on_paper, placed.astype(np.float32))
    shift = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    matrix = np.linalg.inv(shift) @ matrix @ shift
    aperture = SHEET_DPI / dpi * _SOFTEST_APERTURE
    paper = np.asarray(cv2.GaussianBlur(paper, (0, 0), aperture), dtype=np.uint8)
    arch = np.zeros(sides[0])
    if wear.curl[1]:
        depth = float(rng.uniform(*wear.curl)) * SHEET_DPI / 25.4
        arch = np.sin(np.linspace(0, np.pi * rng.uniform(0.8, 1.4), sides[0])) * depth
        paper = _curled(paper, arch)
    border = background if paper.ndim == 3 else background[:1]
    size = (width, height)
    picture = cv2.warpPerspective(paper, matrix, size, flags=cv2.INTER_LINEAR, borderValue=border)
    return np.asarray(picture, dtype=np.uint8), Geometry(np.linalg.inv(matrix), SHEET_DPI, arch, sides[1])


def _curled(paper: Rgb, arch: NDArray[np.float64]) -> Rgb:
    """The sheet arches across its width, more at the bottom than at the top: what is straight becomes a bow."""
    height, width = paper.shape[:2]
    rows = np.arange(height, dtype=np.float32)[:, None] + np.linspace(0.2, 1, height)[:, None] * arch[None, :]
    columns = np.broadcast_to(np.arange(width, dtype=np.float32), (height, width))
    bent = cv2.remap(
        paper, np.ascontiguousarray(columns), rows.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(bent, dtype=np.uint8)


def _soft(picture: Rgb, rng: np.random.Generator, wear: Wear, dpi: int) -> Rgb:
    soft = cv2.GaussianBlur(picture, (0, 0), max(0.25, wear.softness * dpi / 300))
    length = wear.motion * float(rng.uniform(0.3, 1.0)) * dpi / 25.4
    if length >= 1:
        soft = cv2.filter2D(soft, -1, _motion(length, float(rng.uniform(0, np.pi))))
    return np.asarray(soft, dtype=np.uint8)


def _motion(length: float, angle: float) -> NDArray[np.float32]:
    size = int(np.ceil(length)) | 1
    along = np.linspace(-length / 2, length / 2, 8 * size)
    kernel = np.zeros((size + 2, size + 2), np.float32)
    middle = (size + 1) / 2
    np.add.at(
        kernel,
        (np.rint(middle + along * np.sin(angle)).astype(int), np.rint(middle + along * np.cos(angle)).astype(int)),
        1,
    )
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


def _lit(picture: Rgb, rng: np.random.Generator, shadow: float) -> Rgb:
    if not shadow:
        return picture
    height, width = picture.shape[:2]
    angle, steep = rng.uniform(0, 2 * np.pi), rng.uniform(1.0, 4.0)
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    slope = (x[None, :] * np.cos(angle) + y[:, None] * np.sin(angle)).astype(np.float32)
    light = 1 - np.float32(shadow) / (1 + np.exp(-np.float32(steep) * slope))
    return _scaled(picture, light)


def _scaled(picture: Rgb, light: NDArray[np.float32]) -> Rgb:
    return np.asarray((picture * (light if picture.ndim == 2 else light[..., None])).clip(0, 255), dtype=np.uint8)


def _toned(picture: Rgb, rng: np.random.Generator, wear: Wear) -> Rgb:
    dark, bright = float(rng.uniform(*wear.ink_tone)), float(rng.uniform(*wear.paper_tone))
    if (dark, bright) == (0, 255):
        return picture
    return np.asarray(dark + np.arange(256) * (bright - dark) / 255, dtype=np.uint8)[picture]


def _noisy(picture: Rgb, rng: np.random.Generator, wear: Wear, dpi: int) -> Rgb:
    height, width = picture.shape[:2]
    grain = rng.standard_normal((height, width), dtype=np.float32) * np.float32(wear.noise)
    noisy = (picture + (grain if picture.ndim == 2 else grain[..., None])).clip(0, 255).astype(np.uint8)
    count = rng.poisson(wear.specks * height * width / (dpi / 2.54) ** 2)
    for x, y in zip(rng.integers(0, width, count), rng.integers(0, height, count), strict=True):
        radius, tone = rng.uniform(0.03, 0.13) * dpi / 25.4, int(rng.integers(20, 140))
        cv2.circle(noisy, (int(x) * 16, int(y) * 16), max(8, round(radius * 16)), (tone,) * 3, -1, cv2.LINE_AA, shift=4)
    return np.asarray(noisy, dtype=np.uint8)


def _lost_strip(width: int, rng: np.random.Generator, wear: Wear) -> tuple[int, int]:
    """First and last column left of a page laid over the glass's edge, which loses a strip of one side."""
    lost = round(rng.uniform(0, wear.cropped) * width)
    return (lost, width) if rng.random() < 0.5 else (0, width - lost)


def _one_bit(picture: Rgb, rng: np.random.Generator, dpi: int) -> NDArray[np.uint8]:
    """Black and white, with lines that the transmission lost (white) or a dirty sensor drew (black)."""
    threshold = float(rng.uniform(140, 185))
    bits = np.where(picture > threshold, 255, 0).astype(np.uint8)
    for _ in range(rng.poisson(5)):
        row, thick = int(rng.integers(0, bits.shape[0])), int(rng.integers(1, 3))
        start = int(rng.integers(-bits.shape[1] // 2, bits.shape[1] // 2))
        bits[row : row + thick, max(0, start) :] = 255
    for _ in range(rng.poisson(0.7)):
        column = int(rng.integers(0, bits.shape[1]))
        bits[:, column : column + max(1, round(dpi / 250))] = 0
    return bits
