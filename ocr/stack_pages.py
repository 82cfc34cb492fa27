"""Pages of a stack as files of their own, to be read without the rest."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pikepdf
from PIL import Image

from ocr.pages import Page
from ocr.stack import StackPage
from ocr.unreadable import UnreadablePages

_FINEST_DPI = 300.0


def page_file(page: StackPage, files: Mapping[str, bytes]) -> bytes:
    """The page alone: a PDF of one page, unchanged, where it came in a PDF and has the sheet for itself; else a PNG of its
    picture at its own resolution, at most 300 dpi. ``files``: the stack's files by name. Raises ``UnreadablePages``.
    """
    if page.part is None and page.sheet is not None and page.sheet.file_kind == "pdf":
        return _alone(files[page.source], page)
    if page.sheet is None:
        raise UnreadablePages("damaged_image", name=page.source)
    return _picture(page.sheet)


def _alone(pdf: bytes, page: StackPage) -> bytes:
    out = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document, pikepdf.new() as single:
            single.pages.append(document.pages[page.page - 1])
            single.save(out)
    except pikepdf.PdfError as error:
        raise UnreadablePages("damaged_pdf", name=page.source) from error
    return out.getvalue()


def _picture(page: Page) -> bytes:
    dpi = min(_FINEST_DPI, page.native_dpi or _FINEST_DPI)
    coloured = page.colours(dpi)
    out = io.BytesIO()
    Image.fromarray(page.image(dpi) if coloured is None else coloured).save(out, "PNG", compress_level=1)
    return out.getvalue()
