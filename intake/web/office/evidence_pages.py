"""Cuts of pages: where a value was read, and where each document names a worker; for who may read the case."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from intake.cases.case import Case, case_of
from intake.cases.evidence import value_in
from intake.cases.page_drawing import PageOrder
from intake.cases.page_images import cut_out, turned_upright
from intake.checks.reconciliation_witness import Place
from intake.errors import NotFound
from intake.web.frame.access import Roles, route
from intake.web.frame.context import service, session
from intake.web.office.case_pages import READERS, SCREEN_DPI, issued_picture, laid_picture, page_images
from intake.web.office.reconciliation_view import place_in, place_of_figure, reconciliation_of

screens = Blueprint("evidence_pages", __name__)

_MARGIN = 6.0


@route(screens, "/pratiche/<uuid:application_id>/letture/<int:value_id>", allow=Roles(*READERS))
def value_picture(application_id: UUID, value_id: int) -> ResponseReturnValue:
    """The cut around one value; of another case, or of a file without a picture, there is none."""
    case = case_of(session(), application_id)
    value = value_in(session(), application_id, value_id)
    if value.box is None:
        raise NotFound
    left, top, right, bottom = value.box["points"]
    if value.form_page is not None:
        picture = laid_picture(case, value.form_page, "laid")
    else:
        picture = _received(case, value.document_id, value.page)
    return _cut(picture, (left, top, right, bottom))


@route(
    screens,
    "/pratiche/<uuid:application_id>/riscontri/<int(max=100000):row>/<int(max=1000):column>",
    allow=Roles(*READERS),
)
def source_picture(application_id: UUID, row: int, column: int) -> ResponseReturnValue:
    """Where one document (0: the application as issued) names the worker of one row of the reconciliation."""
    case = case_of(session(), application_id)
    found = reconciliation_of(case)
    return _cut_at(case, place_in(found, row, column) if found else None)


@route(
    screens,
    "/pratiche/<uuid:application_id>/differenze/<int(max=100000):number>/<any(domanda, documento):side>",
    allow=Roles(*READERS),
)
def figure_picture(application_id: UUID, number: int, side: str) -> ResponseReturnValue:
    """Where the application, or the other document, states what differs about all workers together."""
    case = case_of(session(), application_id)
    found = reconciliation_of(case)
    return _cut_at(case, place_of_figure(found, number, side) if found else None)


def _cut_at(case: Case, place: Place | None) -> Response:
    if place is None or place.box is None or place.page is None:
        raise NotFound
    left, top, right, bottom = place.box.as_list()
    return _cut(_page_of(case, place, place.page), (left, top, right, bottom), rotation=place.rotation)


def _page_of(case: Case, place: Place, page: int) -> bytes:
    if place.on_form:
        return issued_picture(case, page) if place.document is None else laid_picture(case, page, "laid")
    if place.stored is not None:
        return page_images().picture(PageOrder(service().store.get(place.stored), "elenco", page, SCREEN_DPI))
    if place.document is None:
        raise NotFound
    return _received(case, UUID(place.document), page)


def _received(case: Case, document_id: UUID, page: int) -> bytes:
    document = case.document(document_id)
    order = PageOrder(service().store.get(document.sha256), document.name, page, SCREEN_DPI)
    return page_images().picture(order)


def _cut(picture: bytes, box: tuple[float, float, float, float], *, rotation: int = 0) -> Response:
    cut = turned_upright(cut_out(picture, box, SCREEN_DPI, _MARGIN), rotation)
    return Response(cut, mimetype="image/webp")
