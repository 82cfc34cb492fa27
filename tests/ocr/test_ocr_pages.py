"""Opening returned files by content; hostile files are refused in the sender's words before anything is decoded."""

from __future__ import annotations

import io
import struct
import time
import zlib

import numpy as np
import pikepdf
import pytest
from PIL import Image

from ocr.pages import UnreadablePages, open_pages
from ocr.simulation import simulate_scan


def _code(data: bytes) -> str:
    with pytest.raises(UnreadablePages) as raised:
        open_pages(data, name="prova.bin")
    assert "prova.bin" in raised.value.message
    assert raised.value.remedy
    return raised.value.code


def _pdf(pages: int, **options: object) -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    out = io.BytesIO()
    document.save(out, **options)
    return out.getvalue()


def _png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def test_c4_an_empty_file_and_a_file_of_no_known_kind_are_refused():
    assert _code(b"") == "empty_file"
    assert _code(b"PK\x03\x04 not a page") == "not_a_document"


def test_c4_a_pdf_of_five_thousand_pages_is_refused_quickly():
    data = _pdf(5000)
    began = time.process_time()
    assert _code(data) == "too_many_pages"
    assert time.process_time() - began < 20


def test_c4_an_encrypted_and_a_damaged_pdf_are_told_apart():
    assert _code(_pdf(1, encryption=pikepdf.Encryption(user="segreta", owner="segreta"))) == "encrypted_pdf"
    assert _code(b"%PDF-1.7\nnothing of a document follows") == "damaged_pdf"


@pytest.mark.parametrize("size", [(50_000, 50_000), (12_000, 12_000)])
def test_c4_a_png_bomb_is_refused_by_its_declared_size(size: tuple[int, int]):
    assert _code(_png_claiming(*size)) == "image_too_large"


def test_c4_a_picture_bomb_inside_a_pdf_is_refused_by_its_declared_size():
    document = pikepdf.new()
    page = document.add_blank_page()
    picture = document.make_stream(zlib.compress(b"\0" * 1000))
    picture.update(
        pikepdf.Dictionary(
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=60_000,
            Height=60_000,
            BitsPerComponent=8,
            ColorSpace=pikepdf.Name.DeviceGray,
            Filter=pikepdf.Name.FlateDecode,
        )
    )
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Bomb=picture))
    page.Contents = document.make_stream(b"q 600 0 0 800 0 0 cm /Bomb Do Q")
    out = io.BytesIO()
    document.save(out)
    assert _code(out.getvalue()) == "image_too_large"


def test_c4_a_truncated_jpeg_is_named_damaged_when_its_page_is_drawn():
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (400, 300), dtype=np.uint8)).save(out, "JPEG")
    page = open_pages(out.getvalue()[:2000], name="foto.jpg")[0]
    with pytest.raises(UnreadablePages) as raised:
        page.image(100)
    assert raised.value.code == "damaged_image"


def test_c4_every_frame_of_a_tiff_is_a_page_and_a_sideways_photograph_stands_up():
    out = io.BytesIO()
    frames = [Image.new("L", (210, 297), tone) for tone in (10, 200)]
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:])
    pages = open_pages(out.getvalue(), name="fax.tif")
    assert [page.index for page in pages] == [1, 2]
    assert [int(page.image(page.native_dpi or 0).mean()) for page in pages] == [10, 200]
    turned = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("L", (400, 300), 255).save(turned, "JPEG", exif=exif)
    sideways = open_pages(turned.getvalue(), name="foto.jpg")[0]
    assert sideways.height_pt > sideways.width_pt
    assert sideways.image(72).shape == (842, 631)


def test_c4_a_scanned_page_gives_its_own_pixels_and_no_text(form):
    scan = simulate_scan(form.pdf, seed=5, dpi=150, level="clean")
    assert isinstance(scan, bytes)
    page = open_pages(scan, name="scan.pdf")[0]
    assert not page.has_text
    assert page.native_dpi == pytest.approx(150, abs=0.2)
    with pikepdf.open(io.BytesIO(scan)) as document:
        embedded = Image.open(io.BytesIO(document.pages[0].Resources.XObject.Scan.read_raw_bytes()))
    assert np.array_equal(page.image(page.native_dpi), np.asarray(embedded.convert("L")))


def test_c4_a_recognised_text_hidden_behind_a_scan_is_not_taken_for_print(form):
    scan = simulate_scan(form.pdf, seed=5, dpi=100, level="clean")
    assert isinstance(scan, bytes)
    with pikepdf.open(io.BytesIO(scan)) as document:
        page = document.pages[0]
        page.Resources.Font = pikepdf.Dictionary(
            F=pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        )
        page.contents_add(b"BT /F 12 Tf 3 Tr 100 700 Td (ROSSI MARIO) Tj ET")
        out = io.BytesIO()
        document.save(out)
    assert not open_pages(out.getvalue(), name="scan.pdf")[0].has_text
