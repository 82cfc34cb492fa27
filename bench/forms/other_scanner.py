"""A degradation made with other means than ``bench.forms.scanning``: Pillow's filters and its resampling, spectral noise.

Ink bleeds along the fibres, the drum is dirty and prints its dirt again at each turn, toner runs low in bands, the light
is uneven.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from bench.forms.geometry import Geometry
from bench.forms.sheets import Sheet

_DRUM_TURNS_MM = (75.0, 94.0)
_BAND_MM = (20.0, 60.0)
_BORDER = (246, 246, 244)


def scanned_otherwise(sheet: Sheet, rng: np.random.Generator, dpi: int) -> tuple[Image.Image, Geometry]:
    """``sheet`` as a worn copier gives it, in colour, at ``dpi``."""
    width, height = round(210 * dpi / 25.4), round(297 * dpi / 25.4)
    inner = Image.fromarray(sheet.picture).resize(
        (round(width * sheet.scale[0]), round(height * sheet.scale[1])), Image.Resampling.BOX
    )
    paper = _bled(inner, rng, dpi)
    paper = Image.composite(paper, Image.new("RGB", paper.size, (255, 255, 255)), _toner_left(paper.size, rng, dpi))
    paper = ImageChops.darker(paper, _drum_dirt(paper.size, rng, dpi))
    page = Image.new("RGB", (width, height), _BORDER)
    corner = (round((width - paper.width) / 2), round((height - paper.height) / 2))
    page.paste(paper, corner)
    turn = float(rng.uniform(-1.6, 1.6))
    page = page.rotate(turn, Image.Resampling.BICUBIC, fillcolor=_BORDER)
    lit = np.asarray(page, dtype=np.float32) * _light((height, width), rng)[..., None]
    seen = Image.fromarray(np.clip(lit + rng.normal(0, 3, (height, width, 1)), 0, 255).astype(np.uint8))
    return seen, Geometry(_to_sheet((width, height), turn, corner, paper.size), float(dpi))


def _to_sheet(
    page: tuple[int, int], turn: float, corner: tuple[int, int], paper: tuple[int, int]
) -> NDArray[np.float64]:
    """From a pixel of the turned page to the page's own at its nominal size, scaled as the printer did not."""
    x, y = page[0] / 2 - 0.5, page[1] / 2 - 0.5
    cosine, sine = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    turned = np.array(
        [[cosine, -sine, x - cosine * x + sine * y], [sine, cosine, y - sine * x - cosine * y], [0, 0, 1]]
    )
    across, down = page[0] / paper[0], page[1] / paper[1]
    unscaled = np.array(
        [[across, 0, (0.5 - corner[0]) * across - 0.5], [0, down, (0.5 - corner[1]) * down - 0.5], [0, 0, 1]]
    )
    return np.asarray(unscaled @ turned, dtype=np.float64)


def _bled(paper: Image.Image, rng: np.random.Generator, dpi: int) -> Image.Image:
    """Dark spreads where a cloudy noise allows it."""
    darker = Image.blend(paper, paper.filter(ImageFilter.MinFilter(3)), float(rng.uniform(0.3, 0.9)) * dpi / 300)
    spread = darker.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 0.9)) * dpi / 300))
    return Image.composite(spread, paper, _clouds((paper.height, paper.width), rng, 0.6))


def _clouds(shape: tuple[int, int], rng: np.random.Generator, share: float) -> Image.Image:
    """Noise with a falling spectrum, as a mask that is open on about ``share``."""
    rows, columns = 256, 181
    spectrum = np.fft.rfft2(rng.normal(size=(rows, columns)))
    frequency = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(columns)[None, :])
    noise = np.fft.irfft2(spectrum / np.maximum(frequency, 1 / rows) ** 1.2, s=(rows, columns))
    ranked = noise.ravel().argsort().argsort().reshape(rows, columns) / noise.size
    mask = np.clip((ranked - (1 - share)) * 6 + 0.5, 0, 1) * 255
    return Image.fromarray(mask.astype(np.uint8)).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)


def _toner_left(size: tuple[int, int], rng: np.random.Generator, dpi: int) -> Image.Image:
    """How much toner there is, row by row and faintly column by column: 255 all, less in bands that run low."""
    width, height = size
    millimetres = np.arange(height) * 25.4 / dpi
    wave = np.sin(2 * np.pi * millimetres / rng.uniform(*_BAND_MM) + rng.uniform(0, 6.3))
    rows = 1 - rng.uniform(0.05, 0.35) * np.clip(wave, 0, 1)
    columns = 1 - rng.uniform(0, 0.1) * np.abs(np.sin(np.linspace(0, rng.uniform(3, 12), width)))
    return Image.fromarray((np.outer(rows, columns) * 255).astype(np.uint8))


def _drum_dirt(size: tuple[int, int], rng: np.random.Generator, dpi: int) -> Image.Image:
    """Dots and scratches of the drum, again at each of its turns, and a pale streak down the page."""
    width, height = size
    dirt: NDArray[np.uint8] = np.full((height, width), 255, np.uint8)
    turn = rng.uniform(*_DRUM_TURNS_MM) * dpi / 25.4
    for _ in range(rng.poisson(6)):
        x, y = rng.integers(0, width), rng.uniform(0, turn)
        wide, high = rng.integers(1, 7, 2) if rng.random() < 0.75 else (rng.integers(1, 3), rng.integers(15, 70))
        for again in np.arange(y, height, turn):
            dirt[int(again) : int(again) + int(high), int(x) : int(x) + int(wide)] = int(rng.integers(60, 160))
    for _ in range(rng.poisson(1.2)):
        start, thick = int(rng.integers(0, width)), int(rng.integers(1, 5))
        dirt[:, start : start + thick] = np.minimum(dirt[:, start : start + thick], int(rng.integers(170, 225)))
    soft = Image.fromarray(dirt).filter(ImageFilter.GaussianBlur(0.7))
    return Image.merge("RGB", (soft, soft, soft))


def _light(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """A lamp that is strongest somewhere and loses up to a third towards the far corners."""
    height, width = shape
    x, y = np.linspace(0, 1, width) - rng.uniform(0, 1), np.linspace(0, 1, height) - rng.uniform(0, 1)
    far = x[None, :] ** 2 + y[:, None] ** 2
    return np.asarray(1 - rng.uniform(0.08, 0.33) * far / far.max(), dtype=np.float32)
