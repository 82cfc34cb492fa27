"""From the raw tables of ``notice.toml`` to the models; each validation error becomes an Italian sentence with a remedy."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from intake.notices.pack import NoticeFile
from intake.notices.problems import Problem

NOTICE_FILE = "notice.toml"

_EXPECTED = {
    "int_type": ("non è un numero intero.", "Scriva un numero intero senza virgolette."),
    "int_parsing": ("non è un numero intero.", "Scriva un numero intero senza virgolette."),
    "int_from_float": ("non è un numero intero.", "Scriva un numero intero senza decimali."),
    "bool_type": ("non è un sì o un no.", "Scriva true oppure false, senza virgolette."),
    "bool_parsing": ("non è un sì o un no.", "Scriva true oppure false, senza virgolette."),
    "string_type": ("non è un testo.", "Scriva un testo tra virgolette."),
    "string_too_short": ("è vuoto.", "Scriva il testo, oppure tolga la chiave se non è obbligatoria."),
    "too_short": ("è un elenco vuoto.", "Indichi almeno un elemento."),
    "tuple_type": ("non è un elenco.", "Scriva un elenco tra parentesi quadre, oppure tabelle [[…]]."),
    "model_type": ("non è una tabella.", "Scriva una tabella, per esempio { value = …, basis = …, source = … }."),
    "model_attributes_type": (
        "non è una tabella.",
        "Scriva una tabella, per esempio { value = …, basis = …, source = … }.",
    ),
    "dict_type": ("non è una tabella.", "Scriva una tabella."),
    "mapping_type": ("non è una tabella.", "Scriva una tabella."),
    "date_type": ("non è una data.", "Scriva la data senza virgolette, per esempio 2020-08-31."),
    "date_parsing": ("non è una data.", "Scriva la data senza virgolette, per esempio 2020-08-31."),
    "date_from_datetime_parsing": ("non è una data.", "Scriva la data senza virgolette, per esempio 2020-08-31."),
    "date_from_datetime_inexact": ("ha un'ora, ma serve solo il giorno.", "Scriva la data, per esempio 2020-08-31."),
    "datetime_type": ("non è un istante.", "Scriva giorno e ora senza virgolette, per esempio 2020-04-08T09:00:00."),
    "datetime_parsing": ("non è un istante.", "Scriva giorno e ora senza virgolette, per esempio 2020-04-08T09:00:00."),
    "datetime_from_date_parsing": (
        "non è un istante.",
        "Scriva giorno e ora senza virgolette, per esempio 2020-04-08T09:00:00.",
    ),
    "timezone_naive": ("ha un fuso orario.", "Scriva l'ora italiana senza fuso, per esempio 2020-04-08T09:00:00."),
}


def parse_notice(raw: Mapping[str, Any]) -> tuple[NoticeFile | None, tuple[Problem, ...]]:
    """The validated tables, or the problems that prevent it."""
    try:
        return NoticeFile.model_validate(raw), ()
    except ValidationError as wrong:
        return None, tuple(_problem(error) for error in wrong.errors(include_url=False))


def _problem(error: ErrorDetails) -> Problem:
    key = dotted(error["loc"])
    message, remedy = _message_and_remedy(error, key)
    return Problem(NOTICE_FILE, key, message, remedy)


def _message_and_remedy(error: ErrorDetails, key: str) -> tuple[str, str]:
    context = error.get("ctx", {})
    written = repr(error["input"])
    special: dict[str, Callable[[], tuple[str, str]]] = {
        "missing": lambda: ("manca.", f"Aggiunga «{key}» a {NOTICE_FILE}."),
        "extra_forbidden": lambda: ("è una chiave sconosciuta.", _nearest_key(error["loc"])),
        "literal_error": lambda: (
            f"ha un valore non ammesso: {written}.",
            f"Usi uno di questi: {str(context['expected']).replace(' or ', ', ')}.",
        ),
        "string_pattern_mismatch": lambda: (
            f"non ha la forma richiesta: {written}.",
            f"Lo corregga secondo lo schema {context['pattern']}.",
        ),
        "greater_than_equal": lambda: (f"è troppo piccolo: {written}.", f"Scriva almeno {context['ge']}."),
        "less_than_equal": lambda: (f"è troppo grande: {written}.", f"Scriva al massimo {context['le']}."),
        "value_error": lambda: (f"non è valido: {context['error']}.", f"Corregga «{key}»."),
    }
    if error["type"] in special:
        return special[error["type"]]()
    unexplained = (f"non è valido ({error['type']}).", f"Corregga «{key}»: {error['msg']}.")
    return _EXPECTED.get(error["type"], unexplained)


def dotted(location: tuple[int | str, ...]) -> str:
    """The key of an error's place, rows counted from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in location)


def _nearest_key(location: tuple[int | str, ...]) -> str:
    known = _known_keys(location[:-1])
    near = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
    if near:
        return f"Intendeva «{near[0]}»? Altrimenti la tolga."
    return f"La tolga, oppure usi una di queste: {', '.join(known)}."


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    annotation: Any = NoticeFile
    for part in location:
        table = _table_type(annotation)
        is_row_or_name = isinstance(part, int) or _is_mapping(annotation)
        if table is None:
            return []
        annotation = table if is_row_or_name else table.model_fields[str(part)].annotation
    table = _table_type(annotation)
    return list(table.model_fields) if table else []


def _is_mapping(annotation: Any) -> bool:
    return (
        get_origin(annotation) is not None
        and isinstance(get_origin(annotation), type)
        and issubclass(get_origin(annotation), Mapping)
    )


def _table_type(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for argument in get_args(annotation) if (found := _table_type(argument))), None)
