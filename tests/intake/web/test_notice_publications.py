"""S22: anyone reads who signed the notice and with what outcome, and takes the file away; nobody's tax code is shown."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.publication import examination
from intake.publication.examination import DepositedFile
from intake.publication.models import SignedPublication
from intake.publication.publishing import publish_document
from intake.publication.withdrawal import withdraw_publication
from intake.service import Service
from intake.web.desk.notice_publications import shown_publications
from intake.web.signature_for_anyone import for_anyone
from signing.report import Verdict
from tests.intake.web.conftest import Browser
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as
from tests.signing.documents import plain_pdf

ACT = plain_pdf("Avviso pubblico")
ENVELOPED = sign_p7m_as("rossi", ACT)
PAGE = "/avvisi/SAR20/documenti/notice"


@pytest.fixture(scope="module")
def publications(standing_service: Service) -> tuple[SignedPublication, SignedPublication]:
    """A signed PDF, and the envelope that took its place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examination, "run_apart", lambda work, given, hear, **_: work(given, hear))
        first, second = (
            publish_document(
                standing_service,
                "SAR20",
                DepositedFile(name, data),
                operator="terminale:prova",
                at=AT + timedelta(days=n),
            )
            for n, (name, data) in enumerate(
                [("avviso.pdf", sign_pdf_as("bianchi", ACT)), ("avviso-corretto.pdf.p7m", ENVELOPED)]
            )
        )
    return first, second


@pytest.fixture
def service(standing_service: Service) -> Service:
    return standing_service


def test_s22_the_page_says_who_signed_what_and_when_it_was_verified(
    browser: Browser, publications: tuple[SignedPublication, SignedPublication]
) -> None:
    page = browser.get(PAGE).text
    current, earlier = page.split('id="precedenti"')
    for words in (
        "avviso-corretto.pdf.p7m",
        publications[1].sha256,
        publications[1].enclosed_sha256,
        "ROSSI MARIO",
        "Firmato, con riserve",
        "giovedì 9 aprile 2020",
        "Momento dichiarato da chi ha firmato, non provato",
        "non aveva liste europee di fiducia",
    ):
        assert words is not None
        assert words in current.replace("&#39;", "'"), words
    for words in ("avviso.pdf", publications[0].sha256, "BIANCHI ANNA", "mercoledì 8 aprile 2020"):
        assert words in earlier, words
    assert "INDETERMINATE" in current[current.index("<details") :], "the standard's codes are folded away"
    assert "INDETERMINATE" not in current[: current.index("<details")]


def test_s22_nobodys_tax_code_is_on_a_public_page(
    browser: Browser, publications: tuple[SignedPublication, SignedPublication]
) -> None:
    assert [each["signer"]["tax_code"] for each in publications[1].report["signatures"]] == ["RSSMRA80A01H501U"]
    assert not re.search(r"\b[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]\b", browser.get(PAGE).text)


def test_s22_a_code_that_stands_in_the_name_itself_is_left_out() -> None:
    card = {"common_name": "RSSMRA80A01H501U/7420012345.x", "given_name": "MARIO", "surname": "ROSSI", "tax_code": ""}
    nameless = {"common_name": "bncnna80a41h50mu", "given_name": "", "surname": "", "tax_code": "BNCNNA80A41H50MU"}
    shown = for_anyone(
        {
            "sentence": "Firmato da RSSMRA80A01H501U/7420012345.x, bncnna80a41h50mu: la firma è integra e verificata.",
            "signatures": [
                {"signer": {**card, "organization": ""}},
                {"signer": {**nameless, "organization": "Regione"}},
            ],
        }
    )
    assert shown["sentence"] == "Firmato da ROSSI MARIO, Regione: la firma è integra e verificata."
    assert [each["signer"]["tax_code"] for each in shown["signatures"]] == ["", ""]


@settings(max_examples=40, deadline=None)
@given(
    before=st.text("ABC xyz_-/:.", max_size=8),
    after=st.text("ABC xyz_-/:.", max_size=8),
    code=st.sampled_from(["RSSMRA80A01H501U", "rssmra80a01h501u", "RSSMRAULALMHRLMU"]),
    claimed=st.booleans(),
    named=st.booleans(),
)
def test_s22_no_text_of_a_report_keeps_a_signers_code(
    before: str, after: str, code: str, claimed: bool, named: bool
) -> None:
    """Whatever stands around it; where the certificate does not say which its code is, letters that touch it hide it."""
    name = f"{before}{code}{after}"
    names = {"given_name": "MARIO", "surname": "ROSSI"} if named else {"given_name": "", "surname": ""}
    signer = {"common_name": name, "tax_code": code if claimed else "", "organization": "", **names}
    told = {
        "sentence": f"Firmato da {name}.",
        "problems": [{"technical": f"CN={name}"}],
        "signatures": [{"signer": signer}],
    }
    alone = not (before[-1:].isalpha() or after[:1].isalpha())
    if claimed or alone:
        assert code.lower() not in json.dumps(for_anyone(told)).lower()


