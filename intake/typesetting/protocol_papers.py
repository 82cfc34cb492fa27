"""The protocol office's own papers: the label that goes on a document, the letter that answers one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from intake.typesetting.compiler import typeset
from intake.typesetting.printed import print_foreign_text, print_instant
from intake.typesetting.rehearsal import RehearsalMark, rehearsal_input
from intake.typesetting.symbols import qr_symbol


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """What the label says (D.P.R. 445/2000, art. 55): ``number`` with its year, ``area_code`` of the AOO.

    ``arrived_at`` and ``letter_number`` only for what came on paper; ``outgoing`` for the office's own letters.
    """

    administration: str
    administration_code: str
    area: str
    area_code: str
    register: str
    number: str
    registered_at: datetime
    arrived_at: datetime | None = None
    letter_number: str | None = None
    outgoing: bool = False
    rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """A letter: ``reference`` names the document it answers; ``text`` in paragraphs, divided by empty lines."""

    administration: str
    office: str
    recipient: str
    recipient_address: str
    subject: str
    reference: str
    text: str
    rehearsal: RehearsalMark | None = None


def typeset_label(facts: LabelFacts) -> bytes:
    """The label as PDF, 90 by 48 mm. Raises ``TypesettingError``."""
    coded = f"{facts.administration_code}/{facts.area_code}/{facts.register} {facts.number}"
    given = {
        "administration": facts.administration,
        "area": f"{facts.area} (AOO {facts.area_code})",
        "register": facts.register,
        "number": facts.number,
        "direction": "in uscita" if facts.outgoing else "in entrata",
        "registered": print_instant(facts.registered_at),
        "arrived": print_instant(facts.arrived_at) if facts.arrived_at else "",
        "letter": print_foreign_text(facts.letter_number or ""),
        "rehearsal": facts.rehearsal,
        "symbol": qr_symbol(coded).svg(),
        "coded": coded,
    }
    return typeset("label.typ", "label", given, at=facts.registered_at).pdf


def typeset_answer(facts: AnswerFacts, *, at: datetime) -> bytes:
    """The letter as PDF/A-3a, PDF/UA-1, without a number. Raises ``TypesettingError``."""
    paragraphs = [" ".join(each.split()) for each in facts.text.split("\n\n")]
    given = {
        "administration": facts.administration,
        "office": facts.office,
        "recipient": print_foreign_text(facts.recipient),
        "recipient_address": print_foreign_text(facts.recipient_address),
        "subject": print_foreign_text(facts.subject),
        "reference": print_foreign_text(facts.reference),
        "paragraphs": [print_foreign_text(each) for each in paragraphs if each],
        "signed_for": facts.office,
        "footer": facts.administration,
        "rehearsal": rehearsal_input(facts.rehearsal),
    }
    return typeset("answer.typ", "answer", given, at=at).pdf
