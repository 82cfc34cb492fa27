"""Step 6: what came back, what the checks found, the transmission."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from intake.applications.models import DocumentKind, ReceiptKind
from intake.applications.rehearsal import add_trial_attachment, add_trial_scan, add_trial_signature
from intake.applications.rehearsal_stamps import place_of_stamp
from intake.applications.returns import Incoming, receive, take_back
from intake.applications.transmission import (
    CannotTransmit,
    ChecksRunning,
    ConfirmationMissing,
    RegisterNotReady,
    RegisterStopped,
    WindowClosedMeanwhile,
)
from intake.applications.transmission_line import TransmissionLine
from intake.checks.readiness import Readiness, readiness_of
from intake.errors import NotFound, Refusal
from intake.notices.rules import required_documents
from intake.people.models import Role
from intake.web.desk.application_receipts import receipts_of
from intake.web.desk.application_shown import ShownApplication, application_facts, shown_application
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, roll_back, service, session
from intake.web.frame.errors import in_words
from intake.web.frame.signed_in import signed_in_id, signed_in_person
from intake.web.signature_view import file_cards
from intake.web.stamp_view import kind_in_words, shown_stamps

screens = Blueprint("application_documents", __name__)
FILES_AT_ONCE = 10
THE_FORM = "modulo"
_SHOWN_BESIDE_THE_BUTTON = (
    CannotTransmit,
    ChecksRunning,
    ConfirmationMissing,
    RegisterNotReady,
    RegisterStopped,
    WindowClosedMeanwhile,
)


@route(screens, "/domande/<uuid:application_id>/passo/6", allow=Roles(Role.FILER))
def documents(application_id: UUID) -> ResponseReturnValue:
    """What was received and what was found; from here the application is transmitted."""
    each = shown_application(application_id)
    if not each.not_yet_sent:
        return redirect(url_for("applications.page", application_id=application_id))
    return _page(each)


@route(screens, "/domande/<uuid:application_id>/stato", allow=Roles(Role.FILER))
def state(application_id: UUID) -> ResponseReturnValue:
    """The fragment with the checks' progress, then with what they found."""
    each = shown_application(application_id)
    if not each.not_yet_sent:
        return "", HTTPStatus.OK, {"HX-Redirect": url_for("applications.page", application_id=application_id)}
    return render_template(
        "desk/application/findings.html", **application_facts(each, 6), **_found(each), told=None, confirmed=frozenset()
    )


@route(screens, "/domande/<uuid:application_id>/ricevute", allow=Roles(Role.FILER))
def receipts(application_id: UUID) -> ResponseReturnValue:
    """The fragment with the receipts, whose PDFs a worker makes."""
    each = shown_application(application_id)
    return render_template(
        "desk/application/receipts.html", **application_facts(each), receipts=receipts_of(each.application)
    )


