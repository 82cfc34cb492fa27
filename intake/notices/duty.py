"""Stamp duty: what is due on an application on a day, and whether the way chosen is admitted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from intake.notices import wording
from intake.notices.draft import text_at
from intake.notices.findings import rule_problem
from intake.notices.outcomes import RuleProblem
from intake.notices.pack import NoticeFile

_IDENTIFIER = re.compile(r"(?<![0-9])[0-9](?:[0-9] ?){11,12}[0-9](?![0-9])")


@dataclass(frozen=True, slots=True)
class DutyRule:
    """The regime in force on a day: an amount in euros, or an exemption; ``to_day`` None while no change is known."""

    due: bool
    amount: Decimal | None
    exemption: str | None
    law: str
    from_day: date
    to_day: date | None
    ways: tuple[str, ...]
    message: str


def stamp_duty_due(pack: NoticeFile, on: date) -> DutyRule:
    """The regime in force on ``on`` (a civil day of the notice's clock). Raises ValueError before the first regime."""
    regimes = pack.stamp_duty.regimes
    current = next((regime for regime in reversed(regimes) if regime.from_day <= on), None)
    if current is None:
        raise ValueError(f"{pack.id}: no stamp duty regime covers {on.isoformat()}")
    later = next((regime for regime in regimes if regime.from_day > on), None)
    to_day = later.from_day - timedelta(days=1) if later else None
    ways = tuple(way.way for way in pack.stamp_duty.ways if (way.way == "exempt") != current.due)
    if current.due and current.amount is not None:
        amount = wording.euros(current.amount)
        message = f"Il giorno {wording.day(on)} l'imposta di bollo è dovuta: {amount} ({current.citation})."
    else:
        message = f"{current.exemption} {wording.since(current.from_day)} ({current.citation})."
    return DutyRule(
        current.due, current.amount, current.exemption, current.citation, current.from_day, to_day, ways, message
    )


def stamp_duty_problems(pack: NoticeFile, data: Mapping[str, Any], on: date) -> tuple[RuleProblem, ...]:
    """What does not fit in the way of paying declared in ``data["stamp_duty"]``. None of it makes the application invalid:
    the office receives it and has it put right (DPR 642/1972, art. 19 and 31). A digital stamp is bought for the form once
    issued, so that its identifier cannot be asked here.
    """
    rule = stamp_duty_due(pack, on)
    way, identifier = (text_at(data, "stamp_duty", key) for key in ("way", "identifier"))
    field = "stamp_duty.way"
    if way is None:
        message = f"Non ha indicato come paga l'imposta di bollo. {rule.message}"
        code, remedy = "stamp_duty.way_missing", "Scelga uno dei modi indicati."
    elif way == "exempt" and rule.due:
        message = f"Ha indicato l'esenzione, ma in questa data non risulta. {rule.message}"
        code, remedy = (
            "stamp_duty.due",
            "Scelga come pagare, oppure indichi la norma di esenzione: l'ufficio la valuterà.",
        )
    elif way != "exempt" and not rule.due:
        message = f"Il bollo non serve. {rule.message}"
        code, remedy = "stamp_duty.not_due", "Scelga «esente»: se ha già pagato, la domanda vale lo stesso."
    elif way not in rule.ways:
        message = f"Questo avviso non ammette il modo di pagamento «{way}»."
        code, remedy = "stamp_duty.way_not_admitted", "Scelga uno dei modi indicati."
    elif way == "contrassegno" and identifier is None:
        message = "Manca l'identificativo di 14 cifre della marca da bollo. Serve a provare che è usata una volta sola."
        code, remedy, field = "stamp_duty.identifier_missing", "Lo copi dalla marca.", "stamp_duty.identifier"
    elif way in ("contrassegno", "digital") and identifier is not None and not _IDENTIFIER.search(identifier):
        message = "L'identificativo della marca da bollo ha 14 cifre: quello scritto non le ha."
        code, remedy, field = "stamp_duty.identifier_malformed", "Lo copi dalla marca.", "stamp_duty.identifier"
    elif way == "virtual" and identifier is None:
        message = "Mancano gli estremi dell'autorizzazione al bollo virtuale: senza, l'ufficio non può verificarla."
        remedy = "Scriva ufficio, numero e data, per esempio: Agenzia delle Entrate di Firenze n. 123 del 10/02/2009."
        code, field = "stamp_duty.authorization_missing", "stamp_duty.identifier"
    else:
        return ()
    return (rule_problem(pack, code, field, message, remedy, law=rule.law),)
