"""The ways in which firms set their lists of workers: columns, words, rules, fonts."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from bench.lists.people import Worker

FIELDS = (
    "surname", "given_name", "tax_code", "qualification", "contract", "weekly_hours", "hired_on", "requested_hours"
)  # fmt: skip
_MONTHS = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre",
    "dicembre",
)  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """One way to set a list. ``columns``: key, heading, width (a Typst length or fraction); a second line of cells a
    worker where ``second`` is given. ``rules``: which lines are drawn."""

    name: str
    columns: tuple[tuple[str, str, str], ...]
    second: tuple[tuple[str, str], ...] = ()
    rules: str = "all"
    zebra: bool = False
    landscape: bool = False
    font: str = "Liberation Sans"
    size: float = 8.0
    headed: bool = True
    grouped: bool = False
    totals: bool = False
    inset: str = "3pt"
    written: Mapping[str, Callable[[str], str]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the public format that a list in this layout tells."""
        told = {key for key, _, _ in self.columns} | {key for key, _ in self.second}
        if told & {"name", "name_first"}:
            told |= {"surname", "given_name"}
        return frozenset(told) & frozenset(FIELDS)


def cell(layout: Layout, key: str, worker: Worker, number: int, rng: random.Random) -> str:
    """What a list in ``layout`` writes for ``key``."""
    match key:
        case "name":
            text = f"{worker.surname} {worker.given_name}"
        case "name_first":
            text = f"{worker.given_name} {worker.surname}"
        case "number":
            text = str(number)
        case "id":
            text = str(100_000 + rng.randrange(900_000))
        case "level":
            text = rng.choice(("1", "2", "3", "3S", "4", "5"))
        case "ccnl":
            text = rng.choice(("Metalmeccanici", "Commercio", "Turismo"))
        case "department":
            text = rng.choice(("Officina", "Uffici", "Magazzino"))
        case _:
            text = getattr(worker, key)
    usual = {"hired_on": slashed, "born_on": slashed, "weekly_hours": comma, "requested_hours": comma}
    return layout.written.get(key, usual.get(key, str))(text)


def slashed(iso: str) -> str:
    return date.fromisoformat(iso).strftime("%d/%m/%Y")


def dotted_short(iso: str) -> str:
    return date.fromisoformat(iso).strftime("%d.%m.%y")


def in_words(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def comma(number: str) -> str:
    return number.replace(".", ",")


def decimals(number: str) -> str:
    return f"{float(number):.2f}".replace(".", ",")


def minutes(number: str) -> str:
    return f"{int(float(number))}:{round(float(number) % 1 * 60):02}"


def parted(code: str) -> str:
    return f"{code[:3]} {code[3:6]} {code[6:11]} {code[11:]}"


def short(word: str) -> str:
    return {
        "Operaio": "Op.", "Impiegato": "Imp.", "Quadro": "Quadro", "Tempo indeterminato": "T.I.", "Tempo determinato": "T.D.",
        "Apprendistato": "Appr.",
    }[word]  # fmt: skip


_TWO_NAMES = (("surname", "Cognome", "2fr"), ("given_name", "Nome", "2fr"))
_REST = (
    ("qualification", "Qualifica", "1.4fr"), ("contract", "Contratto", "2fr"), ("weekly_hours", "Ore sett.", "1fr"),
    ("hired_on", "Data assunzione", "1.5fr"), ("requested_hours", "Ore CIG", "1fr"),
)  # fmt: skip
_CODE = ("tax_code", "Codice fiscale", "2.6fr")

LAYOUTS = (
    Layout("ruled", (*_TWO_NAMES, _CODE, *_REST)),
    Layout("zebra", (("number", "N.", "0.6fr"), ("name", "Nominativo", "3.4fr"), _CODE, *_REST), rules="none", zebra=True),
    Layout("unruled", (("name", "Cognome e nome", "3.6fr"), ("tax_code", "C.F.", "3fr"), *_REST), rules="none",
           font="Liberation Mono", size=7.0),
    Layout("landscape", (("number", "Nr.", "0.6fr"), ("id", "Matr.", "1.1fr"), *_TWO_NAMES, ("born_on", "Nato il", "1.5fr"),
           _CODE, ("department", "Reparto", "1.4fr"), ("level", "Liv.", "0.7fr"), ("ccnl", "CCNL", "1.8fr"), *_REST),
           landscape=True, size=7.5),
    Layout("grouped", (*_TWO_NAMES, _CODE, *_REST), rules="level", grouped=True, totals=True, font="DejaVu Sans", size=7.0),
    Layout("abbreviations", (("name", "Dipendente", "3fr"), ("tax_code", "Cod. fisc.", "2.6fr"),
           ("qualification", "Qual.", "0.9fr"), ("contract", "Tipo rapp.", "1fr"), ("weekly_hours", "H sett.", "0.9fr"),
           ("hired_on", "Data ass.", "1.2fr"), ("requested_hours", "Ore CIGD", "1fr")), rules="none",
           font="Liberation Sans Narrow", size=9.0,
           written=MappingProxyType({"qualification": short, "contract": short, "hired_on": dotted_short})),
    Layout("two_lines", (("name", "Cognome e nome", "3fr"), ("tax_code", "Codice fiscale", "2.6fr"),
           ("hired_on", "Data di assunzione", "2fr")),
           (("qualification", "Mansione"), ("contract", "Tipologia contratto"), ("requested_hours", "Ore richieste")),
           rules="level"),
    Layout("totals", (("number", "Progr.", "0.8fr"), ("name", "Lavoratore", "3.4fr"), _CODE, *_REST), rules="level",
           totals=True, font="Liberation Serif", size=9.0, written=MappingProxyType({"requested_hours": decimals})),
    Layout("capitals", (("surname", "COGNOME", "2fr"), ("given_name", "NOME", "2fr"), ("tax_code", "CODICE FISCALE", "2.6fr"),
           ("qualification", "QUALIFICA", "1.5fr"), ("hired_on", "DATA ASSUNZIONE", "2fr"),
           ("weekly_hours", "ORARIO SETT.", "1.2fr"), ("requested_hours", "ORE CIG RICHIESTE", "1.5fr")),
           font="Liberation Serif", written=MappingProxyType({"hired_on": in_words, "weekly_hours": minutes})),
    Layout("wrapped", (("number", "N", "0.5fr"), ("surname", "Cognome", "2.5fr"), ("given_name", "Nome", "1.9fr"),
           ("tax_code", "Codice fiscale", "2.7fr"), ("qualification", "Qualifica", "1.1fr"), ("contract", "Contratto", "1.4fr"),
           ("weekly_hours", "Ore settimanali", "1.1fr"), ("hired_on", "Data di assunzione", "1.4fr"),
           ("requested_hours", "Ore richieste", "1fr")), size=8.5),
    Layout("headless", (("name", "", "3.4fr"), ("tax_code", "", "2.6fr"), ("qualification", "", "1.4fr"),
           ("contract", "", "2fr"), ("hired_on", "", "1.5fr"), ("weekly_hours", "", "1fr"), ("requested_hours", "", "1fr")),
           rules="none", headed=False),
    Layout("name_first", (("tax_code", "CF", "2.6fr"), ("name_first", "Nome e cognome", "3.4fr"),
           ("contract", "Contratto", "2fr"), ("qualification", "Inquadramento", "1.6fr"), ("hired_on", "Assunto il", "1.4fr"),
           ("weekly_hours", "Orario settimanale", "1.2fr"), ("requested_hours", "Ore di sospensione", "1.3fr")),
           written=MappingProxyType({"tax_code": parted})),
)  # fmt: skip
