"""The reconciliation of one application: its witnesses gathered from what its run of checks read, and its findings."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.list_proposal_models import ListProposal, ProposalState
from intake.applications.models import IssuedForm, ReturnedDocument
from intake.checks.finding import Finding
from intake.checks.models import CheckRun
from intake.checks.reconciliation import AgreementRule, Discrepancy, Reconciliation, reconcile
from intake.checks.reconciliation_matching import match_workers
from intake.checks.reconciliation_papers import (
    BroughtList,
    agreement_witness,
    attached_list_witnesses,
    declarations_witness,
    list_witness,
)
from intake.checks.reconciliation_sources import application_witness, form_witness
from intake.checks.reconciliation_witness import Witness, WitnessKind
from intake.notices.pack import NoticePack

AGREEMENT_KEY = "union_agreement"
_SAID_ELSEWHERE = frozenset({WitnessKind.FORM, WitnessKind.DECLARATIONS})
"""What differs there has findings of its own: here it only has its place in the table."""

_TOLD_APART = 5
_MOST_NAMED = 20
_LEAST_LISTED = 2

Readings = Mapping[str, Mapping[str, Any] | None]


def readings_of(run: CheckRun) -> Readings:
    """What ``run`` read of each kind of paper."""
    return {
        "reading": run.reading,
        "declarations": run.declarations,
        "agreement": run.agreement,
        "worker_list": run.worker_list,
    }


def lists_brought(session: Session, application_id: uuid.UUID) -> tuple[BroughtList, ...]:
    """The lists whose rows went into the application, the newest first."""
    used = session.scalars(
        select(ListProposal)
        .where(ListProposal.application_id == application_id, ListProposal.state == ProposalState.USED)
        .order_by(ListProposal.requested_at.desc())
    )
    return tuple(
        BroughtList((each.reading or {}).get("rows", ()), {file["name"]: file["sha256"] for file in each.files})
        for each in used
    )


def reconcile_case(
    form: IssuedForm,
    readings: Readings,
    documents: Sequence[ReturnedDocument],
    pack: NoticePack,
    *,
    lists: Sequence[BroughtList] = (),
) -> Reconciliation:
    """``readings``: what a run read, as JSON, by the name of the run's column."""
    application = application_witness(form.data, form.form_map)
    names = {str(document.id): document.name for document in documents}
    others = tuple(each for each in _witnesses(readings, names, lists) if _is_about(each, application))
    rule = _agreement_rule(form, documents, pack, read=any(each.kind is WitnessKind.AGREEMENT for each in others))
    return reconcile(application, others, rule)


def reconciliation_findings(found: Reconciliation) -> list[Finding]:
    """Findings of the discrepancies, at their place on the issued form. Many of one kind are told together: the office has
    them one by one in its table."""
    told = [each for each in found.discrepancies if each.kind not in _SAID_ELSEWHERE]
    groups: dict[tuple[str, WitnessKind, str | None], list[Discrepancy]] = {}
    for each in told:
        groups.setdefault((each.code, each.kind, each.theirs.document), []).append(each)
    return [finding for group in groups.values() for finding in _findings(group)]


def _findings(group: Sequence[Discrepancy]) -> list[Finding]:
    if len(group) <= _TOLD_APART or not group[0].who:
        return [_finding(each) for each in group]
    first = _finding(group[0])
    others = ", ".join(each.who for each in group[1:_MOST_NAMED])
    more = f" e altri {len(group) - _MOST_NAMED}" if len(group) > _MOST_NAMED else ""
    return [replace(first, message=f"{first.message} Lo stesso vale per {others}{more}.", field=None)]


def _is_about(witness: Witness, application: Witness) -> bool:
    """A paper that names nobody of the application, or one person alone, is no list of its workers."""
    if witness.kind is not WitnessKind.LIST or witness.document is None:
        return True
    named = witness.workers or ()
    return len(named) >= _LEAST_LISTED and bool(match_workers(application.workers or (), named).matches)


def _witnesses(readings: Readings, names: Mapping[str, str], lists: Sequence[BroughtList]) -> Iterator[Witness]:
    reading, agreement = readings.get("reading"), readings.get("agreement")
    if reading and (form := form_witness(reading)):
        yield form
    if listed := list_witness(lists):
        yield listed
    if attached := readings.get("worker_list"):
        yield from attached_list_witnesses(attached, names)
    if declarations := readings.get("declarations"):
        yield declarations_witness(declarations)
    if agreement and (agreed := agreement_witness(agreement, names)):
        yield agreed


def _agreement_rule(
    form: IssuedForm, documents: Sequence[ReturnedDocument], pack: NoticePack, *, read: bool
) -> AgreementRule | None:
    """``read``: an agreement was found on the papers, under its heading or not."""
    threshold = pack.employers.agreement_above
    if threshold is None:
        return None
    attached = read or any(each.attachment_key == AGREEMENT_KEY for each in documents)
    return AgreementRule(
        threshold.value, threshold.citation, met=attached or bool(form.data["agreement"].get("waiver"))
    )


def _finding(discrepancy: Discrepancy) -> Finding:
    ours, theirs = discrepancy.ours, discrepancy.theirs
    return Finding(
        discrepancy.code,
        discrepancy.severity,
        discrepancy.message,
        discrepancy.remedy,
        discrepancy.law,
        technical=f"{discrepancy.kind.value}, p. {theirs.page}" if theirs.page else discrepancy.kind.value,
        page=ours.page,
        box=ours.box,
        field=f"workers.{discrepancy.worker}" if discrepancy.worker else None,
    )
