"""Anyone may have the signatures of a file looked at. The file is answered and forgotten."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from intake.cases.receipt_verification import published_keys
from intake.checks.signature_question import SignatureQuestion, ask
from intake.web.frame.access import Public, route
from intake.web.frame.context import now, service, session
from intake.web.signature_view import signature_card

screens = Blueprint("signature_verification", __name__)


@route(screens, "/verifica-firma", allow=Public)
def verify_page() -> ResponseReturnValue:
    """The form."""
    return _page()


@route(screens, "/verifica-firma", methods=["POST"], allow=Public, files=2)
def verify() -> ResponseReturnValue:
    """Looks at the file, with the document of a separate signature where one is given; shows the answer, keeps nothing."""
    file, separate = request.files.get("file"), request.files.get("documento")
    if file is None or not file.filename:
        return _page(error=gettext("Scelga il file da verificare.")), HTTPStatus.UNPROCESSABLE_ENTITY
    found = ask(
        SignatureQuestion(
            data=file.stream.read(),
            name=file.filename,
            detached=separate.stream.read() if separate and separate.filename else None,
            trust_folder=service().settings.trust_folder,
            seals=frozenset(seal for keys in published_keys(service(), session()) for seal in keys.seals),
            at=now(),
        )
    )
    return _page(found=found, card=signature_card(found.report))


def _page(**shown: object) -> Response:
    facts = {"found": None, "card": None, "error": None, **shown}
    response = make_response(render_template("desk/signature_verification.html", **facts))
    response.headers["Cache-Control"] = "no-store"
    return response
