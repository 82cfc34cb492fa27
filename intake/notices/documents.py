"""Which documents go with an application, and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from intake.notices import wording
from intake.notices.agreement import agreement_waiver
from intake.notices.draft import Data, rows_at, text_at, whole_number_at
from intake.notices.findings import rule_problem
from intake.notices.outcomes import RuleProblem
from intake.notices.pack import NoticeFile
from intake.notices.papers import RequiredWhen

DocumentStatus = Literal["required", "optional", "unknown"]


@dataclass(frozen=True, slots=True)
class RequiredDocument:
    """A document of the application. ``unknown`` while the datum named by ``depends_on`` is missing.

    ``for_workers`` holds the rows (from 1) of the workers who each need one; empty for a document of the whole application.
    """

    key: str
    title: str
    status: DocumentStatus
    reason: str
    law: str
    signed: bool
    help: str | None
    for_workers: tuple[int, ...]
    depends_on: str | None


def required_documents(pack: NoticeFile, data: Data, at: datetime | None = None) -> tuple[RequiredDocument, ...]:
    """The documents that the notice asks for with this application, those it does not ask for left out.

    Besides the application's own data it reads ``data["signature"]["way"]`` (a value of the pack's signature ways) and
    ``data["filed_by"]["capacity"]`` (``employer`` or ``consultant``): until they are known, what depends on them is
    ``unknown``. With ``at`` (notice's clock) a waiver of the agreement counts only on the days the notice gives it.
    """
    today = wording.in_rome(at).date() if at else None
    waived = agreement_waiver(pack, data, today) is not None
    found = []
    for attachment in pack.attachments:
        answer, depends_on = _condition(pack, data, attachment.required_when)
        if answer is False or (waived and attachment.required_when == "staff_above_threshold"):
            continue
        status: DocumentStatus = "unknown" if answer is None else "required"
        rows = tuple(range(1, len(rows_at(data, "workers")) + 1)) if attachment.required_when == "each_worker" else ()
        found.append(
            RequiredDocument(
                key=attachment.key,
                title=attachment.title,
                status="optional" if attachment.required_when == "optional" else status,
                reason=attachment.reason,
                law=attachment.citation,
                signed=attachment.signed,
                help=attachment.help,
                for_workers=rows,
                depends_on=depends_on if answer is None else None,
            )
        )
    return tuple(found)


def missing_documents(
    pack: NoticeFile, data: Data, attached: Collection[str], at: datetime | None = None
) -> tuple[RuleProblem, ...]:
    """A problem for each required document whose key is not among ``attached``.

    A proof of stamp duty has a code of its own: without it the application is received and put right (DPR 642/1972, art. 19).
    """
    stamp_papers = {each.key for each in pack.attachments if each.required_when in _STAMP_CONDITIONS}
    return tuple(
        rule_problem(
            pack,
            "stamp_duty.proof_missing" if document.key in stamp_papers else "document.missing",
            f"documents.{document.key}",
            f"{document.title}: manca. {document.reason}",
            "Lo carichi tra i documenti della domanda." + (f" {document.help}" if document.help else ""),
            law=document.law,
        )
        for document in required_documents(pack, data, at)
        if document.status == "required" and document.key not in attached
    )


_STAMP_CONDITIONS = {
    "stamp_by_contrassegno": "contrassegno",
    "stamp_by_digital": "digital",
    "stamp_by_f23": "f23",
    "stamp_virtual": "virtual",
}


def _condition(pack: NoticeFile, data: Data, condition: RequiredWhen) -> tuple[bool | None, str]:
    """Whether the condition holds (None: not known yet), and the path of the datum it depends on."""
    answer: bool | None = True
    depends_on = ""
    match condition:
        case "always" | "optional":
            pass
        case "staff_above_threshold" | "staff_up_to_threshold":
            answer = _staff(pack, data, above=condition == "staff_above_threshold")
            depends_on = "employer.total_staff"
        case "stamp_by_contrassegno" | "stamp_by_digital" | "stamp_by_f23" | "stamp_virtual":
            answer = _equals(text_at(data, "stamp_duty", "way"), _STAMP_CONDITIONS[condition])
            depends_on = "stamp_duty.way"
        case "each_worker":
            answer, depends_on = True if rows_at(data, "workers") else None, "workers"
        case "hand_signed":
            answer = _equals(text_at(data, "signature", "way"), "hand_with_identity_document")
            depends_on = "signature.way"
        case "filed_by_delegate":
            capacity = text_at(data, "filed_by", "capacity")
            answer, depends_on = None if capacity is None else capacity != "employer", "filed_by.capacity"
        case "exception_claimed":
            answer = any(text_at(worker, "exception") for worker in rows_at(data, "workers"))
    return answer, depends_on


def _staff(pack: NoticeFile, data: Data, *, above: bool) -> bool | None:
    staff, threshold = whole_number_at(data, "employer", "total_staff"), pack.employers.agreement_above
    if staff is None or threshold is None:
        return None
    return (staff > threshold.value) == above


def _equals(written: str | None, wanted: str) -> bool | None:
    return None if written is None else written == wanted
