"""A run of checks: requested in the transaction that received the documents, performed by a worker, once or twice alike."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import ARRAY, String, Uuid, any_, bindparam, select, update
from sqlalchemy.orm import Session, selectinload

from intake.applications.firm_check import representatives_of
from intake.applications.lifecycle import Actor, lock, move
from intake.applications.models import Application, DocumentKind, IssuedForm, ReturnedDocument
from intake.checks.agreement_question import agreement_question
from intake.checks.child import ExaminationFailed, examine_apart
from intake.checks.evidence import evidence_of, record_evidence
from intake.checks.examination import ReceivedFile, Request
from intake.checks.finding import Examination, Finding, storable
from intake.checks.models import CheckRun, RunState, StoredFinding
from intake.checks.paper_question import paper_question
from intake.checks.reconciliation_case import lists_brought, readings_of, reconcile_case, reconciliation_findings
from intake.checks.severity import Severity
from intake.checks.signature_findings import SignerNames
from intake.checks.stamp_question import stamp_papers, stamp_question, uses_in
from intake.notices.pack import NoticePack
from intake.outward_proxies import outward_proxies
from intake.people.mandates import active_mandates
from intake.queue import CHECK_RETURN, enqueue
from intake.service import Service
from intake.stamp_ledger.ledger import record_uses
from signing.revocation import RevocationPolicy

_SHARE_OF_LIMIT = 0.9
"""Of the time after which a run is given up: the steps end before it, so that what they found is not lost."""

log = structlog.get_logger()


def request_check(session: Session, application: Application, form: IssuedForm, *, at: datetime) -> CheckRun | None:
    """Asks for a look at the documents as they are now; an older run that has not ended no longer counts."""
    session.execute(
        update(CheckRun)
        .where(CheckRun.application_id == application.id, CheckRun.state.in_((RunState.WAITING, RunState.RUNNING)))
        .values(state=RunState.OUTDATED, finished_at=at)
    )
    session.flush()
    session.refresh(application, ["documents"])
    documents = application.current_documents
    if not documents:
        return None
    run = CheckRun(
        application_id=application.id,
        form=form.form,
        documents={"ids": [str(document.id) for document in documents]},
        state=RunState.WAITING,
        requested_at=at,
    )
    session.add(run)
    session.flush()
    enqueue(session, CHECK_RETURN, lock=f"check:{application.id}", run_id=str(run.id))
    return run


def current_run(session: Session, application: Application) -> CheckRun | None:
    """The run over the documents as they are now, if one was requested."""
    return current_runs(session, [application]).get(application.id)


def current_runs(session: Session, applications: Sequence[Application]) -> dict[uuid.UUID, CheckRun]:
    """The same for many at once, by application, their findings read too; those without one are left out."""
    forms = {form.form: each for each in applications if (form := each.current_form)}
    runs = session.scalars(_RUNS, {"applications": [each.id for each in applications], "forms": list(forms)})
    found = {}
    for run in runs:
        application = forms[run.form]
        documents = {str(document.id) for document in application.current_documents}
        if set(run.documents["ids"]) == documents:
            found[application.id] = run
    return found


_RUNS = (
    select(CheckRun)
    .where(
        CheckRun.application_id == any_(bindparam("applications", type_=ARRAY(Uuid))),
        CheckRun.form == any_(bindparam("forms", type_=ARRAY(String))),
        CheckRun.state != RunState.OUTDATED,
    )
    .order_by(CheckRun.requested_at)
    .options(selectinload(CheckRun.findings))
)


def perform_check(service: Service, run_id: uuid.UUID) -> None:
    """Does the work of one run, in three transactions: begun, progress, ended. Run again, it begins again.

    A run that gets no answer within the stated time is given up and says so: a person looks instead.
    """
    request = _begin(service, run_id)
    if request is None:
        return
    try:
        result, state = _examined(service, run_id, request)
    except RunOutdated:
        return
    _end(service, run_id, storable(result), state)


class RunOutdated(Exception):
    """Other documents came while these were looked at: nobody needs the answer any more."""


def _examined(service: Service, run_id: uuid.UUID, request: Request) -> tuple[Examination, RunState]:
    """The whole look; where it gives no answer, the signatures alone: what is broken or a stranger's still refuses."""

    def told(step: str, done: int, total: int) -> None:
        _progress(service, run_id, step, done, total)

    seconds = service.settings.check_seconds
    try:
        return examine_apart(request, told, seconds=seconds), RunState.DONE
    except ExaminationFailed as failure:
        log.warning("check_given_up", run=str(run_id), reason=failure.reason)
    try:
        signatures = examine_apart(replace(request, read_pages=False), told, seconds=seconds)
    except ExaminationFailed as failure:
        log.warning("check_failed", run=str(run_id), reason=failure.reason)
        return Examination((_unopenable(),)), RunState.GIVEN_UP
    return replace(signatures, findings=(*signatures.findings, given_up_finding())), RunState.GIVEN_UP


