"""Applications brought to a stage by the services themselves, for tests of what comes after."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

from sqlalchemy import select

from intake.applications.draft import open_draft, save_draft
from intake.applications.issue import issue_form
from intake.applications.models import Application, IssuedForm, ReturnedDocument, State
from intake.applications.returns import Incoming, receive
from intake.applications.transmission import transmit
from intake.checks.finding import Examination, Finding
from intake.checks.models import CheckRun, RunState
from intake.checks.run import perform_check
from intake.checks.severity import Severity
from intake.people.models import Employer
from intake.service import Service
from tests.intake.applications_made import complete_draft, person_named, rehearsal_of

SARDEGNA = "sardegna-2020"


def in_unit(draft: dict[str, Any], unit: str) -> dict[str, Any]:
    made = complete_draft(draft)
    return made | {"unit": made["unit"] | {"name": unit}}


def issued(
    service: Service,
    *,
    by: str = "consulente",
    firm: str = "ALFA SRL",
    unit: str = "Forno di via Sonnino",
    at: datetime | None = None,
) -> tuple[uuid.UUID, bytes]:
    """An application with its form in force: identifier and PDF."""
    at = at or service.clock()
    with service.transaction() as session:
        person, edition = person_named(session, by), rehearsal_of(session, SARDEGNA)
        employer = session.scalars(select(Employer).where(Employer.name == firm)).one()
        application = open_draft(session, person, edition, employer.id, at=at)
        save_draft(session, person, application.id, lambda draft: in_unit(draft, unit), version=None, at=at)
        form = issue_form(service, session, person, application.id, at=at)
        return application.id, service.store.get(form.pdf_sha256)


def sent_back(service: Service, application_id: uuid.UUID, *files: Incoming, by: str = "consulente") -> uuid.UUID:
    """The files received; the identifier of the run of checks they ask for."""
    with service.transaction() as session:
        receive(service, session, person_named(session, by), application_id, list(files), at=service.clock())
        return newest_run(session, application_id).id


def newest_run(session: Any, application_id: uuid.UUID) -> CheckRun:
    return session.scalars(
        select(CheckRun)
        .where(CheckRun.application_id == application_id, CheckRun.state != RunState.OUTDATED)
        .order_by(CheckRun.requested_at.desc())
    ).first()


@contextmanager
def examination_finds(*findings: Finding, reading: dict[str, Any] | None = None) -> Iterator[None]:
    """For tests of what the service does with findings: the documents themselves are not looked at."""
    with patch("intake.checks.run.examine_apart", lambda *_, **__: Examination(findings, {}, reading)):
        yield


def checked(service: Service, application_id: uuid.UUID, *findings: Finding, reading: Any = None) -> uuid.UUID:
    """A file received and its checks ended with these findings."""
    run_id = sent_back(service, application_id, Incoming("domanda.pdf", b"%PDF-1.7 " + application_id.bytes))
    with examination_finds(*findings, reading=reading):
        perform_check(service, run_id)
    return run_id


def finding(code: str, severity: Severity = Severity.WARNING) -> Finding:
    return Finding(code, severity, f"Rilievo {code}.", "Controlli.")


def sent(
    service: Service, application_id: uuid.UUID, *, by: str = "consulente", confirmed: tuple[str, ...] = ()
) -> Any:
    with service.transaction() as session:
        return transmit(
            service, session, person_named(session, by), application_id, confirmed=confirmed, at=service.clock()
        )


def copies(
    service: Service, application_id: uuid.UUID, count: int, *, unit: str | None = None, last_day: str | None = None
) -> list[uuid.UUID]:
    """Applications like a checked one, each of a unit of its own unless told, without typesetting each."""
    made = []
    with service.transaction() as session:
        first = session.get_one(Application, application_id)
        form, document = first.current_form, first.current_documents[0]
        for number in range(count):
            periods = [period | {"to": last_day or period["to"]} for period in first.draft["periods"]]
            change = {"unit": first.draft["unit"] | {"name": unit or f"Unità {number}"}, "periods": periods}
            row = Application(
                edition_id=first.edition_id,
                employer_id=first.employer_id,
                opened_by=first.opened_by,
                state=State.ISSUED,
                draft=first.draft | change,
                created_at=first.created_at,
                updated_at=first.updated_at,
            )
            session.add(row)
            session.flush()
            copy = IssuedForm(
                form=f"COPIA-{row.id.hex[:10]}",
                application_id=row.id,
                issued_at=form.issued_at,
                issued_by=form.issued_by,
                pdf_sha256=form.pdf_sha256,
                pages=form.pages,
                data=form.data | change,
                form_map=form.form_map,
            )
            file = ReturnedDocument(
                application_id=row.id,
                kind=document.kind,
                attachment_key=None,
                name=document.name,
                sha256=document.sha256,
                size=document.size,
                media_type=document.media_type,
                origin=document.origin,
                received_at=document.received_at,
                received_by=document.received_by,
            )
            session.add_all([copy, file])
            session.flush()
            session.add(
                CheckRun(
                    application_id=row.id,
                    form=copy.form,
                    documents={"ids": [str(file.id)]},
                    state=RunState.DONE,
                    requested_at=first.created_at,
                    finished_at=first.created_at,
                )
            )
            made.append(row.id)
    return made
