"""Anyone may verify a receipt, and read the keys with which to verify it elsewhere."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from intake.cases.receipt_verification import VerifiedReceipt, published_keys, verify_receipt
from intake.cases.registration_today import RegistrationToday, registration_today
from intake.errors import NotFound
from intake.web.desk.downloads import as_download
from intake.web.frame.access import Public, route
from intake.web.frame.context import now, service, session

screens = Blueprint("verification", __name__)

_LONGEST_CODE = 100


@route(screens, "/verifica", allow=Public)
def verify_page() -> ResponseReturnValue:
    """The form."""
    return _page()


@route(screens, "/verifica", methods=["POST"], allow=Public, files=1)
def verify() -> ResponseReturnValue:
    """Checks the file, shows what holds, keeps nothing."""
    file = request.files.get("ricevuta")
    if file is None or not file.filename:
        error = gettext("Scelga il PDF della ricevuta.")
        return _page(error=error), HTTPStatus.UNPROCESSABLE_ENTITY
    verified = verify_receipt(file.stream.read(), published_keys(service(), session()), at=now())
    code = verified.shown.code if verified.shown else None
    return _page(verified=verified, code=code or "", today=registration_today(session(), code) if code else None)


@route(screens, "/verifica/codice", methods=["POST"], allow=Public)
def ask() -> ResponseReturnValue:
    """How the registration stands whose code is printed on a receipt."""
    code = request.form.get("codice", "")[:_LONGEST_CODE]
    today = registration_today(session(), code)
    if today is None:
        error = gettext("Nessuna registrazione ha questo codice. Lo riscriva come sta sulla ricevuta.")
        return _page(code=code, code_error=error), HTTPStatus.UNPROCESSABLE_ENTITY
    return _page(code=code, today=today)


@route(screens, "/verifica/prova", methods=["POST"], allow=Public)
def proof() -> ResponseReturnValue:
    """The proof that the register's newest signed state holds it, as ``sportello receipt verify --checkpoint`` reads it."""
    today = registration_today(session(), request.form.get("codice", "")[:_LONGEST_CODE])
    if today is None or not today.unchanged:
        raise NotFound
    return as_download(today.proof.encode(), f"prova-{today.register}-{today.number}-{today.year}.txt", "text/plain")


@route(screens, "/verifica/chiavi", allow=Public)
def keys_page() -> ResponseReturnValue:
    """The published keys of every edition."""
    keys = published_keys(service(), session())
    return render_template("desk/verification_keys.html", keys=keys, packs=service().packs)


def _page(
    verified: VerifiedReceipt | None = None,
    *,
    today: RegistrationToday | None = None,
    code: str = "",
    error: str | None = None,
    code_error: str | None = None,
) -> str:
    return render_template(
        "desk/verification.html", verified=verified, today=today, code=code, error=error, code_error=code_error
    )
