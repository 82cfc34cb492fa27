"""Three registered cases of a rehearsal: two signed digitally, one scanned with an altered worker cell. All synthetic."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PIL import Image
from sqlalchemy import select

from intake.applications.draft import open_draft, save_draft
from intake.applications.issue import issue_form
from intake.applications.models import Application, Receipt
from intake.applications.receipts import make_receipt
from intake.applications.returns import Incoming, receive
from intake.applications.transmission import transmit
from intake.checks.models import CheckRun
from intake.checks.readiness import readiness_of
from intake.checks.run import perform_check
from intake.people.models import Employer
from intake.service import Service
from ocr.form_map import FormMap
from ocr.simulation import CellEdit, simulate_scan
from tests.intake.applications_made import complete_draft, person_named, rehearsal_of

NOTICE = "sardegna-2020"
ALTERED = "workers.2.requested_hours"
FORGED = "188"


def register_case(service: Service, firm: str, unit: str, *, altered: bool = False) -> uuid.UUID:
    """Files one application of ``firm`` as its consultant would, up to the protocol number and the receipts."""
    at = service.clock()
    application_id, issued, form_map = _issued(service, firm, unit, at)
    files = _scanned(issued, form_map) if altered else [_signed(service, issued, at)]
    with service.transaction() as session:
        receive(service, session, person_named(session, "consulente"), application_id, files, at=at)
    with service.transaction() as session:
        run_id = session.scalars(select(CheckRun.id).where(CheckRun.application_id == application_id)).one()
    perform_check(service, run_id)
    with service.transaction() as session:
        consultant = person_named(session, "consulente")
        application = session.get_one(Application, application_id)
        asked = [each.key for each in readiness_of(service, session, application, consultant, at=at).asking]
        transmit(service, session, consultant, application_id, confirmed=asked, at=at)
    _make_receipts(service, application_id)
    return application_id


def receive_only(service: Service, firm: str, unit: str) -> uuid.UUID:
    """An application whose signed form came back and that nobody transmitted: its document waits."""
    at = service.clock()
    application_id, issued, _ = _issued(service, firm, unit, at)
    with service.transaction() as session:
        signed = [_signed(service, issued, at)]
        receive(service, session, person_named(session, "consulente"), application_id, signed, at=at)
    return application_id


def _issued(service: Service, firm: str, unit: str, at: datetime) -> tuple[uuid.UUID, bytes, FormMap]:
    def complete(draft: dict[str, Any]) -> dict[str, Any]:
        done = complete_draft(draft)
        return done | {"unit": done["unit"] | {"name": unit}}

    with service.transaction() as session:
        consultant = person_named(session, "consulente")
        employer = session.scalars(select(Employer).where(Employer.name == firm)).one()
        application = open_draft(session, consultant, rehearsal_of(session, NOTICE), employer.id, at=at)
        save_draft(session, consultant, application.id, complete, version=None, at=at)
        form = issue_form(service, session, consultant, application.id, at=at)
        pdf = service.store.get(form.pdf_sha256)
        return application.id, pdf, FormMap.from_json(json.dumps(form.form_map).encode())


def _signed(service: Service, issued: bytes, at: datetime) -> Incoming:
    with service.transaction() as session:
        code = rehearsal_of(session, NOTICE).register_code
    authority = service.keys.rehearsal_authority(code)
    return Incoming("domanda.pdf", authority.sign_pdf(issued, "Mario", "Rossi", "RSSMRA68C02I452O", at))


def _scanned(issued: bytes, form_map: FormMap) -> list[Incoming]:
    altered = next(field for field in form_map.fields if field.name == ALTERED)
    edit = CellEdit(altered.page, altered.box, FORGED, altered.font, altered.size)
    signatures: Sequence[Any] = [zone for zone in form_map.zones if zone.kind == "signature"]
    scan = simulate_scan(
        issued, seed=3, dpi=200, level="clean", signatures=signatures, signer="Mario Rossi", edits=[edit]
    )
    assert isinstance(scan, bytes)
    return [Incoming("scansione.pdf", scan), Incoming("documento.png", _identity_document(), "identity_document")]


def _identity_document() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (420, 260), (222, 232, 240)).save(out, "PNG")
    return out.getvalue()


def _make_receipts(service: Service, application_id: uuid.UUID) -> None:
    with service.transaction() as session:
        owed = list(session.scalars(select(Receipt.id).where(Receipt.application_id == application_id)))
    for receipt_id in owed:
        make_receipt(service, receipt_id)
