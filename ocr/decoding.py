"""Decoding a received picture no further than it is needed: grey first, colour only where somebody asks for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_WITHOUT_COLOUR = {"1", "L", "LA", "I", "I;16", "F"}


def decoded_grey(image: Image.Image, factor: float = 1.0) -> NDArray[np.uint8]:
    """The picture in grey, 0 black to 255 white. A JPEG gives its grey plane alone, and at once smaller where ``factor``
    asks for at most half of its size; the result may still be larger than ``factor`` says. Raises ``OSError``.
    """
    image.draft("L", _least_size(image, factor))
    return np.asarray(image if image.mode == "L" else image.convert("L"), dtype=np.uint8)


def decoded_colours(image: Image.Image, factor: float = 1.0) -> NDArray[np.uint8] | None:
    """The picture as ``(height, width, 3)`` red, green, blue; None where it has no colours. Raises ``OSError``."""
    if image.mode in _WITHOUT_COLOUR:
        return None
    image.draft("RGB", _least_size(image, factor))
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"), dtype=np.uint8)


def _least_size(image: Image.Image, factor: float) -> tuple[int, int]:
    width, height = image.size
    return max(1, int(width * min(1.0, factor))), max(1, int(height * min(1.0, factor)))
