"""The marks of a page: QR codes, corner marks, the watermark of a rehearsal."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import zxingcpp

from intake.typesetting.outlines import Outline, trace

MODULE_MM = 0.5
MARKER_MODULES = 8
MARKER_MODULE_MM = 1.0
_DARK = 128


def qr_symbol(text: str) -> Outline:
    """The QR symbol of ``text`` (ISO/IEC 18004, level M), one unit a module, without its quiet zone."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return trace(np.asarray(code.to_image(scale=1, add_quiet_zones=False)) < _DARK)


@cache
def corner_marks() -> tuple[Outline, ...]:
    """The corner marks: ArUco DICT_6X6_50, numbers 0 to 3 for top left, top right, bottom right, bottom left."""
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_6X6_50)
    pictures = (cv2.aruco.generateImageMarker(dictionary, number, MARKER_MODULES) for number in range(4))
    return tuple(trace(np.asarray(picture) < _DARK) for picture in pictures)


@cache
def rehearsal_watermark() -> str:
    """The word PROVA, slanted, as strokes: no letters of it enter the page's text, and its grey fades in a scan."""
    letters = (
        "M0 80V0H28A22 22 0 0 1 28 44H0",
        "M70 80V0H98A22 22 0 0 1 98 44H70M100 44L122 80",
        "M172 0A32 40 0 1 0 172 80A32 40 0 1 0 172 0",
        "M216 0L246 80L276 0",
        "M286 80L316 0L346 80M297 52H335",
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-20 -160 390 400" width="390" height="400">'
        '<g transform="rotate(-40 173 40)" fill="none" stroke="#ececec" stroke-width="15" stroke-linejoin="round">'
        f'<path d="{"".join(letters)}"/></g></svg>'
    )
