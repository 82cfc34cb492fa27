"""What becomes of a case whose registration was annulled: the director general says, by an act, and the filer is told.

An annulled number counts no more (DPR 445/2000, art. 54), and an application is always registered (CAD, art. 40-bis): one that
stands gets a new registration of the same documents, with the instant of its arrival, so that its place does not change.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.lifecycle import Actor, lock, move, state_in_words
from intake.applications.models import Application, ApplicationEvent, Receipt, ReceiptKind, State, Submission
from intake.applications.transmission import REGISTER_STOPPED, RegisterStopped, registered
from intake.cases.annulment import standing_place, words_on
from intake.cases.annulment_models import AnnulmentOutcome, AnnulmentWord
from intake.cases.models import Holding
from intake.cases.register_view import operator_of
from intake.clock import day_in_words
from intake.errors import NotFound, Refusal
from intake.people.models import Person
from intake.protocol.outgoing import Communication, OutgoingFile, send_registered
from intake.queue import MAKE_RECEIPT, enqueue
from intake.service import Service
from intake.typed_text import visible
from intake.typesetting.protocol_papers import AnswerFacts, typeset_answer
from intake.typesetting.rehearsal import rehearsal_mark
from protocol_register.entries import Annulment, Channel, Entry, NewEntry
from protocol_register.search import annulment_of, entry_of

CLOSABLE = frozenset(
    {
        State.REGISTERED,
        State.EXAMINED,
        State.INTEGRATION_AWAITED,
        State.ADMISSIBLE,
        State.NOT_ADMITTED,
        State.TO_BE_DENIED,
    }
)
"""States before any act of the director: an adopted act is revoked or appealed against, not closed with a registration."""


class NoAnnulmentToDecide(Refusal):
    code = "no_annulment_to_decide"
    message = "Questa domanda non attende una decisione: la sua registrazione è in vigore, oppure ha già deciso."
    remedy = "Riapra la pagina della pratica: la cronologia dice che cosa è successo."


class ActAndReasonNeeded(Refusal):
    code = "act_and_reason_needed"
    message = "Per decidere servono il provvedimento e il motivo."
    remedy = "Scriva tipo, numero e data dell'atto, e il motivo in parole che l'azienda capisce."
    law = "L. 241/1990, art. 3"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class ActAdopted(Refusal):
    code = "act_adopted"
    message = (
        "Prima dell'annullamento la domanda era «{state}»: c'è già un atto, o un esito, e non si può chiudere così."
    )
    remedy = "Decida che la domanda vale: torna dov'era. L'atto si revoca o si impugna per la sua via."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True)
class Decision:
    """What the director general writes: the act that decides, and the reason told to the filer."""

    outcome: AnnulmentOutcome
    act: str
    reason: str


def state_before_annulment(session: Session, application: Application) -> State:
    """Where a case was when its registration was annulled. Raises ``NoAnnulmentToDecide`` where none waits for a word."""
    if application.state is not State.ANNULMENT_AWAITED:
        raise NoAnnulmentToDecide
    newest = session.scalars(
        select(ApplicationEvent.state_before)
        .where(ApplicationEvent.application_id == application.id, ApplicationEvent.name == "registration_annulled")
        .order_by(ApplicationEvent.sequence.desc())
        .limit(1)
    ).one()
    return newest or State.REGISTERED


def decide_annulled(
    service: Service, session: Session, person: Person, application_id: uuid.UUID, decision: Decision, *, at: datetime
) -> AnnulmentWord:
    """Registers the application anew, or closes it; writes to its filer, registered outgoing. The last before the commit.

    Raises ``NotFound``, ``NoAnnulmentToDecide``, ``ActAndReasonNeeded``, ``ActAdopted``, ``RegisterNotReady``,
    ``RegisterStopped``, and what else ``send_registered`` raises.
    """
    if session.get(Submission, application_id) is None:
        raise NotFound
    application = lock(session, application_id)
    before = state_before_annulment(session, application)
    said = Decision(decision.outcome, visible(decision.act), visible(decision.reason))
    if not said.act or not said.reason:
        raise ActAndReasonNeeded
    if said.outcome is AnnulmentOutcome.CLOSED and before not in CLOSABLE:
        raise ActAdopted(state=state_in_words(before))
    annulled = entry_of(session.connection(), *standing_place(session, _submission(application)))
    annulment = annulment_of(session.connection(), annulled.register, annulled.year, annulled.number)
    if annulment is None:
        raise LookupError(f"{annulled.register} {annulled.shown_number}/{annulled.year} is not annulled")
    pdf = typeset_answer(_letter(service, application, annulled, annulment, said, at), at=at)
    anew = _registered_anew(service, session, annulled, person) if said.outcome is AnnulmentOutcome.STANDS else None
    word, segnatura = _written(service, session, application, annulled, anew, pdf, said, person)
    actor, at = Actor.DIRECTOR_GENERAL, word.decided_at
    if anew is None:
        _release(session, application, at=at)
        move(
            session,
            application,
            "closed_with_annulment",
            actor=actor,
            person=person,
            at=at,
            act=said.act,
            reason=said.reason,
            segnatura_sha256=segnatura,
        )
        return word
    _owe_receipt(session, application, anew)
    move(
        session,
        application,
        "registered_anew",
        actor=actor,
        person=person,
        at=at,
        back_to=before,
        act=said.act,
        number=f"{anew.shown_number}/{anew.year}",
        state=state_in_words(before),
        segnatura_sha256=segnatura,
    )
    return word


def letter_for_filer(session: Session, application_id: uuid.UUID, word_id: uuid.UUID, *, at: datetime) -> AnnulmentWord:
    """The word whose letter the filer opens now; its first opening stays on record. Raises ``NotFound``."""
    found = next((each for each in words_on(session, application_id) if each.id == word_id), None)
    if found is None:
        raise NotFound
    found.opened_at = found.opened_at or at
    return found


def _submission(application: Application) -> Submission:
    if application.submission is None:
        raise LookupError(f"application {application.id} awaits a word and was never registered")
    return application.submission


def _registered_anew(service: Service, session: Session, annulled: Entry, person: Person) -> Entry:
    facts = {name: getattr(annulled, name) for name in NewEntry.__dataclass_fields__}
    paper = annulled.channel is Channel.EMERGENCY
    new = NewEntry(
        **facts
        | {
            "channel": Channel.COUNTER if paper else annulled.channel,
            "emergency_number": None,
            "deferral_reason": None,
            "deferral_act": None,
            "operator": operator_of(person),
            "subject": f"{annulled.subject} – registrata di nuovo: la n. {annulled.shown_number}/{annulled.year} è annullata",
        }
    )
    return registered(service, session, annulled.register, new)


def _written(
    service: Service,
    session: Session,
    application: Application,
    annulled: Entry,
    anew: Entry | None,
    pdf: bytes,
    said: Decision,
    person: Person,
) -> tuple[AnnulmentWord, str]:
    """The word with its letter registered, and the hash under which the letter's segnatura is kept."""
    if annulled.sender is None:
        raise LookupError(f"{annulled.register} {annulled.shown_number}/{annulled.year} has no sender")
    communication = Communication(
        subject=_subject(annulled),
        recipients=(annulled.sender,),
        main=OutgoingFile("decisione.pdf", pdf),
        channel=Channel.ONLINE,
        answers=(annulled.year, annulled.number),
    )
    try:
        sent = send_registered(service, session, application.edition, communication, operator=operator_of(person))
    except REGISTER_STOPPED as error:
        raise RegisterStopped from error
    word = AnnulmentWord(
        application_id=application.id,
        register_code=annulled.register,
        year=annulled.year,
        number=annulled.number,
        outcome=said.outcome,
        act=said.act,
        reason=said.reason,
        decided_at=sent.entry.instant,
        decided_by=person.id,
        new_year=anew.year if anew else None,
        new_number=anew.number if anew else None,
        letter_year=sent.entry.year,
        letter_number=sent.entry.number,
        letter_sha256=hashlib.sha256(pdf).hexdigest(),
    )
    session.add(word)
    session.flush()
    return word, sent.segnatura_sha256


