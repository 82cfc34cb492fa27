"""A list of workers in the firm's own layout: kept, read by a worker, proposed, taken into the draft when confirmed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from intake.applications.access import application_for, locked_application_for
from intake.applications.draft import Draft, FormInForce, save_draft, with_rows, with_table
from intake.applications.list_proposal_models import ListProposal, ProposalState
from intake.applications.list_proposal_rows import reading_json
from intake.applications.returns import FileTooLarge, Incoming, NothingReceived
from intake.checks.apart import ApartFailed, Tell, run_apart
from intake.errors import NotFound, Refusal
from intake.people.models import Person
from intake.queue import READ_WORKER_LIST, enqueue
from intake.service import Service
from intake.settings import MEGABYTE
from intake.typed_text import visible

MOST_FILES = 5
_NAMELESS = "elenco"
_SPARE_SECONDS = 20.0
_MOST_MEMORY = 1500 * MEGABYTE
_OPEN = (ProposalState.WAITING, ProposalState.READ)

log = structlog.get_logger()


class TooManyLists(Refusal):
    code = "too_many_lists"
    message = "Un elenco può stare in {most} file al massimo, non in {count}."
    remedy = "Unisca le pagine in un solo PDF, oppure carichi un elenco alla volta."


class ProposalSettled(Refusal):
    code = "proposal_settled"
    message = "Questa lettura dell'elenco è già stata usata o messa da parte."
    remedy = "Guardi la tabella dei lavoratori: se manca qualcuno, carichi di nuovo l'elenco."


def request_reading(
    service: Service,
    session: Session,
    person: Person,
    application_id: uuid.UUID,
    files: Sequence[Incoming],
    *,
    at: datetime,
) -> ListProposal:
    """Keeps the files and asks a worker to read them; an older proposal still open is put aside.

    Raises ``NotFound``, ``FormInForce``, ``NothingReceived``, ``TooManyLists``, ``FileTooLarge``.
    """
    if not files:
        raise NothingReceived
    if len(files) > MOST_FILES:
        raise TooManyLists(most=MOST_FILES, count=len(files))
    for file in files:
        if len(file.data) > service.settings.largest_upload:
            raise FileTooLarge(name=file.name, most=service.settings.largest_upload // MEGABYTE)
    application = locked_application_for(session, person, application_id)
    if form := application.current_form:
        raise FormInForce(form=form.form)
    kept = [
        {"name": visible(each.name) or _NAMELESS, "sha256": service.store.put(each.data), "size": len(each.data)}
        for each in files
    ]
    session.execute(
        update(ListProposal)
        .where(ListProposal.application_id == application_id, ListProposal.state.in_(_OPEN))
        .values(state=ProposalState.SET_ASIDE)
    )
    proposal = ListProposal(
        application_id=application_id,
        files=kept,
        state=ProposalState.WAITING,
        requested_at=at,
        requested_by=person.id,
    )
    session.add(proposal)
    session.flush()
    enqueue(session, READ_WORKER_LIST, lock=f"list:{application_id}", proposal_id=str(proposal.id))
    return proposal


def proposal_of(session: Session, person: Person, application_id: uuid.UUID, proposal_id: uuid.UUID) -> ListProposal:
    """One proposal of an application that ``person`` acts for. Raises ``NotFound``."""
    application_for(session, person, application_id)
    found = session.get(ListProposal, proposal_id)
    if found is None or found.application_id != application_id:
        raise NotFound
    return found


def open_proposal(session: Session, application_id: uuid.UUID) -> ListProposal | None:
    """The proposal that waits for a worker or for the person, if there is one."""
    return session.scalar(
        select(ListProposal)
        .where(ListProposal.application_id == application_id, ListProposal.state.in_(_OPEN))
        .order_by(ListProposal.requested_at.desc())
        .limit(1)
    )


def perform_reading(service: Service, proposal_id: uuid.UUID) -> None:
    """Reads the files of one proposal in a limited process. Run again, it reads again; what is settled is left alone."""
    with service.transaction() as session:
        proposal = session.get_one(ListProposal, proposal_id)
        if proposal.state is not ProposalState.WAITING:
            return
        stored = list(proposal.files)
    files = tuple((each["name"], service.store.get(each["sha256"])) for each in stored)
    seconds = float(service.settings.check_seconds)
    try:
        reading = run_apart(
            _read, (files, seconds), lambda *_: None, seconds=seconds + _SPARE_SECONDS, resident=_MOST_MEMORY
        )
        state = ProposalState.READ
    except ApartFailed as failure:
        log.warning("worker_list_not_read", proposal=str(proposal_id), reason=failure.reason)
        reading, state = None, ProposalState.FAILED
    with service.transaction() as session:
        session.execute(
            update(ListProposal)
            .where(ListProposal.id == proposal_id, ListProposal.state == ProposalState.WAITING)
            .values(reading=reading, state=state, finished_at=service.clock())
        )


def use_proposal(
    session: Session,
    person: Person,
    proposal: ListProposal,
    typed: Mapping[str, str],
    *,
    keep: bool,
    version: int | None,
    at: datetime,
) -> int:
    """Takes the rows as they stand on the screen into the draft; ``keep``: after those already there. How many.

    ``version``: of the draft whose workers the screen counted; without ``keep`` those and no others are replaced.

    Raises ``ProposalSettled`` and what saving a draft raises.
    """
    locked_application_for(session, person, proposal.application_id)
    session.refresh(proposal, with_for_update=True)
    if proposal.state is not ProposalState.READ:
        raise ProposalSettled
    confirmed = with_rows({}, "workers", typed)["workers"]
    save_draft(
        session,
        person,
        proposal.application_id,
        lambda draft: _with_workers(draft, confirmed, keep=keep),
        version=None if keep else version,
        at=at,
    )
    proposal.state = ProposalState.USED
    session.flush()
    return len(confirmed)


def set_aside(session: Session, proposal: ListProposal) -> None:
    """The person does not want the proposal; its files stay, as everything received does. Asked twice, it is one act.

    Raises ``ProposalSettled`` for a proposal whose rows are in the draft already.
    """
    session.refresh(proposal, with_for_update=True)
    if proposal.state is ProposalState.USED:
        raise ProposalSettled
    proposal.state = ProposalState.SET_ASIDE
    session.flush()


def _with_workers(draft: Draft, confirmed: list[dict[str, Any]], *, keep: bool) -> Draft:
    return with_table(draft, "workers", [*(draft["workers"] if keep else []), *confirmed])


def _read(given: tuple[tuple[tuple[str, bytes], ...], float], _: Tell) -> dict[str, Any]:
    from ocr.worker_list.reading import read_worker_list

    files, seconds = given
    return reading_json(read_worker_list(files, seconds=seconds))
