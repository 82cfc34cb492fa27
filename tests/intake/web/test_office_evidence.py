"""Evidence on screen: cuts of what was read, the officer's word beside it, documents against each other (C7, N4, N6)."""

from __future__ import annotations

import io
import re
import uuid

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from intake.applications.models import Application
from intake.cases.models import ReviewedValue
from intake.checks.models import CheckRun, ExtractedValue, ValueStatus
from tests.intake.web.conftest import CODE, Office
from tests.intake.web.registered_cases import ALTERED, FORGED

SUBJECT = f"field:{ALTERED}"


def kept(office: Office, application_id: uuid.UUID, field: str) -> ExtractedValue:
    with office.service.transaction() as session:
        return session.scalars(
            select(ExtractedValue).where(ExtractedValue.application_id == application_id, ExtractedValue.field == field)
        ).one()


def test_n6_every_cell_of_a_returned_form_is_kept_with_its_evidence(standing_office: Office) -> None:
    with standing_office.service.transaction() as session:
        run = session.scalars(select(CheckRun).where(CheckRun.application_id == standing_office.altered)).one()
        cells = [cell for cell in run.reading["cells"] if cell["page_source"]]
        rows = session.scalars(select(ExtractedValue).where(ExtractedValue.run_id == run.id)).all()
    assert sorted(row.field for row in rows) == sorted(cell["name"] for cell in cells)
    forged = next(row for row in rows if row.field == ALTERED)
    assert (forged.issued, forged.value, forged.status) == ("128", FORGED, "differs")
    assert forged.engine not in {"", "verified"}
    assert 0 < forged.confidence <= 1
    cell = next(cell for cell in cells if cell["name"] == ALTERED)
    assert forged.box == {"points": [cell["box"][side] for side in ("left", "top", "right", "bottom")]}
    assert (forged.form_page, [str(forged.document_id), forged.page]) == (cell["page"], list(cell["page_source"]))


def test_n6_the_cut_of_a_value_is_served_to_who_reads_the_case_and_is_kept_nowhere(standing_office: Office) -> None:
    value = kept(standing_office, standing_office.altered, ALTERED)
    path = f"/ufficio/pratiche/{standing_office.altered}/letture/{value.id}"
    answer = standing_office.browser("revisore").get(path)
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert "no-store" in answer.headers["Cache-Control"]
    with Image.open(io.BytesIO(answer.data)) as image:
        assert image.width < 250


@pytest.mark.parametrize("username", ["protocollo", "amministratore"])
def test_n6_no_cut_for_roles_that_read_no_cases(standing_office: Office, username: str) -> None:
    value = kept(standing_office, standing_office.altered, ALTERED)
    for path in (f"letture/{value.id}", "riscontri/1/0"):
        answer = standing_office.browser(username).get(f"/ufficio/pratiche/{standing_office.altered}/{path}")
        assert answer.status_code == 403


def test_n6_no_cut_for_strangers_or_under_another_case(standing_office: Office) -> None:
    value = kept(standing_office, standing_office.altered, ALTERED)
    path = f"/ufficio/pratiche/{standing_office.altered}/letture/{value.id}"
    stranger = standing_office.browser().get(path)
    assert stranger.status_code in {302, 303}
    assert "accesso" in stranger.headers["Location"]
    officer = standing_office.browser("istruttore")
    assert officer.get(f"/ufficio/pratiche/{standing_office.first}/letture/{value.id}").status_code == 404
    assert officer.get(f"/ufficio/pratiche/{standing_office.altered}/letture/999999999").status_code == 404
    assert officer.get(f"/ufficio/pratiche/{standing_office.altered}/riscontri/99/0").status_code == 404


def test_n6_what_was_read_stays_whatever_the_officer_says(office_cases: Office) -> None:
    browser = office_cases.browser("istruttore")
    reason = {"motivo": "connected_case", "testo": "Stessa azienda"}
    assert browser.post(f"/ufficio/coda/{CODE}/scelta/{office_cases.altered}", reason).status_code == 303
    case, before = f"/ufficio/pratiche/{office_cases.altered}", kept(office_cases, office_cases.altered, ALTERED)
    for sent in (
        {"esito": "accepted"},
        {"esito": "accepted", "si_legge": "letto", "nota": "le ore in più non valgono"},
        {"esito": "corrected", "valore": "186"},
        {"esito": "rejected", "nota": "illeggibile"},
    ):
        assert browser.post(f"{case}/dati", {"dato": SUBJECT, **sent}).status_code == 303
    with office_cases.service.transaction() as session:
        said = session.scalars(select(ReviewedValue).order_by(ReviewedValue.id)).all()
        assert [each.seen for each in said] == ["128", FORGED, "186", None]
        assert {each.extracted_id for each in said} == {before.id}
    after = kept(office_cases, office_cases.altered, ALTERED)
    assert (after.value, after.issued, after.confidence) == (before.value, before.issued, before.confidence)


