"""What the checks said of the signatures of one returned file, as papers to keep: a sealed PDF, and the standard's XML."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import structlog

from intake.applications.models import Application, ReturnedDocument
from intake.checks.models import CheckRun
from intake.errors import NotFound, Refusal
from intake.sealing import seal_paper
from intake.service import Service
from intake.typesetting.rehearsal import rehearsal_mark
from intake.typesetting.signature_report import ReportFacts, typeset_signature_report
from signing.seal_pkcs11 import TokenUnavailable

_LOG = structlog.get_logger()


class SealUnavailable(Refusal):
    code = "seal_unavailable"
    message = "Il rapporto è pronto, ma in questo momento il dispositivo che lo sigilla non risponde."
    remedy = "Riprovi tra qualche minuto: l'esito dei controlli è conservato e non cambia."
    status = HTTPStatus.SERVICE_UNAVAILABLE


def signature_report_of(run: CheckRun | None, document: ReturnedDocument) -> Mapping[str, Any]:
    """The report kept for ``document``. Raises ``NotFound`` where the checks have not looked at it."""
    report = (run.verdicts or {}).get(str(document.id)) if run else None
    if report is None:
        raise NotFound
    return report  # type: ignore[no-any-return]


def signature_paper(
    service: Service, application: Application, run: CheckRun | None, document: ReturnedDocument, *, at: datetime
) -> bytes:
    """The report as a PDF sealed ``at`` by the edition. Raises ``NotFound``, ``SealUnavailable``, ``KeyMissing``."""
    report = signature_report_of(run, document)
    edition, pack = application.edition, service.pack_of(application.edition)
    facts = ReportFacts(
        administration=pack.administration.name,
        office=pack.administration.office,
        reference=_reference(application, run),
        name=document.name,
        size=document.size,
        sha256=document.sha256,
        received_at=document.received_at,
        asked_at=_asked_at(run, report),
        report=report,
        rehearsal=rehearsal_mark(edition, at),
    )
    xml = signature_xml(run, document) if report["signatures"] else None
    try:
        return seal_paper(
            service,
            typeset_signature_report(facts, xml, at=at),
            edition.register_code,
            reason="Rapporto di verifica delle firme",
            name=pack.administration.name,
            at=at,
        )
    except TokenUnavailable as error:
        _LOG.warning("seal_unavailable", reason=str(error))
        raise SealUnavailable from error


def signature_xml(run: CheckRun | None, document: ReturnedDocument) -> bytes:
    """The report in the XML of ETSI TS 119 102-2. Raises ``NotFound``, also for a file without signatures."""
    from signing.validation_report import validation_report

    report = signature_report_of(run, document)
    if not report["signatures"] or "nested" not in report:
        raise NotFound
    return validation_report(report, at=_asked_at(run, report))


def _asked_at(run: CheckRun | None, report: Mapping[str, Any]) -> datetime:
    """The instant the checks asked for; reports of before kept it with the run alone."""
    if "trust" in report:
        return datetime.fromisoformat(report["trust"]["asked_at"])
    if run is None or run.started_at is None:
        raise NotFound
    return run.started_at


def _reference(application: Application, run: CheckRun | None) -> str:
    if application.submission:
        return f"Domanda n. {application.submission.number_shown}/{application.submission.year}"
    return f"Modulo {run.form}" if run else "Modulo"
