"""Scanned pages as the files in which they arrive."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import pikepdf

from bench.forms.scanning import ScannedPage

_LONG_AGO = datetime(2020, 4, 9, tzinfo=UTC).timetuple()
_FAX_LOSSLESS = "group4"


def picture_file(page: ScannedPage) -> bytes:
    """The page as JPEG, a fax as TIFF (Group 4)."""
    written = io.BytesIO()
    if page.quality == 0:
        page.picture.save(written, "TIFF", compression=_FAX_LOSSLESS, dpi=(page.true_dpi, page.true_dpi))
    else:
        page.picture.save(written, "JPEG", quality=page.quality, dpi=(page.true_dpi, page.true_dpi))
    return written.getvalue()


def pdf_file(pages: Sequence[ScannedPage]) -> bytes:
    """The pages as one PDF, each its picture alone, in the given order; equal pages give equal bytes."""
    document = pikepdf.new()
    for page in pages:
        with pikepdf.open(_one_page_pdf(page)) as single:
            document.pages.extend(single.pages)
    written = io.BytesIO()
    document.save(written, deterministic_id=True)
    return written.getvalue()


def _one_page_pdf(page: ScannedPage) -> io.BytesIO:
    written = io.BytesIO()
    stored = {"quality": page.quality} if page.quality else {}
    page.picture.save(
        written, "PDF", resolution=float(page.true_dpi), creationDate=_LONG_AGO, modDate=_LONG_AGO, **stored
    )
    written.seek(0)
    return written
