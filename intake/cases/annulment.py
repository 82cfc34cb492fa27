"""Annulling a registration by its act: the number stays readable, the case waits for the director general, nothing vanishes."""

from __future__ import annotations

import uuid
from datetime import datetime
from http import HTTPStatus
from itertools import zip_longest

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.lifecycle import Actor, lock, move
from intake.applications.models import Application, State, Submission
from intake.cases.annulment_models import AnnulmentWord
from intake.cases.register_view import operator_of
from intake.errors import Refusal
from intake.notices.models import NoticeEdition
from intake.notices.terms import Pause
from intake.people.models import Person
from intake.protocol.heads import kept_head
from intake.service import Service
from protocol_register.registration import annul

_ANNULLED, _WORDS = "registration_annulled", frozenset({"registered_anew", "closed_with_annulment"})
_WHY = "la registrazione della domanda era annullata e si attendeva il direttore generale"


class RegistrationMovedOn(Refusal):
    code = "registration_moved_on"
    message = "Mentre annullava, questa registrazione è diventata una domanda: non è stata annullata."
    remedy = "Riapra la registrazione, guardi la domanda e, se va annullata comunque, ripeta l'annullamento."
    status = HTTPStatus.CONFLICT


def annul_registration(
    service: Service,
    session: Session,
    person: Person,
    edition: NoticeEdition,
    year: int,
    number: int,
    *,
    act: str,
    reason: str,
    at: datetime,
) -> None:
    """Annuls one registration of an edition (DPR 445/2000, art. 54) and tells the case that it opened, if any.

    The last thing before the commit. Raises ``RegistrationMovedOn`` and what ``protocol_register.registration.annul`` raises.
    """
    code = edition.register_code
    opened = case_of_registration(session, code, year, number)
    application = lock(session, opened) if opened else None
    annul(
        session.connection(),
        code,
        year,
        number,
        operator=operator_of(person),
        act=act,
        reason=reason,
        key=service.keys.register_key(code),
        known=kept_head(service, code),
    )
    if case_of_registration(session, code, year, number) != opened:  # filed while this waited for the register's lock
        raise RegistrationMovedOn
    if application is not None:
        actor = Actor.PROTOCOL_OFFICE
        move(session, application, _ANNULLED, actor=actor, person=person, at=at, act=act)


def case_of_registration(session: Session, register_code: str, year: int, number: int) -> uuid.UUID | None:
    """The application that a registration opened, or that it stands for since the director general had it registered anew."""
    submitted = select(Submission.application_id).where(
        Submission.register_code == register_code, Submission.year == year, Submission.number == number
    )
    anew = select(AnnulmentWord.application_id).where(
        AnnulmentWord.register_code == register_code, AnnulmentWord.new_year == year, AnnulmentWord.new_number == number
    )
    return session.scalar(submitted.union_all(anew))


def words_on(session: Session, application_id: uuid.UUID) -> list[AnnulmentWord]:
    """What the director general decided about a case each time that its registration was annulled, the newest first."""
    wanted = select(AnnulmentWord).where(AnnulmentWord.application_id == application_id)
    return list(session.scalars(wanted.order_by(AnnulmentWord.decided_at.desc())))


def standing_place(session: Session, submission: Submission) -> tuple[str, int, int]:
    """Register, year and number of the newest registration of a case."""
    for word in words_on(session, submission.application_id):
        if word.new_year is not None and word.new_number is not None:
            return word.register_code, word.new_year, word.new_number
    return submission.register_code, submission.year, submission.number


def place_in_force(session: Session, place: tuple[str, int, int]) -> tuple[str, int, int]:
    """Register, year and number that stand today for a registration: its own, or those that replaced it, word after word."""
    code, year, number = place
    word = session.scalar(
        select(AnnulmentWord).where(
            AnnulmentWord.register_code == code,
            AnnulmentWord.year == year,
            AnnulmentWord.number == number,
            AnnulmentWord.new_number.is_not(None),
        )
    )
    if word is None or word.new_year is None or word.new_number is None:
        return place
    return place_in_force(session, (code, word.new_year, word.new_number))


def pauses_of(application: Application, *, at: datetime) -> tuple[Pause, ...]:
    """The whiles in which the employer could give nothing, by the notice's clock: from each annulment to the word on it.

    One that waits still ends ``at``. What computes a term of the case is given them
    (docs/adr/0016-what-an-annulled-case-bore.md).
    """
    own_clock = application.edition.own_clock
    marks = [each for each in application.events if each.name in {_ANNULLED, *_WORDS}]
    ends = [each.at for each in marks if each.name in _WORDS]
    begins = [each.at for each in marks if each.name == _ANNULLED]
    return tuple(
        Pause(own_clock(since), own_clock(until), _WHY) for since, until in zip_longest(begins, ends, fillvalue=at)
    )


def cases_awaiting_word(session: Session, edition: NoticeEdition) -> list[Submission]:
    """The cases of an edition whose registration was annulled and that wait for the director general, in their order."""
    return list(
        session.scalars(
            select(Submission)
            .join(Application, Application.id == Submission.application_id)
            .where(Application.edition_id == edition.id, Application.state == State.ANNULMENT_AWAITED)
            .order_by(Submission.legal_instant, Submission.year, Submission.number)
        )
    )
