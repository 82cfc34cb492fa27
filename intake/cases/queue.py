"""The queue: cases in the order of their legal instant, then number. The oldest ready one is next; any other is an act."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus

from sqlalchemy import ColumnElement, Select, exists, func, select, tuple_
from sqlalchemy.orm import Session, defer

from intake.applications.fields import N_
from intake.applications.lifecycle import Actor, lock, move
from intake.applications.models import Application, State, Submission
from intake.cases.models import Holding
from intake.checks.models import CheckRun, RunState
from intake.errors import NotFound, Refusal
from intake.notices.models import NoticeEdition
from intake.people.models import Person

MOST_SHOWN = 200
MOST_COUNTED = 1000
_RANK = (Submission.legal_instant, Submission.year, Submission.number)
_UNDER_EXAMINATION = (State.EXAMINED, State.INTEGRATION_AWAITED)
_UNENDED = (RunState.WAITING, RunState.RUNNING)


class ReasonCode(StrEnum):
    """Why a case is taken out of its order: published as a code, the free text stays inside."""

    COURT_ORDER = "court_order"
    CONNECTED_CASE = "connected_case"
    REPLACEMENT = "replacement"
    OTHER = "other"


REASON_WORDS = {
    ReasonCode.COURT_ORDER: N_("Lo ordina un giudice"),
    ReasonCode.CONNECTED_CASE: N_("È connessa a una domanda già in esame"),
    ReasonCode.REPLACEMENT: N_("Sostituisce una domanda annullata o ritirata"),
    ReasonCode.OTHER: N_("Altro motivo, spiegato nel testo"),
}


class ReasonNeeded(Refusal):
    code = "reason_needed"
    message = "La domanda n. {number} non è la prima pronta: prima viene la n. {first}."
    remedy = "Prenda la prima, oppure scelga il motivo per cui esce dall'ordine: il motivo si pubblica."
    law = "Avviso: le domande sono istruite secondo l'ordine cronologico di trasmissione"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class AlreadyHeld(Refusal):
    code = "already_held"
    message = "La domanda n. {number} è già in esame da un altro istruttore."
    remedy = "Prenda la prima pronta della coda."


class LeftTheQueue(Refusal):
    code = "left_the_queue"
    message = "La domanda n. {number} non è più in coda."
    remedy = "Prenda la prima pronta della coda. Che cosa ne è stato si legge nella sua pratica: la apra dal registro."


class RegistrationAnnulled(Refusal):
    code = "registration_annulled"
    message = (
        "La domanda n. {number} attende la decisione del direttore generale: la sua registrazione è stata annullata."
    )
    remedy = "Prenda la prima pronta della coda."
    law = "D.P.R. 445/2000, art. 54"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case in the queue. ``place`` counts from 1; ``waits_for`` says what holds it back, None when it is ready."""

    place: int
    application: Application
    submission: Submission
    waits_for: str | None

    @property
    def ready(self) -> bool:
        return self.waits_for is None


def waiting_cases(
    session: Session, edition: NoticeEdition, *, at: datetime, patience: float, most: int = MOST_SHOWN
) -> list[Waiting]:
    """The first ``most`` registered cases that nobody holds, in rank order.

    ``patience``: seconds after which a running check holds none back."""
    rows = session.execute(_queue(edition).limit(most)).unique().all()
    return _judged(session, [(place, *row) for place, row in enumerate(rows, 1)], at, patience)


def count_waiting(session: Session, edition: NoticeEdition) -> int:
    """How many registered cases nobody holds; ``MOST_COUNTED`` + 1 where there are more than ``MOST_COUNTED``."""
    registered = select(Application.id).where(
        Application.edition_id == edition.id, Application.state == State.REGISTERED
    )
    return session.scalar(select(func.count()).select_from(registered.limit(MOST_COUNTED + 1).subquery())) or 0


def first_ready(session: Session, edition: NoticeEdition, *, at: datetime, patience: float) -> Waiting | None:
    """The oldest case that nothing holds back: the next to be examined."""
    wanted = _queue(edition).where(~_checked_now(at, patience)).limit(1)
    found = session.execute(wanted).unique().one_or_none()
    if found is None:
        return None
    submission, application = found
    return Waiting(_place(session, edition, submission), application, submission, None)


def waiting_case(
    session: Session, edition: NoticeEdition, application_id: uuid.UUID, *, at: datetime, patience: float
) -> Waiting | None:
    """One case of the queue, wherever it stands; None where it is not in it."""
    found = session.execute(_queue(edition).where(Application.id == application_id)).unique().one_or_none()
    if found is None:
        return None
    submission, application = found
    placed = (_place(session, edition, submission), submission, application)
    return _judged(session, [placed], at, patience)[0]


def _judged(
    session: Session,
    placed: Sequence[tuple[int, Submission, Application]],
    at: datetime,
    patience: float,
) -> list[Waiting]:
    running = _running_checks(session, [application.id for _, _, application in placed])
    return [
        Waiting(place, application, submission, _waits_for(running.get(application.id), at, patience))
        for place, submission, application in placed
    ]


def _queue(edition: NoticeEdition) -> Select[Submission, Application]:
    return (
        select(Submission, Application)
        .join(Application, Application.id == Submission.application_id)
        .where(
            Submission.register_code == edition.register_code,
            Application.edition_id == edition.id,
            Application.state == State.REGISTERED,
        )
        .options(defer(Application.draft))
        .order_by(*_RANK)
    )


