"""Pictures and files of a case, for those of the office who may read it."""

from __future__ import annotations

import io
from uuid import UUID

from flask import Blueprint, Response, send_file
from flask.typing import ResponseReturnValue

from intake.applications.models import Receipt
from intake.cases.case import Case, FormPage, case_of, form_pages
from intake.cases.page_drawing import PageOrder, View
from intake.cases.page_images import PageImages, cut_out
from intake.checks.signature_paper import signature_paper, signature_xml
from intake.errors import NotFound
from intake.people.models import Role
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, service, session

screens = Blueprint("case_pages", __name__)

READERS = (Role.OFFICER, Role.DIRECTOR, Role.DIRECTOR_GENERAL, Role.AUDITOR)
SCREEN_DPI, MINIATURE_DPI = 130, 24
_CUT_MARGIN = 5.0
_CASE = "/pratiche/<uuid:application_id>"


def page_images() -> PageImages:
    return PageImages(service().settings.data / "page-images")


@route(screens, f"{_CASE}/documenti/<uuid:document_id>/pagine/<int(min=1,max=2000):page>", allow=Roles(*READERS))
def document_page(application_id: UUID, document_id: UUID, page: int) -> ResponseReturnValue:
    """A page of a document as it was received."""
    return _webp(_received(case_of(session(), application_id), document_id, page, SCREEN_DPI))


@route(screens, f"{_CASE}/documenti/<uuid:document_id>/miniature/<int(min=1,max=2000):page>", allow=Roles(*READERS))
def miniature(application_id: UUID, document_id: UUID, page: int) -> ResponseReturnValue:
    """The same, small."""
    return _webp(_received(case_of(session(), application_id), document_id, page, MINIATURE_DPI))


@route(screens, f"{_CASE}/modulo/pagine/<int(min=1,max=2000):page>", allow=Roles(*READERS))
def issued_page(application_id: UUID, page: int) -> ResponseReturnValue:
    """A page of the form as it was issued."""
    return _webp(issued_picture(case_of(session(), application_id), page))


@route(screens, f"{_CASE}/modulo/sovrapposte/<int(min=1,max=2000):page>", allow=Roles(*READERS))
def overlay(application_id: UUID, page: int) -> ResponseReturnValue:
    """The returned page laid over the issued one: what is only on one of them is coloured."""
    return _webp(laid_picture(case_of(session(), application_id), page, "overlay"))


@route(screens, f"{_CASE}/ritagli/<int(min=1,max=2000):page>/<field>", allow=Roles(*READERS))
def cut(application_id: UUID, page: int, field: str) -> ResponseReturnValue:
    """What stands, on the returned page, in the box of one value of the form."""
    case = case_of(session(), application_id)
    found = [each for each in case.form.form_map["fields"] if each["name"] == field and each["page"] == page]
    if not found:
        raise NotFound
    box = found[0]["box"]
    place = (box["left"], box["top"], box["right"], box["bottom"])
    return _webp(cut_out(laid_picture(case, page, "laid"), place, SCREEN_DPI, _CUT_MARGIN))


@route(screens, f"{_CASE}/documenti/<uuid:document_id>/file", allow=Roles(*READERS))
def document_file(application_id: UUID, document_id: UUID) -> ResponseReturnValue:
    """The bytes as received, to save: never shown inside the service."""
    document = case_of(session(), application_id).document(document_id)
    return _download(service().store.get(document.sha256), document.name)


@route(screens, f"{_CASE}/documenti/<uuid:document_id>/verifica.pdf", allow=Roles(*READERS))
def signature_report(application_id: UUID, document_id: UUID) -> ResponseReturnValue:
    """What the checks said of a file's signatures, as a sealed paper."""
    case = case_of(session(), application_id)
    document = case.document(document_id)
    pdf = signature_paper(service(), case.application, case.run, document, at=now())
    return _download(pdf, f"verifica-{case.submission.number_shown}-{document.received_at:%Y%m%d-%H%M%S}.pdf")


@route(screens, f"{_CASE}/documenti/<uuid:document_id>/verifica.xml", allow=Roles(*READERS))
def signature_report_xml(application_id: UUID, document_id: UUID) -> ResponseReturnValue:
    """The same for programs (ETSI TS 119 102-2)."""
    case = case_of(session(), application_id)
    document = case.document(document_id)
    xml = signature_xml(case.run, document)
    return _download(xml, f"verifica-{case.submission.number_shown}-{document.received_at:%Y%m%d-%H%M%S}.xml")


@route(screens, f"{_CASE}/modulo/file", allow=Roles(*READERS))
def form_file(application_id: UUID) -> ResponseReturnValue:
    """The form as it was issued."""
    case = case_of(session(), application_id)
    return _download(_issued(case), f"modulo-{case.form.form}.pdf")


@route(screens, f"{_CASE}/ricevute/<uuid:receipt_id>", allow=Roles(*READERS))
def receipt_file(application_id: UUID, receipt_id: UUID) -> ResponseReturnValue:
    """A receipt that the sender was given."""
    case_of(session(), application_id)
    receipt = session().get(Receipt, receipt_id)
    if receipt is None or receipt.application_id != application_id or receipt.pdf_sha256 is None:
        raise NotFound
    return _download(service().store.get(receipt.pdf_sha256), f"ricevuta-{receipt.kind.value}.pdf")


def issued_picture(case: Case, number: int) -> bytes:
    """Page ``number`` of the form as it was issued. Raises ``NotFound``, ``PageNotDrawable``."""
    _form_page(case, number)
    return page_images().picture(PageOrder(_issued(case), "modulo", number, SCREEN_DPI))


def laid_picture(case: Case, number: int, view: View) -> bytes:
    """The returned copy of page ``number`` laid over the issued one. Raises ``NotFound``, ``PageNotDrawable``."""
    page = _form_page(case, number)
    if page.document is None:
        raise NotFound
    return page_images().picture(
        PageOrder(
            data=service().store.get(page.document.sha256),
            name=page.document.name,
            page=page.page,
            dpi=SCREEN_DPI,
            view=view,
            to_issued=page.to_issued,
            sheet=case.sheet,
            issued=_issued(case) if view == "overlay" else b"",
            issued_page=number,
        )
    )


def _form_page(case: Case, number: int) -> FormPage:
    found = next((each for each in form_pages(case) if each.number == number), None)
    if found is None:
        raise NotFound
    return found


def _received(case: Case, document_id: UUID, page: int, dpi: int) -> bytes:
    document = case.document(document_id)
    return page_images().picture(PageOrder(service().store.get(document.sha256), document.name, page, dpi))


def _issued(case: Case) -> bytes:
    return service().store.get(case.form.pdf_sha256)


def _webp(picture: bytes) -> Response:
    return Response(picture, mimetype="image/webp")


def _download(data: bytes, name: str) -> Response:
    return send_file(io.BytesIO(data), mimetype="application/octet-stream", as_attachment=True, download_name=name)