@route(
    screens,
    "/domande/<uuid:application_id>/documenti",
    methods=["POST"],
    allow=Roles(Role.FILER),
    files=FILES_AT_ONCE,
)
def upload(application_id: UUID) -> ResponseReturnValue:
    """Receives one or more files of the same kind."""
    chosen = request.form.get("tipo", THE_FORM)
    files = [
        Incoming(each.filename, each.read(), None if chosen == THE_FORM else chosen)
        for each in request.files.getlist("file")
        if each.filename
    ]
    try:
        receive(service(), session(), signed_in_person(), application_id, files, at=now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _refused(application_id, refusal, "file")
    return _received(application_id)


@route(
    screens,
    "/domande/<uuid:application_id>/documenti/<uuid:document_id>/togli",
    methods=["POST"],
    allow=Roles(Role.FILER),
)
def take_out(application_id: UUID, document_id: UUID) -> ResponseReturnValue:
    """Takes a file out of the application; its bytes stay with the office."""
    take_back(session(), signed_in_person(), application_id, document_id, at=now())
    flash(gettext("Il file non fa più parte della domanda."), "success")
    return redirect(_here(application_id), HTTPStatus.SEE_OTHER)


@route(screens, "/domande/<uuid:application_id>/prova", methods=["POST"], allow=Roles(Role.FILER))
def rehearse(application_id: UUID) -> ResponseReturnValue:
    """In a rehearsal only: makes a trial signature, scan or attachment. ``what`` says which."""
    what, person = request.form.get("what", ""), signed_in_person()
    match what.partition("."):
        case ("firma", _, _):
            add_trial_signature(service(), session(), person, application_id, enveloped=False, at=now())
        case ("busta", _, _):
            add_trial_signature(service(), session(), person, application_id, enveloped=True, at=now())
        case ("scansione", _, bears):
            stamped = bears == "marca"
            add_trial_scan(service(), session(), person, application_id, stamped=stamped, at=now())
        case ("allegato", _, key):
            add_trial_attachment(service(), session(), person, application_id, key, at=now())
        case _:
            raise NotFound
    return _received(application_id)


@route(screens, "/domande/<uuid:application_id>/invio", methods=["POST"], allow=Roles(Role.FILER))
def send(application_id: UUID) -> ResponseReturnValue:
    """Transmits the application: from here on it has its number and its place."""
    confirmed = frozenset(request.form.getlist("conferma"))
    line = current_app.extensions[TransmissionLine.__name__]
    try:  # who is here was asked without a transaction: this request holds no connection while it waits in the line
        submission = line.transmit(signed_in_id(), application_id, confirmed=confirmed, at=now())
    except _SHOWN_BESIDE_THE_BUTTON as refusal:
        return _refused(application_id, refusal, "invio", confirmed=confirmed)
    flash(gettext("Domanda registrata con il n. %(number)s.", number=submission.number_shown), "success")
    return redirect(url_for("applications.page", application_id=application_id), HTTPStatus.SEE_OTHER)


def _here(application_id: UUID) -> str:
    return url_for("application_documents.documents", application_id=application_id)


def _received(application_id: UUID) -> ResponseReturnValue:
    flash(
        gettext(
            "Abbiamo ricevuto i file elencati qui sotto. Non è ancora la registrazione: manca l'invio della domanda."
        ),
        "success",
    )
    return redirect(_here(application_id), HTTPStatus.SEE_OTHER)


def _refused(
    application_id: UUID, refusal: Refusal, place: str, *, confirmed: frozenset[str] = frozenset()
) -> ResponseReturnValue:
    """The same page, with the refusal where it happened. ``place``: ``file`` or ``invio``."""
    sentence, remedy = in_words(refusal)
    roll_back()
    each = shown_application(application_id)
    if not each.form:
        raise refusal
    told = {"place": place, "sentence": sentence, "remedy": remedy, "law": refusal.law, "code": refusal.code}
    return _page(each, told=told, confirmed=confirmed), refusal.status


def _page(
    each: ShownApplication, *, told: dict[str, str | None] | None = None, confirmed: frozenset[str] = frozenset()
) -> str:
    form = each.form
    if form is None:
        return render_template("desk/application/no_form.html", **application_facts(each, 6))
    titles = {attachment.key: attachment.title for attachment in each.pack.attachments}
    current = each.application.current_documents
    found = _found(each)
    attached = {document.attachment_key for document in current} | found["readiness"].papers_in_form
    data = {**each.application.draft, "filed_by": form.data["filed_by"]}
    papers = required_documents(each.pack, data, each.application.edition.own_clock(now()))
    return render_template(
        "desk/application/documents.html",
        **application_facts(each, 6),
        **found,
        form=form,
        documents=current,
        titles=titles,
        has_form=any(document.kind is DocumentKind.FORM for document in current),
        wanted=[paper for paper in papers if paper.key not in attached and paper.status == "required"],
        possible=papers,
        receipts=[receipt for receipt in receipts_of(each.application) if receipt.kind is ReceiptKind.RECEIVED],
        told=told,
        confirmed=confirmed,
        has_place_of_stamp=place_of_stamp(form) is not None,
        the_form=THE_FORM,
        files_at_once=FILES_AT_ONCE,
    )


def _found(each: ShownApplication) -> dict[str, Any]:
    readiness: Readiness = readiness_of(service(), session(), each.application, signed_in_person(), at=now())
    names = {document.id: document.name for document in each.application.current_documents}
    cards = file_cards(readiness.run, each.application.current_documents)
    return {"readiness": readiness, "names": names, "cards": cards, **_stamps(readiness)}


def _stamps(readiness: Readiness) -> dict[str, object]:
    """The card of stamp duty, and what it says in place of the list of findings."""
    run = readiness.run
    stamps = shown_stamps(run.stamps) if run and run.ended else None
    told = [each for each in readiness.informing if each.code.startswith("stamp_duty.")]
    return {"stamps": stamps, "stamp_obstacles": told, "kind_words": kind_in_words}
