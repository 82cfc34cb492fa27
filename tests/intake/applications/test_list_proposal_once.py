"""A proposal read from a list enters the draft once, whoever else had it on the screen (T4, S3)."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.draft import DraftMovedOn, open_draft, save_draft, with_rows
from intake.applications.list_proposal import ProposalSettled, set_aside, use_proposal
from intake.applications.list_proposal_models import ListProposal, ProposalState
from intake.applications.models import Application
from intake.people.models import Employer
from intake.service import Service
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.filings import SARDEGNA

pytestmark = pytest.mark.shared_installation

TYPED = {"workers.1.surname": "SANNA", "workers.2.surname": "PIRAS"}


@pytest.fixture
def proposal_id(service: Service) -> uuid.UUID:
    """A proposal that was read and waits for the person."""
    at = service.clock()
    with service.transaction() as session:
        person = person_named(session, "consulente")
        firm = session.scalars(select(Employer).where(Employer.name == "ALFA SRL")).one()
        application = open_draft(session, person, rehearsal_of(session, SARDEGNA), firm.id, at=at)
        proposal = ListProposal(
            application_id=application.id,
            files=[],
            state=ProposalState.READ,
            requested_at=at,
            requested_by=person.id,
            reading={"rows": []},
        )
        session.add(proposal)
        session.flush()
        return proposal.id


def use(service: Service, session: Session, proposal: ListProposal, *, replace_version: int | None = None) -> int:
    return use_proposal(
        session,
        person_named(session, "consulente"),
        proposal,
        TYPED,
        keep=replace_version is None,
        version=replace_version,
        at=service.clock(),
    )


def surnames(service: Service, proposal_id: uuid.UUID) -> list[str]:
    with service.transaction() as session:
        application = session.get_one(Application, session.get_one(ListProposal, proposal_id).application_id)
        return [worker["surname"] for worker in application.draft["workers"]]


def test_s3_two_screens_with_one_proposal_add_its_workers_once(service: Service, proposal_id: uuid.UUID) -> None:
    with service.transaction() as late:
        stale = late.get_one(ListProposal, proposal_id)
        assert stale.state is ProposalState.READ
        with service.transaction() as quick:
            assert use(service, quick, quick.get_one(ListProposal, proposal_id)) == 2
        with pytest.raises(ProposalSettled):
            use(service, late, stale)
    assert surnames(service, proposal_id) == ["SANNA", "PIRAS"]


def test_s3_what_was_used_on_one_screen_is_not_put_aside_on_another(service: Service, proposal_id: uuid.UUID) -> None:
    with service.transaction() as late:
        stale = late.get_one(ListProposal, proposal_id)
        with service.transaction() as quick:
            use(service, quick, quick.get_one(ListProposal, proposal_id))
        with pytest.raises(ProposalSettled):
            set_aside(late, stale)
    with service.transaction() as session:
        assert session.get_one(ListProposal, proposal_id).state is ProposalState.USED


def test_s3_workers_written_after_the_screen_was_shown_are_not_replaced(
    service: Service, proposal_id: uuid.UUID
) -> None:
    with service.transaction() as session:
        proposal, person = session.get_one(ListProposal, proposal_id), person_named(session, "consulente")
        shown = session.get_one(Application, proposal.application_id).draft_version
        written = with_rows({}, "workers", {"workers.1.surname": "MELIS"})["workers"]
        save_draft(
            session,
            person,
            proposal.application_id,
            lambda draft: draft | {"workers": written},
            version=shown,
            at=service.clock(),
        )
        with pytest.raises(DraftMovedOn):
            use(service, session, proposal, replace_version=shown)
        assert use(service, session, proposal, replace_version=shown + 1) == 2
    assert surnames(service, proposal_id) == ["SANNA", "PIRAS"]
