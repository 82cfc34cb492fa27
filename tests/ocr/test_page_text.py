"""The words of a page nobody issued, where they stand and in which order they read (T4, C4)."""

from __future__ import annotations

import io

import numpy as np
import pikepdf
import pytest
import typst
from PIL import Image

from bench.lists.scans import scanned_pages
from ocr.form_map import Box
from ocr.page_text import PageText, read_page_text
from ocr.pages import open_pages
from ocr.text_words import Word, in_lines

_PAGE = '#set page(paper: "a4", margin: 20mm)\n#set text(font: "Liberation Sans", size: 11pt, lang: "it")\n'
LETTER = """
Verbale di accordo sindacale del 3 aprile 2020

Il giorno tre aprile duemilaventi si sono incontrati in videoconferenza la società Officine di Prova e le
organizzazioni sindacali territoriali per l'esame congiunto della richiesta di integrazione salariale.

La sospensione riguarda dodici lavoratori per nove settimane a decorrere dal giorno 6 aprile 2020.
"""


def pdf(body: str) -> bytes:
    return typst.compile((_PAGE + body).encode())


def read(data: bytes, **options: bool) -> PageText:
    return read_page_text(open_pages(data, name="prova")[0], **options)


def word(text: str, left: float, top: float, right: float) -> Word:
    return Word(text, Box(left, top, right, top + 8), 1.0)


@pytest.fixture(scope="session")
def letter_scan() -> Image.Image:
    return scanned_pages(pdf(LETTER), level="medium", dpi=200, seed=3)[0].picture


def picture(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_t4_the_text_layer_gives_words_with_boxes_and_lines() -> None:
    text = read(pdf("Ufficio efficiente\n\nseconda riga"))
    assert text.text == "Ufficio efficiente\nseconda riga"
    assert (text.engine, text.rotation, text.quality, text.page) == ("pdf", 0, 1.0, 1)
    first, second = text.lines()[0].words
    assert first.box.right < second.box.left
    assert first.box.top < text.lines()[1].box.top


@pytest.mark.parametrize(("angle", "rotation"), [("90deg", 90), ("180deg", 180), ("-90deg", 270)])
def test_c4_text_that_runs_along_the_page_is_turned_upright(angle: str, rotation: int) -> None:
    text = read(pdf(f"#place(center + horizon, rotate({angle}, [Prima riga del foglio \\ seconda riga del foglio]))"))
    assert text.text == "Prima riga del foglio\nseconda riga del foglio"
    assert text.rotation == rotation
    box = text.on_sheet(text.lines()[0].box)
    page = open_pages(
        pdf(f"#place(center + horizon, rotate({angle}, [Prima riga del foglio \\ seconda riga del foglio]))"), name="p"
    )[0]
    inside = [each for each in page.characters() if box.left - 1 <= each.left and each.right <= box.right + 1]
    assert "".join(
        each.text for each in inside if box.top - 1 <= each.top and each.bottom <= box.bottom + 1
    ).startswith("Prima")


def test_t4_letters_drawn_twice_to_look_bold_are_read_once() -> None:
    text = read(pdf("#place(top + left)[TOTALE]#place(top + left, dx: 0.3pt)[TOTALE]"))
    assert text.text == "TOTALE"


def test_t4_prose_in_two_columns_reads_down_each_column_and_a_table_across() -> None:
    prose = [
        word(f"{side}{row}{number}", left + 40 * number, 20.0 * row, left + 40 * number + 36)
        for row in range(6)
        for side, left in (("s", 0.0), ("d", 250.0))
        for number in range(5)
    ]
    across = [each.line for each in in_lines(prose, table=True)]
    down = in_lines(prose)
    assert len(set(across)) == 6
    assert [each.text[0] for each in sorted(down, key=lambda each: each.line)] == ["s"] * 30 + ["d"] * 30


def test_t4_words_of_a_bent_line_stay_on_one_line() -> None:
    bent = [word(f"p{number}", 40.0 * number, 100 + 0.9 * number, 40.0 * number + 30) for number in range(12)]
    below = [word(f"q{number}", 40.0 * number, 112 + 0.9 * number, 40.0 * number + 30) for number in range(12)]
    lines = {each.text: each.line for each in in_lines([*bent, *below])}
    assert {lines[each.text] for each in bent} == {0}
    assert {lines[each.text] for each in below} == {1}


def test_t4_letters_without_meaning_are_recognised_on_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pdf(LETTER)
    page = open_pages(data, name="prova")[0]
    nonsense = [type(each)("\ufffd", each.left, each.top, each.right, each.bottom) for each in page.characters()]
    monkeypatch.setattr(type(page), "characters", lambda _: tuple(nonsense))
    text = read_page_text(page)
    assert text.engine == "tesseract"
    assert "dodici lavoratori per nove settimane" in text.text


def test_c4_an_empty_page_has_no_words() -> None:
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    out = io.BytesIO()
    document.save(out)
    assert (read(out.getvalue()).words, read(out.getvalue()).quality) == ((), 0.0)


@pytest.mark.whole
@pytest.mark.parametrize("turn", [90])
def test_c4_a_scan_is_read_however_it_lies(letter_scan: Image.Image, turn: int) -> None:
    lying = letter_scan.rotate(-turn, expand=True)
    text = read(picture(lying))
    assert "dodici lavoratori per nove settimane" in text.text
    assert text.rotation == turn
    assert abs(text.skew_deg) <= 2.5
    assert text.quality > 0.85
    box = text.on_sheet(next(word.box for word in text.words if word.text == "dodici"))
    page = open_pages(picture(lying), name="prova")[0]
    assert 0 <= box.left < box.right <= page.width_pt
    grey = page.image(150)
    cut = grey[
        round(box.top * 150 / 72) : round(box.bottom * 150 / 72),
        round(box.left * 150 / 72) : round(box.right * 150 / 72),
    ]
    assert (np.asarray(cut) < 140).mean() > 0.05
