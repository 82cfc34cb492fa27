"""The protocol desk: what waits to be registered or dealt with, a new arrival on paper, a certified message uploaded."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from intake.arrivals.listing import MOST_COUNTED, list_arrivals, list_receipts, mail_waiting, mailboxes
from intake.arrivals.models import ArrivalState
from intake.arrivals.moves import STATE_WORDS
from intake.arrivals.receiving import Scan, receive_paper
from intake.certified_mail.desk import bring_to_desk
from intake.certified_mail.keeping import IncomingMail, first_of, keep_mail
from intake.clock import ROME
from intake.errors import Refusal
from intake.people.models import Role
from intake.web.editions import page_facts, shown_edition
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, roll_back, service, session
from intake.web.frame.errors import in_words
from intake.web.frame.signed_in import signed_in_person
from intake.web.office.arrival_typed import Typed, page_number, read_paper, read_query

screens = Blueprint("arrivals", __name__)

READERS = (Role.PROTOCOL_OFFICE, Role.DIRECTOR, Role.DIRECTOR_GENERAL, Role.AUDITOR)
_MOST_FILES = 10
_MAIL_PARTS = 3
"""A message may be as large as so many files of the largest size: larger ones are kept, not opened."""


@route(screens, "/arrivi/<code>", allow=Roles(*READERS))
def arrivals_page(code: str) -> ResponseReturnValue:
    """What waits, the oldest first; or what a search finds."""
    shown = shown_edition(code)
    form, query = read_query(request.args)
    found = list_arrivals(session(), shown.edition, query)
    body = render_template(
        "office/arrivals.html",
        form=form,
        query=query,
        found=found,
        most_counted=MOST_COUNTED,
        states=[(state.value, gettext(STATE_WORDS[state])) for state in ArrivalState],
        state_words=STATE_WORDS,
        unread=mail_waiting(session(), shown.edition),
        boxes=mailboxes(session(), shown.edition),
        receipts=list_receipts(session(), shown.edition, page_number(request.args.get("ricevute", ""))),
        receipts_open="ricevute" in request.args,
        may_write=signed_in_person().has_role(Role.PROTOCOL_OFFICE),
        **page_facts(shown),
    )
    return body, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@route(screens, "/arrivi/<code>/nuovo", allow=Roles(Role.PROTOCOL_OFFICE))
def new_page(code: str) -> ResponseReturnValue:
    """What is read on the envelope, and the scan."""
    local = now().astimezone(ROME)
    return _new_page(code, Typed({"canale": "letter", "giorno": f"{local:%Y-%m-%d}", "ora": f"{local:%H:%M}"}))


@route(screens, "/arrivi/<code>/nuovo", methods=["POST"], allow=Roles(Role.PROTOCOL_OFFICE), files=_MOST_FILES)
def receive(code: str) -> ResponseReturnValue:
    """Keeps the scan and goes to the arrival's own page."""
    shown = shown_edition(code)
    form, paper = read_paper(request.form)
    scans = scans_of(request.files.getlist("file"))
    if not scans:
        form.errors["file"] = gettext("Scelga la scansione del documento.")
    if paper is None or form.errors:
        return _new_page(code, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        arrival = receive_paper(service(), session(), signed_in_person(), shown.edition, paper, scans, at=now())
    except Refusal as refusal:
        roll_back()
        return _new_page(code, form, refusal), refusal.status
    return redirect(url_for("arrival.arrival_page", code=code, arrival_id=arrival.id), HTTPStatus.SEE_OTHER)


@route(screens, "/arrivi/<code>/posta", methods=["POST"], allow=Roles(Role.PROTOCOL_OFFICE), files=_MAIL_PARTS)
def upload_mail(code: str) -> ResponseReturnValue:
    """Keeps a certified message that the operator saved from the mailbox; it is read at once by a worker."""
    shown = shown_edition(code)
    file = request.files.get("messaggio")
    if file is None or not file.filename:
        flash(
            gettext("Scelga il messaggio salvato dalla casella, un file .eml, e prema «Carica il messaggio»."),
            "warning",
        )
        return redirect(url_for("arrivals.arrivals_page", code=code), HTTPStatus.SEE_OTHER)
    mail = IncomingMail(file.filename, file.stream.read())
    kept = keep_mail(service(), session(), shown.edition, mail, person=signed_in_person(), at=now())
    first = first_of(session(), kept)
    if first.id == kept.id:
        flash(gettext("Messaggio conservato: tra qualche secondo lo trova qui sotto."), "success")
    elif first.arrival_id:
        flash(gettext("Questo messaggio era già arrivato, uguale byte per byte: è questo."), "info")
        return redirect(url_for("arrival.arrival_page", code=code, arrival_id=first.arrival_id), HTTPStatus.SEE_OTHER)
    else:
        flash(gettext("Questo messaggio era già arrivato, uguale byte per byte: è conservato una volta sola."), "info")
    return redirect(url_for("arrivals.arrivals_page", code=code), HTTPStatus.SEE_OTHER)


@route(screens, "/arrivi/<code>/ricevute/<uuid:mail_id>", methods=["POST"], allow=Roles(Role.PROTOCOL_OFFICE))
def treat_as_arrival(code: str, mail_id: UUID) -> ResponseReturnValue:
    """Brings a filed receipt among the arrivals, where a person sees a document in it."""
    edition = shown_edition(code).edition
    arrival = bring_to_desk(session(), signed_in_person(), edition, mail_id, at=now())
    return redirect(url_for("arrival.arrival_page", code=code, arrival_id=arrival.id), HTTPStatus.SEE_OTHER)


def scans_of(files: list[FileStorage]) -> list[Scan]:
    """The files that a form brought; a field left empty brings none."""
    return [Scan(file.filename, file.stream.read()) for file in files if file.filename]


def _new_page(code: str, form: Typed, refusal: Refusal | None = None) -> str:
    shown = shown_edition(code)
    return render_template(
        "office/arrival_new.html",
        form=form,
        problem=in_words(refusal) if refusal else None,
        **page_facts(shown),
    )
