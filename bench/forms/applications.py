"""Made-up applications: firms and workers as forms really list them, with accents, apostrophes, short and double surnames."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from codicefiscale.codicefiscale import encode_cin, encode_firstname, encode_lastname

OMOCODIA_SHARE = 0.01
_OMOCODIA_LETTERS = "LMNPQRSTUV"
_OMOCODIA_PLACES = (14, 13, 12, 10, 9, 7, 6)
_MONTH_LETTERS = "ABCDEHLMPRST"
_FEMALE_DAY = 40

SURNAMES = (
    *(
        "ROSSI",
        "BIANCHI",
        "ESPOSITO",
        "FERRARI",
        "RUSSO",
        "COLOMBO",
        "RICCI",
        "MARINO",
        "GRECO",
        "BRUNO",
        "GALLO",
        "CONTI",
    ),
    *(
        "MANCINI",
        "COSTA",
        "GIORDANO",
        "RIZZO",
        "LOMBARDI",
        "MORETTI",
        "BARBIERI",
        "FONTANA",
        "SANTORO",
        "MARIANI",
        "RINALDI",
    ),
    *(
        "CARUSO",
        "FERRARA",
        "GALLI",
        "MARTINI",
        "LEONE",
        "LONGO",
        "GENTILE",
        "MARTINELLI",
        "VITALE",
        "SERRA",
        "COPPOLA",
        "VILLA",
    ),
    *(
        "D’ANGELO",
        "D’AMICO",
        "D’ALESSANDRO",
        "DELL’AQUILA",
        "D’ORAZIO",
        "NICCOLÒ",
        "NICOLÒ",
        "FÀ",
        "CALÀ",
        "PICCINNÌ",
        "ROMANÒ",
    ),
    *("DE LUCA", "DE ROSA", "LO PRESTI", "DELLA CORTE", "DI STEFANO", "LA ROCCA", "VAN DER BERG", "PETRUCCI MARINI"),
    *(
        "RE",
        "FO",
        "BO",
        "PO",
        "LI",
        "NÀ",
        "PIRAS",
        "SANNA",
        "MELIS",
        "CARTA",
        "LAI",
        "URAS",
        "ZEDDA",
        "WÓJCIK",
        "ŢURCAN",
        "ÇELIK",
    ),
)
_MALE = (
    *(
        "LUCA",
        "MARCO",
        "GIUSEPPE",
        "ANTONIO",
        "FRANCESCO",
        "ALESSANDRO",
        "ANDREA",
        "STEFANO",
        "GIOSUÈ",
        "NICCOLÒ",
        "UGO",
        "IVO",
    ),
    *("PIER PAOLO", "GIAN MARIA", "JOSÉ", "ELIA", "SALVATORE", "DOMENICO", "RAFFAELE", "CALOGERO", "EFISIO", "MOHAMED"),
)
_FEMALE = (
    *(
        "MARIA",
        "ANNA",
        "GIULIA",
        "SARA",
        "FRANCESCA",
        "CHIARA",
        "NOEMI",
        "IDA",
        "EVA",
        "ANNA LUCIA",
        "MARIA GRAZIA",
        "CHLOÉ",
    ),
    *(
        "ROSALIA",
        "IMMACOLATA",
        "CONCETTA",
        "LÌDIA",
        "ZOÈ",
        "FIORENZA",
        "AGNESE",
        "OLENA",
        "TERESA",
        "BARBARA",
        "ALESSIA",
    ),
)
_PLACES = ("G942", "B354", "F205", "H501", "F839", "L219", "D612", "A662", "G273", "L049", "Z129", "Z330")
_JOBS = ("Operaio", "Impiegato", "Apprendista", "Quadro", "Operaio specializzato", "Cameriere", "Cuoca")
_CONTRACTS = ("Tempo indeterminato", "Tempo determinato", "Stagionale")
_CATEGORIES = ("Tempo pieno", "Part-time", "")
_WEEKLY_HOURS = ("40", "38", "37.5", "36", "30", "24", "20", "18.5")
_FIRMS = (
    "ALFA & FIGLI",
    "FORNO DEL CORSO",
    "OFFICINA MECCANICA LUCANA",
    "L’ANGOLO DEL CAFFÈ",
    "PULITÙTTO SERVIZI",
    "2001 TRASPORTI",
)
_FORMS = ("S.R.L.", "S.N.C.", "S.P.A.", "S.A.S.")
_CITIES = (("85100", "Potenza", "PZ"), ("75100", "Matera", "MT"), ("09125", "Cagliari", "CA"), ("70121", "Bari", "BA"))
_STREETS = ("Via dell’Università", "Corso Garibaldi", "Viale Mazzini", "Piazza San Niccolò", "Contrada Fiumara")
_FIRST_BIRTH, _BIRTH_DAYS = date(1958, 1, 1), 365 * 43
_FIRST_HIRE, _HIRE_DAYS = date(1995, 1, 1), 365 * 25
_LAST_HIRE = date(2020, 2, 23)
_STAFF_DECLARATION = "i lavoratori elencati erano alle sue dipendenze al 23 febbraio 2020 e lo sono ancora oggi;"


def made_application(seed: int, workers: int | None = None) -> dict[str, Any]:
    """The data of one application, as ``typeset_application`` takes them; 3 to 90 workers unless told how many."""
    rng = random.Random(f"application {seed}")
    number = workers or rng.choice((rng.randint(3, 12), rng.randint(10, 35), rng.randint(30, 90)))
    rows = made_workers(rng, number)
    representative, consultant = made_person(rng), made_person(rng)
    stamped = rng.random() < 0.5
    return {
        "employer": _employer(rng, number),
        "representative": {**representative, "role": rng.choice(("Amministratore unico", "Titolare", "Presidente"))},
        "filed_by": {**consultant, "capacity": "consultant"},
        "unit": {"name": "Sede di " + rng.choice(_CITIES)[1], "address": _address(rng)},
        "measure": {"title": "Cassa integrazione in deroga", "cause": "Emergenza epidemiologica da COVID-19"},
        "periods": [
            {
                "from": "2020-03-02",
                "to": f"2020-0{rng.randint(4, 5)}-{rng.randint(10, 28)}",
                "mode": "zero_hours",
                "days": rng.randint(20, 60),
            }
        ],
        "weeks_requested": str(rng.randint(2, 9)),
        "workers": rows,
        "totals": {"workers": number, "requested_hours": str(sum(int(row["requested_hours"]) for row in rows))},
        "agreement": {
            "kind": "agreement",
            "date": f"2020-04-{rng.randint(1, 20):02}",
            "unions": rng.sample(("CGIL", "CISL", "UIL"), 2),
        },
        "declarations": [
            {"key": "staff", "text": _STAFF_DECLARATION, "law": "art. 22, c. 3"},
            {
                "key": "ordinary",
                "text": "non può ricorrere alle integrazioni salariali ordinarie;",
                "law": "art. 22, c. 1",
            },
        ],
        "stamp_duty": {
            "way": "contrassegno" if stamped else "exempt",
            "statement": "Dichiara di averlo annullato." if stamped else "Esente da bollo.",
            "identifier": "01" + "".join(rng.choices("0123456789", k=12)) if stamped else "",
            "law": "D.P.R. 642/1972",
        },
        "attachments": [{"key": "agreement", "title": "Verbale di accordo sindacale"}],
        "consents": [{"key": "privacy", "text": "Ho letto l’informativa sul trattamento dei dati."}],
    }


def made_workers(rng: random.Random, number: int) -> list[dict[str, str]]:
    """``number`` workers, each tax code once, in the order of a payroll: mostly by name, sometimes by hiring."""
    known: dict[str, dict[str, str]] = {}
    while len(known) < number:
        person = made_person(rng)
        known.setdefault(person["tax_code"], {**person, **_employment(rng)})
    order = "hired_on" if rng.random() < 0.2 else "surname"
    return sorted(known.values(), key=lambda row: (row[order], row["tax_code"]))


def made_person(rng: random.Random) -> dict[str, str]:
    """A synthetic person: names and a codice fiscale that fits them, now and then changed for omocodia."""
    female = rng.random() < 0.5
    surname, given_name = rng.choice(SURNAMES), rng.choice(_FEMALE if female else _MALE)
    born = _FIRST_BIRTH + timedelta(days=rng.randrange(_BIRTH_DAYS))
    day = born.day + (_FEMALE_DAY if female else 0)
    letters = (
        f"{encode_lastname(surname)}{encode_firstname(given_name)}"
        f"{born:%y}{_MONTH_LETTERS[born.month - 1]}{day:02}{rng.choice(_PLACES)}"
    )
    if rng.random() < OMOCODIA_SHARE:
        letters = _with_letters_for_digits(letters, rng.randint(1, 3))
    return {"surname": surname, "given_name": given_name, "tax_code": letters + encode_cin(letters)}


def _with_letters_for_digits(letters: str, number: int) -> str:
    """Two people with one code: from the right, digits become letters (D.M. 23 December 1976, art. 6)."""
    changed = list(letters)
    for place in _OMOCODIA_PLACES[:number]:
        changed[place] = _OMOCODIA_LETTERS[int(changed[place])]
    return "".join(changed)


def _employment(rng: random.Random) -> dict[str, str]:
    hired = min(_LAST_HIRE, _FIRST_HIRE + timedelta(days=rng.randrange(_HIRE_DAYS)))
    return {
        "qualification": rng.choice(_JOBS),
        "contract": rng.choice(_CONTRACTS),
        "category": rng.choice(_CATEGORIES),
        "weekly_hours": rng.choice(_WEEKLY_HOURS),
        "hired_on": hired.isoformat(),
        "requested_hours": str(rng.randint(8, 360)),
    }


def _employer(rng: random.Random, workers: int) -> dict[str, Any]:
    vat = "".join(rng.choices("0123456789", k=11))
    return {
        "name": f"{rng.choice(_FIRMS)} {rng.choice(_FORMS)}",
        "tax_code": vat,
        "vat_number": vat,
        "inps_number": "".join(rng.choices("0123456789", k=10)),
        "legal_form": "Società a responsabilità limitata",
        "sector": rng.choice(("Commercio al dettaglio", "Panifici", "Autofficine", "Bar e ristoranti")),
        "ateco": rng.choice(("47.71.10", "10.71.10", "45.20.10", "56.10.11")),
        "collective_agreement": rng.choice(
            ("Terziario, distribuzione e servizi", "Panificazione", "Metalmeccanica artigiani")
        ),
        "total_staff": workers + rng.randint(0, 20),
        "address": _address(rng),
        "email": f"ufficio{rng.randint(1, 99)}@azienda.example",
        "pec": f"azienda{rng.randint(1, 99)}@pec.example",
        "phone": "0971" + "".join(rng.choices("0123456789", k=6)),
    }


def _address(rng: random.Random) -> dict[str, str]:
    postal_code, city, province = rng.choice(_CITIES)
    street = f"{rng.choice(_STREETS)} {rng.randint(1, 240)}"
    return {"street": street, "postal_code": postal_code, "city": city, "province": province}
