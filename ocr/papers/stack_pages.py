"""Pages of a stack as files of their own, to be read without the rest."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pikepdf
from PIL import Image

from ocr.pages import Page
from ocr.papers.stack import StackPage
from ocr.pdf_file import PdfFile
from ocr.picture_file import PictureFile
from ocr.unreadable import UnreadablePages

_FINEST_DPI = 300.0


def page_file(page: StackPage, files: Mapping[str, bytes]) -> bytes:
    """The page alone, unchanged where it has its sheet for itself: a PDF of one page, or the picture as it came; else a PNG
    of its picture at its own resolution, at most 300 dpi. ``files``: the stack's files by name. Raises ``UnreadablePages``.
    """
    if page.sheet is None:
        raise UnreadablePages("damaged_image", name=page.source)
    source = page.sheet.source
    if isinstance(source, PdfFile):
        return _alone(files[page.source], page)
    if isinstance(source, PictureFile) and len(source.pixel_sizes) == 1:
        return files[page.source]
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
