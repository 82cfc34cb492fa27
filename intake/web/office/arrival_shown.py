"""What the page of an arrival shows, gathered once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from intake.applications.models import Application, Submission
from intake.arrivals.answer import answers_to, proposed_answer
from intake.arrivals.candidates import Candidate, candidate_of, find_candidates
from intake.arrivals.declarations import RecognisedDeclarations, recognised_declarations
from intake.arrivals.filing import FORM, channel_refusal, filing_readiness, receipt_of_filing
from intake.arrivals.listing import arrivals_of_same_paper, mail_of
from intake.arrivals.models import Arrival
from intake.arrivals.moves import STATE_WORDS
from intake.arrivals.receipt import receipts_of_arrival
from intake.arrivals.recognition import RecognisedForm, recognised_forms
from intake.arrivals.registered_anew import annulment_to_mend
from intake.arrivals.registration import rank_instant
from intake.arrivals.segnatura_exchange import (
    Answered,
    answers_about,
    differences,
    registration_spoken_of,
)
from intake.arrivals.segnatura_found import RegistrationFound, message_from_json, segnatura_from_json
from intake.arrivals.segnatura_reply import reply_to
from intake.arrivals.segnatura_seal import seal_from_json
from intake.checks.readiness import Readiness
from intake.notices.pack import NoticePack
from intake.service import Service
from intake.typed_text import typed_identifier
from intake.typesetting.protocol_papers import LabelFacts
from intake.web.office.arrival_typed import Typed
from protocol_register.entries import Annulment, Entry, PartyKind
from protocol_register.errors import UnknownEntry
from protocol_register.search import annulment_of, entry_of


@dataclass(frozen=True, slots=True)
class FoundForm:
    """A recognised form with its application; ``candidate`` None: it is another notice's, or no longer in force."""

    form: RecognisedForm
    candidate: Candidate | None
    elsewhere: str | None


def arrival_facts(
    service: Service, session: Session, arrival: Arrival, asked: Mapping[str, str], *, at: datetime
) -> dict[str, Any]:
    """Everything of an arrival that its template names. ``asked``: the address's own words (``cerca``, ``domanda``)."""
    edition, pack = arrival.edition, service.pack_of(arrival.edition)
    forms = [_found_form(session, arrival, each) for each in recognised_forms(session, arrival)]
    declarations = recognised_declarations(session, arrival)
    candidates = find_candidates(session, edition, asked.get("cerca", ""))
    mail = mail_of(session, arrival)
    readiness = filing_readiness(service, session, arrival, at=at)
    return {
        "arrival": arrival,
        "state_words": STATE_WORDS,
        "forms": forms,
        "declarations": [(each, candidate_of(session, edition, each.current_form)) for each in declarations],
        "unreadable": (arrival.found or {}).get("unreadable", []),
        "forged": (arrival.found or {}).get("forged", 0),
        "searched": asked.get("cerca", ""),
        "candidates": candidates,
        "chosen": _chosen(session, arrival, forms, declarations, asked.get("domanda", "")),
        "refused_channel": channel_refusal(service, edition, arrival.channel),
        "contents": [(FORM, None), *((each.key, each.title) for each in pack.attachments)],
        "contents_titles": {each.key: each.title for each in pack.attachments},
        "form_documents": {document for each in forms for document in each.form.documents},
        "readiness": readiness,
        "busy": arrival.recognition == "waiting" or (readiness is not None and readiness.pending),
        "can_file": _can_file(arrival, readiness),
        **receipt_facts(session, arrival),
        "arrival_receipts": receipts_of_arrival(session, arrival),
        "legal_instant": rank_instant(service, arrival),
        "rule": pack.order.rule,
        "mail": mail,
        "reading": (mail.reading if mail else None) or {},
        "segnatura": segnatura_from_json((arrival.found or {}).get("segnatura")),
        "differences": differences(service, arrival),
        "seal": seal_from_json((arrival.found or {}).get("seal")),
        "reply": reply_to(service, session, arrival),
        "message": message_from_json((arrival.found or {}).get("message")),
        "spoken_of": _spoken_of(session, arrival),
        "answers_about": _answers_about(session, arrival),
        "annulled_answers": _annulled_answers(session, arrival),
        "annulment": _annulment_of(session, arrival),
        "to_mend": annulment_to_mend(session, arrival) is not None,
        "proposed_registration": proposed_registration(session, arrival),
        "proposed_answer": proposed_answer(service, arrival),
        "answers": answers_to(session, arrival),
        "same_paper": arrivals_of_same_paper(session, arrival),
    }


def receipt_facts(session: Session, arrival: Arrival) -> dict[str, Any]:
    """The receipt of the application that this arrival filed, and whether a worker still owes it."""
    receipt = receipt_of_filing(session, arrival)
    return {"receipt": receipt, "receipt_due": receipt is None and _filed_here(session, arrival)}


def _filed_here(session: Session, arrival: Arrival) -> bool:
    """Whether the number of this arrival is that of its application, which is owed a receipt."""
    submission = session.get(Submission, arrival.application_id) if arrival.application_id and arrival.number else None
    return submission is not None and (submission.year, submission.number) == (arrival.year, arrival.number)


