"""The one table of moves. A move that is not in it cannot happen; each leaves one event and one line of the timeline."""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, DateTime, Select, String, Uuid, any_, bindparam, column, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from intake.applications.models import Application, ApplicationEvent, State
from intake.errors import Refusal
from intake.orm import insert_all
from intake.people.models import Person, Role
from intake.settings import TEMPLATES


class Actor(StrEnum):
    """Who may move an application; the rooms that do so check the person."""

    FILER = "filer"
    PROTOCOL_OFFICE = "protocol_office"
    OFFICER = "officer"
    DIRECTOR = "director"
    DIRECTOR_GENERAL = "director_general"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Move:
    """``target`` None: the state stays as it is, or with ``returning`` becomes again the one that the caller names."""

    event: str
    sources: frozenset[State]
    target: State | None
    actors: frozenset[Actor]
    returning: bool = False


class MoveNotPossible(Refusal):
    code = "move_not_possible"
    message = "Nello stato attuale della domanda ({state}) questa operazione non è possibile."
    remedy = "Riapra la pagina della domanda: forse qualcuno l'ha già portata avanti."


def _move(event: str, sources: tuple[State, ...], target: State | None, *actors: Actor) -> Move:
    return Move(event, frozenset(sources), target, frozenset(actors))


_S, _A = State, Actor
_OPEN_FOR_RECTIFICATION = (_S.REGISTERED, _S.EXAMINED, _S.INTEGRATION_AWAITED)
_SENT = frozenset(State) - {_S.DRAFT, _S.ISSUED, _S.DISCARDED}
_REGISTRATION_STANDS = _SENT - {_S.ANNULMENT_AWAITED, _S.ANNULLED}
MOVES: tuple[Move, ...] = (
    _move("draft_opened", (), _S.DRAFT, _A.FILER),
    _move("data_changed", (_S.DRAFT,), _S.DRAFT, _A.FILER),
    _move("form_issued", (_S.DRAFT,), _S.ISSUED, _A.FILER),
    _move("data_reopened", (_S.ISSUED,), _S.DRAFT, _A.FILER),
    _move("document_received", (_S.ISSUED,), _S.ISSUED, _A.FILER, _A.PROTOCOL_OFFICE),
    _move("document_replaced", (_S.ISSUED,), _S.ISSUED, _A.FILER, _A.PROTOCOL_OFFICE),
    _move("checks_ended", tuple(State), None, _A.SYSTEM),
    _move("transmitted", (_S.ISSUED,), _S.REGISTERED, _A.FILER, _A.PROTOCOL_OFFICE),
    _move("arrival_ranked", (_S.REGISTERED,), _S.REGISTERED, _A.PROTOCOL_OFFICE),
    _move("arrival_matched", tuple(_SENT), None, _A.PROTOCOL_OFFICE),
    _move("registration_annulled", tuple(_REGISTRATION_STANDS), _S.ANNULMENT_AWAITED, _A.PROTOCOL_OFFICE),
    _move("papers_attached", (_S.ISSUED, *_OPEN_FOR_RECTIFICATION, _S.NOT_ADMITTED), None, _A.PROTOCOL_OFFICE),
    Move(
        "registered_anew",
        frozenset({_S.ANNULMENT_AWAITED}),
        None,
        frozenset({_A.DIRECTOR_GENERAL}),
        returning=True,
    ),
    _move("closed_with_annulment", (_S.ANNULMENT_AWAITED,), _S.ANNULLED, _A.DIRECTOR_GENERAL),
    _move("taken", (_S.REGISTERED,), _S.EXAMINED, _A.OFFICER),
    _move("integration_requested", (_S.EXAMINED,), _S.INTEGRATION_AWAITED, _A.OFFICER),
    _move("integration_given", (_S.INTEGRATION_AWAITED,), _S.EXAMINED, _A.FILER),
    _move("integration_term_passed", (_S.INTEGRATION_AWAITED,), _S.TO_BE_DENIED, _A.SYSTEM),
    _move("released", (_S.EXAMINED,), _S.REGISTERED, _A.OFFICER),
    _move("handed_over", (_S.EXAMINED,), _S.EXAMINED, _A.OFFICER),
    _move("rectified", _OPEN_FOR_RECTIFICATION, None, _A.FILER),
    _move("value_settled", (_S.EXAMINED,), _S.EXAMINED, _A.OFFICER),
    _move("found_admissible", (_S.EXAMINED,), _S.ADMISSIBLE, _A.OFFICER),
    _move("found_not_admissible", (_S.EXAMINED,), _S.NOT_ADMITTED, _A.OFFICER),
    _move("counter_arguments_given", (_S.NOT_ADMITTED,), _S.EXAMINED, _A.FILER),
    _move("counter_term_passed", (_S.NOT_ADMITTED,), _S.TO_BE_DENIED, _A.SYSTEM),
    _move("counter_arguments_refused", (_S.NOT_ADMITTED,), _S.TO_BE_DENIED, _A.OFFICER),
    _move("authorised", (_S.ADMISSIBLE,), _S.AUTHORISED, _A.DIRECTOR),
    _move("denied", (_S.TO_BE_DENIED,), _S.DENIED, _A.DIRECTOR),
    _move("sent_to_inps", (_S.AUTHORISED,), _S.SENT_TO_INPS, _A.SYSTEM, _A.DIRECTOR),
    _move("authorisation_number_received", (_S.SENT_TO_INPS,), _S.CLOSED, _A.OFFICER, _A.SYSTEM),
    _move("appeal_filed", (_S.DENIED,), _S.UNDER_APPEAL, _A.FILER),
    _move("appeal_refused", (_S.UNDER_APPEAL,), _S.DENIED, _A.DIRECTOR_GENERAL),
    _move("appeal_accepted", (_S.UNDER_APPEAL,), _S.EXAMINED, _A.DIRECTOR_GENERAL),
    _move("revoked", (_S.AUTHORISED, _S.SENT_TO_INPS, _S.CLOSED), _S.REVOKED, _A.DIRECTOR),
    _move("discarded", (_S.DRAFT, _S.ISSUED), _S.DISCARDED, _A.FILER),
    _move("withdrawn", (*_OPEN_FOR_RECTIFICATION, _S.NOT_ADMITTED, _S.ADMISSIBLE), _S.WITHDRAWN, _A.FILER),
)
BY_EVENT: Mapping[str, Move] = {move.event: move for move in MOVES}


