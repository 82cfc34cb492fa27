"""Anyone may verify a receipt, and read the keys with which to verify it elsewhere."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from intake.cases.receipt_verification import published_keys, verify_receipt
from intake.web.frame.access import Public, route
from intake.web.frame.context import now, service, session

screens = Blueprint("verification", __name__)


@route(screens, "/verifica", allow=Public)
def verify_page() -> ResponseReturnValue:
    """The form."""
    return render_template("desk/verification.html", verified=None, error=None)


@route(screens, "/verifica", methods=["POST"], allow=Public, files=1)
def verify() -> ResponseReturnValue:
    """Checks the file, shows what holds, keeps nothing."""
    file = request.files.get("ricevuta")
    if file is None or not file.filename:
        error = gettext("Scelga il PDF della ricevuta.")
        return render_template("desk/verification.html", verified=None, error=error), HTTPStatus.UNPROCESSABLE_ENTITY
    verified = verify_receipt(file.stream.read(), published_keys(service(), session()), at=now())
    return render_template("desk/verification.html", verified=verified, error=None)


@route(screens, "/verifica/chiavi", allow=Public)
def keys_page() -> ResponseReturnValue:
    """The published keys of every edition."""
    keys = published_keys(service(), session())
    return render_template("desk/verification_keys.html", keys=keys, packs=service().packs)
