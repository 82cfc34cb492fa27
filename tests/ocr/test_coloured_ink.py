"""N1: a coloured pen in a cell is told from the form's black print, in any light, and from what stands beside the cell."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr.alignment import Alignment
from ocr.coloured_ink import coloured_ink, coloured_mm2
from ocr.form_map import Box

DPI = 150.0
CELL, NEXT = Box(60, 100, 160, 120), Box(160, 100, 260, 120)
PEN = {"blue": (40, 60, 165), "red": (170, 40, 40), "green": (30, 120, 60)}
LIGHT = {"daylight": (1.0, 1.0, 1.0), "lamp": (0.95, 0.84, 0.66), "shade": (0.55, 0.58, 0.66)}


def page(pen: tuple[int, int, int] | None, light: tuple[float, float, float]) -> np.ndarray:
    """A white page with black digits in both cells, a coloured rule above them, and a pen's bow over the first digit."""
    picture = np.full((600, 700, 3), 250, np.uint8)
    for left in (65, 165):
        cv2.putText(picture, "1278", place(left, 117), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20, 20, 20), 2, cv2.LINE_AA)
    cv2.line(picture, place(60, 99.4), place(260, 99.4), (0, 77, 153), 2)
    if pen:
        cv2.ellipse(picture, place(70, 110), (14, 10), 0, 0, 300, pen, 2, cv2.LINE_AA)
    grain = np.random.default_rng(3).normal(0, 2, picture.shape)
    return np.clip(picture * np.array(light) + grain, 0, 255).astype(np.uint8)


def place(left: float, top: float) -> tuple[int, int]:
    return round(left * DPI / 72), round(top * DPI / 72)


def found(picture: np.ndarray, matrix: np.ndarray) -> tuple[float, ...]:
    return coloured_mm2(coloured_ink(picture, DPI), Alignment(matrix, 20, 0.1), 1.0, DPI, [CELL, NEXT])


@pytest.mark.parametrize("light", LIGHT.values(), ids=LIGHT)
@pytest.mark.parametrize("pen", PEN.values(), ids=PEN)
def test_n1_a_coloured_line_over_a_digit_is_found_in_its_cell_alone(pen, light):
    written, beside = found(page(pen, light), np.eye(3))
    assert written > 0.5
    assert beside == 0


@pytest.mark.parametrize("light", LIGHT.values(), ids=LIGHT)
def test_n1_black_print_has_no_colour_and_the_rule_above_a_cell_is_not_in_it(light):
    assert found(page(None, light), np.eye(3)) == (0, 0)


def test_n1_the_place_is_found_on_a_page_that_lies_turned():
    turn = cv2.getRotationMatrix2D((350, 300), 4.0, 1.0)
    lying = cv2.warpAffine(page(PEN["blue"], (1, 1, 1)), turn, (700, 600), borderValue=(250, 250, 250))
    upright = np.linalg.inv(np.vstack([turn, [0, 0, 1]]))
    written, beside = found(lying, upright)
    assert written > 0.5
    assert beside == 0
