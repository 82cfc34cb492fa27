"""C4 and N1: what people upload by mistake or on purpose gets its name page by page, and costs the other pages nothing."""

from __future__ import annotations

import io
import json
import struct
import time
import zlib

import numpy as np
import pikepdf
import pytest
import segno
import typst
from bad_pages import blank, jpeg_of, pdf_of, photograph, truncated
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image
from trial_form import KEY, KEYS, TrialForm, trial_form

from ocr.page_codes import PageCode, issue_page_code
from ocr.page_text import read_page_text
from ocr.pages import UnreadablePages, open_pages
from ocr.reading import identify_pages, read_returned
from ocr.results import ReturnedReading


@pytest.fixture(scope="module")
def short() -> TrialForm:
    return trial_form(workers=2, form="PROVA-2026-000007")


def read(form: TrialForm, *files: bytes, **options: float) -> ReturnedReading:
    named = [(f"file{number}", data) for number, data in enumerate(files, start=1)]
    return read_returned(named, form.form_map, KEYS, issued_pdf=form.pdf, **options)


def test_c4_no_page_is_dropped_and_the_form_is_read_among_all_of_them(short):
    other = trial_form(workers=1, seed=2, form="PROVA-2026-000008")
    earlier = trial_form(workers=1, seed=3, form="PROVA-2026-000009")
    stack = pdf_of(photograph(), other.pdf, blank(), short.pdf, truncated(), earlier.pdf)
    reading = read(short, stack, truncated())
    assert [(page.source_name, page.number, page.belongs) for page in reading.pages] == [
        ("file1", 1, "unknown"),
        ("file1", 2, "foreign"),
        ("file1", 3, "blank"),
        ("file1", 4, "ours"),
        ("file1", 5, "unreadable"),
        ("file1", 6, "foreign"),
        ("file2", 1, "unreadable"),
    ]
    assert all(page.problem for page in reading.pages if page.belongs == "unreadable")
    assert reading.missing_pages == ()
    assert {cell.status for cell in reading.cells} <= {"agrees", "empty"}


def test_c4_pages_that_there_is_no_time_for_are_named(short):
    reading = read(short, pdf_of(*[blank()] * 3), seconds=-1.0)
    assert [page.belongs for page in reading.pages] == ["not_looked_at"] * 3
    assert reading.missing_pages == (1,)


def with_code(form: TrialForm, text: str) -> bytes:
    """The form with another page code laid over the one at the bottom left of its first page."""
    zone = next(each for each in form.form_map.zones if each.kind == "page_code" and each.box.top > 400)
    side = zone.box.right - zone.box.left
    patch = typst.compile(
        (
            f"#set page(width: {side}pt, height: {side}pt, margin: 0pt, fill: white)\n"
            f'#image(bytes({_qr(text)}), format: "svg", width: 100%)'
        ).encode()
    )
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(form.pdf)) as document, pikepdf.open(io.BytesIO(patch)) as code:
        page = pikepdf.Page(document.pages[0])
        height = float(document.pages[0].mediabox[3])
        page.add_overlay(
            pikepdf.Page(code.pages[0]),
            pikepdf.Rectangle(zone.box.left, height - zone.box.bottom, zone.box.right, height - zone.box.top),
        )
        document.save(out)
    return out.getvalue()


def _qr(text: str) -> str:
    drawn = io.BytesIO()
    segno.make_qr(text, error="m", boost_error=False).save(drawn, kind="svg", border=0, xmldecl=False)
    return json.dumps(drawn.getvalue().decode())


def test_n1_a_code_copied_from_another_form_is_seen_beside_the_page_s_own(short):
    copied = with_code(short, issue_page_code(PageCode("PROVA-2026-000001", 2, 3), KEY))
    (page,) = read(short, copied).pages
    assert (page.belongs, page.code.code.form) == ("ours", short.form_map.form)
    assert [(each.code.form, each.code.page, each.valid) for each in page.other_codes] == [
        ("PROVA-2026-000001", 2, True)
    ]
    assert [each.belongs for each in identify_pages([("a", copied)], KEYS)] == ["ours"]


def test_n1_a_code_with_a_wrong_signature_never_wins_over_a_true_one(short):
    forged = with_code(short, issue_page_code(PageCode(short.form_map.form, 1, 1), Ed25519PrivateKey.generate()))
    (page,) = read(short, forged).pages
    assert page.belongs == "ours"
    assert page.code.valid
    assert [each.valid for each in page.other_codes] == [False]


