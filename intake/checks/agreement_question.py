"""What a notice and an application expect of the union agreement, asked before the paper is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from intake.notices.draft import day_at, text_at, whole_number_at
from intake.notices.pack import NoticePack
from intake.notices.sourced import ROME

AGREEMENT = "union_agreement"
AGREEMENT_PAPERS = frozenset({AGREEMENT, "prior_notice"})
"""Keys of the attachments that are read as an agreement or as the notice that goes before it."""

_EPIDEMIC = "covid"


@dataclass(frozen=True, slots=True)
class AgreementQuestion:
    """What the paper must say. Pickles.

    ``today``: the day on the notice's clock. ``due_above``: from how many employees the agreement is due, None where the
    notice makes no difference. ``statements``: whether it must say that the epidemic is the cause (``covid_cause``) and that
    the ordinary schemes are out of reach (``ordinary_schemes_unavailable``).
    """

    today: date
    firm: str
    firm_codes: frozenset[str]
    staff: int | None
    due_above: int | None
    law: str
    statements: frozenset[str]
    declared_on: date | None
    declared_unions: tuple[str, ...]
    waived: bool
    direct_payment_only: bool

    @property
    def due(self) -> bool:
        """Whether an agreement, and not a notice to the unions, must come."""
        if self.waived:
            return False
        return self.due_above is None or (self.staff is not None and self.staff > self.due_above)


def agreement_question(pack: NoticePack, data: Mapping[str, Any], at: datetime) -> AgreementQuestion | None:
    """The question for the frozen ``data`` of a form at ``at`` on the notice's clock; None where the notice asks for none."""
    rule = next((each for each in pack.attachments if each.key == AGREEMENT), None)
    if rule is None:
        return None
    threshold, employer = pack.employers.agreement_above, data["employer"]
    statements = set()
    if _EPIDEMIC in pack.measure.cause.casefold():
        statements.add("covid_cause")
        if pack.employers.other_schemes_declaration:
            statements.add("ordinary_schemes_unavailable")
    return AgreementQuestion(
        today=at.astimezone(ROME).date(),
        firm=employer["name"],
        firm_codes=frozenset(code for key in ("tax_code", "vat_number") if (code := employer.get(key))),
        staff=whole_number_at(data, "employer", "total_staff"),
        due_above=threshold.value if threshold else None,
        law=rule.citation,
        statements=frozenset(statements),
        declared_on=day_at(data, "agreement", "date"),
        declared_unions=tuple(data["agreement"]["unions"]),
        waived=bool(text_at(data, "agreement", "waiver")),
        direct_payment_only=pack.inps.direct_payment_only,
    )
