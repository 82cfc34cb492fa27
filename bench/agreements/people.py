"""Invented firms, people and places."""

from __future__ import annotations

import random

CITIES = (
    "Cagliari",
    "Sassari",
    "Nuoro",
    "Oristano",
    "Olbia",
    "Potenza",
    "Matera",
    "Melfi",
    "Firenze",
    "Prato",
    "Pisa",
    "Carbonia",
)
_GIVEN = (
    "Marta",
    "Efisio",
    "Giovanni",
    "Lucia",
    "Paolo",
    "Ilaria",
    "Rocco",
    "Teresa",
    "Nicolò",
    "Bianca",
    "Fabio",
    "Noemi",
)
_SURNAMES = (
    "Piras",
    "Sanna",
    "D'Amato",
    "Lorusso",
    "Bellini",
    "Ferrante",
    "Cocco",
    "Trivigno",
    "Nardi",
    "Satta",
    "Olivieri",
    "Dessì",
)
_TRADES = (
    "Panificio",
    "Hotel",
    "Officine",
    "Tipografia",
    "Falegnameria",
    "Ristorazione",
    "Autotrasporti",
    "Studio Grafico",
    "Lavanderia",
)
_WORDS = (
    "Il Ginepro",
    "Nuova Aurora",
    "Tre Torri",
    "Sant'Elia",
    "La Quercia",
    "Mediterranea",
    "Monte Alto",
    "Riva Verde",
    "Del Borgo",
)
_FORMS = ("S.r.l.", "S.p.A.", "S.n.c.", "S.a.s.", "Soc. Coop.", "srl", "S.R.L.")
_ROLES = ("legale rappresentante", "amministratore unico", "titolare", "presidente")

SECTORS = {
    "commercio": ("FILCAMS CGIL", "FISASCAT CISL", "UILTUCS UIL"),
    "metalmeccanica": ("FIOM CGIL", "FIM CISL", "UILM UIL"),
    "edilizia": ("FILLEA CGIL", "FILCA CISL", "FENEAL UIL"),
    "trasporti": ("FILT CGIL", "FIT CISL", "UILTRASPORTI UIL"),
    "chimica": ("FILCTEM CGIL", "FEMCA CISL", "UILTEC UIL"),
    "agroalimentare": ("FLAI CGIL", "FAI CISL", "UILA UIL"),
    "comunicazione": ("SLC CGIL", "FISTEL CISL", "UILCOM UIL"),
}
ASSOCIATIONS = (
    "Confcommercio",
    "Confindustria",
    "Confartigianato",
    "CNA",
    "Confesercenti",
    "Confapi",
    "Legacoop",
    "Confcooperative",
)


def person(rng: random.Random) -> str:
    """A given name and a surname."""
    return f"{rng.choice(_GIVEN)} {rng.choice(_SURNAMES)}"


def firm(rng: random.Random) -> str:
    """A trade, a name, a legal form."""
    return f"{rng.choice(_TRADES)} {rng.choice(_WORDS)} {rng.choice(_FORMS)}"


def role(rng: random.Random) -> str:
    return rng.choice(_ROLES)


def vat_number(rng: random.Random) -> str:
    """Eleven digits that look like a VAT number; the check digit is not computed, so most are nobody's."""
    return "".join(str(rng.randrange(10)) for _ in range(11))
