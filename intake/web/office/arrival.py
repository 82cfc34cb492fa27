"""One arrival: its files, the application it belongs to, its number, what became of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.wrappers import Response

from intake.arrivals.answer import AnswerText, answer_arrival
from intake.arrivals.declarations import attach_declarations
from intake.arrivals.filing import attach_arrival, file_arrival, receipt_of_filing
from intake.arrivals.models import Arrival, ArrivalEvent
from intake.arrivals.moves import arrival_of
from intake.arrivals.receipt import receipts_of_arrival
from intake.arrivals.receiving import add_scans
from intake.arrivals.registered_anew import register_anew
from intake.arrivals.registration import assign_elsewhere, match_to_case, register_arrival, reject_arrival
from intake.arrivals.segnatura_reply import annulment_message, hand_out, sealed_reply
from intake.errors import NotFound, Refusal
from intake.people.models import Role
from intake.typesetting.protocol_papers import typeset_label
from intake.web.editions import page_facts, shown_edition
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, roll_back, service, session
from intake.web.frame.errors import in_words
from intake.web.frame.signed_in import signed_in_person
from intake.web.office.arrival_shown import arrival_facts, label_facts, receipt_facts
from intake.web.office.arrival_typed import Typed, read_registration
from intake.web.office.arrivals import READERS, scans_of

screens = Blueprint("arrival", __name__)

_ONE = "/arrivi/<code>/<uuid:arrival_id>"
_WRITES = Roles(Role.PROTOCOL_OFFICE)


@route(screens, _ONE, allow=Roles(*READERS))
def arrival_page(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """The arrival with what can be done about it now."""
    return _page(code, arrival_id)


@route(screens, f"{_ONE}/stato", allow=Roles(*READERS))
def state(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """The part of the page that changes while codes are looked for or checks run."""
    return _page(code, arrival_id, template="office/arrival_match.html")


@route(screens, f"{_ONE}/ricevute", allow=Roles(*READERS))
def receipts(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """The receipts of what arrived, while a worker makes them."""
    arrival = _arrival(code, arrival_id)
    return render_template(
        "office/arrival_receipts.html",
        arrival=arrival,
        arrival_receipts=receipts_of_arrival(session(), arrival),
        **page_facts(shown_edition(code)),
    )


@route(screens, f"{_ONE}/carte", allow=Roles(*READERS))
def papers(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """The receipt of the application that a registered arrival filed, while a worker makes it."""
    arrival = _arrival(code, arrival_id)
    if arrival.number is None:
        raise NotFound
    facts = receipt_facts(session(), arrival)
    return render_template("office/arrival_papers.html", arrival=arrival, **facts, **page_facts(shown_edition(code)))


@route(screens, f"{_ONE}/documenti/<uuid:document_id>", allow=Roles(*READERS))
def document_file(code: str, arrival_id: UUID, document_id: UUID) -> ResponseReturnValue:
    """The bytes as received, to save: never shown inside the service."""
    arrival = _arrival(code, arrival_id)
    document = next((each for each in arrival.documents if each.id == document_id), None)
    if document is None:
        raise NotFound
    return _download(service().store.get(document.sha256), document.name)


@route(screens, f"{_ONE}/etichetta.pdf", allow=Roles(*READERS))
def label(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """The label to print and stick on the paper."""
    shown, arrival = shown_edition(code), _arrival(code, arrival_id)
    if arrival.number is None:
        raise NotFound
    return _pdf(typeset_label(label_facts(shown.pack, arrival)), f"etichetta-{arrival.number_shown}.pdf")


@route(screens, f"{_ONE}/ricevuta.pdf", allow=Roles(*READERS))
def receipt_file(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """The receipt to hand to whoever brought an application: number, instant, and the rule of its place."""
    found = receipt_of_filing(session(), _arrival(code, arrival_id))
    if found is None or found.pdf_sha256 is None:
        raise NotFound
    return _pdf(service().store.get(found.pdf_sha256), "ricevuta-di-registrazione.pdf")


@route(screens, f"{_ONE}/messaggio.<any(xml, asics):form>", methods=["POST"], allow=_WRITES)
def reply_file(code: str, arrival_id: UUID, form: str) -> ResponseReturnValue:
    """What the administration that sent a segnatura is owed, bare or sealed, to send with the answer; kept as handed out."""
    edition, person = shown_edition(code).edition, signed_in_person()
    given = hand_out(service(), session(), person, edition, arrival_id, at=now())
    return _download(given.content, given.name) if form == "xml" else _download(given.sealed, given.sealed_name)


@route(screens, f"{_ONE}/risposta-<int:sequence>.<any(xml, asics):form>", allow=_WRITES)
def answer_annulment_file(code: str, arrival_id: UUID, sequence: int, form: str) -> ResponseReturnValue:
    """What the recipient of an answer is owed once its registration is annulled, bare or sealed."""
    event = _answer_event(_arrival(code, arrival_id), sequence)
    place = (code, event.detail["year"], int(event.detail["number"]))
    reply = annulment_message(service(), session(), shown_edition(code).edition, place)
    if reply is None:
        raise NotFound
    if form == "xml":
        return _download(reply.content, reply.name)
    return _download(sealed_reply(service(), code, reply, at=now()), reply.sealed_name)


@route(screens, f"{_ONE}/ricevuto-<int(min=1,max=999):place>.pdf", allow=Roles(*READERS))
def arrival_receipt_file(code: str, arrival_id: UUID, place: int) -> ResponseReturnValue:
    """The receipt of what arrived, to print for who brought it or to send with the answer; places count from 1."""
    made = receipts_of_arrival(session(), _arrival(code, arrival_id))[place - 1 : place]
    if not made or made[0].pdf_sha256 is None:
        raise NotFound
    return _pdf(service().store.get(made[0].pdf_sha256), f"ricevuta-di-arrivo-{place}.pdf")


@route(screens, f"{_ONE}/risposta-<int:sequence>.pdf", allow=Roles(*READERS))
def answer_file(code: str, arrival_id: UUID, sequence: int) -> ResponseReturnValue:
    """An answer as it was registered, to send or to print."""
    event = _answer_event(_arrival(code, arrival_id), sequence)
    return _download(service().store.get(event.detail["sha256"]), f"risposta-{event.detail['number']}.pdf")


@route(screens, f"{_ONE}/pagine", methods=["POST"], allow=_WRITES, files=10)
def add(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """More scans of the same envelope."""
    scans = scans_of(request.files.getlist("file"))
    edition, person = shown_edition(code).edition, signed_in_person()
    return _done(
        code,
        arrival_id,
        lambda: add_scans(service(), session(), person, edition, arrival_id, scans, at=now()),
        gettext("File aggiunto: cerchiamo i codici delle pagine."),
        place="pagine",
    )


@route(screens, f"{_ONE}/domanda", methods=["POST"], allow=_WRITES)
def attach(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """Puts the files among those of an application and starts its checks."""
    arrival, chosen = _arrival(code, arrival_id), _identifier("domanda")
    contents = {each.id: request.form.getlist(f"contiene-{each.id}") for each in arrival.documents}
    edition, person = arrival.edition, signed_in_person()
    return _done(
        code,
        arrival_id,
        lambda: attach_arrival(service(), session(), person, edition, arrival_id, chosen, contents, at=now()),
        gettext("Abbinato: i controlli sono partiti."),
        place="domanda",
    )


@route(screens, f"{_ONE}/domanda/registra", methods=["POST"], allow=_WRITES)
def file_application(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """Registers the application that came: number, and the place of its arrival."""
    edition, person = shown_edition(code).edition, signed_in_person()
    return _done(
        code,
        arrival_id,
        lambda: file_arrival(service(), session(), person, edition, arrival_id, at=now()),
        gettext("Domanda registrata: ha il suo numero e il suo posto."),
        place="domanda",
    )


@route(screens, f"{_ONE}/registrazione", methods=["POST"], allow=_WRITES)
def register(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """Registers it as any incoming document."""
    return _registered(code, arrival_id, partial(register_arrival, at=now()), gettext("Documento registrato."))


@route(screens, f"{_ONE}/registrazione-nuova", methods=["POST"], allow=_WRITES)
def register_again(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """Registers it anew once its registration is annulled, with what was wrong put right."""
    told = gettext("Documento registrato di nuovo: questo è il suo numero.")
    return _registered(code, arrival_id, register_anew, told)


@route(screens, f"{_ONE}/pratica", methods=["POST"], allow=_WRITES)
def match(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """Ties a registered document to a case that has its number already."""
    edition, person, chosen = shown_edition(code).edition, signed_in_person(), _identifier("domanda")
    return _done(
        code,
        arrival_id,
        lambda: match_to_case(session(), person, edition, arrival_id, chosen, at=now()),
        gettext("Documento collegato alla domanda."),
        place="domanda",
    )


@route(screens, f"{_ONE}/dichiarazioni", methods=["POST"], allow=_WRITES)
def attach_papers(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """Puts the declarations of availability that came alone among the documents of their application."""
    edition, person, chosen = shown_edition(code).edition, signed_in_person(), _identifier("domanda")
    return _done(
        code,
        arrival_id,
        lambda: attach_declarations(service(), session(), person, edition, arrival_id, chosen, at=now()),
        gettext("Dichiarazioni allegate alla domanda: i controlli sono partiti."),
        place="domanda",
    )


@route(screens, f"{_ONE}/risposta", methods=["POST"], allow=_WRITES)
def answer(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """Registers the answer outgoing; the operator sends or prints it."""
    written = AnswerText(request.form.get("oggetto_risposta", "")[:500], request.form.get("testo", "")[:20_000])
    seen = request.form.get("risposte", 0, type=int)
    edition, person = shown_edition(code).edition, signed_in_person()
    return _done(
        code,
        arrival_id,
        lambda: answer_arrival(service(), session(), person, edition, arrival_id, written, answers_seen=seen, at=now()),
        gettext("Risposta registrata in uscita: ora la invii o la stampi."),
        place="risposta",
        answer=written,
    )


@route(screens, f"{_ONE}/assegnazione", methods=["POST"], allow=_WRITES)
def assign(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """Hands it to another office."""
    edition, person = shown_edition(code).edition, signed_in_person()
    office = request.form.get("ufficio", "")[:200]
    return _done(
        code,
        arrival_id,
        lambda: assign_elsewhere(session(), person, edition, arrival_id, office, at=now()),
        gettext("Assegnato a un altro ufficio."),
        place="assegnazione",
    )


@route(screens, f"{_ONE}/rifiuto", methods=["POST"], allow=_WRITES)
def reject(code: str, arrival_id: UUID) -> ResponseReturnValue:
    """Says why it cannot be registered; it is kept."""
    edition, person = shown_edition(code).edition, signed_in_person()
    reason = request.form.get("motivo", "")[:2000]
    return _done(
        code,
        arrival_id,
        lambda: reject_arrival(session(), person, edition, arrival_id, reason, at=now()),
        gettext("Non registrato: il documento e il motivo restano conservati."),
        place="rifiuto",
    )


def _done(
    code: str,
    arrival_id: UUID,
    work: Callable[[], object],
    said: str,
    *,
    place: str,
    form: Typed | None = None,
    answer: AnswerText | None = None,
) -> ResponseReturnValue:
    """Does one act and goes back to the page; a refusal is told where the act was asked for."""
    try:
        work()
    except NotFound:
        raise
    except Refusal as refusal:
        roll_back()
        return _page(code, arrival_id, refusal=refusal, place=place, form=form, answer=answer), refusal.status
    flash(said, "success")
    return redirect(url_for("arrival.arrival_page", code=code, arrival_id=arrival_id), HTTPStatus.SEE_OTHER)


def _page(
    code: str,
    arrival_id: UUID,
    *,
    template: str = "office/arrival.html",
    refusal: Refusal | None = None,
    place: str = "",
    form: Typed | None = None,
    answer: AnswerText | None = None,
) -> str:
    shown, arrival = shown_edition(code), _arrival(code, arrival_id)
    facts = arrival_facts(service(), session(), arrival, request.values, at=now())
    return render_template(
        template,
        **facts,
        form=form or facts["proposed_registration"],
        answer=answer or facts["proposed_answer"],
        problem=in_words(refusal) if refusal else None,
        place=place,
        may_write=signed_in_person().has_role(Role.PROTOCOL_OFFICE),
        **page_facts(shown),
    )


def _registered(code: str, arrival_id: UUID, work: Callable[..., Arrival], told: str) -> ResponseReturnValue:
    form, facts = read_registration(request.form)
    if facts is None:
        return _page(code, arrival_id, form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    edition, person = shown_edition(code).edition, signed_in_person()
    return _done(
        code,
        arrival_id,
        lambda: work(service(), session(), person, edition, arrival_id, facts),
        told,
        place="registrazione",
        form=form,
    )


def _arrival(code: str, arrival_id: UUID) -> Arrival:
    return arrival_of(session(), shown_edition(code).edition, arrival_id)


def _answer_event(arrival: Arrival, sequence: int) -> ArrivalEvent:
    event = next((each for each in arrival.events if each.sequence == sequence and each.name == "answered"), None)
    if event is None:
        raise NotFound
    return event


def _identifier(key: str) -> UUID:
    try:
        return UUID(request.form.get(key, ""))
    except ValueError as error:
        raise NotFound from error


def _download(data: bytes, name: str) -> Response:
    return send_file(io.BytesIO(data), mimetype="application/octet-stream", as_attachment=True, download_name=name)


def _pdf(data: bytes, name: str) -> Response:
    return send_file(io.BytesIO(data), mimetype="application/pdf", as_attachment=True, download_name=name)
