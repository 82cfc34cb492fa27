"""Where a box of the issued page lies on the page that came back, and pages that cannot be drawn (C7, N1)."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from intake.cases import page_images
from intake.cases.case import FormPage
from intake.cases.page_drawing import PageOrder, draw_page, measure_pages
from intake.cases.page_images import DrawingBusy, PageImages, PageNotDrawable, cut_out
from intake.web.office.review_view import changed_words

shifts = st.floats(-20, 20)


@given(st.floats(-0.05, 0.05), shifts, shifts, st.floats(0.9, 1.1))
def test_n1_the_place_on_the_received_page_is_the_inverse_of_what_the_reading_found(
    turn: float, right: float, down: float, scale: float
) -> None:
    cos, sin = np.cos(turn) * scale, np.sin(turn) * scale
    matrix = np.array([[cos, -sin, right], [sin, cos, down], [1e-6, 2e-6, 1.0]])
    page = FormPage(1, None, 1, tuple(matrix.ravel()), 0, placed=True)
    corners = np.array(page.place((100.0, 200.0, 150.0, 220.0)))
    there = matrix @ np.column_stack([corners, np.ones(4)]).T
    expected = [[100, 200], [150, 200], [150, 220], [100, 220]]
    assert np.allclose((there[:2] / there[2]).T, expected, atol=1e-6)


def test_n1_an_exact_return_needs_no_moving() -> None:
    page = FormPage(1, None, 1, None, 0, placed=True)
    assert page.place((1.0, 2.0, 3.0, 4.0)) == ((1.0, 2.0), (3.0, 2.0), (3.0, 4.0), (1.0, 4.0))


def test_n1_the_overlay_shows_in_red_what_only_the_issued_page_says_and_in_blue_what_only_the_returned_one() -> None:
    issued, returned = page_with((20, 20, 40, 40)), page_with((60, 60, 80, 80))
    order = PageOrder(returned, "r.pdf", 1, 72, view="overlay", sheet=(100, 100), issued=issued)
    with Image.open(io.BytesIO(draw_page(order, lambda: None))) as picture:
        colours = picture.convert("RGB")
        red, blue, white = colours.getpixel((30, 30)), colours.getpixel((70, 70)), colours.getpixel((50, 50))
    assert red[0] > 200
    assert max(red[1:]) < 60
    assert blue[0] < 60
    assert min(blue[1:]) > 200
    assert min(white) > 240


def test_c7_a_file_that_is_no_document_gives_no_picture_and_says_what_to_do(tmp_path: Path) -> None:
    images = PageImages(tmp_path / "page-images")
    for data in (b"", b"%PDF-1.4 broken", b"MZ" * 100):
        with pytest.raises(PageNotDrawable):
            images.picture(PageOrder(data, "x", 1, 72))
    with pytest.raises(PageNotDrawable):
        images.picture(PageOrder(page_with((1, 1, 2, 2)), "x.pdf", 5, 72))
    assert not (tmp_path / "page-images").exists()


def test_n5_who_waits_too_long_for_a_drawing_is_told_so_and_a_kept_picture_waits_for_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, order = PageImages(tmp_path / "page-images"), PageOrder(page_with((1, 1, 2, 2)), "x.pdf", 1, 72)
    kept = images.picture(order)
    monkeypatch.setattr(page_images, "QUEUE_SECONDS", 0.0)
    monkeypatch.setattr(page_images, "_AT_ONCE", threading.BoundedSemaphore(1))
    other = PageOrder(order.data, order.name, 1, 36)
    with page_images._AT_ONCE:
        with pytest.raises(DrawingBusy):
            images.picture(other)
        assert images.picture(order) == kept
    stripes = tuple(threading.Lock() for _ in range(64))
    monkeypatch.setattr(page_images, "_STRIPES", stripes)
    for stripe in stripes:
        stripe.acquire()
    with pytest.raises(DrawingBusy):
        images.picture(other)
    assert images.picture(order) == kept
    for stripe in stripes:
        stripe.release()
    assert images.picture(other) != kept


def test_n5_a_picture_forgotten_while_it_is_asked_for_is_drawn_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, order = PageImages(tmp_path / "page-images"), PageOrder(page_with((1, 1, 2, 2)), "x.pdf", 1, 72)
    kept = images.picture(order)
    read = Path.read_bytes

    def forgotten_first(path: Path) -> bytes:
        path.unlink(missing_ok=True)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", forgotten_first)
    assert images.picture(order) == kept


def test_c7_an_enormous_page_is_drawn_smaller() -> None:
    document = pikepdf.new()
    document.add_blank_page(page_size=(14_000, 14_000))
    out = io.BytesIO()
    document.save(out)
    assert measure_pages(PageOrder(out.getvalue(), "x.pdf", 1, 72), lambda: None) == ((14_000.0, 14_000.0),)
    with Image.open(io.BytesIO(draw_page(PageOrder(out.getvalue(), "x.pdf", 1, 130), lambda: None))) as picture:
        assert picture.width * picture.height <= 24_100_000


def test_c7_a_cut_is_the_box_with_its_margin() -> None:
    picture = draw_page(PageOrder(page_with((20, 20, 40, 40)), "x.pdf", 1, 144), lambda: None)
    with Image.open(io.BytesIO(cut_out(picture, (20, 20, 40, 40), 144, 5))) as cut:
        assert cut.size == (60, 60)
        assert cut.convert("L").getpixel((30, 30)) < 40
        assert cut.convert("L").getpixel((2, 2)) > 220


def test_c7_only_the_words_that_changed_are_marked() -> None:
    assert changed_words("non confermano quanto detto", "non confermano auanto detto") == [
        ("non", False),
        ("confermano", False),
        ("auanto", True),
        ("detto", False),
    ]
    assert changed_words("128", "188") == [("188", True)]


def page_with(box: tuple[int, int, int, int]) -> bytes:
    """A page of 100 by 100 points with one black rectangle, in points from the top left corner."""
    left, top, right, bottom = box
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(100, 100))
    page.Contents = document.make_stream(f"0 g {left} {100 - bottom} {right - left} {bottom - top} re f".encode())
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
