"""Those who transmit at the same moment stand in one line, and one transaction registers all who wait.

On opening day a transaction for each would mean, for each, the register's lock and a wait for the disk, one after the
other. Here whoever finds nobody serving serves everybody in the line, in their order, and is one of them; nobody is
told anything before the commit.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select
from sqlalchemy.orm import lazyload

from intake.applications.models import Submission
from intake.applications.transmission import Asked, transmit_all
from intake.errors import Refusal
from intake.people.models import Person
from intake.service import Service

MOST_TOGETHER = 50
"""So many share a transaction: enough to spare the disk, few enough to keep the register's lock short."""
LONGEST_GATHERING = 0.25
"""Seconds. A turn costs the database and this process nearly the same for one as for ten."""
_PEOPLE = (
    select(Person).where(Person.id == any_(bindparam("people", type_=ARRAY(Uuid)))).options(lazyload(Person.roles))
)


class LeftUnserved(Exception):
    """The thread that served a turn was ended in the middle of it: nothing of the turn was registered."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """``called``: the answer is there, or it is this one's turn to serve those who wait."""

    person_id: uuid.UUID
    application_id: uuid.UUID
    confirmed: Collection[str]
    at: datetime
    answer: Future[Submission] = field(default_factory=Future)
    called: threading.Event = field(default_factory=threading.Event)


class TransmissionLine:
    """The line of one web process. Other processes have their own: the register's lock puts all of them in order."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._waiting: deque[_Waiting] = deque()
        self._entrance = threading.Lock()
        self._served = False
        self._gathering = 0.0
        self._enough = threading.Event()

    def transmit(
        self, person_id: uuid.UUID, application_id: uuid.UUID, *, confirmed: Collection[str], at: datetime
    ) -> Submission:
        """Comes back when the registration is committed. Raises what ``transmission.transmit`` raises.

        The caller must hold no lock of its own on the application, and no database connection if many wait.
        """
        mine = _Waiting(person_id, application_id, confirmed, at)
        with self._entrance:
            self._waiting.append(mine)
            if len(self._waiting) >= MOST_TOGETHER:
                self._enough.set()
            if not self._served:
                self._served = True
                mine.called.set()
        mine.called.wait()
        if not mine.answer.done():
            self._serve_those_who_wait()
        return mine.answer.result()

    def _serve_those_who_wait(self) -> None:
        """Whoever is called is the first in the line. Afterwards the first of those who came meanwhile is called.

        After a turn of several the next one lets those just answered come again, for half as long as that turn took:
        otherwise they would always miss the turn that begins at once, and two halves of a crowd would take two turns.
        """
        turn: list[_Waiting] = []
        try:
            self._enough.wait(self._gathering)
            turn = self._next_turn()
            began = time.monotonic()
            self._serve(turn)
            self._gathering = min((time.monotonic() - began) / 2, LONGEST_GATHERING) if len(turn) > 1 else 0.0
        finally:
            turn = turn or self._next_turn()
            with self._entrance:
                self._served = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].called.set()
            for each in turn:
                if not each.answer.done():
                    each.answer.set_exception(LeftUnserved())
                each.called.set()

    def _next_turn(self) -> list[_Waiting]:
        with self._entrance:
            turn = [self._waiting.popleft() for _ in range(min(MOST_TOGETHER, len(self._waiting)))]
            if len(self._waiting) < MOST_TOGETHER:
                self._enough.clear()
            return turn

    def _serve(self, turn: Sequence[_Waiting]) -> None:
        """What stops one must not stop the others: when the turn fails, nothing of it stays and each goes alone."""
        try:
            outcomes = self._registered(turn)
        except Exception as error:  # noqa: BLE001 - handed to the one who asked, or tried again one by one
            if len(turn) == 1:
                turn[0].answer.set_exception(error)
                return
            for each in turn:
                self._serve([each])
            return
        for each, outcome in zip(turn, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                each.answer.set_exception(outcome)
            else:
                each.answer.set_result(outcome)

    def _registered(self, turn: Sequence[_Waiting]) -> list[Submission | Refusal]:
        with self._service.transaction() as session:
            wanted = {"people": [each.person_id for each in turn]}
            people = {person.id: person for person in session.scalars(_PEOPLE, wanted)}
            return transmit_all(
                self._service,
                session,
                [Asked(people[each.person_id], each.application_id, each.confirmed, each.at) for each in turn],
            )
