"""The register beside the cases: which entries were annulled, which case each one opened, who registered them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from intake.applications.lifecycle import state_in_words
from intake.applications.models import Application, Submission
from intake.cases.annulment_models import AnnulmentWord
from intake.people.models import Person
from protocol_register import tables
from protocol_register.entries import Entry

DESK, OFFICE = "desk", "office"


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """An entry with what the office adds to it. ``application_id`` None: it opened no case."""

    entry: Entry
    annulled: bool
    application_id: uuid.UUID | None
    state: str | None


def rows_of(session: Session, entries: Iterable[Entry], language: str) -> list[RegisterRow]:
    """The rows of one page of one register, in the order given; two queries whatever their number."""
    shown = list(entries)
    if not shown:
        return []
    places = [(entry.year, entry.number) for entry in shown]
    code = shown[0].register
    place = tables.annulment.c
    annulled = {
        (row.year, row.number)
        for row in session.execute(
            select(place.year, place.number).where(place.register == code, tuple_(place.year, place.number).in_(places))
        )
    }
    opened = {
        (row.year, row.number): (row.application_id, row.state)
        for row in session.execute(
            select(Submission.year, Submission.number, Submission.application_id, Application.state)
            .join(Application, Application.id == Submission.application_id)
            .where(
                Submission.register_code == code,
                tuple_(Submission.year, Submission.number).in_(places),
            )
        )
    }
    opened |= {
        (row.new_year, row.new_number): (row.application_id, row.state)
        for row in session.execute(
            select(AnnulmentWord.new_year, AnnulmentWord.new_number, AnnulmentWord.application_id, Application.state)
            .join(Application, Application.id == AnnulmentWord.application_id)
            .where(
                AnnulmentWord.register_code == code,
                tuple_(AnnulmentWord.new_year, AnnulmentWord.new_number).in_(places),
            )
        )
    }
    rows = []
    for entry, key in zip(shown, places, strict=True):
        application_id, state = opened.get(key, (None, None))
        words = state_in_words(state, language) if state else None
        rows.append(RegisterRow(entry, key in annulled, application_id, words))
    return rows


def operator_of(person: Person) -> str:
    """How the register names one who works in the office."""
    return f"{OFFICE}:{person.id}"


def operator_name(session: Session, operator: str) -> str:
    """The name behind a register's operator; what is no account of ours is shown as it stands."""
    _, _, reference = operator.partition(":")
    try:
        person = session.get(Person, uuid.UUID(reference))
    except ValueError:
        return operator
    return person.full_name if person else operator
