"""Corner marks are looked for near the corners first, and on the whole page where that leaves a doubt (C4)."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr.landmarks import find_landmarks

PLACES = {0: (50, 60), 1: (830, 50), 2: (840, 1230), 3: (60, 1240)}
SIDE = 48


def marked(places: dict[int, tuple[int, int]], *extra: tuple[int, int, int, int]) -> np.ndarray:
    """A page with the marks at ``places`` (left, top), and ``extra`` ones: number, left, top, side."""
    page = np.full((1340, 950), 240, np.uint8)
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_6X6_50)
    for number, left, top, side in [*((number, *place, SIDE) for number, place in places.items()), *extra]:
        page[top : top + side, left : left + side] = cv2.aruco.generateImageMarker(dictionary, number, side)
    return cv2.GaussianBlur(page, (0, 0), 0.8)


def top_left(page: np.ndarray) -> dict[int, tuple[float, float]]:
    return {number: tuple(points.min(axis=0)) for number, points in find_landmarks(page).marks.items()}


@pytest.mark.parametrize("missing", [None, 2])
def test_c4_marks_near_the_corners_are_found_where_they_stand(missing: int | None) -> None:
    places = {number: place for number, place in PLACES.items() if number != missing}
    found = top_left(marked(places))
    assert found.keys() == places.keys()
    assert all(np.allclose(found[number], np.array(place) - 0.5, atol=1.0) for number, place in places.items())


def test_c4_of_a_mark_seen_twice_the_largest_counts() -> None:
    found = top_left(marked(PLACES, (0, 840, 140, 30)))
    assert found.keys() == PLACES.keys()
    assert np.allclose(found[0], np.array(PLACES[0]) - 0.5, atol=1.0)


def test_c4_marks_of_a_page_that_lies_small_in_its_picture_are_found() -> None:
    inside = {number: (250 + left // 3, 300 + top // 3) for number, (left, top) in PLACES.items()}
    found = top_left(marked(inside))
    assert found.keys() == PLACES.keys()
    assert np.allclose(found[3], np.array(inside[3]) - 0.5, atol=1.0)
