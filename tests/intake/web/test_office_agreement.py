"""The union agreement on the review: each value with its cut, for who may read the case and nobody else (C7, N6)."""

from __future__ import annotations

import io
import re
import sys
import uuid
from pathlib import Path

from PIL import Image
from sqlalchemy import select

from intake.applications.models import Application
from intake.applications.returns import Incoming, receive
from intake.applications.transmission import transmit
from intake.checks.models import CheckRun
from intake.checks.readiness import readiness_of
from intake.checks.run import perform_check
from intake.service import Service
from tests.intake.applications_made import person_named
from tests.intake.web.conftest import Office
from tests.intake.web.registered_cases import _issued, _signed

sys.path.insert(0, str(Path(__file__).parents[2] / "ocr"))

from agreement_papers import COMPLETE, paper


def registered_with_agreement(service: Service, agreement: bytes) -> uuid.UUID:
    """A registered case whose form came back with an agreement; its checks have read both."""
    at = service.clock()
    application_id, issued, _ = _issued(service, "ALFA SRL", "Forno dell'accordo", at)
    files = [_signed(service, issued, at), Incoming("accordo.pdf", agreement, "union_agreement")]
    with service.transaction() as session:
        receive(service, session, person_named(session, "consulente"), application_id, files, at=at)
    with service.transaction() as session:
        run_id = session.scalars(select(CheckRun.id).where(CheckRun.application_id == application_id)).one()
    perform_check(service, run_id)
    with service.transaction() as session:
        consultant, application = (
            person_named(session, "consulente"),
            session.get_one(Application, application_id),
        )
        asked = [each.key for each in readiness_of(service, session, application, consultant, at=at).asking]
        transmit(service, session, consultant, application_id, confirmed=asked, at=at)
    return application_id


def findings_of(service: Service, application_id: uuid.UUID) -> set[str]:
    with service.transaction() as session:
        run = session.scalars(select(CheckRun).where(CheckRun.application_id == application_id)).one()
        return {each.code for each in run.findings if each.code.startswith("agreement.")}


def test_c7_an_agreement_sent_with_the_form_is_read_shown_and_cut_out(office_cases: Office) -> None:
    case = registered_with_agreement(office_cases.service, paper(*COMPLETE))
    assert "agreement.other_firm" in findings_of(office_cases.service, case)

    officer = office_cases.browser("istruttore")
    page = officer.get(f"/ufficio/pratiche/{case}").text
    card = page.split('<h2 id="accordo">', 1)[1].split("</section>", 1)[0]
    assert "Il documento è un accordo raggiunto." in card
    assert 'href="#carte"' in card
    values = page.split('<h2 id="carte">', 1)[1].split("</section>", 1)[0]
    for value in ("Forno Prova S.r.l.", "06/04/2020", "FILCAMS CGIL; UILTUCS UIL; RSU"):
        assert page.count(f"<dd>{value}</dd>") == values.count(f"<dd>{value}</dd>") == 1, value

    cut = officer.get(re.search(r'src="([^"]+)" alt="Ritaglio: Data sul documento"', values)[1])
    assert (cut.status_code, cut.mimetype, cut.headers["Cache-Control"]) == (200, "image/webp", "no-store")
    with Image.open(io.BytesIO(cut.data)) as picture:
        assert picture.width > picture.height > 10
        assert picture.convert("L").getextrema()[0] < 100


def test_c7_a_case_without_agreement_shows_no_card(standing_office: Office) -> None:
    page = standing_office.browser("istruttore").get(f"/ufficio/pratiche/{standing_office.first}").text
    assert '<h2 id="accordo">' not in page
