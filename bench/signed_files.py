"""Signed files to measure on: a folder that is given, or documents made here and signed by the test provider."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from tests.pki.authority import AT, sign_pdf_as
from tests.signing.documents import plain_pdf

MANY = 25


def made() -> dict[str, bytes]:
    """Name and bytes: forms of 3 and 30 pages signed once and twice, with a time-stamp, and one with 25 signatures."""
    once = {pages: sign_pdf_as("rossi", plain_pdf(pages=pages)) for pages in (1, 3, 30)}
    many = plain_pdf(pages=3)
    for number in range(MANY):
        many = sign_pdf_as(
            "rossi" if number % 2 else "bianchi",
            many,
            field_name=f"Firma{number}",
            at=AT + timedelta(minutes=number),
            stamped=number % 5 == 0,
        )
    return {
        "one-page.pdf": once[1],
        "three-pages.pdf": once[3],
        "thirty-pages.pdf": once[30],
        "two-signers.pdf": sign_pdf_as("bianchi", once[3], field_name="Firma2"),
        "time-stamped.pdf": sign_pdf_as("rossi", plain_pdf(pages=3), stamped=True),
        f"signed-{MANY}-times.pdf": many,
    }


def found(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every PDF below `folder`, in the order of its names."""
    for path in sorted(folder.rglob("*.pdf")):
        yield str(path.relative_to(folder)), path.read_bytes()
