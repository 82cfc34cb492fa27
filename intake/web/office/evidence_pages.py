"""What stands where a value was read: the cut of the page that a stored reading speaks of, for who may read the case."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from intake.cases.case import case_of
from intake.cases.evidence import value_in
from intake.cases.page_drawing import PageOrder
from intake.cases.page_images import cut_out
from intake.errors import NotFound
from intake.web.frame.access import Roles, route
from intake.web.frame.context import service, session
from intake.web.office.case_pages import READERS, SCREEN_DPI, laid_picture, page_images

screens = Blueprint("evidence_pages", __name__)

_MARGIN = 6.0


@route(screens, "/pratiche/<uuid:application_id>/letture/<int:value_id>", allow=Roles(*READERS))
def value_picture(application_id: UUID, value_id: int) -> ResponseReturnValue:
    """The cut around one value; of another case, or of a file without a picture, there is none."""
    case = case_of(session(), application_id)
    value = value_in(session(), application_id, value_id)
    if value.box is None:
        raise NotFound
    if value.form_page is not None:
        picture = laid_picture(case, value.form_page, "laid")
    else:
        document = case.document(value.document_id)
        order = PageOrder(service().store.get(document.sha256), document.name, value.page, SCREEN_DPI)
        picture = page_images().picture(order)
    left, top, right, bottom = value.box["points"]
    return Response(cut_out(picture, (left, top, right, bottom), SCREEN_DPI, _MARGIN), mimetype="image/webp")
