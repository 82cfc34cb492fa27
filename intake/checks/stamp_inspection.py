"""The ``stamp_duty`` of ``sportello inspect``: marks on one document and on what comes with it, without a database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from intake.checks.finding import finding_json
from intake.checks.stamp_duty import declared_identifiers, judge_marks
from intake.checks.stamp_examination import inside_of
from intake.checks.stamp_marks import READING_SECONDS, StampFile, StampQuestion, look_for_marks
from intake.clock import ROME
from intake.notices.duty import DutyRule, stamp_duty_due
from intake.notices.load import load_pack
from ocr.attachments import form_data_of
from signing.trust import TrustStore

__all__ = ["READING_SECONDS", "StampInspection", "inspect_stamps"]


@dataclass(frozen=True, slots=True)
class StampInspection:
    """What to look into: the document, what its separate signature is about, the files that come with it.

    ``notice``: folder of the notice whose rules of duty apply; ``seconds``: how long pictures may be read in all.
    """

    path: Path
    data: bytes
    detached: bytes | None
    attachments: tuple[Path, ...]
    issued: bytes | None
    notice: Path | None
    trust: TrustStore
    at: datetime
    seconds: float


def inspect_stamps(given: StampInspection, findings: Collection[dict[str, Any]]) -> dict[str, Any]:
    """``stamp_duty`` and the findings with what the marks add. Raises ``OSError`` for an attachment that cannot be read."""
    form = _file(given.path.name, given.data, is_form=True, detached=given.detached)
    files = (form, *(_file(path.name, path.read_bytes(), is_form=False) for path in given.attachments))
    question = _question(given, form.content)
    seen = look_for_marks(files, question, trust=given.trust, issued=given.issued, seconds=given.seconds)
    outcome = judge_marks(seen, question, {file.document: file.document for file in files})
    return {
        "stamp_duty": [{"file": each.document, **each.mark.as_json()} for each in outcome.marks],
        "findings": [*findings, *map(finding_json, outcome.findings)],
    }


def _file(name: str, data: bytes, *, is_form: bool, detached: bytes | None = None) -> StampFile:
    inside = (*inside_of(data), detached) if detached is not None else inside_of(data)
    return StampFile(name, data, inside, is_form)


def _question(given: StampInspection, content: bytes) -> StampQuestion:
    """The day is that of ``at`` in Italy; what was declared is what the form itself carries, where it is one of ours."""
    day = given.at.astimezone(ROME).date()
    data = form_data_of(given.issued or content) or {}
    declared = data.get("stamp_duty")
    declared = declared if isinstance(declared, dict) else {}
    rule, titles = _rule(given.notice, day)
    return StampQuestion(
        on=day,
        received_on=day,
        rule=rule,
        way=str(declared["way"]) if declared.get("way") else None,
        identifiers=declared_identifiers(str(declared.get("identifier") or "")),
        titles=titles,
    )


def _rule(notice: Path | None, day: date) -> tuple[DutyRule | None, tuple[tuple[str, str], ...]]:
    if notice is None:
        return None, ()
    pack = load_pack(notice)
    titles = tuple((way.way, way.title) for way in pack.stamp_duty.ways)
    try:
        return stamp_duty_due(pack, day), titles
    except ValueError:
        return None, titles  # no regime of this notice covers the day
