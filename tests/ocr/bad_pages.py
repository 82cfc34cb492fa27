"""What people upload by mistake, made by code: a photograph, an empty sheet, half a JPEG, files of several of them."""

from __future__ import annotations

import io

import numpy as np
import pikepdf
from PIL import Image


def pdf_of(*parts: bytes, turned: int = 0) -> bytes:
    """The pages of some files one behind the other; a picture becomes a page of its own."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        for part in parts:
            if part.startswith(b"%PDF-"):
                with pikepdf.open(io.BytesIO(part)) as other:
                    document.add_pages_from(other)
            else:
                _add_picture(document, part)
        for page in document.pages:
            page.rotate(turned, relative=True)
        document.save(out)
    return out.getvalue()


def _add_picture(document: pikepdf.Pdf, jpeg: bytes, size: tuple[int, int] = (600, 800)) -> None:
    page = document.add_blank_page(page_size=(595, 842))
    picture = document.make_stream(jpeg)
    picture.update(
        pikepdf.Dictionary(
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=size[0],
            Height=size[1],
            BitsPerComponent=8,
            ColorSpace=pikepdf.Name.DeviceGray,
            Filter=pikepdf.Name.DCTDecode,
        )
    )
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=picture))
    page.Contents = document.make_stream(b"q 595 0 0 842 0 0 cm /Scan Do Q")


def jpeg_of(picture: np.ndarray | Image.Image) -> bytes:
    out = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def photograph() -> bytes:
    across, down = np.meshgrid(np.linspace(30, 200, 600), np.linspace(0, 55, 800))
    return jpeg_of((across + down).astype(np.uint8))


def blank() -> bytes:
    return jpeg_of(np.full((800, 600), 250, np.uint8))


def truncated() -> bytes:
    return jpeg_of(Image.effect_noise((600, 800), 80))[:1500]