def label_facts(pack: NoticePack, arrival: Arrival) -> LabelFacts:
    """The label of a registered arrival. Raises ``LookupError`` for one without a number."""
    if arrival.register_code is None or arrival.registered_at is None:
        raise LookupError(f"arrival {arrival.id} has no number")
    administration = pack.administration
    return LabelFacts(
        administration=administration.name,
        administration_code=administration.code,
        area=administration.office,
        area_code=administration.aoo,
        register=arrival.register_code,
        number=f"{arrival.number_shown}/{arrival.year}",
        registered_at=arrival.registered_at,
        arrived_at=arrival.arrived_at,
        letter_number=arrival.letter_number,
        rehearsal=arrival.edition.is_rehearsal,
    )


def _found_form(session: Session, arrival: Arrival, form: RecognisedForm) -> FoundForm:
    application = session.get_one(Application, form.issued.application_id)
    other = application.edition_id != arrival.edition_id
    candidate = None if other or form.superseded else candidate_of(session, arrival.edition, form.issued.form)
    return FoundForm(form, candidate, application.edition.register_code if other else None)


def _chosen(
    session: Session,
    arrival: Arrival,
    forms: list[FoundForm],
    declarations: Sequence[RecognisedDeclarations],
    asked: str,
) -> Candidate | None:
    """The application in question: the one asked for, else the one matched, else the one whose codes were read."""
    wanted = typed_identifier(asked) or arrival.application_id
    if wanted is not None:
        application = session.get(Application, wanted)
        form = application.current_form if application and application.edition_id == arrival.edition_id else None
        return candidate_of(session, arrival.edition, form.form) if form else None
    by_papers = (candidate_of(session, arrival.edition, each.current_form) for each in declarations)
    return next((each for each in (*(one.candidate for one in forms), *by_papers) if each), None)


def _can_file(arrival: Arrival, readiness: Readiness | None) -> bool:
    return arrival.may_be_filed and readiness is not None and readiness.can_transmit


def _protocol(own: RegistrationFound) -> str:
    """The number, with the administration, area and register that gave it."""
    register = "/".join(filter(None, (own.administration, own.aoo, own.register)))
    return f"{own.number} ({register})" if register else own.number


def _spoken_of(session: Session, arrival: Arrival) -> Entry | None:
    """The registration of ours that the message in an arrival is about, where there is such a one."""
    message = message_from_json((arrival.found or {}).get("message"))
    place = registration_spoken_of(session, arrival.edition, message) if message else None
    if place is None:
        return None
    try:
        return entry_of(session.connection(), arrival.edition.register_code, *place)
    except UnknownEntry:
        return None


def _answers_about(session: Session, arrival: Arrival) -> dict[int, list[Answered]]:
    """What recipients said of each letter that answered an arrival, by the sequence of its event."""
    sent = [each for each in arrival.events if each.name == "answered"]
    return {
        each.sequence: answers_about(session, arrival.edition, each.detail["year"], int(each.detail["number"]))
        for each in sent
    }


def _annulled_answers(session: Session, arrival: Arrival) -> frozenset[int]:
    """The letters whose registration was annulled, by the sequence of their event."""
    connection, code = session.connection(), arrival.edition.register_code
    sent = [each for each in arrival.events if each.name == "answered"]
    annulled = (
        each for each in sent if annulment_of(connection, code, each.detail["year"], int(each.detail["number"]))
    )
    return frozenset(each.sequence for each in annulled)


def _annulment_of(session: Session, arrival: Arrival) -> Annulment | None:
    if arrival.register_code is None or arrival.year is None or arrival.number is None:
        return None
    return annulment_of(session.connection(), arrival.register_code, arrival.year, arrival.number)


def proposed_registration(session: Session, arrival: Arrival) -> Typed:
    """What the form for a registration starts with: the annulled one, or what is known of the sender and its segnatura says."""
    if arrival.register_code is not None and arrival.year is not None and arrival.number is not None:
        return _registered_before(entry_of(session.connection(), arrival.register_code, arrival.year, arrival.number))
    sender, found = arrival.sender or {}, segnatura_from_json((arrival.found or {}).get("segnatura"))
    own = found.registration if found else None
    return Typed(
        {
            "mittente": own.administration_name or own.administration if own else str(sender.get("name") or ""),
            "natura": PartyKind.ADMINISTRATION.value if own else str(sender.get("kind") or ""),
            "codice_fiscale": str(sender.get("tax_code") or ""),
            "indirizzo": str(sender.get("address") or ""),
            "oggetto": (found.subject if found else "") or arrival.subject or "",
            "data_mittente": own.day if own else "",
            "protocollo_mittente": _protocol(own) if own else "",
            **dict.fromkeys(("motivo_differimento", "atto_differimento"), ""),
        }
    )


def _registered_before(entry: Entry) -> Typed:
    sender = entry.sender
    return Typed(
        {
            "mittente": sender.name if sender else "",
            "natura": sender.kind.value if sender else "",
            "codice_fiscale": (sender.tax_code if sender else None) or "",
            "indirizzo": (sender.address if sender else None) or "",
            "oggetto": entry.subject,
            "data_mittente": entry.received_date.isoformat() if entry.received_date else "",
            "protocollo_mittente": entry.received_protocol or "",
            "motivo_differimento": entry.deferral_reason or "",
            "atto_differimento": entry.deferral_act or "",
        }
    )
