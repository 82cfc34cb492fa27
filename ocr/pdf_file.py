"""Returned PDF files: pages drawn with text, and scans that are one picture a page."""

from __future__ import annotations

import io
import struct
import threading
import warnings
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray
from PIL import Image

from ocr.decoding import decoded_colours, decoded_grey
from ocr.unreadable import UnreadablePages

MOST_MEGAPIXELS = 120
_MOST_POINTS = 14_400.0
_PICTURE_IS_MOST = 0.5
_INVISIBLE = 3
_HYPHEN_AT_LINE_END = 2
"""What PDFium gives in place of a hyphen with which a line ends."""

_MALFORMED = (pikepdf.PikepdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, struct.error)
"""What the structure of a file raises where it is not as the standard wants it."""
_DAMAGED = (pikepdf.DataDecodingError, OSError, EOFError, SyntaxError)
_NOT_DECODED = (*_DAMAGED, *_MALFORMED, NotImplementedError)

Edges = tuple[float, float, float, float]

# PDFium keeps state of its own behind all documents: one call at a time in the process.
_one_at_a_time = threading.RLock()


@dataclass(frozen=True, slots=True)
class Character:
    """One character of a text layer, its advance box in points from the top left corner of the page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class PdfFile:
    """A PDF opened twice: by pikepdf for its structure and pictures, by PDFium for drawing and text."""

    name: str
    structure: Any = field(repr=False)
    drawing: Any = field(repr=False)

    @classmethod
    def open(cls, data: bytes, *, name: str, most_pages: int) -> PdfFile:
        """Raises ``UnreadablePages``; pages are counted and picture sizes read before anything is decoded."""
        try:
            structure = pikepdf.open(io.BytesIO(data))
            count = len(structure.pages)
            pixels = max((_pixels(picture) for picture in _pictures(structure)), default=0)
        except pikepdf.PasswordError as error:
            raise UnreadablePages("encrypted_pdf", name=name) from error
        except _MALFORMED as error:
            raise UnreadablePages("damaged_pdf", name=name) from error
        if count > most_pages:
            raise UnreadablePages("too_many_pages", name=name, limit=most_pages)
        if count == 0:
            raise UnreadablePages("damaged_pdf", name=name)
        if pixels > MOST_MEGAPIXELS * 1_000_000:
            raise UnreadablePages("image_too_large", name=name, limit=MOST_MEGAPIXELS)
        with _one_at_a_time:
            try:
                drawing = pdfium.PdfDocument(data)
                drawing.init_forms()
                drawn = len(drawing)
            except pdfium.PdfiumError as error:
                raise UnreadablePages("damaged_pdf", name=name) from error
        if drawn != count:
            raise UnreadablePages("damaged_pdf", name=name)
        return cls(name, structure, drawing)

    def sizes(self) -> tuple[tuple[float, float], ...]:
        with _one_at_a_time:
            try:
                sizes = tuple(self.drawing.get_page_size(index) for index in range(len(self.drawing)))
            except pdfium.PdfiumError as error:
                raise UnreadablePages("damaged_pdf", name=self.name) from error
        if any(not 1 <= side <= _MOST_POINTS for size in sizes for side in size):
            raise UnreadablePages("image_too_large", name=self.name, limit=MOST_MEGAPIXELS)
        return sizes

    def native_dpi(self, index: int) -> float | None:
        picture = _whole_page_picture(self.structure.pages[index])
        if picture is None:
            return None
        width, _ = self.drawing.get_page_size(index)
        turned = _rotation(self.structure.pages[index]) in (90, 270)
        return float(int(picture.Height if turned else picture.Width) * 72 / width)

    def picture(self, index: int, dpi: float) -> NDArray[np.uint8]:
        width, height = self.drawing.get_page_size(index)
        if width * height * (dpi / 72) ** 2 > MOST_MEGAPIXELS * 1_000_000:
            raise UnreadablePages("image_too_large", name=self.name, limit=MOST_MEGAPIXELS)
        page = self.structure.pages[index]
        picture = _whole_page_picture(page)
        size = (max(1, round(width * dpi / 72)), max(1, round(height * dpi / 72)))
        try:
            decoded = None if picture is None else _decoded(picture, max(size) / max(1, _long_side(picture)))
        except Image.DecompressionBombError as error:
            raise UnreadablePages("image_too_large", name=self.name, limit=MOST_MEGAPIXELS) from error
        if decoded is not None:
            return _fitted(np.ascontiguousarray(np.rot90(decoded, -_rotation(page) // 90)), size)
        with _one_at_a_time:
            try:
                bitmap = self.drawing[index].render(scale=dpi / 72, grayscale=True, may_draw_forms=True)
                return np.array(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width)
            except pdfium.PdfiumError as error:
                raise UnreadablePages("damaged_pdf", name=self.name) from error

    def colours(self, index: int, dpi: float) -> NDArray[np.uint8] | None:
        page = self.structure.pages[index]
        picture = _whole_page_picture(page)
        if picture is None:
            return None
        width, height = self.drawing.get_page_size(index)
        size = (max(1, round(width * dpi / 72)), max(1, round(height * dpi / 72)))
        try:
            decoded = decoded_colours(_opened(picture), max(size) / max(1, _long_side(picture)))
        except (*_NOT_DECODED, Image.DecompressionBombError):
            return None
        if decoded is None:
            return None
        return _fitted(np.ascontiguousarray(np.rot90(decoded, -_rotation(page) // 90)), size)

    def picture_is_damaged(self, index: int) -> bool:
        """Whether the page is one picture whose data are spoilt, so that nothing, or a part of it, is drawn."""
        picture = _whole_page_picture(self.structure.pages[index])
        return picture is not None and _is_damaged(picture)

    def has_text(self, index: int) -> bool:
        if not self.characters(index):
            return False
        width, height = self.drawing.get_page_size(index)
        with _one_at_a_time:
            boxes = [
                item.get_bounds()
                for item in self.drawing[index].get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=5)
            ]
        covered = sum((right - left) * (top - bottom) for left, bottom, right, top in boxes)
        return bool(covered < _PICTURE_IS_MOST * width * height)

    def characters(self, index: int) -> tuple[Character, ...]:
        turn = _rotation(self.structure.pages[index])
        with _one_at_a_time:
            try:
                page = self.drawing[index]
                shown = page.get_bbox()
                text = page.get_textpage()
                return tuple(
                    character
                    for number in range(text.count_chars())
                    if (character := _character(text, number, shown, turn)) is not None
                )
            except pdfium.PdfiumError as error:
                raise UnreadablePages("damaged_pdf", name=self.name) from error

    def annotations(self, index: int) -> tuple[tuple[str, tuple[float, float, float, float]], ...]:
        page = self.structure.pages[index]
        left, bottom, right, top = (float(edge) for edge in page.cropbox)
        found = []
        for annotation in page.get("/Annots", []):
            edges = [float(edge) for edge in annotation.get("/Rect", [0, 0, 0, 0])]
            drawn = (min(edges[0::2]), min(edges[1::2]), max(edges[0::2]), max(edges[1::2]))
            box = _as_seen(drawn, (left, bottom, right, top), _rotation(page))
            found.append((str(annotation.get("/Subtype", "/")).removeprefix("/"), box))
        return tuple(found)


def _character(text: Any, number: int, shown: Edges, turn: int) -> Character | None:
    code = pdfium_c.FPDFText_GetUnicode(text, number)
    written = "-" if code == _HYPHEN_AT_LINE_END else chr(code)
    drawn_by = pdfium_c.FPDFText_GetTextObject(text, number)
    if written < " " or (drawn_by and pdfium_c.FPDFTextObj_GetTextRenderMode(drawn_by) == _INVISIBLE):
        return None
    return Character(written, *_as_seen(text.get_charbox(number, loose=True), shown, turn))


def _as_seen(box: Edges, shown: Edges, turn: int) -> Edges:
    """A box of the page's own space (left, bottom, right, top) as the page is shown: left, top, right, bottom from the top
    left corner of its visible part ``shown``, turned clockwise by ``turn`` degrees (ISO 32000-1, 7.7.3.3)."""
    left, top, right, bottom = box[0] - shown[0], shown[3] - box[3], box[2] - shown[0], shown[3] - box[1]
    width, height = shown[2] - shown[0], shown[3] - shown[1]
    match turn:
        case 90:
            return height - bottom, left, height - top, right
        case 180:
            return width - right, height - bottom, width - left, height - top
        case 270:
            return top, width - right, bottom, width - left
        case _:
            return left, top, right, bottom


def _rotation(page: Any) -> int:
    try:
        turn = int(page.rotation) % 360
    except _MALFORMED:
        return 0
    return turn if turn % 90 == 0 else 0


def _pictures(structure: Any) -> list[Any]:
    return [item for item in structure.objects if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"]


def _pixels(picture: Any) -> int:
    return int(picture.get("/Width", 0)) * int(picture.get("/Height", 0))


def _whole_page_picture(page: Any) -> Any | None:
    """The picture when the page draws nothing but one picture over all of itself, else None."""
    try:
        return _only_picture(page)
    except _MALFORMED:
        return None


def _only_picture(page: Any) -> Any | None:
    drawn = list(dict(page.resources.get("/XObject", {})).values())
    if len(drawn) != 1 or drawn[0].get("/Subtype") != "/Image" or len(page.get("/Annots", [])):
        return None
    steps = [(str(step.operator), list(step.operands)) for step in pikepdf.parse_content_stream(page)]
    if [operator for operator, _ in steps if operator not in ("q", "Q")] != ["cm", "Do"]:
        return None
    a, b, c, d, e, f = (float(number) for number in next(operands for operator, operands in steps if operator == "cm"))
    left, bottom, right, top = (float(edge) for edge in page.cropbox)
    straight = b == c == 0 and abs(e - left) < 1 and abs(f - bottom) < 1
    if not straight or abs(a - (right - left)) > 2 or abs(d - (top - bottom)) > 2:
        return None
    picture = drawn[0]
    plain = not any(key in picture for key in ("/SMask", "/Mask", "/Decode", "/ImageMask"))
    return picture if plain else None


def _long_side(picture: Any) -> int:
    return max(int(picture.get("/Width", 0)), int(picture.get("/Height", 0)))


def _fitted(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    if abs(picture.shape[1] - size[0]) <= 2 and abs(picture.shape[0] - size[1]) <= 2:
        return picture
    way = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=way), dtype=np.uint8)


def _decoded(picture: Any, factor: float) -> NDArray[np.uint8] | None:
    """None for a picture that only PDFium may be able to draw. Raises ``DecompressionBombError``."""
    try:
        return decoded_grey(_opened(picture), factor)
    except _NOT_DECODED:
        return None


def _is_damaged(picture: Any) -> bool:
    try:
        decoded_grey(_opened(picture))
    except _DAMAGED:
        return True
    except (*_NOT_DECODED, Image.DecompressionBombError):
        return False
    return False


def _opened(picture: Any) -> Image.Image:
    """The picture, not decoded yet. Raises ``DecompressionBombError`` where its own header says that it is too large."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = pikepdf.PdfImage(picture).as_pil_image()
    if image.width * image.height > MOST_MEGAPIXELS * 1_000_000:
        raise Image.DecompressionBombError("a picture larger than its page says")
    return image
