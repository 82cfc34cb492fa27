"""Whole agreements read from files: every value with its place, and bad input with its sentence (issue part 8; N6, T5)."""

from __future__ import annotations

import io

import numpy as np
import pikepdf
import pytest
import typst
from agreement_papers import COMPLETE, VALUES, paper, picture
from PIL import Image, ImageDraw

from ocr.agreement.pages import MOST_PAGES
from ocr.agreement.reading import AgreementReading, read_agreement
from ocr.pages import open_pages


def as_pdf(*pictures: Image.Image, dpi: int = 200) -> bytes:
    written = io.BytesIO()
    pictures[0].save(written, "PDF", resolution=float(dpi), save_all=True, append_images=pictures[1:], quality=85)
    return written.getvalue()


@pytest.fixture(scope="module")
def drawn() -> AgreementReading:
    return read_agreement([("accordo.pdf", paper(*COMPLETE))])


@pytest.mark.parametrize("field", VALUES)
def test_every_field_of_a_drawn_agreement(drawn, field):
    assert dict(drawn.fields.items())[field].value == VALUES[field]


def test_each_value_stands_in_its_box_and_says_by_which_rule(drawn):
    characters = open_pages(paper(*COMPLETE), name="accordo.pdf")[0].characters()
    for name, read in drawn.fields.items():
        assert read.rules, name
        assert read.box is not None, name
        inside = "".join(
            each.text
            for each in characters
            if read.box.left - 1 <= (each.left + each.right) / 2 <= read.box.right + 1
            and read.box.top - 1 <= (each.top + each.bottom) / 2 <= read.box.bottom + 1
        )
        assert "".join(read.raw.split()[:1]) in "".join(inside.split()), name
        assert (read.source, read.page, read.engine) == ("accordo.pdf", 1, "pdf")
        assert 0 < read.confidence <= 1


def test_nothing_is_made_up_where_the_paper_does_not_say_it():
    lines = ("Verbale di accordo sindacale", "Le parti convengono la sospensione dei lavoratori in cassa integrazione.")
    read = dict(read_agreement([("accordo.pdf", paper(*lines))]).fields.items())
    told = {name for name, each in read.items() if each.value is not None}
    assert told == {"agreement_reached"}
    assert all(read[name].box is None and read[name].confidence == 0 for name in read.keys() - told)


def test_the_json_has_the_fields_of_the_contract(drawn):
    told = drawn.as_json()
    assert told["unions"]["value"] == ["FILCAMS CGIL", "UILTUCS UIL", "RSU"]
    assert told["date"].keys() == {"value", "raw", "confidence", "engine", "source", "page", "box", "rules"}
    assert len(told["date"]["box"]) == 4
    assert told["periods"][0]["first"]["value"] == "2020-03-23"
    assert told["codes"] == ["01234567897"]


def test_a_word_divided_at_the_end_of_a_drawn_line_is_whole_again():
    source = (
        '#set page(paper: "a4", margin: 25mm)\n#set text(font: "DejaVu Sans", size: 11pt)\n'
        '#"Verbale di accordo sindacale. Le parti convengono la cassa integrazione in deroga, " '
        '#linebreak() #"con decorrenza 18.03.2020 e termi-" '
        '#linebreak() #"ne 19.05.2020, per nove settimane."'
    )
    read = read_agreement([("accordo.pdf", typst.compile(source.encode(), format="pdf"))])
    assert (read.fields.period_from.value, read.fields.period_to.value) == ("2020-03-18", "2020-05-19")


def test_an_agreement_in_two_files_is_one():
    files = [("prima.pdf", paper(*COMPLETE[:6])), ("seconda.pdf", paper(*COMPLETE[6:]))]
    read = read_agreement(files)
    assert (read.fields.total_staff.source, read.fields.workers_involved.source) == ("prima.pdf", "seconda.pdf")


def test_three_hundred_pages_are_refused_in_words_and_long_files_read_in_part():
    many = pikepdf.new()
    for _ in range(300):
        many.add_blank_page()
    written = io.BytesIO()
    many.save(written)
    refused = read_agreement([("d1", written.getvalue())], titles={"d1": "lungo.pdf"})
    assert [each.code for each in refused.problems] == ["too_many_pages"]
    assert "lungo.pdf" in refused.problems[0].message
    assert refused.pages == 0

    with pikepdf.open(io.BytesIO(paper(*COMPLETE))) as first:
        for _ in range(40):
            first.add_blank_page()
        written = io.BytesIO()
        first.save(written)
    long = read_agreement([("lungo.pdf", written.getvalue())], seconds=0.0)
    assert {each.code for each in long.problems} == {"long_document", "out_of_time"}
    assert long.pages < MOST_PAGES


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty_file"), (b"non sono un documento", "not_a_document"), (b"%PDF-1.7 rotto", "damaged_pdf")],
)
def test_files_that_do_not_open_are_told_and_nothing_is_read(data, code):
    read = read_agreement([("accordo.pdf", data)])
    assert [each.code for each in read.problems] == [code]
    assert read.kind == "other"
    assert all(each.value is None for _, each in read.fields.items())


def test_another_paper_is_no_agreement():
    read = read_agreement([("fattura.pdf", paper("Fattura n. 12 del 3 aprile 2020", "Pane e dolci, euro 40,00"))])
    assert read.kind == "other"
    assert [each.code for each in read.problems] == ["not_an_agreement"]


@pytest.mark.whole
def test_a_signed_scan_is_read_and_its_strokes_are_found():
    page = picture(*COMPLETE)
    bare = read_agreement([("scan.pdf", as_pdf(page))])
    assert {name: each.value for name, each in bare.fields.items()} == VALUES
    assert bare.fields.date.engine in {"tesseract", "rapidocr"}

    last = np.flatnonzero(np.asarray(page).min(axis=1) < 128)[-1]
    pen = ImageDraw.Draw(page)
    curve = [(220 + 14 * step, int(last) + 90 + (34 if step % 2 else -30) * (1 - step / 30)) for step in range(22)]
    pen.line(curve, fill=40, width=4, joint="curve")
    signed = read_agreement([("scan.pdf", as_pdf(page))])
    assert signed.fields.signatures.value == "by_hand"
    assert len(signed.strokes) == 1
    box = signed.strokes[0].box
    assert box.left <= 250 * 72 / 200
    assert box.right >= 480 * 72 / 200


@pytest.mark.whole
def test_blank_pages_and_photos_of_something_else_get_their_sentence():
    blank = Image.new("L", (1654, 2339), 250)
    field = Image.radial_gradient("L").resize((1200, 900))
    assert [each.code for each in read_agreement([("vuoto.pdf", as_pdf(blank))]).problems] == ["blank_page"]
    read = read_agreement([("foto.pdf", as_pdf(field))])
    assert read.kind == "other"
    assert read.problems
    assert all(each.value is None for _, each in read.fields.items())