@pytest.mark.whole
def test_n1_two_pages_of_the_form_on_one_sheet_are_both_read():
    form = trial_form(workers=21, form="PROVA-2026-000010")
    first, second = (Image.fromarray(page.image(200)) for page in open_pages(form.pdf, name="form"))
    sheet = Image.new("L", (2 * first.width, first.height), 255)
    sheet.paste(first, (0, 0))
    sheet.paste(second, (first.width, 0))
    reading = read(form, jpeg_of(sheet.resize((round(sheet.width * 0.8), round(sheet.height * 0.8)))))
    assert [(page.number, page.belongs, page.code.code.page) for page in reading.pages] == [
        (1, "ours", 1),
        (1, "ours", 2),
    ]
    assert reading.missing_pages == ()
    corner = np.array(reading.pages[1].to_issued).reshape(3, 3) @ np.array([421.0, 0.0, 1.0])
    assert np.allclose(corner[:2] / corner[2], (0.0, 0.0), atol=6.0)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_c4_a_turned_page_that_bears_text_is_not_recognised_as_a_picture(turn):
    upright = typst.compile(
        b'#set page("a4")\n#set text(size: 12pt)\nVERBALE DI ACCORDO del 3 marzo 2020, pagina diritta.'
    )
    expected = read_page_text(open_pages(upright, name="a")[0])
    (page,) = open_pages(pdf_of(upright, turned=turn), name="a")
    assert page.has_text
    text = read_page_text(page)
    assert (text.engine, text.text, text.rotation) == ("pdf", expected.text, turn)
    box = text.on_sheet(text.words[0].box)
    ink = page.image(72) < 128
    rows, columns = slice(int(box.top), int(box.bottom) + 1), slice(int(box.left), int(box.right) + 1)
    assert ink[rows, columns].any()


def test_c4_a_sheet_of_a_wall_is_looked_at_coarsely_and_a_strip_is_none(short):
    wall = pikepdf.new()
    wall.add_blank_page(page_size=(14_000, 14_000))
    out = io.BytesIO()
    wall.save(out)
    began = time.process_time()
    assert [page.belongs for page in read(short, out.getvalue()).pages] == ["blank"]
    assert time.process_time() - began < 30
    strip = jpeg_of(np.full((1, 20_000), 200, np.uint8))
    (seen,) = read(short, strip).pages
    assert seen.belongs == "unreadable"
    assert "striscia" in seen.problem


def png_that_says(width: int, height: int, *, kind: int) -> bytes:
    """A PNG of so many points, grey (0) or in colours (2), that never come."""
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0")))
    parts = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in (*chunks, (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_c4_a_picture_of_twenty_thousand_pixels_is_refused_by_what_its_own_header_says(short):
    huge = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(huge, "TIFF", compression="group4")
    with pytest.raises(UnreadablePages) as refused:
        open_pages(huge.getvalue(), name="poster.tif")
    assert (refused.value.code, "poster.tif" in refused.value.message) == ("image_too_large", True)
    assert len(open_pages(png_that_says(10_000, 9_000, kind=0), name="grigio.png")) == 1
    with pytest.raises(UnreadablePages, match="80 milioni"):
        open_pages(png_that_says(10_000, 9_000, kind=2), name="colori.png")
    data = jpeg_of(np.zeros((8, 8), np.uint8))
    header = data.index(b"\xff\xc0") + 5
    lying = data[:header] + (20_000).to_bytes(2, "big") * 2 + data[header + 4 :]
    (seen,) = read(short, pdf_of(lying)).pages
    assert seen.belongs == "unreadable"
    assert "troppo grande" in seen.problem


@pytest.mark.parametrize(
    "broken",
    [
        {"ColorSpace": pikepdf.Name.Nonsense},
        {"BitsPerComponent": 7},
        {"Filter": pikepdf.Name.JBIG2Decode},
        {"Filter": pikepdf.Name.Nonsense},
        {"Width": 0},
        {"Decode": pikepdf.Array([1, 0])},
    ],
    ids=lambda broken: next(iter(broken)),
)
def test_c4_a_picture_that_no_program_understands_stops_nothing(short, broken):
    with pikepdf.open(io.BytesIO(pdf_of(blank()))) as document:
        document.pages[0].Resources.XObject.Scan.update(pikepdf.Dictionary(**broken))
        out = io.BytesIO()
        document.save(out)
    reading = read(short, pdf_of(out.getvalue(), short.pdf))
    assert [page.number for page in reading.pages] == [1, 2]
    assert reading.pages[0].belongs in {"blank", "unknown", "unreadable"}
    assert reading.missing_pages == ()