def test_s22_a_short_number_in_a_certificate_takes_nothing_out_of_times_hashes_and_words() -> None:
    signer = {"common_name": "BIANCHI ANNA", "tax_code": "0", "given_name": "", "surname": "", "organization": ""}
    told = {"verdict": "signed", "signatures": [{"signer": signer, "claimed_time": AT.isoformat(), "sha256": "0" * 64}]}
    (shown,) = for_anyone(told)["signatures"]
    assert (shown["claimed_time"], shown["sha256"]) == (AT.isoformat(), "0" * 64)
    assert shown["signer"] == {**signer, "tax_code": ""}


def test_s22_the_notice_itself_says_which_document_is_signed(
    browser: Browser, publications: tuple[SignedPublication, SignedPublication]
) -> None:
    page = browser.get("/avvisi/SAR20").text
    assert page.count("Firmato, con riserve: ROSSI MARIO") == 1
    assert "Firmato" not in browser.get("/avvisi/TOS09").text


def test_s22_the_age_of_the_trusted_lists_is_that_of_the_day_of_the_verification(
    publications: tuple[SignedPublication, SignedPublication],
) -> None:
    issued = [(AT - timedelta(days=days)).isoformat() for days in (3, 40)]
    lists = [{"territory": "IT", "sequence": 1, "issued_at": each, "next_update": None} for each in issued]
    report = {**publications[0].report, "trust": {**publications[0].report["trust"], "lists": lists}}
    (shown,) = shown_publications([SignedPublication(report=report, published_at=AT, verdict=Verdict.signed)])
    assert (shown.lists, shown.oldest_days, shown.signers) == (2, 40, ("BIANCHI ANNA",))


def test_s22_the_files_are_handed_out_as_they_are_and_never_run(
    browser: Browser, publications: tuple[SignedPublication, SignedPublication]
) -> None:
    file, inside = f"{PAGE}/firmato/{publications[1].id}", f"{PAGE}/firmato/{publications[1].id}/contenuto"
    for path, data, kind, name in (
        (file, ENVELOPED, "application/pkcs7-mime", "avviso-corretto.pdf.p7m"),
        (inside, ACT, "application/pdf", "avviso-corretto.pdf"),
    ):
        answer = browser.get(path)
        assert (answer.status_code, answer.data, answer.mimetype) == (200, data, kind)
        assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert f"{PAGE}/firmato/{publications[0].id}" in browser.get(PAGE).text, "the earlier one stays"
    assert browser.get(f"{PAGE}/firmato/{publications[0].id}/contenuto").status_code == 404, "a PDF holds no other"


def test_s22_another_notices_document_is_not_reached_by_guessing(
    browser: Browser, publications: tuple[SignedPublication, SignedPublication]
) -> None:
    for elsewhere in (
        "/avvisi/BAS20/documenti/announcement",
        "/avvisi/SAR20-PROVA-1/documenti/notice",
        "/avvisi/SAR20/documenti/framework_agreement",
    ):
        assert browser.get(elsewhere).status_code == 200
        for path in ("", "/contenuto"):
            assert browser.get(f"{elsewhere}/firmato/{publications[1].id}{path}").status_code == 404
    assert browser.get(f"{PAGE}/firmato/00000000-0000-4000-8000-000000000000").status_code == 404


def test_s22_a_notice_whose_act_is_not_published_says_so(browser: Browser) -> None:
    page = browser.get("/avvisi/SAR20-PROVA-1/documenti/notice").text.replace("&#39;", "'")
    assert "L'ufficio non ha ancora pubblicato qui il file firmato." in page
    assert "Scarica il file firmato" not in page


def test_s22_the_page_is_there_in_english(
    browser: Browser, publications: tuple[SignedPublication, SignedPublication]
) -> None:
    page = browser.get(f"{PAGE}?lingua=en").text
    for words in (
        "The signed document",
        "Earlier publications",
        "Download the signed file",
        "Signed, with reservations",
    ):
        assert words in page, words


def test_s22_a_withdrawn_act_says_so_and_stays_listed(browser: Browser, standing_service: Service) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examination, "run_apart", lambda work, given, hear, **_: work(given, hear))
        file = DepositedFile("accordo.pdf", sign_pdf_as("rossi", ACT))
        told = {"key": "framework_agreement", "operator": "terminale:prova"}
        made = publish_document(standing_service, "SAR20", file, at=AT, **told)
    why = {"act": "Det. <41>/2020", "reason": "Era la bozza"}
    withdraw_publication(standing_service, "SAR20", made.number, **why, at=AT + timedelta(days=1), **told)
    page = browser.get("/avvisi/SAR20/documenti/framework_agreement").text
    current, earlier = page.split('id="precedenti"')
    for words in ("è stato ritirato: non è in vigore", "Det. &lt;41&gt;/2020: Era la bozza", "giovedì 9 aprile 2020"):
        assert words in current, words
    assert "ROSSI MARIO" not in current
    for words in ("accordo.pdf", made.sha256, "<strong>Ritirato</strong>", "Det. &lt;41&gt;/2020: Era la bozza"):
        assert words in earlier, words
    file_page = f"/avvisi/SAR20/documenti/framework_agreement/firmato/{made.id}"
    assert browser.get(file_page).data == file.data, "what was published can still be checked"
    line = browser.get("/avvisi/SAR20").text.split('documenti/framework_agreement"')[1].split("</li>")[0]
    assert "verificato" not in line, "in the list of the notice's documents nothing is in force"
