"""What each column of a list holds, told by its heading and by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise

from rapidfuzz import fuzz

from ocr.tax_codes import born_on, compact, is_tax_code, looks_like_tax_code, name_key
from ocr.worker_list.names import split_name
from ocr.worker_list.values import CONTRACTS, QUALIFICATIONS, day_of, folded, hours_of, meaning

FIELDS = (
    "surname",
    "given_name",
    "tax_code",
    "qualification",
    "contract",
    "weekly_hours",
    "hired_on",
    "requested_hours",
)
FULL_NAME = "full_name"
NAME_SURNAME = "given_name_and_surname"
NAMES = frozenset((FULL_NAME, NAME_SURNAME, "surname", "given_name"))
IGNORED = "other"

HEADINGS: Mapping[str, tuple[str, ...]] = {
    FULL_NAME: (
        "cognome e nome",
        "cognome nome",
        "nominativo",
        "lavoratore",
        "dipendente",
        "nominativo dipendente",
        "nominativo lavoratore",
        "cognome e nome lavoratore",
        "cognome e nome dipendente",
        "addetto",
    ),
    NAME_SURNAME: ("nome e cognome", "nome cognome"),
    "surname": ("cognome", "cogn"),
    "given_name": ("nome",),
    "tax_code": ("codice fiscale", "cod fiscale", "cod fisc", "c f", "cf", "c fisc", "codfisc", "cod fisc lavoratore"),
    "qualification": ("qualifica", "qual", "mansione", "inquadramento", "categoria legale", "qualif", "figura"),
    "contract": (
        "contratto",
        "tipo contratto",
        "tipologia contratto",
        "tipo rapporto",
        "rapporto",
        "rapporto di lavoro",
        "tipologia contrattuale",
        "contr",
        "forma contrattuale",
    ),
    "weekly_hours": (
        "ore settimanali",
        "ore sett",
        "orario settimanale",
        "orario sett",
        "ore contrattuali",
        "ore sett contratto",
        "h sett",
        "orario",
        "orario contrattuale",
        "ore contratto",
    ),
    "hired_on": (
        "data assunzione",
        "data di assunzione",
        "assunzione",
        "assunto il",
        "data ass",
        "dt assunzione",
        "data assunz",
        "assunto dal",
        "in forza dal",
    ),
    "requested_hours": (
        "ore richieste",
        "ore cig",
        "ore cigd",
        "ore cig in deroga",
        "ore di cig",
        "ore integrazione",
        "ore sospensione",
        "ore di sospensione",
        "ore cassa",
        "tot ore cig",
        "ore cigd richieste",
        "ore cig richieste",
        "ore totali cig",
        "monte ore",
        "ore da integrare",
    ),
    IGNORED: (
        "n",
        "nr",
        "num",
        "progr",
        "prog",
        "livello",
        "liv",
        "ccnl",
        "matricola",
        "matr",
        "reparto",
        "sede",
        "note",
        "data di nascita",
        "data nascita",
        "nato il",
        "luogo di nascita",
        "comune di nascita",
        "residenza",
        "indirizzo",
        "sesso",
        "part time",
        "perc part time",
        "pt",
        "retribuzione",
        "firma",
        "data cessazione",
        "scadenza",
        "scadenza contratto",
        "iban",
        "centro di costo",
        "telefono",
        "eta",
        "paga oraria",
        "ufficio",
        "cantiere",
    ),
}
_SURE_HEADING = 2.0
_LEAST_HEADING = 0.78
_LEAST_SCORE = 0.55
_FULL_WEEK = 48
_NUMBERS = frozenset(("weekly_hours", "requested_hours"))


def heading_score(kind: str, text: str) -> float:
    """How much a heading looks like those of ``kind``, from 0 to 1."""
    words = folded(text)
    if not words:
        return 0.0
    best = max(
        (1.0 if words == way else fuzz.ratio(words, way) / 100 if len(way) > 3 else 0.0) for way in HEADINGS[kind]
    )
    return best if best >= _LEAST_HEADING else 0.0


def is_heading(text: str) -> bool:
    """Whether a text is the heading of some column."""
    return any(heading_score(kind, text) >= 0.85 for kind in HEADINGS)


def kinds_of(headings: Sequence[str], columns: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """For each column what it holds: a field of the public format, ``full_name``, ``given_name_and_surname`` or ``other``.

    ``headings``: one for each column, empty where there is none; ``columns``: the texts of each column, row by row.
    """
    codes = [_code_in(cells) for cells in zip(*columns, strict=True)] if columns else []
    scores = {
        (place, kind): _SURE_HEADING * heading_score(kind, heading) + _content_score(kind, cells, codes)
        for place, (heading, cells) in enumerate(zip(headings, columns, strict=True))
        for kind in (*FIELDS, FULL_NAME, NAME_SURNAME)
    }
    ignored = {
        place
        for place, heading in enumerate(headings)
        if heading_score(IGNORED, heading)
        > max(heading_score(kind, heading) for kind in (*FIELDS, FULL_NAME, NAME_SURNAME))
    }
    taken: dict[int, str] = {}
    for (place, kind), score in sorted(scores.items(), key=lambda each: (-each[1], each[0][0])):
        if score < _LEAST_SCORE or place in taken or place in ignored or _clashes(kind, taken.values()):
            continue
        taken[place] = kind
    return tuple(taken.get(place, IGNORED) for place in range(len(headings)))


def _clashes(kind: str, taken: object) -> bool:
    chosen = set(taken)  # type: ignore[call-overload]
    if kind in chosen:
        return True
    if kind in {FULL_NAME, NAME_SURNAME}:
        return bool(chosen & NAMES)
    return kind in {"surname", "given_name"} and bool(chosen & {FULL_NAME, NAME_SURNAME})


def _content_score(kind: str, cells: Sequence[str], codes: Sequence[str]) -> float:
    filled = [(cell, code) for cell, code in zip(cells, codes, strict=True) if cell.strip()]
    judge = _JUDGES.get(kind)
    if judge is None or not filled or (kind in _NUMBERS and _counts_up([cell for cell, _ in filled])):
        return 0.0
    share = sum(judge(cell, code) for cell, code in filled) / len(filled)
    return share * _WEIGHTS.get(kind, 1.0)


def _counts_up(cells: Sequence[str]) -> bool:
    """Whether a column only numbers its rows."""
    numbers = [int(cell.strip(" .)")) if cell.strip(" .)").isdecimal() else -1 for cell in cells]
    return len(numbers) > 1 and sum(other - one == 1 for one, other in pairwise(numbers)) >= 0.7 * (len(numbers) - 1)


def _is_hired(cell: str, code: str) -> bool:
    day = day_of(cell).value
    return day is not None and (not code or date.fromisoformat(day) != born_on(code))


def _is_known_word(cell: str, words: Mapping[str, tuple[str, ...]], column: str) -> bool:
    return meaning(column, cell).value in words


def _is_name(cell: str) -> bool:
    letters = [letter for letter in cell if not letter.isspace()]
    return (
        len(letters) > 1
        and sum(letter.isalpha() or letter in "’'`.-," for letter in letters) >= 0.9 * len(letters)
        and not _is_known_word(cell, QUALIFICATIONS, "qualification")
        and not _is_known_word(cell, CONTRACTS, "contract")
    )


def _is_surname(cell: str, code: str) -> bool:
    return _is_name(cell) and bool(code) and name_key(cell, "X")[:3] == code[:3]


def _is_given_name(cell: str, code: str) -> bool:
    return _is_name(cell) and bool(code) and name_key("X", cell)[3:] == code[3:6]


def _is_full_name(cell: str, code: str) -> bool:
    return _is_name(cell) and len(cell.split()) > 1 and bool(code) and split_name(cell, code).proved


def _is_weekly(cell: str, _code: str) -> bool:
    hours = hours_of(cell).value
    return hours is not None and 4 <= float(hours) <= _FULL_WEEK


def _is_requested(cell: str, _code: str) -> bool:
    hours = hours_of(cell).value
    return hours is not None and bool(re.search(r"\d", cell)) and float(hours) <= 5000


_JUDGES: Mapping[str, Callable[[str, str], bool]] = {
    "tax_code": lambda cell, _code: looks_like_tax_code(cell),
    "hired_on": _is_hired,
    "qualification": lambda cell, _code: _is_known_word(cell, QUALIFICATIONS, "qualification"),
    "contract": lambda cell, _code: _is_known_word(cell, CONTRACTS, "contract"),
    "surname": _is_surname,
    "given_name": _is_given_name,
    FULL_NAME: _is_full_name,
    "weekly_hours": _is_weekly,
    "requested_hours": _is_requested,
}
_WEIGHTS: Mapping[str, float] = {"tax_code": 3.0, "weekly_hours": 0.7, "requested_hours": 0.6, "hired_on": 1.0}


def _code_in(cells: Sequence[str]) -> str:
    return next((compact(cell) for cell in cells if is_tax_code(compact(cell))), "")
