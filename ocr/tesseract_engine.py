"""Tesseract inside the process: one reader for each way of reading, kept for the next page."""

from __future__ import annotations

import os
import threading
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr.tesseract import TesseractUnavailable

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

Seen = tuple[tuple[str, tuple[float, float, float, float], float], ...]
"""Text, box in pixels (left, top, right, bottom), confidence from 0 to 1."""

_LANGUAGE = "ita"
_DATA = ("/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata")
_LEAST_SECONDS = 0.5
_one_at_a_time = threading.Lock()


def recognised_by_tesseract(picture: NDArray[np.uint8], *, sparse: bool, seconds: float) -> Seen:
    """The words of a grey picture. ``sparse``: words strewn over it, codes and numbers, instead of paragraphs.

    What is not recognised within ``seconds`` is missing. Raises ``TesseractUnavailable``.
    """
    import tesserocr

    with _one_at_a_time:
        reader = _reader(sparse)
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
def _reader(sparse: bool) -> Any:
    try:
        import tesserocr

        tesserocr.set_leptonica_log_level(tesserocr.LeptLogLevel.NONE)
        mode = tesserocr.PSM.SPARSE_TEXT if sparse else tesserocr.PSM.AUTO
        no_words = {"load_system_dawg": "0", "load_freq_dawg": "0"}
        return tesserocr.PyTessBaseAPI(
            path=_language_data(),
            lang=_LANGUAGE,
            oem=tesserocr.OEM.LSTM_ONLY,
            psm=mode,
            variables=no_words if sparse else {},
        )
    except (ImportError, RuntimeError) as error:
        raise TesseractUnavailable("Tesseract non si avvia.", "Installi di nuovo il servizio con bin/setup.") from error


def _language_data() -> str:
    for folder in (os.environ.get("TESSDATA_PREFIX", ""), *_DATA):
        if folder and (Path(folder) / f"{_LANGUAGE}.traineddata").is_file():
            return folder
    raise TesseractUnavailable("Tesseract non ha la lingua italiana.", "Installi il pacchetto tesseract-ocr-ita.")
