"""How soft a scan is, told by the print it is compared with (C4)."""

import warnings

import cv2
import numpy as np

from ocr.ink import softened, softness


def printed(height: int = 400, width: int = 300) -> np.ndarray:
    page = np.zeros((height, width), np.uint8)
    for row in range(20, height, 30):
        cv2.putText(page, "AZ7 0EH", (20, row), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    return page


def test_c4_a_scan_is_as_soft_as_the_blur_that_made_it_and_a_blank_one_is_not_soft() -> None:
    page = printed()
    assert softness(page, page) == 0.0
    assert softness(page, softened(page, 1.6)) == 1.6
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a correlation with nothing is no number
        assert softness(page, np.zeros_like(page)) == 0.0
