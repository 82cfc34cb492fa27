"""N1: a digital return that is not the issued file is told apart, compared by what it says, and judged as the table says."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pikepdf
import pypdfium2
import pytest

from intake.checks.issued_findings import issued_findings
from intake.notices.findings import finding_effect
from intake.notices.load import load_pack
from intake.settings import TEMPLATES
from ocr.form_map import FormMap
from tests.intake.applications.test_returned_files import Case, case, codes
from tests.signing.test_issued_additions import annotated

__all__ = ["case"]


def saved_again(pdf: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out)
    return out.getvalue()


def reprinted(pdf: bytes, case: Case, hours: str | None = None) -> bytes:
    """The same pages as another program prints them into a PDF of its own; with `hours`, a worker's are written over."""
    out = io.BytesIO()
    with pypdfium2.PdfDocument(pdf) as old, pypdfium2.PdfDocument.new() as new:
        new.import_pages(old)
        new.save(out)
    cell = next(
        each for each in FormMap.from_json(case.request.form_map).fields if each.name == "workers.2.requested_hours"
    )
    printed = io.BytesIO()
    with pikepdf.open(out) as document:
        for page in document.pages:
            page.contents_add(b"q", prepend=True)
            page.contents_add(b"Q")
        if hours is not None:
            page = document.pages[cell.page - 1]
            font = pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
            page.Resources.Font.Helv = document.make_indirect(font)
            box, height = cell.box, float(page.MediaBox[3])
            left, bottom = box.left, height - box.bottom
            wide, tall = box.right - box.left, box.bottom - box.top
            cover = f"q 1 g {left} {bottom} {wide} {tall} re f Q"
            text = f"q 0 g BT /Helv 8 Tf {left + 2} {bottom + 3} Td ({hours}) Tj ET Q"
            page.contents_add(f"{cover} {text}".encode())
        document.save(printed)
    return printed.getvalue()


def test_n1_the_issued_file_signed_says_what_signing_added(case: Case) -> None:
    said = {each.code: each for each in case.examined(("domanda.pdf", case.signed(), None)).findings}
    assert "una firma, un campo per la firma a pagina" in said["form.additions"].message
    assert not [code for code in said if code.startswith("form.") and code not in {"form.ours", "form.additions"}]


def test_n1_writing_on_the_form_before_signing_it_is_seen(case: Case) -> None:
    found = case.examined(("domanda.pdf", case.signed(pdf=annotated(case.pdf, "/FreeText")), None))
    said = {each.code: each for each in found.findings}
    assert "un testo scritto sopra la pagina 2" in said["form.additions_unexplained"].message


@pytest.mark.parametrize(("made", "code"), [(saved_again, "form.saved_again"), (None, "form.reprinted")])
def test_n1_a_copy_that_says_the_same_is_told_and_informs(case: Case, made, code: str) -> None:
    copy = made(case.pdf) if made else reprinted(case.pdf, case)
    found = codes(case.examined(("domanda.pdf", case.signed(pdf=copy), None)))
    assert code in found
    assert "cells.agree" in found
    assert "cells.altered" not in found


def test_n1_a_reprint_that_says_something_else_names_the_field(case: Case) -> None:
    found = case.examined(("domanda.pdf", case.signed(pdf=reprinted(case.pdf, case, "188")), None))
    altered = [each for each in found.findings if each.code == "cells.altered"]
    assert [each.field for each in altered] == ["workers.2.requested_hours"]
    assert "form.reprinted_differs" in codes(found)


@pytest.mark.parametrize(
    ("agree", "signed", "expected"),
    [(True, True, ["form.reprinted"]), (False, True, ["form.reprinted_differs"]), (True, False, [])],
)
def test_n1_an_image_of_the_form_is_said_to_be_one_where_somebody_signed_it(
    case: Case, agree: bool, signed: bool, expected: list[str]
) -> None:
    pages = io.BytesIO()
    with pypdfium2.PdfDocument(case.pdf) as document:
        first, *others = [page.render(scale=0.3).to_pil().convert("L") for page in document]
    first.save(pages, "PDF", save_all=True, append_images=others)
    page = SimpleNamespace(belongs="ours", source_name="1", text_from="ocr")
    cell = SimpleNamespace(status="agrees" if agree else "doubtful")
    reading = SimpleNamespace(pages=[page], cells=[cell], alterations=[], missing_pages=[])
    found = issued_findings(case.pdf, pages.getvalue(), document="1", name="a.pdf", signed=signed, reading=reading)
    assert [each.code for each in found] == expected
    assert all("un'immagine del modulo" in each.message for each in found)


def test_n1_what_each_of_these_does_at_transmission() -> None:
    pack = load_pack(TEMPLATES / "notices" / "sardegna-2020")
    does = {
        "form.additions": "informs",
        "form.saved_again": "informs",
        "form.reprinted": "informs",
        "form.additions_unexplained": "asks",
        "form.additions_filled": "asks",
        "form.reprinted_differs": "asks",
    }
    assert {code: finding_effect(pack, code) for code in does} == does
