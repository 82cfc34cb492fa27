"""Queue and review on screen: order, holdings, the altered cell first and its box in place, settling (C7, S8, N1, N6)."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import unquote
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from intake.applications.models import Application, State, Submission
from intake.cases.case import case_of, form_pages
from intake.cases.field_names import field_words
from intake.cases.models import Holding, ReviewedValue
from intake.cases.page_images import DrawingBusy, PageImages
from intake.cases.queue import AlreadyHeld, take_chosen
from intake.cases.review import review_of
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.taken_cases import take_next
from tests.intake.web.conftest import CODE, Browser, Office
from tests.intake.web.registered_cases import ALTERED, FORGED

QUEUE = f"/ufficio/coda/{CODE}"
SUBJECT = f"field:{ALTERED}"


def take_altered(office: Office) -> tuple[Browser, str]:
    browser = office.browser("istruttore")
    reason = {"motivo": "connected_case", "testo": "Stessa azienda"}
    assert browser.post(f"{QUEUE}/scelta/{office.altered}", reason).status_code == 303
    return browser, f"/ufficio/pratiche/{office.altered}"


def take_shown_next(browser: Browser) -> TestResponse:
    shown = re.findall(r'name="mostrata" value="([^"]+)"', browser.get(QUEUE).text)[0]
    return browser.post(f"{QUEUE}/prossima", {"mostrata": shown})


def test_s8_the_queue_is_in_order_of_legal_instant_to_the_millisecond(standing_office: Office) -> None:
    page = standing_office.browser("istruttore").get(QUEUE).text
    assert re.findall(r'class="numero-protocollo"[^>]*>(\d{7})<', page) == ["0000001", "0000002", "0000003"]
    instants = re.findall(r'<td data-label="Istante legale"><time datetime="([^"]+)"', page)
    assert instants == sorted(instants)
    assert all(re.search(r"\.\d{3}[+-]", each) for each in instants)


def test_n2_the_receipt_of_registration_never_stands_before_the_registration(standing_office: Office) -> None:
    page = standing_office.browser("generale").get(f"/ufficio/pratiche/{standing_office.first}").text
    told = re.search(r'Ricevuta di registrazione · <time datetime="([^"]+)"', page)
    with standing_office.service.transaction() as session:
        registered = session.scalars(
            select(Submission.registered_at).where(Submission.application_id == standing_office.first)
        ).one()
    assert told
    assert datetime.fromisoformat(told[1]) == registered.replace(microsecond=registered.microsecond // 1000 * 1000)


def test_s8_who_takes_no_cases_sees_one_next_and_no_list_of_their_own(standing_office: Office) -> None:
    page = standing_office.browser("generale").get(QUEUE).text
    assert page.count("è la prossima") == 1
    assert "Le mie pratiche in mano" not in page
    assert "Le mie pratiche in mano" in standing_office.browser("istruttore").get(QUEUE).text


def test_s8_the_next_is_the_oldest_and_nobody_else_gets_it(office_cases: Office) -> None:
    first, second = office_cases.browser("istruttore"), office_cases.browser("istruttore2")
    assert str(office_cases.first) in take_shown_next(first).headers["Location"]
    assert str(office_cases.altered) in take_shown_next(second).headers["Location"]
    taken = {"motivo": "other", "testo": "x"}
    assert "non è più in coda" in second.get(second.post(f"{QUEUE}/scelta/{office_cases.first}", taken).location).text


def test_s8_pressed_twice_the_button_gives_the_case_it_showed_and_no_other(office_cases: Office) -> None:
    browser, other = office_cases.browser("istruttore"), office_cases.browser("istruttore2")
    shown = {"mostrata": re.findall(r'name="mostrata" value="([^"]+)"', browser.get(QUEUE).text)[0]}
    assert shown["mostrata"] == str(office_cases.first)
    for _ in range(2):
        assert str(office_cases.first) in browser.post(f"{QUEUE}/prossima", shown).headers["Location"]
    late = other.post(f"{QUEUE}/prossima", shown)
    assert (late.status_code, "n. 0000001 è già in esame da un altro istruttore" in late.text) == (409, True)
    assert f'name="mostrata" value="{office_cases.altered}"' in late.text
    early = other.post(f"{QUEUE}/prossima", {"mostrata": str(office_cases.third)})
    assert (early.status_code, "prima viene la n. 0000002" in early.text) == (422, True)
    for unseen in ({"mostrata": str(uuid4())}, {"mostrata": f"{office_cases.altered}x"}, {}):
        assert other.post(f"{QUEUE}/prossima", unseen).status_code == 404
    with office_cases.service.transaction() as session:
        session.get_one(Application, office_cases.first).state = State.ADMISSIBLE
        session.get_one(Application, office_cases.altered).state = State.WITHDRAWN
    for gone in (office_cases.first, office_cases.altered):
        told = other.post(f"{QUEUE}/prossima", {"mostrata": str(gone)})
        assert (told.status_code, "non è più in coda" in told.text, "già in esame" in told.text) == (409, True, False)
    with office_cases.service.transaction() as session:
        held = session.scalars(select(Holding.application_id).where(Holding.released_at.is_(None))).all()
        assert held == [office_cases.first]


def test_s8_two_officers_at_the_same_instant_never_hold_one_case(office_cases: Office) -> None:
    service = office_cases.service

    def take(username: str) -> bool:
        try:
            with service.transaction() as session:
                officer = person_named(session, username)
                take_chosen(session, officer, office_cases.first, at=service.clock(), patience=600)
        except AlreadyHeld:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, ["istruttore", "istruttore2"])) == [False, True]
    with service.transaction() as session:
        held = session.scalars(select(Holding).where(Holding.released_at.is_(None))).all()
        assert len(held) == 1


def test_s8_out_of_order_needs_a_reason_and_says_that_it_is_published(office_cases: Office) -> None:
    browser = office_cases.browser("istruttore")
    choice = f"{QUEUE}/scelta/{office_cases.third}"
    assert "si pubblica" in browser.get(choice).text
    for incomplete in ({}, {"motivo": "court_order"}, {"testo": "perché sì"}, {"motivo": "invented", "testo": "x"}):
        refused = browser.post(choice, incomplete)
        assert refused.status_code == 422
        assert "0000001" in refused.text
    assert browser.post(choice, {"motivo": "court_order", "testo": "TAR, ord. 3/2026"}).status_code == 303
    with office_cases.service.transaction() as session:
        holding = session.scalars(select(Holding)).one()
        assert (holding.out_of_order, holding.reason_code, holding.reason) == (True, "court_order", "TAR, ord. 3/2026")


def test_s8_a_case_given_back_has_its_place_again(office_cases: Office) -> None:
    browser, other = office_cases.browser("istruttore"), office_cases.browser("istruttore2")
    take_shown_next(browser)
    back = f"{QUEUE}/restituzione/{office_cases.first}"
    assert other.post(back).status_code == 404
    assert browser.post(back).status_code == 303
    assert str(office_cases.first) in take_shown_next(other).headers["Location"]


def test_c7_the_altered_cell_comes_first_with_what_was_issued_and_what_was_read(standing_office: Office) -> None:
    page = standing_office.browser("istruttore").get(f"/ufficio/pratiche/{standing_office.altered}").text
    rows = re.findall(r'<li class="riga (\w+)[^"]*" id="[^"]*" data-dato="([^"]*)"', page)
    assert rows[0] == ("differs", SUBJECT)
    states = [state for state, _ in rows]
    assert states == sorted(states, key=["differs", "doubtful", "agrees", "empty"].index)
    first = page[page.index(f'data-dato="{SUBJECT}" data-pagina') :][:1500]
    assert "Lavoratore 2, ore richieste" in first
    assert ">128<" in first
    assert f'<mark class="diverso">{FORGED}</mark>' in first


def test_n1_the_box_lies_over_the_altered_cell_of_the_scan_as_received(standing_office: Office) -> None:
    """The forged digits are found where the screen draws the box, on the scan itself, not on the issued page."""
    service, browser = standing_office.service, standing_office.browser("istruttore")
    page = browser.get(f"/ufficio/pratiche/{standing_office.altered}").text
    found = re.search(rf'class="riquadro differs[^"]*" data-dato="{re.escape(SUBJECT)}" points="([^"]+)"', page)
    assert found
    corners = np.array([[float(each) for each in point.split(",")] for point in found[1].split()])
    with service.transaction() as session:
        case = case_of(session, standing_office.altered)
        field = next(each for each in case.form.form_map["fields"] if each["name"] == ALTERED)
        placed = form_pages(case)[field["page"] - 1]
        assert placed.placed
        matrix = np.array(placed.to_issued).reshape(3, 3)
        document = placed.document.id
    moved = matrix @ np.column_stack([corners, np.ones(4)]).T
    back = (moved[:2] / moved[2]).T
    box = field["box"]
    assert np.allclose(back[0], [box["left"], box["top"]], atol=0.05)
    assert np.allclose(back[2], [box["right"], box["bottom"]], atol=0.05)
    picture = browser.get(f"/ufficio/pratiche/{standing_office.altered}/documenti/{document}/pagine/{placed.page}")
    with Image.open(io.BytesIO(picture.data)) as image:
        scale = 130 / 72
        left, top = corners.min(axis=0) * scale
        right, bottom = corners.max(axis=0) * scale
        inside = np.asarray(image.convert("L").crop((int(left) + 4, int(top) + 4, int(right) - 4, int(bottom) - 4)))
    assert (inside < 110).any(), "the box holds the forged figures"


def test_c7_the_page_is_shown_in_three_ways_and_each_is_a_picture(standing_office: Office) -> None:
    browser, case = standing_office.browser("revisore"), f"/ufficio/pratiche/{standing_office.altered}"
    seen = set()
    for view in ("restituito", "emesso", "sovrapposti"):
        page = browser.get(f"{case}?pagina=2&vista={view}").text
        source = re.search(r'<image href="([^"]+)"', page)
        assert source
        picture = browser.get(source[1])
        assert (picture.status_code, picture.mimetype) == (200, "image/webp")
        seen.add(picture.data)
    assert len(seen) == 3
    cut = browser.get(f"{case}/ritagli/2/{ALTERED}")
    with Image.open(io.BytesIO(cut.data)) as image:
        assert image.width < 200
    assert browser.get(f"{case}/ritagli/1/{ALTERED}").status_code == 404
    assert browser.get(f"{case}/modulo/pagine/9").status_code == 404


def test_c7_the_case_is_read_also_while_its_pictures_wait_for_others(
    standing_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise DrawingBusy

    monkeypatch.setattr(PageImages, "sizes", busy)
    monkeypatch.setattr(PageImages, "picture", busy)
    browser, case = standing_office.browser("istruttore"), f"/ufficio/pratiche/{standing_office.altered}"
    page = browser.get(case)
    assert (page.status_code, "sta già preparando le immagini" in page.text) == (200, True)
    assert f'<mark class="diverso">{FORGED}</mark>' in page.text
    paper = re.search(rf'href="({case}/documenti/[^"/#]+)["#]', page.text)
    assert paper
    document = browser.get(paper[1])
    assert (document.status_code, "sta già preparando le immagini" in document.text) == (200, True)
    picture = browser.get(f"{paper[1]}/pagine/1")
    assert (picture.status_code, picture.headers.get("Retry-After")) == (503, "5")


def test_c7_only_who_holds_the_case_settles(office_cases: Office) -> None:
    _, case = take_altered(office_cases)
    other = office_cases.browser("istruttore2")
    assert "accepted" not in other.get(case).text
    assert other.post(f"{case}/dati", {"dato": SUBJECT, "esito": "accepted"}).status_code == 404
    assert other.post(f"{case}/ammissibile").status_code == 404
    with office_cases.service.transaction() as session:
        assert session.scalars(select(ReviewedValue)).all() == []


def test_n6_each_value_is_settled_by_somebody_with_a_value_or_a_note(office_cases: Office) -> None:
    browser, case = take_altered(office_cases)
    for wrong in ({"esito": "corrected"}, {"esito": "rejected"}, {"esito": "forse"}, {}):
        assert browser.post(f"{case}/dati", {"dato": SUBJECT, **wrong}).status_code == 422
    assert browser.post(f"{case}/dati", {"dato": "field:niente", "esito": "accepted"}).status_code == 422
    sent = browser.post(f"{case}/dati", {"dato": SUBJECT, "esito": "corrected", "valore": FORGED, "nota": "conferma"})
    assert sent.status_code == 303
    assert SUBJECT not in unquote(sent.headers["Location"])
    row = browser.get(f"{case}?dato={SUBJECT}").text.split(f'data-dato="{SUBJECT}" data-pagina')[1][:2500]
    assert re.search(r"Corretto\s*: <strong>188</strong>", row)
    assert "Marco Conti" in row
    assert "Verificato: Lavoratore 2, ore richieste." in browser.get(case).text


def test_c7_admissible_only_when_everything_is_settled(office_cases: Office) -> None:
    browser, case = take_altered(office_cases)
    refused = browser.post(f"{case}/ammissibile")
    assert refused.status_code == 422
    assert "Ci sono ancora" in refused.text
    with office_cases.service.transaction() as session:
        found = case_of(session, office_cases.altered)
        review = review_of(session, found.application, found.form, found.run)
        subjects = [row.subject for row in review.open_rows] + [f"finding:{each.id}" for each in review.open_findings]
    for subject in subjects:
        assert browser.post(f"{case}/dati", {"dato": subject, "esito": "accepted"}).status_code == 303
    assert browser.post(f"{case}/ammissibile").status_code == 303
    with office_cases.service.transaction() as session:
        assert session.get_one(Application, office_cases.altered).state is State.ADMISSIBLE
        assert len(session.scalars(select(ReviewedValue)).all()) == len(subjects)
    assert browser.post(f"{case}/dati", {"dato": SUBJECT, "esito": "accepted"}).status_code == 404


def test_s12_not_admitted_needs_reasons_and_their_rule(office_cases: Office) -> None:
    browser, case = take_altered(office_cases)
    for incomplete in ({"motivi": "Ore cambiate"}, {"norma": "art. 5"}, {"motivi": " ", "norma": " "}):
        assert browser.post(f"{case}/non-ammessa", incomplete).status_code == 422
    assert browser.post(f"{case}/non-ammessa", {"motivi": "Ore cambiate", "norma": "Avviso, art. 5"}).status_code == 303
    with office_cases.service.transaction() as session:
        assert session.get_one(Application, office_cases.altered).state is State.NOT_ADMITTED


def test_c7_a_digital_return_needs_no_eyes(office_cases: Office) -> None:
    service = office_cases.service
    with service.transaction() as session:
        edition = rehearsal_of(session, "sardegna-2020")
        take_next(session, person_named(session, "istruttore"), edition, at=service.clock(), patience=600)
    browser, case = office_cases.browser("istruttore"), f"/ufficio/pratiche/{office_cases.first}"
    page = browser.get(case).text
    assert "Nessun dato da guardare" in page
    assert browser.get(re.search(r'<image href="([^"]+)"', page)[1]).status_code == 200  # type: ignore[index]
    assert browser.post(f"{case}/ammissibile").status_code == 303


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("workers.3.requested_hours", "Lavoratore 3, ore richieste"),
        ("employer.tax_code", "Azienda, codice fiscale"),
        ("unit.address.postal_code", "Unità produttiva, CAP"),
        ("periods.1.from", "Periodo 1, dal"),
        ("weeks_requested", "Settimane richieste"),
        ("something.new", "something.new"),
    ],
)
def test_c7_values_have_names_that_the_office_understands(name: str, words: str) -> None:
    assert field_words(name) == words


def test_c7_every_value_of_the_form_has_a_name(standing_office: Office) -> None:
    with standing_office.service.transaction() as session:
        fields = case_of(session, standing_office.altered).form.form_map["fields"]
        unnamed = [field["name"] for field in fields if field_words(field["name"]) == field["name"]]
    assert unnamed == []
