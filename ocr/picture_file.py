"""Scans that arrive as pictures: JPEG, PNG, multi-page TIFF."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from ocr.decoding import decoded_colours, decoded_grey
from ocr.pdf_file import Character
from ocr.unreadable import UnreadablePages

MOST_MEGAPIXELS = 120
MOST_MEGAPIXELS_IN_COLOUR = 80
"""Of a picture in colours that is no JPEG: an A3 sheet at 600 dpi has seventy."""

_A4_LONG_SIDE_PT = 841.89
_EXIF_ORIENTATION = 0x0112
_SIDEWAYS = {5, 6, 7, 8}
_MIRRORED = {2, 4, 5, 7}
_QUARTER_TURNS = {3: 2, 4: 2, 5: 1, 6: -1, 7: -1, 8: 1}


@dataclass(frozen=True)
class PictureFile:
    """A picture file; each frame is a page. Frames are decoded when asked for.

    Resolutions written in picture files are often wrong (telephones write 72), so that a page is taken to be as long as
    an A4 sheet.
    """

    data: bytes
    name: str
    pixel_sizes: tuple[tuple[int, int], ...]

    @classmethod
    def open(cls, data: bytes, *, name: str, most_pages: int) -> PictureFile:
        """Raises ``UnreadablePages`` for what is no JPEG, PNG or TIFF, is damaged, too large or too long."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                return cls(data, name, _frame_sizes(data, name, most_pages))
        except UnidentifiedImageError as error:
            raise UnreadablePages("not_a_document", name=name) from error
        except Image.DecompressionBombError as error:
            raise UnreadablePages("image_too_large", name=name, limit=MOST_MEGAPIXELS) from error
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise UnreadablePages("damaged_image", name=name) from error

    def sizes(self) -> tuple[tuple[float, float], ...]:
        return tuple(
            (width * _A4_LONG_SIDE_PT / max(width, height), height * _A4_LONG_SIDE_PT / max(width, height))
            for width, height in self.pixel_sizes
        )

    def native_dpi(self, index: int) -> float:
        return max(self.pixel_sizes[index]) * 72 / _A4_LONG_SIDE_PT

    def picture(self, index: int, dpi: float) -> NDArray[np.uint8]:
        factor = dpi / self.native_dpi(index)
        try:
            with self._opened() as file:
                file.seek(index)
                gray = _turned(file, decoded_grey(file, factor))
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise UnreadablePages("damaged_image", name=self.name) from error
        return resized(gray, max(self.pixel_sizes[index]) * factor / max(gray.shape))

    def colours(self, index: int, dpi: float) -> NDArray[np.uint8] | None:
        factor = dpi / self.native_dpi(index)
        try:
            with self._opened() as file:
                file.seek(index)
                decoded = decoded_colours(file, factor)
                if decoded is None:
                    return None
                turned = _turned(file, decoded)
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise UnreadablePages("damaged_image", name=self.name) from error
        return resized(turned, max(self.pixel_sizes[index]) * factor / max(turned.shape[:2]))

    def _opened(self) -> Image.Image:
        """The file again, its size known to be bearable."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(self.data))

    def has_text(self, index: int) -> bool:  # noqa: ARG002
        return False

    def characters(self, index: int) -> tuple[Character, ...]:  # noqa: ARG002
        return ()

    def annotations(self, index: int) -> tuple[tuple[str, tuple[float, float, float, float]], ...]:  # noqa: ARG002
        return ()


def _frame_sizes(data: bytes, name: str, most_pages: int) -> tuple[tuple[int, int], ...]:
    sizes: list[tuple[int, int]] = []
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "TIFF")) as file:
        while True:
            width, height = file.size
            most = MOST_MEGAPIXELS if _decodes_small(file) else MOST_MEGAPIXELS_IN_COLOUR
            if width * height > most * 1_000_000:
                raise UnreadablePages("image_too_large", name=name, limit=most)
            if len(sizes) == most_pages:
                raise UnreadablePages("too_many_pages", name=name, limit=most_pages)
            turned = _orientation(file) in _SIDEWAYS
            sizes.append((height, width) if turned else (width, height))
            if file.format != "TIFF":
                return tuple(sizes)
            try:
                file.seek(len(sizes))
            except EOFError:
                return tuple(sizes)


def _decodes_small(file: Image.Image) -> bool:
    """Whether decoding needs little memory: a JPEG can be had in grey and smaller at once, other formats only whole."""
    return file.format in ("JPEG", "MPO") or len(file.getbands()) == 1


def _orientation(file: Image.Image) -> int:
    """That of EXIF; of a PNG none is asked, because it may stand behind the points and would have them all decoded."""
    return 1 if file.format == "PNG" else file.getexif().get(_EXIF_ORIENTATION, 1)


def _turned(file: Image.Image, decoded: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture as its EXIF orientation says that it is to be seen."""
    orientation = _orientation(file)
    across = decoded[:, ::-1] if orientation in _MIRRORED else decoded
    quarters = _QUARTER_TURNS.get(orientation, 0)
    return np.ascontiguousarray(np.rot90(across, quarters))


def resized(gray: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """The picture scaled by ``factor``; unchanged within half a percent of 1."""
    if abs(factor - 1) < 0.005:
        return gray
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    size = max(1, round(gray.shape[1] * factor)), max(1, round(gray.shape[0] * factor))
    return np.asarray(cv2.resize(gray, size, interpolation=way), dtype=np.uint8)
