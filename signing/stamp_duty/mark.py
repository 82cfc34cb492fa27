"""A mark of stamp duty as seen on a document: what it says, where it stands, how far it can be believed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from signing.report import Problem


class StampKind(StrEnum):
    """The ways in which the duty is met, or said not to be due."""

    contrassegno = "contrassegno"
    virtual = "virtual"
    digital = "digital"
    f23 = "f23"
    exemption = "exemption"


class StampStatus(StrEnum):
    """``doubtful``: a person has to look. ``invalid``: what the mark says of itself does not hold."""

    valid = "valid"
    doubtful = "doubtful"
    invalid = "invalid"


class Matched(StrEnum):
    """Which bytes the digital stamp was bought for."""

    issued = "issued"
    content = "content"
    received = "received"


@dataclass(frozen=True, slots=True)
class Authorization:
    """References of an authorisation to virtual payment (DPR 642/1972, art. 15); None where they could not be read."""

    office: str | None = None
    number: str | None = None
    day: date | None = None

    def as_json(self) -> dict[str, str | None]:
        return {"office": self.office, "number": self.number, "date": self.day.isoformat() if self.day else None}


@dataclass(frozen=True, slots=True)
class StampMark:
    """One mark. ``amount`` in euros; ``issued_at`` aware; ``page`` from 1 in its file, ``box`` in points from the top left.

    ``law``: the rule that exempts; ``holder``: whose authorisation it is, where the list of the office says.
    """

    kind: StampKind
    status: StampStatus
    identifier: str | None = None
    amount: Decimal | None = None
    issued_at: datetime | None = None
    authorization: Authorization = Authorization()
    matched: Matched | None = None
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    law: str | None = None
    holder: str | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether its amount counts towards what is due; a doubtful one does, until a person says otherwise."""
        return self.amount is not None and self.status is not StampStatus.invalid

    def with_problems(self, problems: Iterable[Problem]) -> "StampMark":
        """The mark with more problems, its status no better than the worst of them."""
        added = tuple(problems)
        return replace(self, problems=self.problems + added, status=worst_status(self.status, added))

    def at_place(self, page: int | None, box: tuple[float, float, float, float] | None) -> "StampMark":
        """The mark where it was seen."""
        return replace(self, page=page, box=box)

    def as_json(self) -> dict[str, Any]:
        """A row of ``stamp_duty`` in the inspect contract."""
        return {
            "matched": self.matched.value if self.matched else None,
            "kind": self.kind.value,
            "identifier": self.identifier,
            "amount": f"{self.amount:.2f}" if self.amount is not None else None,
            "issued_at": self.issued_at.isoformat() if self.issued_at else None,
            "authorization": self.authorization.as_json(),
            "page": self.page,
            "box": [round(edge, 2) for edge in self.box] if self.box else None,
            "law": self.law,
            "holder": self.holder,
            "status": self.status.value,
            "problems": [problem.as_json() for problem in self.problems],
        }


def worst_status(status: StampStatus, problems: Iterable[Problem]) -> StampStatus:
    """A problem of severity error makes a mark invalid, a warning doubtful; information changes nothing."""
    severities = {problem.severity for problem in problems}
    if status is StampStatus.invalid or "error" in severities:
        return StampStatus.invalid
    return StampStatus.doubtful if "warning" in severities else status
