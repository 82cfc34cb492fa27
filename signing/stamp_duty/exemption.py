"""The statement that no stamp duty is due, and the rule it rests on."""

import re
from dataclasses import dataclass
from datetime import date

from signing.stamp_duty.mark import StampKind, StampMark, StampStatus
from signing.stamp_duty.problems import stamp_problem

_STATEMENT = re.compile(
    r"\b(?:esent[ei]|esenzione|esenzion[ei])\b.{0,60}?\bbollo\b|\bbollo\b.{0,40}?\b(?:non\s+(?:[eèé]['’]?\s+)?dovut[ao]|esent[ei])\b",
    re.IGNORECASE,
)
_REACH = 300
_DPR_642 = r"(?:d\.?\s?p\.?\s?r\.?|decreto\s+del\s+presidente\s+della\s+repubblica).{0,40}?\b642\b"


@dataclass(frozen=True, slots=True)
class ExemptionRule:
    """A rule of exemption: how it is cited, since when it is in force, whether its words alone decide."""

    citation: str
    pattern: re.Pattern[str]
    since: date | None = None
    decides: bool = False


def _table_b(article: str) -> re.Pattern[str]:
    return re.compile(
        rf"\bart(?:\.|icolo)\s*{article}\b.{{0,40}}?\btab(?:\.|ella)|\btab(?:\.|ella).{{0,30}}?\bart(?:\.|icolo)\s*{article}\b"
        rf"|\bart(?:\.|icolo)\s*{article}\b.{{0,60}}?{_DPR_642}",
        re.IGNORECASE,
    )


RULES = (
    ExemptionRule(
        "D.L. 8 aprile 2020, n. 23, art. 41, c. 3",
        re.compile(
            r"\bart(?:\.|icolo)\s*41\b.{0,60}?\b23\b|\b23\s*/\s*2020\b|\bn\.\s*23\b.{0,30}?\bart(?:\.|icolo)\s*41\b",
            re.IGNORECASE,
        ),
        date(2020, 4, 9),
        decides=True,
    ),
    ExemptionRule("D.P.R. 642/1972, tabella B, art. 27-bis", _table_b(r"27\s?-?\s?bis")),
    ExemptionRule("D.P.R. 642/1972, tabella B, art. 16", _table_b("16")),
    ExemptionRule("D.P.R. 642/1972, tabella B, art. 9", _table_b("9")),
    ExemptionRule("D.P.R. 642/1972, tabella B, art. 8", _table_b("8")),
    ExemptionRule("D.P.R. 642/1972, tabella B, art. 5", _table_b("5")),
    ExemptionRule(
        "D.Lgs. 117/2017, art. 82, c. 5",
        re.compile(r"\bart(?:\.|icolo)\s*82\b.{0,60}?\b117\b|\b117\s*/\s*2017\b", re.IGNORECASE),
        date(2018, 1, 1),
    ),
)
"""Acts as cited on documents; where more than one is named, the first of this list counts."""


@dataclass(frozen=True, slots=True)
class ExemptionStatement:
    """A statement found in a text: its rule (None where none is named) and where it stands."""

    rule: ExemptionRule | None
    start: int
    end: int


def find_exemptions(text: str) -> tuple[ExemptionStatement, ...]:
    """Statements of exemption in ``text``, one for each rule; one that names no rule counts where none does."""
    plain = re.sub(r"\s", " ", text)
    found: dict[str | None, ExemptionStatement] = {}
    for statement in _STATEMENT.finditer(plain):
        around = plain[max(0, statement.start() - 60) : statement.end() + _REACH]
        rule = next((each for each in RULES if each.pattern.search(around)), None)
        key = rule.citation if rule else None
        found.setdefault(key, ExemptionStatement(rule, statement.start(), statement.end()))
    named = [each for key, each in found.items() if key is not None]
    return tuple(named or found.values())


def judge_exemption(statement: ExemptionStatement, *, on: date) -> StampMark:
    """The statement on the day of the document: whether its rule was in force, and whether a person has to assess it."""
    rule = statement.rule
    if rule is None:
        mark = StampMark(StampKind.exemption, StampStatus.valid)
        return mark.with_problems([stamp_problem("exemption_without_law")])
    mark = StampMark(StampKind.exemption, StampStatus.valid, law=rule.citation)
    if rule.since and on < rule.since:
        since = f"{rule.since:%d/%m/%Y}"
        return mark.with_problems([stamp_problem("exemption_not_yet_in_force", law=rule.citation, since=since)])
    return mark if rule.decides else mark.with_problems([stamp_problem("exemption_to_assess", law=rule.citation)])
