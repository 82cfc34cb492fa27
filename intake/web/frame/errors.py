"""From a refusal or a defect to a page: what happened, what to do, the rule; never a traceback, never who it was."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

import psycopg
import structlog
from flask import Flask, current_app, flash, redirect, render_template, request, session, url_for
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from intake.cases.page_images import DrawingBusy
from intake.errors import NotAllowed, NotFound, Refusal, SignInNeeded
from intake.people.models import Surface
from intake.storage import StorageFull
from intake.web.frame.access import declaration_of
from intake.web.frame.context import roll_back, surface
from intake.web.frame.office_refusals import for_office
from intake.web.frame.signed_in import take_for_nobody

_LOG = structlog.get_logger("sportello.web")


class StaleForm(Refusal):
    code = "stale_form"
    message = "La pagina è rimasta aperta troppo a lungo, oppure l'accesso è cambiato nel frattempo."
    remedy = "Torni alla pagina precedente, la ricarichi e ripeta l'operazione: nulla è stato salvato."
    status = HTTPStatus.BAD_REQUEST


class TooLarge(Refusal):
    code = "too_large"
    message = "I file inviati insieme superano la dimensione massima."
    remedy = "Li carichi uno alla volta, oppure riduca la risoluzione della scansione: 300 punti per pollice bastano."
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class TooManyAttempts(Refusal):
    code = "too_many_attempts"
    message = "Troppi tentativi in poco tempo."
    remedy = "Aspetti {minutes} minuti e riprovi. Se ha perso la password, scriva all'assistenza."
    status = HTTPStatus.TOO_MANY_REQUESTS


class TooManyFiles(Refusal):
    code = "too_many_files_to_verify"
    message = "Da questo indirizzo sono già arrivati molti file da verificare."
    remedy = "Aspetti {minutes} minuti e riprovi."
    status = HTTPStatus.TOO_MANY_REQUESTS


class TooManyCodes(Refusal):
    code = "too_many_codes"
    message = "Da questo indirizzo sono già stati cercati molti codici di ricevute."
    remedy = "Aspetti {minutes} minuti e riprovi."
    status = HTTPStatus.TOO_MANY_REQUESTS


class DatabaseAway(Refusal):
    code = "database_away"
    message = "Il servizio si sta riavviando e per ora non risponde."
    remedy = "Aspetti un minuto e ricarichi la pagina: quello che il servizio le ha confermato è al sicuro."
    status = HTTPStatus.SERVICE_UNAVAILABLE


class WrongRequest(Refusal):
    code = "wrong_request"
    message = "Il servizio non ha capito la richiesta del browser."
    remedy = "Torni alla pagina iniziale e riprovi da lì. Se succede di nuovo, scriva all'assistenza."
    status = HTTPStatus.BAD_REQUEST


_KNOWN: dict[int, type[Refusal]] = {
    HTTPStatus.FORBIDDEN: NotAllowed,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLarge,
}
_TOO_MANY: dict[str, type[Refusal]] = {"verification.ask": TooManyCodes, "verification.proof": TooManyCodes}


def attach(app: Flask) -> None:
    """Registers the answers to everything that a screen may raise."""
    app.register_error_handler(SignInNeeded, _to_sign_in)
    app.register_error_handler(Refusal, refuse)
    app.register_error_handler(CSRFError, lambda _: refuse(StaleForm()))
    app.register_error_handler(DrawingBusy, _busy)
    app.register_error_handler(RateLimitExceeded, _too_many)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(psycopg.Error, _driver)
    app.register_error_handler(Exception, _defect)


def refuse(refusal: Refusal) -> tuple[str, HTTPStatus]:
    """The page (or, for htmx, the fragment) of a refusal."""
    roll_back()
    _take_back_what_was_told()
    refusal = _spoken_here(refusal)
    body = render_template(
        "refusal_fragment.html" if _is_fragment() else "refusal.html",
        refusal=refusal,
        sentence=_said(refusal, refusal.message),
        remedy=_said(refusal, refusal.remedy),
        law=gettext(refusal.law) if refusal.law else None,
    )
    return body, refusal.status


def in_words(refusal: Refusal) -> tuple[str, str]:
    """The sentence and the remedy of a refusal in the reader's language, for a screen that shows it in place."""
    refusal = _spoken_here(refusal)
    return _said(refusal, refusal.message), _said(refusal, refusal.remedy)


def _spoken_here(refusal: Refusal) -> Refusal:
    return for_office(refusal) if surface() is Surface.OFFICE else refusal


