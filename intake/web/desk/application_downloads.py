"""What can be kept of an application: its form, the files received, the receipts. Always as downloads."""

from __future__ import annotations

import io
from uuid import UUID

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from PIL import Image

from intake.applications.models import Application, IssuedForm, ReceiptKind, ReturnedDocument
from intake.applications.worker_papers import worker_papers_of
from intake.cases.annulment_word import letter_for_filer
from intake.checks.run import current_run
from intake.checks.signature_paper import signature_paper, signature_xml
from intake.errors import NotFound
from intake.people.models import Role
from intake.web.desk.application_receipts import receipts_of
from intake.web.desk.application_shown import shown_application
from intake.web.desk.downloads import as_download
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, service, session
from ocr.pages import open_pages

screens = Blueprint("application_downloads", __name__)
_PDF = "application/pdf"
_MINIATURE_DPI = 40
MOST_MINIATURES = 6


@route(screens, "/domande/<uuid:application_id>/modulo.pdf", allow=Roles(Role.FILER))
def form(application_id: UUID) -> ResponseReturnValue:
    """The form in force, or that of the transmission."""
    found = _form_of(shown_application(application_id).application)
    return as_download(service().store.get(found.pdf_sha256), f"{found.form}.pdf", _PDF)


@route(screens, "/domande/<uuid:application_id>/modulo/<int:page>.png", allow=Roles(Role.FILER))
def miniature(application_id: UUID, page: int) -> ResponseReturnValue:
    """A small picture of a page of the form; page numbers count from 1."""
    found = _form_of(shown_application(application_id).application)
    if not 1 <= page <= min(found.pages, MOST_MINIATURES):
        raise NotFound
    pages = open_pages(service().store.get(found.pdf_sha256), name=found.form)
    out = io.BytesIO()
    Image.fromarray(pages[page - 1].image(_MINIATURE_DPI)).save(out, "PNG")
    return Response(out.getvalue(), mimetype="image/png", headers={"Cache-Control": "no-store"})


@route(screens, "/domande/<uuid:application_id>/dichiarazioni/<int:part>.pdf", allow=Roles(Role.FILER))
def worker_paper(application_id: UUID, part: int) -> ResponseReturnValue:
    """The declarations that each worker signs, prefilled with the form; parts count from 1."""
    papers = worker_papers_of(_form_of(shown_application(application_id).application))
    if not 1 <= part <= len(papers):
        raise NotFound
    paper = papers[part - 1]
    return as_download(service().store.get(paper.pdf_sha256), f"{paper.form}.pdf", _PDF)


@route(screens, "/domande/<uuid:application_id>/documenti/<uuid:document_id>", allow=Roles(Role.FILER))
def document(application_id: UUID, document_id: UUID) -> ResponseReturnValue:
    """A file as it was received, byte for byte; one taken out too, because its receipt names it."""
    documents = shown_application(application_id).application.documents
    found = next((each for each in documents if each.id == document_id), None)
    if found is None:
        raise NotFound
    return as_download(service().store.get(found.sha256), found.name)


@route(screens, "/domande/<uuid:application_id>/documenti/<uuid:document_id>/verifica.pdf", allow=Roles(Role.FILER))
def signature_report(application_id: UUID, document_id: UUID) -> ResponseReturnValue:
    """What the checks said of a file's signatures, as a sealed paper."""
    found = shown_application(application_id).application
    document = _current(found, document_id)
    pdf = signature_paper(service(), found, current_run(session(), found), document, at=now())
    return as_download(pdf, f"verifica-{document.received_at:%Y%m%d-%H%M%S}.pdf", _PDF)


@route(screens, "/domande/<uuid:application_id>/documenti/<uuid:document_id>/verifica.xml", allow=Roles(Role.FILER))
def signature_report_xml(application_id: UUID, document_id: UUID) -> ResponseReturnValue:
    """The same for programs (ETSI TS 119 102-2)."""
    found = shown_application(application_id).application
    document = _current(found, document_id)
    xml = signature_xml(current_run(session(), found), document)
    return as_download(xml, f"verifica-{document.received_at:%Y%m%d-%H%M%S}.xml")


@route(screens, "/domande/<uuid:application_id>/ricevute/<uuid:receipt_id>.pdf", allow=Roles(Role.FILER))
def receipt(application_id: UUID, receipt_id: UUID) -> ResponseReturnValue:
    """A sealed receipt, once made."""
    receipts = receipts_of(shown_application(application_id).application)
    found = next((each for each in receipts if each.id == receipt_id and each.pdf_sha256), None)
    if found is None or found.pdf_sha256 is None:
        raise NotFound
    word = "registrato" if found.kind is ReceiptKind.REGISTERED else "ricevuto"
    return as_download(service().store.get(found.pdf_sha256), f"{word}-{found.created_at:%Y%m%d-%H%M%S}.pdf", _PDF)


@route(screens, "/domande/<uuid:application_id>/decisioni/<uuid:word_id>.pdf", allow=Roles(Role.FILER))
def decision(application_id: UUID, word_id: UUID) -> ResponseReturnValue:
    """What the director general wrote about an annulled registration; that it was opened stays on record."""
    shown_application(application_id)
    found = letter_for_filer(session(), application_id, word_id, at=now())
    return as_download(service().store.get(found.letter_sha256), f"decisione-{found.letter_number}.pdf", _PDF)


def _current(application: Application, document_id: UUID) -> ReturnedDocument:
    found = next((each for each in application.current_documents if each.id == document_id), None)
    if found is None:
        raise NotFound
    return found


def _form_of(application: Application) -> IssuedForm:
    wanted = application.submission.form if application.submission else None
    found = next((each for each in application.forms if each.form == wanted), application.current_form)
    if found is None:
        raise NotFound
    return found
