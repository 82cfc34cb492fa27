"""Synthetic workers with a codice fiscale whose check character holds. Nobody of these exists."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from codicefiscale.codicefiscale import encode_firstname, encode_lastname
from stdnum.it import codicefiscale

SURNAMES = (
    "ROSSI", "D'ANGELO", "NICCOLÒ", "RE", "DELLA CORTE", "BIANCHI", "ESPOSITO", "FERRARI", "LO PRESTI", "FÀ", "GRECO",
    "DE LUCA", "MARCHETTI", "COLÒ", "SANTORO", "VITALE", "PELLEGRINI", "DALLA CHIESA", "UVA", "MASTROGIACOMO",
    "BARTOLOMEI", "CIRIELLO", "QUATTROCCHI", "ZANARDI", "WIESER", "KOVAČ", "EL AMRANI", "OSTUNI", "IANNUZZI", "TELESCA",
)  # fmt: skip
NAMES = (
    ("MARIA", True), ("GIOSUÈ", False), ("ANNA LUCIA", True), ("LUCA", False), ("ALESSANDRO", False), ("IDA", True),
    ("NOEMI", True), ("PIETRO", False), ("SARA", True), ("UGO", False), ("GIAN MARCO", False), ("FRANCESCA", True),
    ("ROCCO", False), ("DONATO", False), ("ROSA ANNA", True), ("MICHELE", False), ("LIA", True), ("CANIO", False),
)  # fmt: skip
PLACES = ("A662", "F839", "G942", "H501", "L781", "F052", "Z129", "Z404", "D969", "E532")
QUALIFICATIONS = ("Operaio", "Operaio", "Operaio", "Impiegato", "Impiegato", "Quadro")
CONTRACTS = ("Tempo indeterminato", "Tempo indeterminato", "Tempo indeterminato", "Tempo determinato", "Apprendistato")
WEEKLY = ("40", "40", "36", "20", "38.5", "30")
_MONTHS = "ABCDEHLMPRST"
_OMOCODIA = dict(zip("0123456789", "LMNPQRSTUV", strict=True))


@dataclass(frozen=True, slots=True)
class Worker:
    """One person of a list, values as the public format has them."""

    surname: str
    given_name: str
    tax_code: str
    qualification: str
    contract: str
    weekly_hours: str
    hired_on: str
    requested_hours: str
    born_on: str


def workers(rng: random.Random, count: int) -> tuple[Worker, ...]:
    """``count`` people, one in a hundred with an omocodia."""
    return tuple(_worker(rng) for _ in range(count))


def _worker(rng: random.Random) -> Worker:
    surname, (name, woman) = rng.choice(SURNAMES), rng.choice(NAMES)
    born = date(1957, 1, 1) + timedelta(days=rng.randrange(16_000))
    hired = date(1994, 1, 3) + timedelta(days=rng.randrange(9_500))
    key = encode_lastname(surname.replace("'", "")) + encode_firstname(name)
    body = f"{key}{born.year % 100:02}{_MONTHS[born.month - 1]}{born.day + 40 * woman:02}{rng.choice(PLACES)}"
    if rng.random() < 0.01:
        body = body[:14] + _OMOCODIA[body[14]]
    return Worker(
        surname,
        name,
        body + codicefiscale.calc_check_digit(body),
        rng.choice(QUALIFICATIONS),
        rng.choice(CONTRACTS),
        rng.choice(WEEKLY),
        hired.isoformat(),
        str(rng.choice((*range(8, 360), 173.5))),
        born.isoformat(),
    )
