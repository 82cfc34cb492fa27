"""What each worker signs: one prefilled page a worker, printed with the form where the notice asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intake.applications.models import Application, IssuedForm
from intake.notices.models import NoticeEdition
from intake.notices.pack import NoticePack
from intake.notices.papers import Attachment
from intake.service import Service
from intake.typesetting.availability_form import AvailabilityTexts, typeset_availability
from intake.typesetting.rehearsal import rehearsal_mark


@dataclass(frozen=True, slots=True)
class WorkerPaper:
    """One PDF of declarations as issued: its own form number, the application's form it goes with, its hash and pages."""

    key: str
    form: str
    application_form: str
    pdf_sha256: str
    pages: int
    superseded: bool


def printed_for_workers(pack: NoticePack) -> Attachment | None:
    """The attachment that the service prints for each worker, None where the notice asks for none."""
    return next((each for each in pack.attachments if each.statement is not None), None)


def issue_worker_papers(
    service: Service, edition: NoticeEdition, data: Mapping[str, Any], *, form: str, at: datetime
) -> dict[str, Any]:
    """Prints and keeps the declarations of the workers of ``data``; what ``IssuedForm.worker_papers`` holds.

    Empty where the notice asks for none. Raises ``TypesettingError``.
    """
    pack = service.pack_of(edition)
    attachment = printed_for_workers(pack)
    if attachment is None:
        return {}
    parts = typeset_availability(
        dict(data),
        application_form=form,
        notice=_texts(pack, attachment, rehearsal=edition.is_rehearsal),
        key=service.keys.form_key(edition.register_code),
        issued_at=at,
        rehearsal=rehearsal_mark(edition, at),
    )
    for part in parts:
        service.store.put(part.pdf)
    return {
        attachment.key: [{"form": part.form, "pdf_sha256": part.sha256, "pages": part.pages} for part in parts],
    }


def worker_papers_of(form: IssuedForm) -> tuple[WorkerPaper, ...]:
    """The declarations printed with a form, in order."""
    return tuple(
        WorkerPaper(key, part["form"], form.form, part["pdf_sha256"], part["pages"], form.superseded_at is not None)
        for key, parts in (form.worker_papers or {}).items()
        for part in parts
    )


def all_worker_papers(application: Application) -> tuple[WorkerPaper, ...]:
    """Those of every form that the application ever had, the newest form's first.

    What a worker signed stays true when hours are corrected and the form is issued again.
    """
    return tuple(paper for form in reversed(application.forms) for paper in worker_papers_of(form))


def _texts(pack: NoticePack, attachment: Attachment, *, rehearsal: bool) -> AvailabilityTexts:
    assert attachment.statement is not None
    paragraphs = pack.markdown(attachment.statement).split("\n\n")
    return AvailabilityTexts(
        administration=pack.administration.name,
        office=pack.administration.office,
        notice_title=f"{pack.title}{' (PROVA)' if rehearsal else ''}",
        title=attachment.title,
        statement=tuple(" ".join(each.split()) for each in paragraphs if each.strip()),
        law=attachment.citation,
        signing="Il lavoratore firma a mano nel riquadro. Le pagine firmate si scansionano insieme, in qualunque ordine.",
    )