def _begin(service: Service, run_id: uuid.UUID) -> Request | None:
    with service.transaction() as session:
        run = session.get(CheckRun, run_id, with_for_update=True)
        if run is None or run.state not in {RunState.WAITING, RunState.RUNNING}:
            return None
        run.state, run.started_at = RunState.RUNNING, service.clock()
        application = session.get_one(Application, run.application_id)
        documents = session.scalars(
            select(ReturnedDocument)
            .where(ReturnedDocument.id.in_([uuid.UUID(each) for each in run.documents["ids"]]))
            .order_by(ReturnedDocument.received_at, ReturnedDocument.name)
        )
        return _request(service, session, application, session.get_one(IssuedForm, run.form), list(documents))


def _request(
    service: Service, session: Session, application: Application, form: IssuedForm, documents: list[ReturnedDocument]
) -> Request:
    edition = application.edition
    mandates = active_mandates(session, application.employer_id)
    authority = service.keys.rehearsal_authority(edition.register_code) if edition.is_rehearsal else None
    return Request(
        files=tuple(
            ReceivedFile(str(each.id), each.name, service.store.get(each.sha256), each.attachment_key)
            for each in documents
        ),
        form=form.form,
        issued_pdf=service.store.get(form.pdf_sha256),
        form_map=json.dumps(form.form_map).encode(),
        form_keys=(service.keys.form_public_key(edition.register_code).public_bytes_raw(),),
        superseded_forms=tuple(old.form for old in application.forms if old.superseded_at),
        signers=SignerNames(
            firm=form.data["employer"]["name"],
            representative=_representative(session, application, form.data["representative"]),
            others=tuple((each.person.tax_code, each.person.full_name) for each in mandates),
            rehearsal=edition.is_rehearsal,
        ),
        identified_strongly=False,
        trust_folder=service.settings.trust_folder,
        revocation=revocation_policy(service),
        consents=_consents(service.pack_of(edition), form.data),
        own_anchor=authority.certificate.public_bytes(Encoding.DER) if authority else None,
        at=service.clock(),
        most_pages=service.settings.most_pages,
        own_seals=frozenset(service.keys.seals(edition.register_code).known()),
        stamps=stamp_question(session, application, form, service.pack_of(edition), at=service.clock()),
        stamp_papers=stamp_papers(service.pack_of(edition)),
        papers=paper_question(application, service.pack_of(edition), service.store),
        agreement=agreement_question(service.pack_of(edition), form.data, edition.own_clock(service.clock())),
        seconds=_SHARE_OF_LIMIT * service.settings.check_seconds,
    )


def _consents(pack: NoticePack, data: Mapping[str, Any]) -> tuple[str, ...]:
    """Titles of the consents on the form that the legal representative alone gives, those the notice cannot do without."""
    printed = {each["key"] for each in data["consents"]}
    return tuple(
        rule.title
        for rule in pack.consents
        if rule.key in printed and rule.required and rule.given_by == "legal_representative"
    )


def revocation_policy(service: Service) -> RevocationPolicy | None:
    """What may be asked over the network about revocation; None where the settings permit nothing."""
    settings = service.settings
    if not settings.revocation_online:
        return None
    return RevocationPolicy(
        now=service.clock(),
        seconds=settings.revocation_seconds,
        cache=settings.revocation_cache,
        private_addresses=settings.revocation_private_addresses,
        proxies=outward_proxies(settings.proxy),
    )