_INSIDE_THE_OFFICE = frozenset({"value_settled", "released", "handed_over", "arrival_matched"})
_ABOUT_OTHERS = {"arrival_ranked": {"note": ""}}
"""What an event says of other firms' cases: the office reads it, the filer does not."""


def events_told(application: Application) -> list[ApplicationEvent]:
    """The events that the filer reads, the oldest first: those of the work inside the office are left out."""
    return [event for event in application.events if event.name not in _INSIDE_THE_OFFICE]


def filer_of(event: ApplicationEvent) -> Person | None:
    """Who did it for the firm; None for what the office or the service did, which name nobody to the filer."""
    by_firm = Actor.FILER in BY_EVENT[event.name].actors
    return event.person if by_firm and event.person and event.person.has_role(Role.FILER) else None


def lock(session: Session, application_id: uuid.UUID) -> Application:
    """The application with its row locked until the transaction ends: moves of one application never overlap."""
    return session.scalars(locked(select(Application).where(Application.id == application_id))).one()


def locked(wanted: Select[Application]) -> Select[Application]:
    """The same rows, locked, as they are now and not as they were read before."""
    return wanted.with_for_update(of=Application).execution_options(populate_existing=True)


def move(
    session: Session,
    application: Application,
    event: str,
    *,
    actor: Actor,
    person: Person | None,
    at: datetime,
    back_to: State | None = None,
    **detail: Any,
) -> ApplicationEvent:
    """Moves a locked application and writes the event. ``back_to``: where a move goes that returns to an earlier state.

    Raises ``MoveNotPossible``; ``KeyError`` for an unknown event.
    """
    _possible(application, event, actor)
    after = newest_sequences(session, [application.id]).get(application.id, 0)
    written = event_of_move(
        application, event, actor=actor, person=person, at=at, after=after, back_to=back_to, **detail
    )
    application.state, application.updated_at = written.state_after, at
    session.add(written)
    session.flush()
    return written


