"""What anyone reads about a notice (rows B1, B2, B4, B8, S7, S21 to S25)."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from urllib.parse import unquote

import pytest
from markupsafe import escape
from werkzeug.test import Client

from intake.clock import ROME
from intake.notices.sourced import rome_instant
from intake.people.sign_in import WAYS_IN
from intake.service import Service
from intake.web.frame.markdown import as_html
from tests.intake.web.conftest import Browser, doors_of


@pytest.fixture
def service(standing_service: Service) -> Service:
    return standing_service


def at(service: Service, instant: datetime) -> Client:
    """A browser at another instant."""
    return Client(doors_of(dataclasses.replace(service, clock=lambda: instant)))


def test_closed_notices_say_so_with_their_dates_and_rehearsals_are_marked(browser: Browser, service: Service) -> None:
    page = browser.get("/").text
    assert page.count("Chiuso") == len(service.packs)
    assert page.count("Prova:") == len(service.packs)
    assert "lunedì 31 agosto 2020" in page
    assert "mercoledì 8 aprile 2020, ore 9:00" in page
    assert '<time datetime="2020-04-08T09:00:00+02:00">' in page


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "Può preparare la domanda. L'invio apre"), (0, "L'invio è aperto da")],
)
def test_the_opening_instant_belongs_to_the_window(service: Service, seconds: int, words: str) -> None:
    opening = rome_instant(service.packs["sardegna-2020"].windows.opens_at.value) + timedelta(seconds=seconds)
    assert words in at(service, opening).get("/avvisi/SAR20").text


def test_credentials_are_asked_for_from_the_stated_instant(service: Service) -> None:
    accreditation = service.packs["basilicata-2020"].accreditation
    assert accreditation.available_from is not None
    assert accreditation.online_form is not None
    start = rome_instant(accreditation.available_from)
    code = service.packs["basilicata-2020"].register_code
    before = at(service, start - timedelta(seconds=1)).get(f"/avvisi/{code}/accreditamento").text
    after = at(service, start).get(f"/avvisi/{code}/accreditamento").text
    assert accreditation.online_form not in before
    assert "lunedì 30 marzo 2020, ore 16:00" in before
    assert accreditation.online_form in after


def test_a_notice_tells_what_who_when_how_documents_and_help(browser: Browser, service: Service) -> None:
    for pack in service.packs.values():
        page = browser.get(f"/avvisi/{pack.register_code}").text
        for heading in (
            "Chi può fare domanda",
            "Quando",
            "Come",
            "Documenti da allegare",
            "Documenti dell'avviso",
            "Aiuto",
        ):
            assert heading in page.replace("&#39;", "'"), (pack.id, heading)
        for desk in pack.help_desks:
            assert all(phone in page for phone in desk.phones)
            assert desk.email is None or f"mailto:{desk.email}" in page
        assert pack.administration.name in page
        absent = [way for way in pack.sign_in if way.way not in WAYS_IN]
        assert page.count("non è ancora attivo su questo servizio") == len(absent), (
            "no door is promised that is not there"
        )


def test_every_text_of_every_notice_is_there_to_read(browser: Browser, service: Service) -> None:
    for pack in service.packs.values():
        root = f"/avvisi/{pack.register_code}"
        for path, text in (("vademecum", pack.texts.vademecum), ("privacy", pack.texts.privacy)):
            answer = browser.get(f"{root}/{path}")
            assert answer.status_code == 200
            assert as_html(pack.markdown(text)) in answer.text
        for document in pack.documents:
            page = browser.get(f"{root}/documenti/{document.key}")
            assert page.status_code == 200
            file = browser.get(f"{root}/documenti/{document.key}/file")
            assert file.status_code == (200 if document.file else 404)
        assert browser.get(f"{root}/documenti/niente").status_code == 404


def test_employment_centres_are_listed_with_address_and_mail(browser: Browser, service: Service) -> None:
    page = browser.get("/avvisi/SAR20/uffici").text.replace("&#39;", "'")
    centres = service.packs["sardegna-2020"].employment_centres
    assert centres
    for centre in centres:
        assert centre.name in page
        assert centre.address.street in page.replace("&#39;", "'")
        assert f"mailto:{centre.email}" in page


def test_the_privacy_notice_lists_the_processors_and_how_long(browser: Browser, service: Service) -> None:
    privacy = service.packs["sardegna-2020"].privacy
    page = browser.get("/avvisi/SAR20/privacy").text.replace("&#39;", "'")
    assert f"{privacy.kept_years} anni" in page
    assert all(name in page for name in privacy.processors)


def test_a_rehearsal_wears_its_banner_with_both_clocks(browser: Browser) -> None:
    page = browser.get("/").text
    code = page.split("Prova:")[0].rsplit('href="/avvisi/', 1)[1].split('"')[0]
    rehearsal = browser.get(f"/avvisi/{code}").text
    assert "PROVA:" in rehearsal
    assert "nessun effetto" in rehearsal
    assert str(datetime.now(ROME).year) in rehearsal
    assert "PROVA:" not in browser.get("/avvisi/SAR20").text


def test_the_footer_has_the_links_the_law_asks_for(browser: Browser) -> None:
    page = browser.get("/").text
    for hook in ("privacy-policy-link", "legal-notes", "accessibility-link", "faq", "report-inefficiency"):
        assert f'data-element="{hook}"' in page
    assert 'data-element="personal-area-login"' in page
    assert 'data-element="main-navigation"' in page
    assert "Amministrazione trasparente" in page
    for path in ("/privacy", "/note-legali", "/accessibilita", "/assistenza"):
        assert browser.get(path).status_code == 200


def test_a_problem_reaches_the_technical_desk_with_its_reference(browser: Browser) -> None:
    page = browser.get("/assistenza?riferimento=1A2B3C4D").text
    assert "1A2B3C4D</code>" in page
    subject = page.split("?subject=")[1].split("&amp;body=")[0]
    assert unquote(subject) == "Problema con lo Sportello CIG in deroga · 1A2B3C4D"
    assert "<script>" not in browser.get("/assistenza?riferimento=<script>").text


def test_html_in_a_notice_stays_text() -> None:
    made = as_html("# Titolo\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))\n\n## Sotto")
    assert made.startswith("<h2>Titolo</h2>")
    assert "<h3>Sotto</h3>" in made
    assert "<script>" not in made
    assert 'href="javascript' not in made


NOTICE_PAGES = ("", "/vademecum", "/accreditamento", "/privacy", "/documenti/notice")


@pytest.mark.parametrize("page", NOTICE_PAGES)
def test_in_english_a_notice_says_once_why_its_texts_are_in_italian(browser: Browser, page: str) -> None:
    why = "The notice is published in Italian only."
    english = browser.get(f"/avvisi/SAR20-PROVA-1{page}?lingua=en").text
    assert english.count(why) == 1
    assert english.index(why) < english.index('lang="it"', english.index("</h1>"))
    assert "pubblicato solo in italiano" not in browser.get(f"/avvisi/SAR20-PROVA-1{page}?lingua=it").text


def test_a_notice_tells_the_terms_that_follow_the_filing_and_when_they_pass(browser: Browser, service: Service) -> None:
    """N8, S11, S12, S14: how long, from what, by which rule, and what happens after."""
    pack = service.packs["sardegna-2020"]
    page = browser.get("/avvisi/SAR20-PROVA-1?lingua=it").text
    told = page[page.index('id="termini"') : page.index('id="documenti"')]
    assert pack.terms
    for rule in pack.terms.values():
        for words in (rule.starts_from, rule.citation, rule.when_passed):
            assert str(escape(words)) in told, words
    for length in ("5 giorni lavorativi", "10 giorni", "48 ore", "6 mesi"):
        assert length in told, length
    assert str(escape(pack.receipt.explanation)) in told
