"""How the office calls the values read from papers, those who read them, and the rules that made them of the text."""

from __future__ import annotations

import re
from datetime import date

from flask_babel import gettext, lazy_gettext

from intake.cases.field_names import column_words, field_words
from ocr.written_values import standard_value

_ENGINES = {
    "pdf": lazy_gettext("testo del PDF"),
    "comparison": lazy_gettext("confronto con il modulo emesso"),
    "ocr": lazy_gettext("riconoscimento dei caratteri"),
    "glyphs": lazy_gettext("confronto con i caratteri del modulo"),
    "ink": lazy_gettext("inchiostro cercato sulla pagina"),
    "tesseract": "Tesseract",
    "rapidocr": "RapidOCR",
    "spreadsheet": lazy_gettext("foglio di calcolo"),
}
_PAPER_VALUES = {
    "union_agreement.date": lazy_gettext("Data"),
    "union_agreement.place": lazy_gettext("Luogo"),
    "union_agreement.employer": lazy_gettext("Azienda"),
    "union_agreement.representative": lazy_gettext("Legale rappresentante"),
    "union_agreement.association": lazy_gettext("Associazione datoriale"),
    "union_agreement.unions": lazy_gettext("Organizzazioni sindacali"),
    "union_agreement.total_staff": lazy_gettext("Dipendenti in tutto"),
    "union_agreement.workers_involved": lazy_gettext("Lavoratori interessati"),
    "union_agreement.period_from": lazy_gettext("Primo giorno"),
    "union_agreement.period_to": lazy_gettext("Ultimo giorno"),
    "union_agreement.weeks": lazy_gettext("Settimane"),
    "union_agreement.zero_hours": lazy_gettext("Sospensione a zero ore"),
    "union_agreement.direct_payment": lazy_gettext("Pagamento diretto dell'INPS"),
    "union_agreement.covid_cause": lazy_gettext("Ricorso dovuto al COVID-19"),
    "union_agreement.ordinary_schemes_unavailable": lazy_gettext("Ammortizzatori ordinari non utilizzabili"),
    "union_agreement.agreement_reached": lazy_gettext("Accordo raggiunto"),
    "union_agreement.signatures": lazy_gettext("Firme"),
    "union_agreement.periods.first": lazy_gettext("Periodo, primo giorno"),
    "union_agreement.periods.last": lazy_gettext("Periodo, ultimo giorno"),
    "identity.documents.kind": lazy_gettext("Tipo di documento d'identità"),
    "identity.documents.surname": lazy_gettext("Cognome sul documento d'identità"),
    "identity.documents.given_name": lazy_gettext("Nome sul documento d'identità"),
    "identity.documents.born": lazy_gettext("Nascita sul documento d'identità"),
    "identity.documents.expires": lazy_gettext("Scadenza del documento d'identità"),
    "declarations.workers.standing": lazy_gettext("Dichiarazione di disponibilità"),
}
_VALUES = {
    "true": lazy_gettext("sì"),
    "false": lazy_gettext("no"),
    "by_hand": lazy_gettext("a mano"),
    "telematic": lazy_gettext("a distanza, lo dice il testo"),
    "absent": lazy_gettext("non ci sono"),
    "signed": lazy_gettext("firmata"),
    "unsigned": lazy_gettext("senza firma"),
    "to_look_at": lazy_gettext("da guardare"),
    "passport": lazy_gettext("passaporto"),
    "paper_identity_card": lazy_gettext("carta d'identità di carta"),
    "residence_permit": lazy_gettext("permesso di soggiorno"),
    "electronic_identity_card": lazy_gettext("carta d'identità elettronica"),
    "driving_licence": lazy_gettext("patente di guida"),
}
_LISTED = re.compile(r"worker_list\.rows\.fields\.(\w+)")
_ROW = re.compile(r"\.(\d+)(?=\.)")


def engine_in_words(engine: str | None) -> str:
    """Who read a value; an engine nobody named keeps its own name."""
    if engine is None:
        return str(gettext("nessuno"))
    return str(_ENGINES.get(engine, engine))


def rule_in_words(rule: str) -> str:
    """A rule's name with its signs as spaces."""
    return rule.replace("_", " ").replace(".", " ")


def value_name(field: str) -> str:
    """What a value is called on its row: with its number where there are several."""
    column = _ROW.sub("", field)
    if column not in _PAPER_VALUES and not _LISTED.fullmatch(column):
        return field_words(field, gettext)
    row = _ROW.search(field)
    return f"{column_name(column)} {row[1]}" if row else column_name(column)


def column_name(column: str) -> str:
    """What all rows of a value are called together."""
    if listed := _LISTED.fullmatch(column):
        return str(gettext("Elenco, %(what)s", what=column_words(f"workers.{listed[1]}", gettext)))
    return str(_PAPER_VALUES[column]) if column in _PAPER_VALUES else column_words(column, gettext)


def value_in_words(value: str | None) -> str | None:
    """A value of other papers as people write it: days and yes or no; anything else as it is."""
    if value is None:
        return None
    if value in _VALUES:
        return str(_VALUES[value])
    try:
        return date.fromisoformat(value).strftime("%d/%m/%Y") if len(value) == len("2020-04-08") else value
    except ValueError:
        return value


def value_from_words(typed: str) -> str:
    """What a person typed for a value of other papers, as readings write it: the other way round of ``value_in_words``."""
    known = {str(words).casefold(): value for value, words in _VALUES.items()}
    return known.get(typed.casefold(), standard_value("", typed))
