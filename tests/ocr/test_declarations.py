"""T5: each worker's declaration of availability is found in the stack, signed or not, whoever printed it."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from intake.typesetting.application_form import IssuedFormDocument
from ocr.form_map import Box
from ocr.page_text import read_page_text
from ocr.pages import open_pages
from ocr.papers.declaration_results import DeclarationsReading, IssuedDeclarations
from ocr.papers.declaration_text import WorkerNamed, ink_to_sign, workers_in
from ocr.papers.declarations import read_declarations, workers_of
from ocr.papers.stack import KnownForm, sort_stack
from ocr.simulated_pen import sign
from ocr.simulation import CellEdit, simulate_scan
from ocr.text_words import PageText, Word, in_lines
from tests.intake.typesetting.synthetic_application import KEY, issue, make_application
from tests.intake.typesetting.synthetic_availability import declarations

KEYS = (KEY.public_key(),)
DPI = 150


@pytest.fixture(scope="module")
def printed() -> IssuedFormDocument:
    (only,) = declarations(make_application(3))
    return only


@pytest.fixture(scope="module")
def workers() -> tuple[WorkerNamed, ...]:
    """Four: the last was added to the list after the declarations were printed."""
    return workers_of(issue(make_application(4)).form_map)


@pytest.fixture(scope="module")
def pages(printed: IssuedFormDocument) -> list[bytes]:
    """Three scanned pages: the first signed, the second not, the third signed but with another surname on it."""
    zones = [zone for zone in printed.form_map.zones if zone.kind == "signature" and zone.page != 2]
    surname = next(field for field in printed.form_map.on_page(3) if field.name == "workers.3.surname")
    edit = CellEdit(3, surname.box, "MARTINELLI", "sans", 8.0, "Titillium Web")
    scan = simulate_scan(
        printed.pdf, seed=8, dpi=DPI, level="clean", signatures=zones, signer="x", edits=[edit], output="jpeg"
    )
    assert isinstance(scan, list)
    return scan


def read(
    printed: IssuedFormDocument, workers: tuple[WorkerNamed, ...], *files: tuple[str, bytes], **how: object
) -> DeclarationsReading:
    known = [KnownForm(printed.form, "availability_declaration", printed.pages)]
    stack = sort_stack(files, KEYS, known)
    issued = [IssuedDeclarations(printed.form_map, printed.pdf)]
    return read_declarations(stack, dict(files), issued, workers, KEYS, **how)  # type: ignore[arg-type]


@pytest.mark.whole
def test_t5_each_worker_is_ticked_the_unsigned_and_the_missing_are_listed(printed, workers, pages):
    found = read(printed, workers, ("c.jpg", pages[2]), ("a.jpg", pages[0]), ("b.jpg", pages[1]))
    assert [each.standing for each in found.workers] == ["signed", "unsigned", "to_look_at", "missing"]
    assert [each.place for each in found.workers] == [("a.jpg", 1), ("b.jpg", 1), ("c.jpg", 1), None]
    assert "«DE LUCA»" in found.workers[2].why
    assert {each.page_source for each in found.alterations} == {("c.jpg", 1)}
    zone = printed.form_map.zones_on_page(1, "signature")[0].box
    box = found.workers[0].box
    assert box is not None
    assert np.abs(np.array(box.as_list()) - np.array(zone.as_list())).max() < 12
    assert found.as_json()["workers"][1]["standing"] == "unsigned"


@pytest.mark.whole
def test_t5_the_signed_copy_of_a_page_counts_and_who_left_the_list_is_told(printed, workers, pages):
    found = read(printed, workers[:2], ("senza.pdf", printed.pdf), ("con.jpg", pages[0]))
    assert [(each.standing, each.place) for each in found.workers] == [
        ("signed", ("con.jpg", 1)),
        ("unsigned", ("senza.pdf", 2)),
    ]
    assert [(each.place, each.named) for each in found.stray] == [
        (("senza.pdf", 3), f"{workers[2].given_name} {workers[2].surname}")
    ]


@pytest.mark.whole
def test_t5_a_digital_signature_of_the_worker_signs_and_of_another_does_not(printed, workers):
    signers = {"tutte.pdf": {workers[1].tax_code}}
    found = read(printed, workers[:3], ("tutte.pdf", printed.pdf), signers=signers)
    assert [each.standing for each in found.workers] == ["unsigned", "signed", "unsigned"]
    assert "digital_signature" in found.workers[1].rules


@pytest.mark.whole
def test_what_there_is_no_time_to_compare_is_to_be_looked_at(printed, workers, pages):
    found = read(printed, workers, ("a.jpg", pages[0]), seconds=-1.0)
    assert found.workers[0].standing == "to_look_at"


def own_paper(worker: WorkerNamed | None, *, signed: bool) -> bytes:
    """A declaration that an employer wrote: a drawn page, with a pen stroke on it where signed."""
    who = f"{worker.given_name} {worker.surname}, codice fiscale {worker.tax_code}" if worker else "UGO IGNOTI"
    source = (
        "#set page(width: 210mm, height: 297mm, margin: 25mm)\n#set text(size: 12pt)\n"
        f"Dichiarazione di immediata disponibilità\n\nLa sottoscritta persona {who} dichiara la disponibilità al lavoro o a un "
        "percorso di riqualificazione professionale.\n\n#v(60mm)\nIn fede, firma del lavoratore"
    )
    png = typst.compile(source.encode(), format="png", ppi=200.0)
    paper = np.array(Image.open(io.BytesIO(png)).convert("RGB"))
    if signed:
        sign(paper, Box(80, 345, 300, 395), 200, shape="penna")
    out = io.BytesIO()
    Image.fromarray(paper).save(out, "JPEG", quality=85)
    return out.getvalue()


@pytest.mark.whole
def test_t5_somebody_elses_paper_is_known_by_its_text_and_its_signature_is_never_judged(printed, workers):
    found = read(
        printed,
        workers,
        ("uno.jpg", own_paper(workers[0], signed=True)),
        ("due.jpg", own_paper(None, signed=False)),
    )
    assert [each.standing for each in found.workers] == ["to_look_at", "missing", "missing", "missing"]
    assert found.workers[0].form == ""
    assert "può essere la firma" in found.workers[0].why
    assert [each.place for each in found.stray] == [("due.jpg", 1)]


def text_of(*lines: str) -> PageText:
    words = [
        Word(word, Box(40.0 + 60 * place, 40.0 + 20 * row, 95.0 + 60 * place, 50.0 + 20 * row), 0.9)
        for row, line in enumerate(lines)
        for place, word in enumerate(line.split())
    ]
    return PageText("x", 1, 595.0, 842.0, in_lines(words), "tesseract")


MARIO = WorkerNamed(1, "DE LUCA", "NICOLÒ", "DLCNCL80A01H501A")
ANNA = WorkerNamed(2, "ROSSI", "ANNA", "RSSNNA85C41F205X")


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("codice fiscale DLCNCL80A01H501A", "tax_code"),
        ("codice fiscale D L C N C L 8 0 A 0 1 H 5 0 1 A", "tax_code"),
        ("codice fiscale DLCNCL8OAO1H5O1A", "tax_code_alike"),
        ("il sottoscritto Nicolo' De Luca", "name"),
        ("De Luca Nicolò nato a Roma", "name"),
    ],
)
def test_a_worker_is_found_by_code_or_name(line, rule):
    (found,) = workers_in(text_of("Dichiarazione", line), [MARIO, ANNA])
    assert (found.worker, found.rule) == (MARIO, rule)


def test_two_workers_of_the_same_name_are_found_by_code_only():
    other = replace(MARIO, row=3, tax_code="DLCNCL90B02H501Z")
    assert workers_in(text_of("io Nicolò De Luca dichiaro"), [MARIO, other]) == ()
    assert [each.worker.row for each in workers_in(text_of("DLCNCL90B02H501Z"), [MARIO, other])] == [3]


@given(st.integers(0, 15), st.sampled_from("WXYJK"))
def test_a_tax_code_with_a_wrong_letter_is_nobodys(place, letter):
    wrong = MARIO.tax_code[:place] + letter + MARIO.tax_code[place + 1 :]
    assert workers_in(text_of(f"codice fiscale {wrong}"), [MARIO, ANNA]) == ()


@pytest.mark.whole
def test_print_below_the_last_words_is_no_ink_to_sign():
    (page,) = open_pages(own_paper(ANNA, signed=False), name="x")
    assert ink_to_sign(page, read_page_text(page)) is None
