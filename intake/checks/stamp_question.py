"""What is asked of an application's marks of stamp duty: the rule of its notice that day, what its form declares, the lists."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from intake.applications.models import Application, IssuedForm
from intake.checks.stamp_duty import declared_identifiers
from intake.checks.stamp_marks import StampQuestion
from intake.clock import ROME
from intake.notices.duty import DutyRule, stamp_duty_due
from intake.notices.pack import NoticePack
from intake.stamp_ledger.authorizations import kept_authorizations
from intake.stamp_ledger.ledger import Use
from signing.stamp_duty.mark import StampKind

_SERVING_ONCE = frozenset({StampKind.contrassegno.value, StampKind.digital.value, StampKind.f23.value})


def stamp_question(
    session: Session, application: Application, form: IssuedForm, pack: NoticePack, *, at: datetime
) -> StampQuestion:
    """The question at the real instant ``at``; once registered, the duty is that of the day of registration."""
    submission = application.submission
    judged_at = application.edition.own_clock(submission.legal_instant if submission else at)
    on = judged_at.astimezone(ROME).date()
    declared, employer = form.data["stamp_duty"], form.data["employer"]
    people = (employer.get("tax_code"), employer.get("vat_number"), form.data["filed_by"]["tax_code"])
    return StampQuestion(
        on=on,
        # Marks bear real days; on a notice whose clock runs elsewhere either day will do.
        received_on=max(on, at.astimezone(ROME).date()),
        rule=_rule(pack, on),
        way=declared.get("way") or None,
        identifiers=declared_identifiers(declared.get("identifier") or ""),
        kept=kept_authorizations(session),
        parties=frozenset(code for code in people if code),
        titles=tuple((way.way, way.title) for way in pack.stamp_duty.ways),
        rehearsal=application.edition.is_rehearsal,
    )


def stamp_papers(pack: NoticePack) -> frozenset[str]:
    """Keys of the attachments that bear a mark of stamp duty."""
    return frozenset(each.key for each in pack.attachments if each.required_when.startswith("stamp_"))


def uses_in(stamps: dict[str, Any] | None, form_document: uuid.UUID | None) -> Iterator[Use]:
    """What goes to the ledger of one look: identifiers seen, and those declared that no file shows."""
    if stamps is None:
        return
    seen = set()
    for mark in stamps["marks"]:
        if mark["kind"] in _SERVING_ONCE and mark["identifier"]:
            seen.add((mark["kind"], mark["identifier"]))
            yield Use(mark["kind"], mark["identifier"], uuid.UUID(mark["document"]), seen=True)
    if form_document is None or stamps["way"] not in _SERVING_ONCE:
        return
    for identifier in stamps["declared"]:
        if (stamps["way"], identifier) not in seen:
            yield Use(stamps["way"], identifier, form_document, seen=False)


def _rule(pack: NoticePack, on: Any) -> DutyRule | None:
    try:
        return stamp_duty_due(pack, on)
    except ValueError:
        return None  # the notice says nothing of a day before its first regime