def _place(session: Session, edition: NoticeEdition, submission: Submission) -> int:
    own = (submission.legal_instant, submission.year, submission.number)
    before = _queue(edition).with_only_columns(Submission.number).where(tuple_(*_RANK) < own)
    return (session.scalar(select(func.count()).select_from(before.subquery())) or 0) + 1


def _checked_now(at: datetime, patience: float) -> ColumnElement[bool]:
    return exists().where(
        CheckRun.application_id == Application.id,
        CheckRun.state.in_(_UNENDED),
        CheckRun.requested_at >= at - timedelta(seconds=patience),
    )


def held_by(session: Session, officer: Person, edition: NoticeEdition) -> list[Submission]:
    """The cases that ``officer`` examines now, in rank order."""
    return list(
        session.scalars(
            select(Submission)
            .join(Application, Application.id == Submission.application_id)
            .join(Holding, Holding.application_id == Application.id)
            .where(
                Application.edition_id == edition.id,
                Holding.officer_id == officer.id,
                Holding.released_at.is_(None),
            )
            .order_by(Submission.legal_instant, Submission.year, Submission.number)
        )
    )


def take_shown(
    session: Session,
    officer: Person,
    edition: NoticeEdition,
    application_id: uuid.UUID,
    *,
    at: datetime,
    patience: float,
) -> Application:
    """Gives ``officer`` the case that the screen showed as the next: another one is never taken unseen.

    Asked again by who already holds it, it is the same act sent twice. Raises as ``take_chosen``.
    """
    shown = session.get(Application, application_id)
    if shown is None or shown.edition_id != edition.id:
        raise NotFound
    lock(session, application_id)
    if _holds(session, officer, application_id):
        return shown
    return take_chosen(session, officer, application_id, at=at, patience=patience)


def take_chosen(
    session: Session,
    officer: Person,
    application_id: uuid.UUID,
    *,
    at: datetime,
    patience: float,
    reason_code: ReasonCode | None = None,
    reason: str = "",
) -> Application:
    """Takes one case. Raises ``NotFound``, ``AlreadyHeld``, ``LeftTheQueue``, ``RegistrationAnnulled``, and ``ReasonNeeded``
    when it is not the oldest ready one."""
    application = lock(session, application_id)
    submission = application.submission
    if submission is None:
        raise NotFound
    if application.state is State.ANNULMENT_AWAITED:
        raise RegistrationAnnulled(number=submission.number_shown)
    if application.state in _UNDER_EXAMINATION:
        raise AlreadyHeld(number=submission.number_shown)
    if application.state is not State.REGISTERED:
        raise LeftTheQueue(number=submission.number_shown)
    first = first_ready(session, application.edition, at=at, patience=patience)
    in_order = first is not None and first.application.id == application.id
    if not in_order and (reason_code is None or not reason.strip()):
        raise ReasonNeeded(number=submission.number_shown, first=first.submission.number_shown if first else "–")
    _hold(session, application, officer, at=at, reason_code=None if in_order else reason_code, reason=reason)
    return application


def release(session: Session, officer: Person, application_id: uuid.UUID, *, at: datetime) -> None:
    """Gives a case back to the queue, at the place it had. Raises ``NotFound`` when ``officer`` does not hold it."""
    holding = holding_of(session, officer, application_id)
    application = lock(session, application_id)
    holding.released_at = at
    move(session, application, "released", actor=Actor.OFFICER, person=officer, at=at)


def holding_of(session: Session, officer: Person, application_id: uuid.UUID) -> Holding:
    """The holding in force of ``officer`` over a case. Raises ``NotFound``."""
    holding = session.scalar(_holding(officer, application_id))
    if holding is None:
        raise NotFound
    return holding


def _holds(session: Session, officer: Person, application_id: uuid.UUID) -> bool:
    return session.scalar(_holding(officer, application_id)) is not None


def _holding(officer: Person, application_id: uuid.UUID) -> Select[Holding]:
    return select(Holding).where(
        Holding.application_id == application_id,
        Holding.officer_id == officer.id,
        Holding.released_at.is_(None),
    )


def _hold(
    session: Session,
    application: Application,
    officer: Person,
    *,
    at: datetime,
    reason_code: ReasonCode | None = None,
    reason: str = "",
) -> None:
    out_of_order = reason_code is not None
    session.add(
        Holding(
            application_id=application.id,
            officer_id=officer.id,
            taken_at=at,
            out_of_order=out_of_order,
            reason_code=reason_code.value if reason_code else None,
            reason=reason if out_of_order else None,
        )
    )
    note = f" Fuori ordine: {REASON_WORDS[reason_code].lower()}." if reason_code else ""
    move(session, application, "taken", actor=Actor.OFFICER, person=officer, at=at, note=note)


def _running_checks(session: Session, applications: list[uuid.UUID]) -> dict[uuid.UUID, CheckRun]:
    rows = session.scalars(
        select(CheckRun).where(CheckRun.application_id.in_(applications), CheckRun.state.in_(_UNENDED))
    )
    return {run.application_id: run for run in rows}


def _waits_for(run: CheckRun | None, at: datetime, patience: float) -> str | None:
    if run is None or (at - run.requested_at).total_seconds() > patience:
        return None
    return N_("i controlli automatici dei file")
