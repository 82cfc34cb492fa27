"""Drawing pages of received files for the screen. Called only in a process of its own: the bytes are strangers'."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray
from PIL import Image, ImageOps

from intake.checks.apart import Tell
from ocr.pages import Page, open_pages
from signing.container import open_container

Colour = NDArray[np.uint8]
View = Literal["received", "laid", "overlay"]

_MOST_PIXELS = 24_000_000
_WEBP_QUALITY = 82
_POINTS_PER_INCH = 72


@dataclass(frozen=True, slots=True)
class PageOrder:
    """One page (from 1) of a received file, to draw at ``dpi``.

    ``received`` shows it as it came; ``laid`` lays it over the page of the issued form by ``to_issued`` (nine numbers,
    points to points; None where both are one) on a sheet of ``sheet`` points; ``overlay`` then puts the issued page
    ``issued_page`` of ``issued`` beneath: red is only on the issued one, blue only on the returned one.
    """

    data: bytes
    name: str
    page: int
    dpi: int
    view: View = "received"
    to_issued: tuple[float, ...] | None = None
    sheet: tuple[float, float] = (0.0, 0.0)
    issued: bytes = b""
    issued_page: int = 1


def measure_pages(order: PageOrder, _: Tell) -> tuple[tuple[float, float], ...]:
    """Width and height in points of every page of the file. Raises ``UnreadablePages``."""
    return tuple((page.width_pt, page.height_pt) for page in _pages(order.data, order.name)[1])


def draw_page(order: PageOrder, _: Tell) -> bytes:
    """The page as WebP. Raises ``UnreadablePages``, ``IndexError`` for a page that is not there."""
    seen = _coloured(order.data, order.name, order.page, order.dpi)
    if order.view == "received":
        return _webp(seen)
    size = (round(order.sheet[0] * order.dpi / _POINTS_PER_INCH), round(order.sheet[1] * order.dpi / _POINTS_PER_INCH))
    laid = _laid(seen, order.to_issued, order.dpi, size)
    if order.view == "laid":
        return _webp(laid)
    issued = _fitted(_coloured(order.issued, order.name, order.issued_page, order.dpi), size)
    before, after = cv2.cvtColor(issued, cv2.COLOR_RGB2GRAY), cv2.cvtColor(laid, cv2.COLOR_RGB2GRAY)
    return _webp(np.dstack([after, before, before]).astype(np.uint8))


def _pages(data: bytes, name: str) -> tuple[bytes, tuple[Page, ...]]:
    content = open_container(data, name=name).content
    return content, open_pages(content, name=name)


def _coloured(data: bytes, name: str, number: int, dpi: int) -> Colour:
    content, pages = _pages(data, name)
    page = pages[number - 1]
    scale = min(dpi / _POINTS_PER_INCH, math.sqrt(_MOST_PIXELS / (page.width_pt * page.height_pt)))
    if page.file_kind == "pdf":
        document = pdfium.PdfDocument(content)
        document.init_forms()
        bitmap = document[number - 1].render(scale=scale, may_draw_forms=True, rev_byteorder=True)
        return np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "TIFF")) as picture:
        picture.seek(number - 1)
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    return np.asarray(upright.resize((max(1, round(page.width_pt * scale)), max(1, round(page.height_pt * scale)))))


def _laid(seen: Colour, to_issued: tuple[float, ...] | None, dpi: int, size: tuple[int, int]) -> Colour:
    if to_issued is None:
        return _fitted(seen, size)
    pixels = np.diag([dpi / _POINTS_PER_INCH, dpi / _POINTS_PER_INCH, 1.0])
    matrix = pixels @ np.array(to_issued).reshape(3, 3) @ np.linalg.inv(pixels)
    laid = cv2.warpPerspective(seen, matrix, size, flags=cv2.INTER_AREA, borderValue=(255, 255, 255))
    return np.asarray(laid, dtype=np.uint8)


def _fitted(seen: Colour, size: tuple[int, int]) -> Colour:
    if (seen.shape[1], seen.shape[0]) == size:
        return seen
    return np.asarray(cv2.resize(seen, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _webp(picture: Colour) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "WEBP", quality=_WEBP_QUALITY, method=2)
    return out.getvalue()
