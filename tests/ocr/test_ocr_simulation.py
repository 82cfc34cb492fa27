"""The simulated printer, pen and scanner: the same seed gives the same paper, and it always says what it is."""

from __future__ import annotations

import io

import pikepdf

from ocr.pages import open_pages
from ocr.simulation import WATERMARK, simulate_scan


def test_n12_the_same_seed_gives_the_same_scan_and_another_gives_another(form):
    options = {"dpi": 72, "level": "medium", "signatures": form.signature_zones, "signer": "A"}
    first = simulate_scan(form.pdf, seed=1, **options)
    assert first == simulate_scan(form.pdf, seed=1, **options)
    assert first != simulate_scan(form.pdf, seed=2, **options)


def test_n12_a_simulated_scan_says_so(form):
    scan = simulate_scan(form.pdf, seed=1, dpi=72)
    assert isinstance(scan, bytes)
    with pikepdf.open(io.BytesIO(scan)) as document:
        assert str(document.docinfo["/Title"]) == WATERMARK
    pictures = simulate_scan(form.pdf, seed=1, dpi=72, output="jpeg")
    assert isinstance(pictures, list)
    assert all(WATERMARK.encode() in picture[:400] for picture in pictures)
    assert len(open_pages(pictures[0], name="a.jpg")) == 1