def _said(refusal: Refusal, text: str) -> str:
    return str(gettext(text)).format(**refusal.facts)


def _is_fragment() -> bool:
    return request.headers.get("HX-Request") == "true"


def _take_back_what_was_told() -> None:
    """Drops what this request told as done, for it was rolled back; what the one before it told stands and is shown now."""
    session.pop("_flashes", None)
    request_ctx.flashes = None
    brought = current_app.session_interface.open_session(current_app, request)
    if brought and "_flashes" in brought:
        session["_flashes"] = brought["_flashes"]


def _to_sign_in(_: SignInNeeded) -> ResponseReturnValue:
    roll_back()
    came_for_a_page = request.method == "GET" and not _is_fragment()
    if not came_for_a_page:
        flash(_expired(lost=request.method != "GET"), "warning")
    target = url_for("entrance.sign_in_page", next=_this_page() if came_for_a_page else _page_before())
    if _is_fragment():
        return "", HTTPStatus.UNAUTHORIZED, {"HX-Redirect": target}
    return redirect(target)


def _expired(*, lost: bool) -> str:
    if lost:
        return str(
            gettext("L'accesso è scaduto e l'ultima modifica non è stata salvata. Acceda di nuovo: torna dov'era.")
        )
    return str(gettext("L'accesso è scaduto. Acceda di nuovo: torna dov'era."))


def _this_page() -> str:
    return f"{request.root_path.rstrip('/')}{request.full_path.rstrip('?')}"


def _page_before() -> str | None:
    """The page of this service from which a form or a part of a page was asked for."""
    before = urlsplit(request.referrer or "")
    if before.netloc != request.host:
        return None
    return f"{before.path}?{before.query}" if before.query else before.path


def _too_many(exceeded: RateLimitExceeded) -> ResponseReturnValue:
    minutes = max(1, exceeded.limit.limit.get_expiry() // 60)
    declared = declaration_of(current_app, request.endpoint) if request.endpoint else None
    otherwise = TooManyFiles if declared and declared.files else TooManyAttempts
    too_many = _TOO_MANY.get(request.endpoint or "", otherwise)
    body, status = refuse(too_many(minutes=minutes))
    return body, status, {"Retry-After": str(minutes * 60)}


def _busy(busy: DrawingBusy) -> ResponseReturnValue:
    body, status = refuse(busy)
    return body, status, {"Retry-After": "5"}


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if code in {301, 302, 303, 307, 308}:
        return error.get_response()
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        cause = getattr(error, "original_exception", None)
        return _database(cause) if isinstance(cause, DBAPIError) else _defect(error)
    if code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET" and (above := _page_above()):
        return redirect(above, HTTPStatus.SEE_OTHER)
    body, _ = refuse(_KNOWN.get(code, WrongRequest)())
    return body, code


def _page_above() -> str | None:
    """The nearest page above the address of a form, which somebody opens to read its answer in another language or anew."""
    adapter = cast("MapAdapter", request_ctx.url_adapter)
    parts = request.path.rstrip("/").split("/")
    above = ("/".join(parts[:length]) or "/" for length in range(len(parts) - 1, 0, -1))
    found = next((path for path in above if adapter.test(path, "GET")), None)
    return found and f"{request.root_path.rstrip('/')}{found}{request.full_path.removeprefix(request.path).rstrip('?')}"


def _database(error: DBAPIError) -> ResponseReturnValue:
    return (
        _driver(error.orig, lost=error.connection_invalidated)
        if isinstance(error.orig, psycopg.Error)
        else _defect(error)
    )


def _driver(error: psycopg.Error, *, lost: bool = False) -> ResponseReturnValue:
    take_for_nobody()  # the page must come out even when the database does not answer
    if isinstance(error, psycopg.errors.DiskFull):
        _LOG.error("database_disk_full", endpoint=request.endpoint)
        return refuse(StorageFull())
    if lost or isinstance(error, psycopg.OperationalError):
        _LOG.warning("database_away", endpoint=request.endpoint)
        body, status = refuse(DatabaseAway())
        return body, status, {"Retry-After": "5"}
    return _defect(error)


def _defect(error: Exception) -> ResponseReturnValue:
    roll_back()
    _take_back_what_was_told()
    take_for_nobody()
    reference = secrets.token_hex(4).upper()
    _LOG.error("defect", reference=reference, endpoint=request.endpoint, method=request.method, exc_info=error)
    page = "defect_fragment.html" if _is_fragment() else "defect.html"
    return render_template(page, reference=reference), HTTPStatus.INTERNAL_SERVER_ERROR
