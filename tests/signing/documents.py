"""Small PDFs made by code for the tests of signatures."""

from functools import cache
from io import BytesIO

import pikepdf


@cache
def plain_pdf(text: str = "Domanda di CIGD: ore 40", pages: int = 1) -> bytes:
    """A PDF of `pages` pages that say `text`, the same bytes at every call."""
    document = pikepdf.new()
    font = document.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    for _ in range(pages):
        page = document.add_blank_page(page_size=(595, 842))
        page.Contents = document.make_stream(f"BT /F1 14 Tf 72 720 Td ({text}) Tj ET".encode("ascii"))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    output = BytesIO()
    document.save(output, deterministic_id=True, compress_streams=False)
    return output.getvalue()
