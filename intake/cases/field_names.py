"""What the office calls a value of the form: ``workers.3.requested_hours`` is "Lavoratore 3, ore richieste"."""

from __future__ import annotations

import re
from collections.abc import Callable

from intake.applications.fields import N_, PERIOD, SINGLE, WORKER

_SECTIONS = {
    "employer": N_("Azienda"),
    "representative": N_("Legale rappresentante"),
    "filed_by": N_("Chi presenta la domanda"),
    "unit": N_("Unità produttiva"),
}
_ROWS = {
    "workers": N_("Lavoratore"),
    "periods": N_("Periodo"),
    "declarations": N_("Dichiarazione"),
    "consents": N_("Consenso"),
    "particulars": N_("Dato della categoria o eccezione"),
}
_LABELS = {field.path: field.label for field in SINGLE} | {
    "filed_by.surname": N_("Cognome"),
    "filed_by.given_name": N_("Nome"),
    "filed_by.tax_code": N_("Codice fiscale"),
    "filed_by.capacity": N_("A che titolo"),
    "measure.title": N_("Misura richiesta"),
    "measure.cause": N_("Causa della sospensione"),
    "weeks_requested": N_("Settimane richieste"),
    "totals.workers": N_("Totale dei lavoratori"),
    "totals.requested_hours": N_("Totale delle ore richieste"),
    "stamp_duty.law": N_("Norma sull'imposta di bollo"),
    "stamp_duty.statement": N_("Dichiarazione sull'imposta di bollo"),
}
_IN_ROWS = {f"workers.{field.path}": field.label for field in WORKER} | {
    **{f"periods.{field.path}": field.label for field in PERIOD},
    "periods.days": N_("Giorni"),
    "declarations.text": N_("Testo"),
    "declarations.law": N_("Norma"),
    "consents.text": N_("Testo"),
    "particulars.about": N_("Di chi o di che cosa"),
    "particulars.label": N_("Dato"),
    "particulars.value": N_("Valore"),
}
_ROW = re.compile(r"(\w+)\.(\d+)\.(.+)")


def field_words(name: str, translate: Callable[[str], str] = str) -> str:
    """The name of a field in words, in Italian or as ``translate`` gives it; a field nobody named keeps its path."""
    row = _ROW.fullmatch(name)
    if row and row[1] in _ROWS:
        label = _IN_ROWS.get(f"{row[1]}.{row[3]}", row[3])
        return f"{translate(_ROWS[row[1]])} {row[2]}, {_continued(translate(label))}"
    label = translate(_LABELS.get(name, name))
    section = _SECTIONS.get(name.partition(".")[0])
    return f"{translate(section)}, {_continued(label)}" if section else label


def column_words(column: str, translate: Callable[[str], str] = str) -> str:
    """The name of a column of values, rows together: ``workers.tax_code`` is "Lavoratore, codice fiscale"."""
    section, _, rest = column.partition(".")
    if section not in _ROWS:
        return field_words(column, translate)
    return f"{translate(_ROWS[section])}, {_continued(translate(_IN_ROWS.get(column, rest)))}"


def _continued(label: str) -> str:
    """A label after a comma: small first letter, save for a short form such as CAP."""
    return label if len(label) > 1 and not label[1].islower() else label[0].lower() + label[1:]
