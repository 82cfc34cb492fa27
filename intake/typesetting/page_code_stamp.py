"""Puts the signed page codes on the pages of a typeset form.

The codes say how many pages there are, which is known only after typesetting. They are drawn behind the finished pages
as artifacts (ISO 32000-1, 14.8.2.2), so that no second layout can differ from the one the field map describes.
"""

from __future__ import annotations

from collections.abc import Sequence

import pikepdf
from pikepdf import Array, Name

from intake.typesetting.outlines import Outline
from ocr.form_map import FormZone

RESOURCE = Name("/PageCode")


def stamp_page_code(document: pikepdf.Pdf, page: int, symbol: Outline, zones: Sequence[FormZone]) -> None:
    """Draws ``symbol`` into each of ``zones`` of ``page`` (from 1), behind what stands there."""
    target = document.pages[page - 1]
    side = float(symbol.size)
    target.add_resource(
        document.make_stream(
            symbol.pdf_operators(), Type=Name.XObject, Subtype=Name.Form, BBox=Array([0.0, 0.0, side, side])
        ),
        Name.XObject,
        RESOURCE,
    )
    height = float(target.mediabox[3])
    drawn = "".join(_draw(zone, side, height) for zone in zones)
    target.contents_add(f"/Artifact <</Type /Pagination>> BDC\n{drawn}EMC\n".encode(), prepend=True)


def _draw(zone: FormZone, side: float, height: float) -> str:
    scale = (zone.box.right - zone.box.left) / side
    return f"q {scale:.5f} 0 0 {scale:.5f} {zone.box.left} {height - zone.box.bottom:.2f} cm {RESOURCE} Do Q\n"