def test_c7_a_few_sure_values_are_drawn_for_comparison_always_the_same(standing_office: Office) -> None:
    browser, case = standing_office.browser("istruttore"), f"/ufficio/pratiche/{standing_office.altered}"
    drawn = []
    for _ in range(2):
        section = browser.get(case).text.split("Controllo a campione")[1].split("</details>\n")[0]
        drawn.append(re.findall(r'<li class="riga agrees[^"]*" id="[^"]*" data-dato="([^"]+)"', section)[:3])
    assert len(set(drawn[0])) == 3
    assert drawn[0] == drawn[1]
    digital = browser.get(f"/ufficio/pratiche/{standing_office.first}").text
    assert "Controllo a campione" not in digital, "a text layer is compared exactly: there is nothing to measure"


def test_n4_the_workers_stand_beside_each_document_with_both_sources_at_a_click(standing_office: Office) -> None:
    browser, case = standing_office.browser("istruttore"), f"/ufficio/pratiche/{standing_office.altered}"
    page = browser.get(case).text
    table = page.split("Riscontro tra i documenti")[1]
    assert "1 lavoratore da guardare" in table
    link = re.search(r'class="segno-riscontro differs" href="([^"]+)"', table)
    assert link
    chosen = browser.get(link[1].replace("&amp;", "&")).text
    assert "Le fonti su DE LUCA ANTONIO" in chosen
    pictures = re.findall(r'src="([^"]+/riscontri/2/[01])"', chosen)
    seen = [browser.get(path) for path in pictures]
    assert [(each.status_code, each.mimetype) for each in seen] == [(200, "image/webp")] * 2
    assert seen[0].data != seen[1].data
    assert "128" in chosen.split("Le fonti su")[1]
    assert FORGED in chosen.split("Le fonti su")[1]


def test_n6_the_table_only_grows(standing_office: Office) -> None:
    for statement in ("UPDATE extracted_value SET value = 'x'", "DELETE FROM extracted_value"):
        with (
            pytest.raises(DBAPIError, match="permission denied"),
            standing_office.service.transaction() as session,
        ):
            session.connection().exec_driver_sql(statement)
    with (
        standing_office.service.database.owner_engine() as owner,
        pytest.raises(DBAPIError, match="only ever added"),
        owner.begin() as connection,
    ):
        connection.exec_driver_sql("DELETE FROM extracted_value")
    with standing_office.service.transaction() as session:
        assert session.scalar(select(func.count()).select_from(ExtractedValue))


def test_c7_a_doubtful_value_of_the_agreement_is_settled_like_a_cell(office_cases: Office) -> None:
    with office_cases.service.transaction() as session:
        run = session.scalars(select(CheckRun).where(CheckRun.application_id == office_cases.altered)).one()
        paper = next(
            each.id for each in session.get_one(Application, office_cases.altered).documents if each.attachment_key
        )
        for field, value, status in (("direct_payment", "false", "doubtful"), ("date", "2020-04-03", "read")):
            session.add(
                ExtractedValue(
                    run_id=run.id,
                    application_id=office_cases.altered,
                    document_id=paper,
                    page=1,
                    form_page=None,
                    box={"points": [10.0, 20.0, 90.0, 40.0]},
                    field=f"union_agreement.{field}",
                    engine="rapidocr",
                    raw="anticipo",
                    value=value,
                    confidence=0.5,
                    rules=["advance_by_firm"],
                    issued=None,
                    status=ValueStatus(status),
                )
            )
    browser = office_cases.browser("istruttore")
    reason = {"motivo": "connected_case", "testo": "Stessa azienda"}
    assert browser.post(f"/ufficio/coda/{CODE}/scelta/{office_cases.altered}", reason).status_code == 303
    case, subject = f"/ufficio/pratiche/{office_cases.altered}", f"read:{paper}:union_agreement.direct_payment"
    page = browser.get(case).text
    section = page.split("Valori letti negli altri documenti")[1].split("</section>")[0]
    assert re.findall(r'class="riga (\w+)', section) == ["doubtful", "read"]
    assert "Pagamento diretto dell&#39;INPS" in section
    assert "03/04/2020" in section
    assert "advance by firm" in section
    cut = browser.get(re.search(r'src="([^"]+/letture/\d+)"', section)[1])  # type: ignore[index]
    assert cut.mimetype == "image/webp"
    assert browser.post(f"{case}/ammissibile").status_code == 422
    sent = {"dato": subject, "esito": "corrected", "valore": "sì"}
    assert browser.post(f"{case}/dati", sent).status_code == 303
    with office_cases.service.transaction() as session:
        said = session.scalars(select(ReviewedValue)).one()
        assert (said.subject, said.value, said.seen) == (subject, "true", "true")
    page = browser.get(case).text
    assert "Verificato: Pagamento diretto dell&#39;INPS." in page
    assert re.search(r"Corretto\s*: <strong>sì</strong>", page)
