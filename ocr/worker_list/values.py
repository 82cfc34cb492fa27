"""What the cells of a worker list mean: dates, hours, qualifications and contracts in the words of the application."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz

from ocr.written_values import spaced

QUALIFICATIONS: Mapping[str, tuple[str, ...]] = {
    "Operaio": ("operaio", "operaia", "oper", "op", "operaio comune", "operaio specializzato", "operaio qualificato"),
    "Impiegato": ("impiegato", "impiegata", "imp", "impieg", "impiegato amministrativo", "impiegato tecnico"),
    "Equiparato o intermedio": ("equiparato o intermedio", "intermedio", "equiparato", "interm"),
    "Quadro": ("quadro", "quadri", "qd"),
    "Apprendista operaio": ("apprendista operaio", "apprendista operaia", "app op", "appr op", "appr operaio"),
    "Apprendista impiegato": (
        "apprendista impiegato",
        "apprendista impiegata",
        "app imp",
        "appr imp",
        "appr impiegato",
    ),
}
CONTRACTS: Mapping[str, tuple[str, ...]] = {
    "Tempo indeterminato": (
        "tempo indeterminato",
        "indeterminato",
        "t ind",
        "t indet",
        "ti",
        "indet",
        "a tempo indeterminato",
    ),
    "Tempo determinato": ("tempo determinato", "determinato", "t det", "td", "det", "a tempo determinato", "a termine"),
    "Determinato per sostituzione": ("determinato per sostituzione", "td sostituzione", "sostituzione maternita"),
    "Apprendistato": ("apprendistato", "appr", "apprendista"),
    "Intermittente": ("intermittente", "a chiamata", "chiamata", "lavoro intermittente"),
    "Somministrazione": ("somministrazione", "somministrato", "interinale"),
    "Stagionale": ("stagionale", "stag"),
    "Socio lavoratore": ("socio lavoratore", "socia lavoratrice", "socio"),
}
_MONTHS = ("gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic")
_DIGITS = str.maketrans("OoQDIl|iSsBZzG", "00001111558226")
_LETTERS = str.maketrans("01568", "OISGB")
_CENTURY_TURNS = 50
_EDGES = " .,;:|_-—–'’()[]"
_YEARS = range(1940, 2041)
_ALIKE = 84


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text says: ``value`` None where it says nothing of the kind; ``exact`` as written, not by resemblance."""

    value: str | None
    rules: tuple[str, ...]
    exact: bool = True


def meaning(column: str, text: str) -> Meaning:
    """The value of a cell in ``column`` (a field of the public format)."""
    written = spaced(text)
    if not written or not any(letter.isalnum() for letter in written):
        return Meaning(None, ("empty",))
    readers: Mapping[str, Callable[[str], Meaning]] = {
        "hired_on": day_of,
        "weekly_hours": hours_of,
        "requested_hours": hours_of,
        "qualification": lambda words: _word_of(words, QUALIFICATIONS),
        "contract": lambda words: _word_of(words, CONTRACTS),
    }
    return readers[column](written) if column in readers else Meaning(tidy_name(written), ("as_written",))


def day_of(written: str) -> Meaning:
    """A day written with figures or with the month in letters, years with two figures taken as 1950 to 2049."""
    text = written.strip(_EDGES)
    if found := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?", text):
        return _day(found[1], found[2], found[3], exact=True)
    if found := re.fullmatch(r"(\d{1,2})[°º]?[\s.\-/]*([a-zA-Z]{3,9})\.?[\s.\-/]*(\d{4}|\d{2})", text):
        month = next((number for number, word in enumerate(_MONTHS, 1) if found[2].lower().startswith(word)), 0)
        return _day(found[3], str(month), found[1], exact=True)
    figures = text.translate(_DIGITS)
    if found := re.fullmatch(r"(\d{1,2})\s*[./\-, ]\s*(\d{1,2})\s*[./\-, ]\s*(\d{4}|\d{2})", figures):
        return _day(found[3], found[2], found[1], exact=figures == text)
    if found := re.fullmatch(r"(\d{2})[./\-, ]?(\d{2})[./\-, ]?(\d{4})", figures):
        return _day(found[3], found[2], found[1], exact=False)
    return Meaning(None, ("not_a_date",), exact=False)


def hours_of(text: str) -> Meaning:
    """A number of hours: ``38,5``, ``38.50``, ``38:30``, ``1.040``, ``40 h``."""
    plain = re.sub(r"(?i)\b(ore|h|hh|sett|settimanali)\b\.?|(?<=\d)h$", "", text).strip(_EDGES)
    if found := re.fullmatch(r"(\d{1,4})[:hH](\d{2})", plain):
        return _number(float(found[1]) + int(found[2]) / 60, ("hours_and_minutes",), exact=True)
    figures = plain.translate(_DIGITS).replace(" ", "")
    exact = figures == plain
    if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d{1,2})?", figures):
        return _number(float(figures.replace(".", "").replace(",", ".")), ("thousands",), exact=exact)
    if re.fullmatch(r"\d{1,5}([.,]\d{1,2})?", figures):
        return _number(float(figures.replace(",", ".")), ("number",), exact=exact)
    return Meaning(None, ("not_a_number",), exact=False)


def tidy_name(text: str) -> str:
    """A name without what cannot be of it at its ends, inner marks kept: ``D’ANGELO``, ``ROSSI-BIANCHI``; a figure beside a
    letter is the letter that it looks like."""
    name = re.sub(r"^[^\w]+|[^\w’'`.]+$", "", spaced(text)).replace("`", "’").replace("´", "’")
    return re.sub(r"(?<=[^\W\d_])\d|\d(?=[^\W\d_])", lambda figure: figure[0].translate(_LETTERS), name)


def folded(text: str) -> str:
    """Small letters and figures without accents, parted by single spaces."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())


def _word_of(text: str, words: Mapping[str, tuple[str, ...]]) -> Meaning:
    known = folded(text)
    exact = next((word for word, ways in words.items() if known in ways or known.replace(" ", "") in ways), None)
    if exact:
        return Meaning(exact, ("word",))
    near = [(max(fuzz.ratio(known, way) for way in ways if len(way) > 3), word) for word, ways in words.items()]
    near.sort(reverse=True)
    if near[0][0] >= _ALIKE and near[0][0] - near[1][0] >= 3:
        return Meaning(near[0][1], ("like_word",), exact=False)
    begins = [word for word, ways in words.items() if known.split()[0] in ways] if known else []
    if len(begins) == 1:
        return Meaning(begins[0], ("begins_like_word",), exact=False)
    return Meaning(text, ("unknown_word",), exact=False)


def _day(year: str, month: str, day: str, *, exact: bool) -> Meaning:
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < _CENTURY_TURNS else 1900)
    try:
        found = date(full, int(month), int(day))
    except ValueError:
        return Meaning(None, ("no_such_day",), exact=False)
    if found.year not in _YEARS:
        return Meaning(None, ("no_such_year",), exact=False)
    return Meaning(found.isoformat(), ("date",), exact=exact)


def _number(value: float, rules: tuple[str, ...], *, exact: bool) -> Meaning:
    return Meaning(f"{round(value, 2):g}", rules, exact=exact)
