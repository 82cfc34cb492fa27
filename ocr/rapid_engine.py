"""RapidOCR, whose models travel in its wheel: slower than Tesseract and better on poor paper. One engine a process."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.tesseract_engine import Seen

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

_LARGEST_SIDE = 2000
_LEAST_CONFIDENCE = 0.3
_ONLY_ERRORS = 3
_one_at_a_time = threading.Lock()


def recognised_by_rapidocr(picture: NDArray[np.uint8]) -> Seen:
    """The words of a grey picture, larger ones reduced to 2000 pixels a side first."""
    factor = min(1.0, _LARGEST_SIDE / max(picture.shape))
    smaller = (
        picture if factor == 1.0 else cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    )
    with _one_at_a_time:
        found = _engine()(
            np.asarray(smaller), use_det=True, use_cls=False, use_rec=True, return_word_box=True, text_score=0.0
        )
    if found.txts is None:
        return ()
    parts = found.word_results if len(found.word_results) == len(found.txts) else [()] * len(found.txts)
    return tuple(
        (text, _box(corners, factor), float(sure))
        for segment, whole, sure, words in zip(found.boxes, found.txts, found.scores, parts, strict=True)
        if sure >= _LEAST_CONFIDENCE
        for text, corners in _words_of(segment, whole, words)
    )


def line_by_rapidocr(picture: NDArray[np.uint8]) -> tuple[str, float]:
    """The one line of text in a grey picture, and its confidence from 0 to 1."""
    with _one_at_a_time:
        found = _engine()(np.asarray(picture), use_det=False, use_cls=False, use_rec=True, return_word_box=False)
    if not found.txts:
        return "", 0.0
    return str(found.txts[0]).strip(), float(found.scores[0])


def _words_of(segment: Any, whole: str, parts: Sequence[Any]) -> list[tuple[str, Any]]:
    """The words of one segment, parted where the engine saw a space or a wide gap."""
    placed = [(str(text), corners) for text, _, corners in parts if corners is not None and str(text).strip()]
    torn = len(whole) > 3 and all(len(text) == 1 for text, _ in placed)
    return _evenly(segment, whole) if torn or not placed else placed


def _evenly(segment: Any, whole: str) -> list[tuple[str, Any]]:
    """Each word as wide as its share of the segment's letters, where the engine places single letters only."""
    points = np.array(segment, dtype=np.float64)
    left, right = points[:, 0].min(), points[:, 0].max()
    top, bottom = points[:, 1].min(), points[:, 1].max()
    letter = (right - left) / max(1, len(whole))
    return [
        (word[0], [(left + word.start() * letter, top), (left + word.end() * letter, bottom)])
        for word in re.finditer(r"\S+", whole)
    ]


def _box(corners: Any, factor: float) -> tuple[float, float, float, float]:
    points = np.array(corners, dtype=np.float64) / factor
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


@cache
def _engine() -> Any:
    import onnxruntime
    from rapidocr import RapidOCR

    onnxruntime.disable_telemetry_events()
    onnxruntime.set_default_logger_severity(_ONLY_ERRORS)
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return RapidOCR(
        params={
            "Global.max_side_len": _LARGEST_SIDE,
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
