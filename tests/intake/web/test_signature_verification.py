"""C2, N7: anyone may have a signature verified; the answer is in plain words, and nothing of the file stays."""

from __future__ import annotations

import io
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from intake.checks import signature_question
from intake.service import Service
from intake.web.frame import limits
from intake.web.signature_view import signature_card
from tests.intake.web.conftest import Browser, token_of
from tests.pki.authority import sign_p7m_as, sign_pdf_as
from tests.signing.documents import plain_pdf

SIGNED = sign_pdf_as("rossi", plain_pdf("Determina di prova"))


@pytest.fixture
def service(standing_service: Service) -> Service:
    return standing_service


def verify(browser: Browser, data: bytes, name: str = "determina.pdf", separate: bytes | None = None) -> TestResponse:
    sent: dict[str, object] = {"csrf_token": token_of(browser.get("/verifica-firma")), "file": (io.BytesIO(data), name)}
    if separate is not None:
        sent["documento"] = (io.BytesIO(separate), "documento.pdf")
    return browser.client.post("/verifica-firma", data=sent)


def test_n7_a_signed_file_is_answered_in_words_with_the_codes_folded_away(browser: Browser) -> None:
    page = verify(browser, SIGNED)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    for words in (
        "Firmato, con riserve",
        "ROSSI MARIO",
        "RSSMRA80A01H501U",
        "nessuna lista di fiducia",
        "INDETERMINATE",
    ):
        assert words in page.text, words
    visible = page.text[: page.text.index("INDETERMINATE")]
    assert visible.rindex("<details") > visible.rindex("</details>" if "</details>" in visible else "<h1"), (
        "folded away"
    )


def test_c2_a_changed_file_a_foreign_one_and_an_empty_one_are_told_apart(browser: Browser) -> None:
    changed = verify(browser, SIGNED.replace(b"Determina di prova", b"Determina di altro"))
    assert "Firma non valida" in changed.text
    assert "La firma non corrisponde al documento." in changed.text
    assert "Non firmato" in verify(browser, plain_pdf()).text
    assert "Non leggibile" in verify(browser, b"", "vuoto.pdf").text
    assert "Non firmato" in verify(browser, b"due righe di testo", "nota.txt").text


def test_c2_envelopes_are_shown_as_they_lie_one_in_the_other_each_with_its_signatures(browser: Browser) -> None:
    page = verify(browser, sign_p7m_as("bianchi", sign_p7m_as("rossi", SIGNED)), "determina.pdf.p7m.p7m").text
    assert "2 buste, una dentro l'altra" in page
    outer, inner = page.index("BIANCHI ANNA</h4>"), page.index("ROSSI MARIO</h4>")
    assert page.count("busta .p7m (CAdES)") == 2
    assert page.index("busta .p7m") < outer < inner < page.index("documento PDF")
    assert page.count("ROSSI MARIO</h4>") == 2


def test_c2_a_separate_signature_is_verified_with_its_document(browser: Browser) -> None:
    detached = sign_p7m_as("rossi", plain_pdf(), detached=True)
    assert "La firma riguarda un documento che qui manca" in verify(browser, detached, "firma.p7s").text
    assert "Firmato, con riserve" in verify(browser, detached, "firma.p7s", plain_pdf()).text


def test_nothing_of_the_file_stays_on_disk_or_in_the_log(
    browser: Browser, service: Service, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def files() -> dict[Path, int]:
        return {path: path.stat().st_size for path in service.settings.data.rglob("*") if path.is_file()}

    browser.get("/verifica-firma")
    before = files()
    verify(browser, SIGNED, "nome-riservato.pdf")
    assert files() == before
    said = capfd.readouterr()
    assert "nome-riservato" not in caplog.text + said.out + said.err
    assert "ROSSI" not in caplog.text + said.out + said.err


def test_nothing_chosen_is_said_beside_the_field(browser: Browser) -> None:
    sent = browser.client.post("/verifica-firma", data={"csrf_token": token_of(browser.get("/verifica-firma"))})
    assert sent.status_code == 422
    assert "Scelga il file da verificare." in sent.text


def test_strangers_wait_their_turn_and_a_file_that_asks_too_much_is_given_up(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signature_question, "QUEUE_SECONDS", 0.01)
    monkeypatch.setattr(signature_question, "_AT_ONCE", threading.BoundedSemaphore(1))
    with signature_question._AT_ONCE:
        busy = verify(browser, SIGNED)
    assert (busy.status_code, "Riprovi tra un minuto" in busy.text) == (503, True)
    monkeypatch.setattr(signature_question, "ANSWER_SECONDS", 0.0)
    given_up = verify(browser, SIGNED)
    assert (given_up.status_code, "più tempo o memoria" in given_up.text) == (422, True)
    monkeypatch.setattr(signature_question, "ANSWER_SECONDS", 20.0)
    monkeypatch.setattr(signature_question, "MOST_MEMORY", -(2**40))
    assert verify(browser, SIGNED).status_code == 422


def test_a_file_larger_than_allowed_is_refused_and_too_many_in_a_row_too(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    from werkzeug.test import Client

    from intake.web.desk import create_desk

    monkeypatch.setattr(limits, "PER_STRANGER", "2 per 15 minutes")
    small = replace(service, settings=service.settings.model_copy(update={"largest_upload": 1000}))
    browser = Browser(Client(create_desk(small)), "")
    token = token_of(browser.get("/verifica-firma"))
    huge = {"csrf_token": token, "file": (io.BytesIO(bytes(5 * 2**20)), "x.pdf")}
    assert browser.client.post("/verifica-firma", data=huge).status_code == 413
    for _ in range(3):
        answered = browser.client.post("/verifica-firma", data={"csrf_token": token})
    assert answered.status_code == 429
    assert "già arrivati molti file" in answered.text


def test_the_page_is_there_in_english(browser: Browser) -> None:
    assert "Verify a signature" in browser.get("/verifica-firma?lingua=en").text
    answered = verify(browser, SIGNED).text
    for words in ("Signed, with reservations", "Certificate issued by", "What we checked it with"):
        assert words in answered, words


def test_no_signature_goes_unseen_in_the_tree_of_envelopes() -> None:
    def signed_at(depth: int) -> dict[str, object]:
        return {"depth": depth, "verdict": "signed", "claimed_time": None, "proven_time": None}

    files = [{"depth": depth, "kind": "p7m", "sha256": "", "size": 1} for depth in (0, 1, 1)]
    signatures = [signed_at(depth) for depth in (0, 0, 1, 7)]
    card = signature_card({"verdict": "signed", "signatures": signatures, "findings": [], "nested": files})
    assert [[block.signature["depth"] for block in each.blocks] for each in card.nested] == [[0, 0], [1], [7]]
