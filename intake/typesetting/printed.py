"""How each value of an application is written on paper.

The data keep ISO dates and decimal points; the page has Italian dates, decimal commas and words. The printed string is
what the field map holds, because it is what a scan is compared with.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")

PERIOD_MODES = {"zero_hours": "Sospensione a zero ore", "reduction": "Riduzione di orario"}
CAPACITIES = {"employer": "Datore di lavoro", "consultant": "Consulente delegato"}
AGREEMENTS = {
    "agreement": "Accordo sindacale sottoscritto",
    "prior_notice": "Comunicazione preventiva alle organizzazioni",
    "not_required": "Accordo non richiesto",
}
STAMP_DUTY_WAYS = {
    "virtual": "Assolta in modo virtuale",
    "contrassegno": "Contrassegno telematico",
    "digital": "Marca da bollo digitale (@e.bollo)",
    "f23": "Versamento con modello F23",
    "exempt": "Esente",
}
PRINTABLE = frozenset(
    [
        *(*range(0x20, 0x7F), *range(0xA1, 0x180), *range(0x218, 0x21C)),  # Latin
        *(*range(0x391, 0x3A2), *range(0x3A3, 0x3CA), *range(0x400, 0x460)),  # Greek, Cyrillic
        *map(ord, "–—‘’“”„…€•«»"),
    ]
)
MONTHS = (
    *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno"),
    *("luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"),
)


def print_application(data: dict[str, Any]) -> dict[str, Any]:
    """The same tree as ``data`` with every leaf as the string to print, unions joined, keys that are not printed left out.

    Raises ``KeyError`` for a missing part and ``ValueError`` for a date or a choice that is none.
    """
    periods, agreement, stamp_duty = data["periods"], data["agreement"], data["stamp_duty"]
    return {
        "employer": _texts(data["employer"]),
        "representative": _texts(data["representative"]),
        "filed_by": {**_texts(data["filed_by"]), "capacity": _choice(CAPACITIES, data["filed_by"]["capacity"])},
        "unit": _texts(data["unit"]),
        "measure": _texts(data["measure"]),
        "periods": [
            {
                "from": print_date(period["from"]),
                "to": print_date(period["to"]),
                "mode": _choice(PERIOD_MODES, period["mode"]),
                "days": print_number(period["days"]),
            }
            for period in periods
        ],
        "weeks_requested": print_number(data["weeks_requested"]),
        "workers": [
            {
                **_texts({key: value for key, value in worker.items() if key != "extra"}),
                "weekly_hours": print_number(worker["weekly_hours"]),
                "hired_on": print_date(worker["hired_on"]),
                "requested_hours": print_number(worker["requested_hours"]),
            }
            for worker in data["workers"]
        ],
        "totals": {key: print_number(value) for key, value in data["totals"].items()},
        "agreement": {
            "kind": _choice(AGREEMENTS, agreement["kind"]),
            "date": print_date(agreement["date"]),
            "unions": print_text(", ".join(agreement["unions"])),
        },
        "particulars": [_texts(entry) for entry in _particulars(data)],
        "declarations": [_texts(entry) for entry in data["declarations"]],
        "stamp_duty": {**_texts(stamp_duty), "way": _choice(STAMP_DUTY_WAYS, stamp_duty["way"])},
        "attachments": [_texts(entry) for entry in data["attachments"]],
        "consents": [_texts(entry) for entry in data["consents"]],
    }


def _particulars(data: dict[str, Any]) -> Iterator[dict[str, str]]:
    """What only some applications say: why no agreement is due, and of a worker the category's data and the exception."""
    if waiver := data["agreement"].get("waiver"):
        yield {"about": "Accordo sindacale", "label": "Motivo per cui non è dovuto", "value": waiver}
    for row, worker in enumerate(data["workers"], 1):
        about = f"{row}. {worker['surname']} {worker['given_name']}"
        for extra in worker.get("extra", []):
            yield {"about": about, **extra}
        if exception := worker.get("exception"):
            yield {"about": about, "label": "Eccezione dichiarata", "value": exception}


def print_date(iso: str | None) -> str:
    """``2020-04-08`` as ``08/04/2020``; nothing as nothing."""
    return date.fromisoformat(iso).strftime("%d/%m/%Y") if iso else ""


def print_number(value: str | float | None) -> str:
    """``37.5`` as ``37,5``, without separators of thousands; nothing as nothing."""
    return "" if value is None else str(value).replace(".", ",")


def print_instant(at: datetime, *, milliseconds: bool = False) -> str:
    """``8 aprile 2020, ore 09:00:03`` in Italian civil time, with ``,412`` behind it where milliseconds count."""
    civil = at.astimezone(ROME)
    fraction = f",{civil.microsecond // 1000:03d}" if milliseconds else ""
    return f"{civil.day} {MONTHS[civil.month - 1]} {civil.year}, ore {civil:%H:%M:%S}{fraction}"


def print_size(size: int) -> str:
    """A size in bytes with its thousands apart: ``182.233 byte``."""
    return f"{size:,} byte".replace(",", ".")


def print_text(value: str | float | None) -> str:
    """One line, single spaces, no sign that cannot be seen: what is invisible on paper cannot be compared."""
    if value is None:
        return ""
    composed = unicodedata.normalize("NFC", str(value))
    visible = "".join(sign for sign in composed if sign.isspace() or unicodedata.category(sign) not in {"Cc", "Cf"})
    return " ".join(visible.split())


def print_foreign_text(value: str) -> str:
    """As ``print_text``, with ``�`` for each letter the forms' fonts do not have.

    For names chosen by others, of files above all: a receipt is due whatever they contain, and its attached facts keep
    them whole.
    """
    return "".join(sign if ord(sign) in PRINTABLE else "\ufffd" for sign in print_text(value))


def _texts(node: dict[str, Any]) -> dict[str, Any]:
    return {key: _texts(value) if isinstance(value, dict) else print_text(value) for key, value in node.items()}


def _choice(words: dict[str, str], key: str | None) -> str:
    if not key:
        return ""
    if key not in words:
        raise ValueError(f"unknown choice {key!r}, expected one of {', '.join(words)}")
    return words[key]
