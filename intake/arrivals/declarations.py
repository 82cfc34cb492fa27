"""A letter that brings nothing but declarations of availability: its page codes say whose they are, and they go with them.

They are attachments (T5) that the workers sign on pages of ours. An application already sent keeps its place: what comes later
has a registration of its own, and the officer sees it checked like the rest.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.lifecycle import Actor, lock, move
from intake.applications.models import Application, DocumentKind, IssuedForm, Origin, ReturnedDocument, State
from intake.applications.worker_papers import worker_papers_of
from intake.arrivals.filing import CHANNEL_WORDS, ChannelNotAdmitted, channel_refusal
from intake.arrivals.models import Arrival, ArrivalDocument
from intake.arrivals.moves import arrival_of, move_arrival, require_move
from intake.checks.run import request_check
from intake.errors import NotFound, Refusal
from intake.notices.models import NoticeEdition
from intake.people.models import Person
from intake.service import Service
from intake.typesetting.availability_form import application_forms_of


class NoDeclarationsFound(Refusal):
    code = "no_declarations_found"
    message = "Tra i file di questo arrivo non ci sono dichiarazioni stampate per questa domanda."
    remedy = "Scelga la domanda che i codici delle pagine indicano, oppure colleghi il documento senza allegarlo."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True)
class RecognisedDeclarations:
    """Declarations printed with the form ``issued``: as which attachment, in which files, which of their ``of`` pages."""

    issued: IssuedForm
    key: str
    documents: tuple[str, ...]
    pages: tuple[int, ...]
    of: int

    @property
    def current_form(self) -> str:
        """The form in force of their application: what a worker signed stays true when the form is issued again."""
        current = self.issued.application.current_form
        return current.form if current else self.issued.form


def recognised_declarations(session: Session, arrival: Arrival) -> tuple[RecognisedDeclarations, ...]:
    """The declarations of ours that the arrival's pages bear, however often their form was issued again since."""
    seen = (arrival.found or {}).get("forms", [])
    possible = {form for each in seen for form in application_forms_of(each["form"])}
    issued = session.scalars(select(IssuedForm).where(IssuedForm.form.in_(possible))).all() if possible else []
    found = []
    for form in issued:
        for paper in worker_papers_of(form):
            files = [each for each in seen if each["form"] == paper.form]
            if files:
                pages = tuple(sorted({page for each in files for page in each["pages"]}))
                documents = tuple(dict.fromkeys(each["document"] for each in files))
                found.append(RecognisedDeclarations(form, paper.key, documents, pages, paper.pages))
    return tuple(found)


def attach_declarations(
    service: Service,
    session: Session,
    person: Person,
    edition: NoticeEdition,
    arrival_id: uuid.UUID,
    application_id: uuid.UUID,
    *,
    at: datetime,
) -> Arrival:
    """Puts the declarations of a registered arrival among the documents of their application, and asks for its checks.

    Its rank does not change. Raises ``NotFound``, ``ArrivalMovedOn``, ``ChannelNotAdmitted``, ``NoDeclarationsFound``,
    ``MoveNotPossible``.
    """
    arrival = arrival_of(session, edition, arrival_id, lock=True)
    require_move(arrival, "matched")
    application = session.get(Application, application_id)
    if application is None or application.edition_id != edition.id or application.state is State.DRAFT:
        raise NotFound
    application = lock(session, application_id)
    if refused := channel_refusal(service, edition, arrival.channel):
        raise ChannelNotAdmitted(said=refused.message, how=refused.remedy)
    own = [each for each in recognised_declarations(session, arrival) if each.issued.application_id == application_id]
    form = application.current_form
    if not own or form is None:
        raise NoDeclarationsFound
    brought = {document: each.key for each in own for document in each.documents}
    files = [each for each in arrival.documents if str(each.id) in brought]
    number = f"{arrival.number_shown}/{arrival.year}"
    move(
        session,
        application,
        "papers_attached",
        actor=Actor.PROTOCOL_OFFICE,
        person=person,
        at=at,
        channel=CHANNEL_WORDS[arrival.channel],
        number=number,
        title=_titles(service, edition, own),
        pages=sum(len(each.pages) for each in own),
        note=" Il posto nell'ordine di esame non cambia." if application.submission else "",
    )
    session.add_all([_returned(application, person, each, brought[str(each.id)], at=at) for each in files])
    session.flush()
    arrival.application_id = application_id
    case = application.submission.number_shown if application.submission else form.form
    move_arrival(session, arrival, "matched", person=person, at=at, case=case)
    request_check(session, application, form, at=at)
    return arrival


def _titles(service: Service, edition: NoticeEdition, own: list[RecognisedDeclarations]) -> str:
    titles = {each.key: each.title for each in service.pack_of(edition).attachments}
    return ", ".join(dict.fromkeys(titles.get(each.key, each.key) for each in own))


def _returned(
    application: Application, person: Person, document: ArrivalDocument, key: str, *, at: datetime
) -> ReturnedDocument:
    return ReturnedDocument(
        application_id=application.id,
        kind=DocumentKind.ATTACHMENT,
        attachment_key=key,
        name=document.name,
        sha256=document.sha256,
        size=document.size,
        media_type=document.media_type,
        origin=Origin.PAPER,
        received_at=at,
        received_by=person.id,
    )
