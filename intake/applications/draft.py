"""The draft: what a person typed so far. Saved at once, whole or not; nothing in it blocks typing."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.access import locked_application_for
from intake.applications.fields import PERIOD, SINGLE, WORKER, Field
from intake.applications.lifecycle import Actor, move
from intake.applications.models import Application, ApplicationEvent, State
from intake.errors import Refusal
from intake.notices.models import NoticeEdition
from intake.people.mandates import active_mandates, employer_of
from intake.people.models import Capacity, Employer, Person
from intake.typed_text import visible

Draft = dict[str, Any]
MOST_WORKERS = 1000
MOST_PERIODS = 60
TABLES: Mapping[str, tuple[tuple[Field, ...], int]] = {
    "periods": (PERIOD, MOST_PERIODS),
    "workers": (WORKER, MOST_WORKERS),
}


class DraftMovedOn(Refusal):
    code = "draft_moved_on"
    message = "Intanto la bozza è stata modificata da un'altra finestra o da un'altra persona."
    remedy = "Abbiamo tenuto l'altra versione. Ricarichi la pagina, controlli e riscriva solo quello che manca."


class FormInForce(Refusal):
    code = "form_in_force"
    message = "Per questa domanda è già stato emesso il modulo {form}: i dati sono fermi."
    remedy = "Per cambiarli riapra i dati: il modulo emesso non varrà più e ne scaricherà uno nuovo."


class RowsTooMany(Refusal):
    code = "rows_too_many"
    message = "Una domanda può avere al massimo {most} righe in questo elenco."
    remedy = "Divida i lavoratori in più domande, una per unità produttiva."


def open_draft(
    session: Session, person: Person, edition: NoticeEdition, employer_id: uuid.UUID, *, at: datetime
) -> Application:
    """Starts an application for a firm that ``person`` acts for. Raises ``NotFound`` for any other firm."""
    employer = employer_of(session, person, employer_id)
    application = Application(
        edition_id=edition.id,
        employer_id=employer.id,
        opened_by=person.id,
        state=State.DRAFT,
        draft=_first_draft(session, employer),
        created_at=at,
        updated_at=at,
    )
    session.add(application)
    session.flush()
    move(session, application, "draft_opened", actor=Actor.FILER, person=person, at=at)
    return application


def save_draft(
    session: Session,
    person: Person,
    application_id: uuid.UUID,
    change: Callable[[Draft], Draft],
    *,
    version: int | None,
    at: datetime,
) -> Application:
    """Applies ``change`` to the draft. ``version``: the one the screen showed, None to take the newest.

    Raises ``NotFound``, ``FormInForce``, ``DraftMovedOn``. Saving over and over leaves one line in the timeline, because
    the draft itself is mutable: the version counts the savings.
    """
    application = locked_application_for(session, person, application_id)
    if form := application.current_form:
        raise FormInForce(form=form.form)
    if version is not None and version != application.draft_version:
        raise DraftMovedOn
    changed = change(deepcopy(application.draft))
    if changed == application.draft:
        return application
    application.draft = changed
    application.draft_version += 1
    application.updated_at = at
    if _newest_event(session, application) not in {"data_changed", None}:
        move(session, application, "data_changed", actor=Actor.FILER, person=person, at=at)
    return application


def discard(session: Session, person: Person, application_id: uuid.UUID, *, at: datetime) -> None:
    """Puts away an application that was never transmitted; what was received for it is kept."""
    application = locked_application_for(session, person, application_id)
    if form := application.current_form:
        form.superseded_at = at
    move(session, application, "discarded", actor=Actor.FILER, person=person, at=at)


def reopen(session: Session, person: Person, application_id: uuid.UUID, *, at: datetime) -> Application:
    """Voids the issued form, so that data can be changed again; documents returned for it no longer count."""
    application = locked_application_for(session, person, application_id)
    form = application.current_form
    move(
        session,
        application,
        "data_reopened",
        actor=Actor.FILER,
        person=person,
        at=at,
        form=form.form if form else "",
    )
    if form:
        form.superseded_at = at
    for document in application.current_documents:
        document.replaced_at = at
    return application


def with_fields(draft: Draft, typed: Mapping[str, str]) -> Draft:
    """The draft with single fields set from ``{"employer.name": "…"}``; unknown names are ignored."""
    for field in SINGLE:
        if field.path in typed:
            put(draft, field.path, field.tidy(typed[field.path]))
    return draft


def with_ticks(draft: Draft, part: str, keys: tuple[str, ...], ticked: frozenset[str]) -> Draft:
    """The draft with the ticks of ``part`` (declarations, consents) as they stand on the screen."""
    draft[part] = {key: key in ticked for key in keys}
    return draft


def with_rows(draft: Draft, table: str, typed: Mapping[str, str]) -> Draft:
    """The draft with ``table`` as it stands on the screen, from ``{"workers.1.surname": "…"}``; empty rows fall away."""
    fields, most = TABLES[table]
    numbers = sorted({int(found[1]) for name in typed if (found := re.match(rf"{table}\.(\d{{1,5}})\.", name))})
    rows = [_row(table, number, fields, typed) for number in numbers]
    return with_table(draft, table, [row for row in rows if any(row.values())], most=most)


def _row(table: str, number: int, fields: tuple[Field, ...], typed: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {field.path: field.tidy(typed.get(f"{table}.{number}.{field.path}", "")) for field in fields}
    before = f"{table}.{number}.extra."
    extra = {visible(name.removeprefix(before)): visible(typed[name]) for name in typed if name.startswith(before)}
    if any(extra.values()):
        row["extra"] = extra
    return row


def with_table(draft: Draft, table: str, rows: list[dict[str, Any]], *, most: int | None = None) -> Draft:
    """The draft with ``table`` replaced. Raises ``RowsTooMany``."""
    limit = most or TABLES[table][1]
    if len(rows) > limit:
        raise RowsTooMany(most=limit)
    draft[table] = rows
    return draft


def get(draft: Mapping[str, Any], path: str) -> str:
    """The text at a dotted path, empty where there is none."""
    node: Any = draft
    for part in path.split("."):
        node = node.get(part) if isinstance(node, Mapping) else None
    return node if isinstance(node, str) else ""


def put(draft: Draft, path: str, value: str) -> None:
    *parents, last = path.split(".")
    node = draft
    for part in parents:
        node = node.setdefault(part, {})
    node[last] = value


def _first_draft(session: Session, employer: Employer) -> Draft:
    draft: Draft = {
        "employer": {
            "name": employer.name,
            "tax_code": employer.tax_code,
            "vat_number": employer.vat_number or "",
            "regions_count": "1",
        },
        "periods": [],
        "workers": [],
    }
    for mandate in active_mandates(session, employer.id):
        if mandate.capacity is Capacity.REPRESENTATIVE:
            draft["representative"] = {
                "surname": mandate.person.surname,
                "given_name": mandate.person.given_name,
                "tax_code": mandate.person.tax_code,
                "role": "Legale rappresentante",
            }
            break
    return draft


def _newest_event(session: Session, application: Application) -> str | None:
    return session.scalar(
        select(ApplicationEvent.name)
        .where(ApplicationEvent.application_id == application.id)
        .order_by(ApplicationEvent.sequence.desc())
        .limit(1)
    )