def event_of_move(
    application: Application,
    event: str,
    *,
    actor: Actor,
    person: Person | None,
    at: datetime,
    after: int,
    back_to: State | None = None,
    **detail: Any,
) -> ApplicationEvent:
    """The event of a move that ``move_all`` makes, for whoever moves many at once. Raises as ``move``.

    ``after``: the sequence of the newest event, read while the application was locked."""
    known = _possible(application, event, actor)
    if known.returning != (back_to is not None):
        raise ValueError(f"{event} names a state to go back to exactly where it returns")
    return ApplicationEvent(
        application_id=application.id,
        sequence=after + 1,
        name=event,
        state_before=application.state if known.sources else None,
        state_after=known.target or back_to or application.state,
        at=at,
        person_id=person.id if person else None,
        detail=detail,
    )


def move_all(session: Session, moves: Sequence[tuple[Application, ApplicationEvent]]) -> None:
    """Moves locked applications, each by its event, and writes the events: two statements for all of them."""
    if not moves:
        return
    applications, events = zip(*moves, strict=True)
    states = {"states": [each.state_after for each in events], "instants": [each.at for each in events]}
    session.execute(_MOVED, {"applications": [each.id for each in applications]} | states)
    for application, event in moves:
        set_committed_value(application, "state", event.state_after)
        set_committed_value(application, "updated_at", event.at)
    insert_all(session, events)


_MOVES = (
    func.unnest(
        bindparam("applications", type_=ARRAY(Uuid)),
        bindparam("states", type_=ARRAY(String)),
        bindparam("instants", type_=ARRAY(DateTime(timezone=True))),
    )
    .table_valued(column("id", Uuid), column("state", String), column("at", DateTime(timezone=True)), name="moved")
    .render_derived()
)
_MOVED = (
    update(Application)
    .where(Application.id == _MOVES.c.id)
    .values(state=_MOVES.c.state, updated_at=_MOVES.c.at)
    .execution_options(synchronize_session=False)
)


def _possible(application: Application, event: str, actor: Actor) -> Move:
    known = BY_EVENT[event]
    if actor not in known.actors or (known.sources and application.state not in known.sources):
        raise MoveNotPossible(state=state_in_words(application.state))
    return known


def timeline_sentence(event: ApplicationEvent, language: str = "it") -> str:
    """The line a person reads for one event, made from the one template that bears its name."""
    return str(_texts()["timeline"][event.name][language]).format_map(_Facts(event.detail))


def sentence_told(event: ApplicationEvent, language: str = "it") -> str:
    """The same line as the filer reads it: without what it says of other firms' cases."""
    facts = _Facts(event.detail | _ABOUT_OTHERS.get(event.name, {}))
    return str(_texts()["timeline"][event.name][language]).format_map(facts)


def state_in_words(state: State, language: str = "it") -> str:
    return str(_texts()["state"][state.value][language])


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads((TEMPLATES / "messages" / "timeline.toml").read_text())


def newest_sequences(session: Session, applications: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The sequence of each application's newest event; one without events is left out."""
    return dict(session.execute(_NEWEST, {"applications": list(applications)}).all())


_NEWEST = (
    select(ApplicationEvent.application_id, func.max(ApplicationEvent.sequence))
    .where(ApplicationEvent.application_id == any_(bindparam("applications", type_=ARRAY(Uuid))))
    .group_by(ApplicationEvent.application_id)
)