def _owe_receipt(session: Session, application: Application, anew: Entry) -> None:
    receipt = Receipt(
        id=uuid.uuid4(),
        application_id=application.id,
        kind=ReceiptKind.REGISTERED,
        facts={"sender": anew.sender.name if anew.sender else "", "year": anew.year, "number": anew.number},
        created_at=anew.instant,
    )
    session.add(receipt)
    session.flush()
    enqueue(session, MAKE_RECEIPT, receipt_id=str(receipt.id))


def _release(session: Session, application: Application, *, at: datetime) -> None:
    held = select(Holding).where(Holding.application_id == application.id, Holding.released_at.is_(None))
    for holding in session.scalars(held):
        holding.released_at = at


def _subject(annulled: Entry) -> str:
    return f"Decisione sulla domanda n. {annulled.shown_number}/{annulled.year}, la cui registrazione è annullata"


def _letter(
    service: Service, application: Application, annulled: Entry, annulment: Annulment, said: Decision, at: datetime
) -> AnswerFacts:
    edition, administration = application.edition, service.pack_of(application.edition).administration
    number = f"{annulled.shown_number}/{annulled.year}"
    what = (
        "La domanda vale. La registriamo di nuovo con gli stessi documenti e con l'istante del suo arrivo: il posto "
        "nell'ordine di esame non cambia. Il nuovo numero è nella ricevuta di registrazione, nella pagina della domanda."
        if said.outcome is AnnulmentOutcome.STANDS
        else "La domanda è chiusa e non sarà esaminata. Può presentarne un'altra: avrà un nuovo numero e un nuovo posto "
        "nell'ordine di esame, se il termine dell'avviso non è passato."
    )
    when = f"il {day_in_words(annulment.instant)} con {annulment.act}"
    paragraphs = [
        f"La registrazione n. {number} della sua domanda è stata annullata {when}. I dati originali restano leggibili.",
        f"Con {said.act} il direttore generale ha deciso. {what}",
        f"Motivo: {said.reason}",
        f"La domanda è nel servizio, all'indirizzo {service.settings.address}.",
    ]
    return AnswerFacts(
        administration=administration.name,
        office="Il direttore generale",
        recipient=annulled.sender.name if annulled.sender else "",
        recipient_address="",
        subject=_subject(annulled),
        reference=f"protocollo n. {number} del {day_in_words(annulled.instant)}",
        text="\n\n".join(paragraphs),
        rehearsal=rehearsal_mark(edition, at),
    )