def _representative(session: Session, application: Application, typed: dict[str, str]) -> tuple[str, str]:
    """Tax code and name of who must sign: a representative in force, the one typed only where none is known."""
    known = representatives_of(session, application)
    if not known:
        return typed["tax_code"], f"{typed['given_name']} {typed['surname']}"
    person = next((each for each in known if each.tax_code == typed["tax_code"]), known[0])
    return person.tax_code, person.full_name


def _progress(service: Service, run_id: uuid.UUID, step: str, done: int, total: int) -> None:
    with service.transaction() as session:
        still = session.execute(
            update(CheckRun)
            .where(CheckRun.id == run_id, CheckRun.state == RunState.RUNNING)
            .values(step=step, steps_done=done, steps_total=total)
            .returning(CheckRun.id)
        ).all()
    if not still:
        raise RunOutdated


def _end(service: Service, run_id: uuid.UUID, result: Examination, state: RunState) -> None:
    with service.transaction() as session:
        application_id = session.get_one(CheckRun, run_id).application_id
        application = lock(session, application_id)
        run = session.get_one(CheckRun, run_id, with_for_update=True, populate_existing=True)
        if run.state is not RunState.RUNNING:
            return
        at = service.clock()
        run.state, run.finished_at = state, at
        run.verdicts, run.reading, run.stamps = result.verdicts, result.reading, result.stamps
        record_evidence(session, run, evidence_of(result))
        run.declarations, run.identity, run.stack = result.declarations, result.identity, result.stack
        run.agreement, run.worker_list = result.agreement, result.worker_list
        form = next((each.id for each in application.current_documents if each.kind is DocumentKind.FORM), None)
        record_uses(session, application, uses_in(result.stamps, form), at=at)
        findings = (*result.findings, *_across_documents(service, session, application, run))
        session.add_all(_stored(run_id, place, finding) for place, finding in enumerate(findings))
        counts = {kind: sum(each.severity is kind for each in findings) for kind in Severity}
        move(
            session,
            application,
            "checks_ended",
            actor=Actor.SYSTEM,
            person=None,
            at=at,
            errors=counts[Severity.ERROR],
            warnings=counts[Severity.WARNING],
        )


def _across_documents(service: Service, session: Session, application: Application, run: CheckRun) -> list[Finding]:
    """What the documents say differently from one another, once all are read."""
    form, pack = session.get_one(IssuedForm, run.form), service.pack_of(application.edition)
    lists = lists_brought(session, application.id)
    found = reconcile_case(form, readings_of(run), application.current_documents, pack, lists=lists)
    return reconciliation_findings(found)


def _stored(run_id: uuid.UUID, place: int, finding: Finding) -> StoredFinding:
    return StoredFinding(
        run_id=run_id,
        position=place,
        code=finding.code,
        severity=finding.severity,
        message=finding.message,
        remedy=finding.remedy,
        law=finding.law,
        technical=finding.technical,
        document_id=uuid.UUID(finding.document) if finding.document else None,
        page=finding.page,
        box={"points": finding.box.as_list()} if finding.box else None,
        field=finding.field,
    )


def given_up_finding() -> Finding:
    """What is said when the checks gave no answer in time: the person may go on in words, an officer looks."""
    return Finding(
        "checks.given_up",
        Severity.WARNING,
        "I controlli automatici non sono arrivati in fondo: guarderà i file una persona.",
        "Può inviare la domanda lo stesso: i file sono conservati come li ha caricati.",
    )


def _unopenable() -> Finding:
    return Finding(
        "file.unopenable",
        Severity.ERROR,
        "Uno dei file non si lascia aprire: non abbiamo potuto nemmeno cercare le firme.",
        "Salvi o scansioni di nuovo il documento in PDF e lo carichi al posto di quello.",
    )


def patience(service: Service) -> timedelta:
    """After this a run that has not ended no longer holds its case back."""
    return timedelta(seconds=service.settings.check_seconds)
