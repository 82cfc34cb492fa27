"""What the officers of a case learn from the ledger of stamp duty: its identifiers that other cases bear too.

Told as findings like those of the checks, but made when the case is looked at: they are the same for both cases, and are
never among what the sender of either is told.
"""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from intake.applications.models import Application
from intake.checks.models import StoredFinding
from intake.checks.severity import Severity
from intake.stamp_ledger.ledger import OtherCase, SecondUse, second_uses
from signing.stamp_duty.mark import StampKind

CODE = "stamp_duty.used_elsewhere"
_NO_RUN = uuid.UUID(int=0)
_NAMES = {
    StampKind.contrassegno.value: "Il contrassegno n.",
    StampKind.digital.value: "La marca da bollo digitale n.",
    StampKind.f23.value: "La ricevuta F23 n.",
}


def second_use_findings(session: Session, application: Application) -> tuple[StoredFinding, ...]:
    """One finding for each identifier that serves other registered cases too; none of them is in the database."""
    return tuple(_finding(place, use) for place, use in enumerate(second_uses(session, application)))


def _finding(place: int, use: SecondUse) -> StoredFinding:
    others = ", ".join(map(_named, use.others))
    return StoredFinding(
        id=use.finding_id,
        run_id=_NO_RUN,
        position=10_000 + place,
        code=CODE,
        severity=Severity.WARNING,
        message=f"{_NAMES[use.kind]} {use.identifier} è già in un'altra pratica: {others}. "
        "Ogni marca vale per una domanda sola.",
        remedy="Confronti gli originali e chieda la regolarizzazione a chi l'ha usata per secondo.",
        law="D.P.R. 642/1972, art. 19 e 31",
        technical=f"{use.kind} {use.identifier}",
        document_id=None,
        page=None,
        box=None,
        field=None,
    )


def _named(other: OtherCase) -> str:
    return f"n. {other.number_shown}/{other.year} ({other.register_code}) di {other.firm}"
