"""Tesseract inside the process: one reader for each way of reading, kept for the next page."""

from __future__ import annotations

import os
import threading
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr.tesseract import TesseractUnavailable

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

Seen = tuple[tuple[str, tuple[float, float, float, float], float], ...]
"""Text, box in pixels (left, top, right, bottom), confidence from 0 to 1."""

Way = Literal["paragraphs", "strewn", "line"]

_LANGUAGE = "ita"
_MARGIN_PX = 16
_DATA = ("/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata")
_LEAST_SECONDS = 0.5
_one_at_a_time = threading.Lock()


def recognised_by_tesseract(picture: NDArray[np.uint8], *, sparse: bool, seconds: float) -> Seen:
    """The words of a grey picture. ``sparse``: words strewn over it, codes and numbers, instead of paragraphs.

    What is not recognised within ``seconds`` is missing. Raises ``TesseractUnavailable``.
    """
    return _recognised(picture, "strewn" if sparse else "paragraphs", seconds)


def line_by_tesseract(picture: NDArray[np.uint8], *, seconds: float = 5.0) -> tuple[str, float]:
    """The one line of text in a grey picture, and the confidence of its worst word. Raises ``TesseractUnavailable``."""
    edge = ((_MARGIN_PX, _MARGIN_PX), (_MARGIN_PX, _MARGIN_PX))
    words = _recognised(np.pad(picture, edge, constant_values=255), "line", seconds)
    return " ".join(text for text, _, _ in words), min((sure for _, _, sure in words), default=0.0)


def _recognised(picture: NDArray[np.uint8], way: Way, seconds: float) -> Seen:
    with _one_at_a_time:
        reader = _reader(way)
        import tesserocr

        reader.SetImage(Image.fromarray(picture))
        reader.SetSourceResolution(300)
        try:
            reader.Recognize(int(max(_LEAST_SECONDS, seconds) * 1000))
            found = reader.GetIterator()
            if found is None:
                return ()
            level = tesserocr.RIL.WORD
            words = [
                (text, box, min(1.0, max(0.0, float(word.Confidence(level)) / 100)))
                for word in tesserocr.iterate_level(found, level)
                if (box := word.BoundingBox(level)) and (text := (word.GetUTF8Text(level) or "").strip())
            ]
            return tuple((text, (box[0], box[1], box[2], box[3]), sure) for text, box, sure in words)
        except RuntimeError:
            return ()
        finally:
            reader.Clear()


@cache
def _reader(way: Way) -> Any:
    try:
        import tesserocr

        tesserocr.set_leptonica_log_level(tesserocr.LeptLogLevel.NONE)
        modes = {
            "paragraphs": tesserocr.PSM.AUTO,
            "strewn": tesserocr.PSM.SPARSE_TEXT,
            "line": tesserocr.PSM.SINGLE_LINE,
        }
        no_words = {"load_system_dawg": "0", "load_freq_dawg": "0"}
        return tesserocr.PyTessBaseAPI(
            path=_language_data(),
            lang=_LANGUAGE,
            oem=tesserocr.OEM.LSTM_ONLY,
            psm=modes[way],
            variables={} if way == "paragraphs" else no_words,
        )
    except (ImportError, RuntimeError) as error:
        raise TesseractUnavailable("Tesseract non si avvia.", "Installi di nuovo il servizio con bin/setup.") from error


def _language_data() -> str:
    for folder in (os.environ.get("TESSDATA_PREFIX", ""), *_DATA):
        if folder and (Path(folder) / f"{_LANGUAGE}.traineddata").is_file():
            return folder
    raise TesseractUnavailable("Tesseract non ha la lingua italiana.", "Installi il pacchetto tesseract-ocr-ita.")
