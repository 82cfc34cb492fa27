"""The declarations of a made-up application's workers."""

from __future__ import annotations

from typing import Any

from intake.typesetting.application_form import IssuedFormDocument
from intake.typesetting.availability_form import AvailabilityTexts, declaration_form_number, typeset_availability
from intake.typesetting.rehearsal import RehearsalMark
from tests.intake.typesetting.synthetic_application import FORM, ISSUED_AT, KEY, TEXTS

DECLARATIONS = declaration_form_number(FORM, 0)
AVAILABILITY = AvailabilityTexts(
    administration=TEXTS.administration,
    office=TEXTS.office,
    notice_title=TEXTS.notice_title,
    title="Dichiarazione di disponibilità del lavoratore",
    statement=("dichiaro la mia immediata disponibilità al lavoro o a un percorso di riqualificazione.",) * 2,
    law="D.L. 185/2008, art. 19, c. 10",
    signing="Il lavoratore firma a mano nel riquadro.",
)


def declarations(data: dict[str, Any], rehearsal: RehearsalMark | None = None) -> tuple[IssuedFormDocument, ...]:
    return typeset_availability(
        data, application_form=FORM, notice=AVAILABILITY, key=KEY, issued_at=ISSUED_AT, rehearsal=rehearsal
    )
