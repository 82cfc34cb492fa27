"""C4, N1: each kind of bad input gets its own plain finding and its remedy, in the words of who sent it."""

from __future__ import annotations

import io

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from intake.checks.finding import Finding
from intake.checks.severity import Severity
from intake.notices.findings import DEFAULT_EFFECTS
from tests.intake.applications.test_returned_files import Case, case
from tests.ocr.bad_pages import blank, pdf_of, photograph, truncated

__all__ = ["case"]


def said(case: Case, *files: tuple[str, bytes], **changes: object) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for each in case.examined(*((name, data, None) for name, data in files), **changes).findings:
        found.setdefault(each.code, []).append(each)
    return found


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (photograph(), "form.not_ours", "mancano i codici"),
        (pdf_of(photograph()), "form.not_ours", "mancano i codici"),
        (blank(), "form.blank", "bianche"),
        (truncated(), "pages.damaged", "«prova.pdf», pagina 1. L’immagine «prova.pdf» è danneggiata"),
        (pdf_of(truncated()), "pages.damaged", "«prova.pdf», pagina 1. L’immagine della pagina è danneggiata"),
        (pdf_of(*[blank()] * 300), "file.too_many_pages", "200 pagine"),
    ],
    ids=["photograph", "photograph in a PDF", "blank", "truncated", "truncated in a PDF", "300 pages"],
)
def test_c4_each_kind_of_bad_file_has_its_sentence(case: Case, data: bytes, code: str, words: str) -> None:
    found = said(case, ("prova.pdf", data))
    (told,) = found[code]
    assert words in told.message
    assert told.remedy
    assert any(each.severity is Severity.ERROR for several in found.values() for each in several)


def test_c4_a_damaged_page_is_named_and_the_form_is_read_all_the_same(case: Case) -> None:
    found = said(case, ("domanda.pdf", pdf_of(case.pdf, truncated(), blank(), case.other_pdf)))
    assert {"form.ours", "cells.agree", "pages.damaged", "pages.blank", "pages.foreign"} <= found.keys()
    count = len(pikepdf.open(io.BytesIO(case.pdf)).pages)
    assert f"«domanda.pdf», pagina {count + 1}." in found["pages.damaged"][0].message
    assert f"«domanda.pdf», pagina {count + 2}." in found["pages.blank"][0].message
    (foreign,) = found["pages.foreign"]
    assert f"pagine {count + 3}-{2 * count + 2}, del modulo SAR20-BBBBB-22222" in foreign.message


def test_n1_a_code_that_somebody_else_signed_is_said_to_be_no_code_of_ours(case: Case) -> None:
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    found = said(case, ("domanda.pdf", case.pdf), form_keys=(stranger,))
    (told,) = found["form.false_code"]
    assert "SAR20-AAAAA-11111" in told.message
    assert told.severity is Severity.ERROR


def test_c4_what_there_is_no_time_for_is_told_and_asks(case: Case) -> None:
    found = said(case, ("domanda.pdf", pdf_of(blank(), blank())), seconds=-1.0)
    assert "2 pagine: «domanda.pdf», pagine 1-2" in found["pages.not_looked_at"][0].message
    effects = dict(DEFAULT_EFFECTS)
    asking = {"pages.not_looked_at", "pages.damaged", "pages.false_code", "pages.codes_disagree"}
    assert {effects[code] for code in asking} == {"asks"}
