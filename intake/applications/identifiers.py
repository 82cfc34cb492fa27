"""Whether an identifier can be what it says: hard faults stop a form, soft ones are shown and pass."""

from __future__ import annotations

import re

from codicefiscale.codicefiscale import encode_firstname, encode_lastname
from stdnum.exceptions import ValidationError
from stdnum.it import codicefiscale, iva


def tax_code_fault(code: str) -> str | None:
    """Why ``code`` is no codice fiscale, in one sentence; None when it is one.

    An eleven-digit code whose Luhn digit is right passes even with an unknown office part: such codes exist.
    """
    if re.fullmatch(r"[0-9]{11}", code):
        return None if _luhn(code) else "Una delle 11 cifre è sbagliata: la cifra di controllo non torna."
    return person_tax_code_fault(code)


def person_tax_code_fault(code: str) -> str | None:
    """Why ``code`` is no codice fiscale of a person (16 characters, omocodia included); None when it is one."""
    if len(code) != 16:
        return f"Ha {len(code)} caratteri: il codice fiscale di una persona ne ha 16."
    try:
        codicefiscale.validate(code)
    except ValidationError:
        return "Un carattere è sbagliato: il carattere di controllo non torna."
    return None


def vat_number_fault(number: str) -> str | None:
    if not re.fullmatch(r"[0-9]{11}", number):
        return "La partita IVA ha 11 cifre."
    return None if iva.is_valid(number) or _luhn(number) else "La cifra di controllo non torna."


def inps_number_fault(number: str) -> str | None:
    """Hard: the shape alone. The check digits are published nowhere, see ``inps_number_doubt``."""
    return None if re.fullmatch(r"[0-9]{10}", number) else "La matricola INPS ha 10 cifre, anche se comincia per zero."


def inps_number_doubt(number: str) -> str | None:
    """Soft: a check digit rule seen in public software, not confirmed by INPS."""
    if inps_number_fault(number):
        return None
    digits = [int(digit) for digit in number]
    expected = (sum(digits[0:8:2]) % 10, sum(digits[1:8:2]) % 10)
    return None if (digits[8], digits[9]) == expected else "Le due cifre di controllo non tornano: la rilegga."


def name_doubt(tax_code: str, surname: str, given_name: str) -> str | None:
    """Soft: the first six letters of a person's tax code come from the names; foreign names may differ."""
    if person_tax_code_fault(tax_code) or not surname or not given_name:
        return None
    if tax_code[:3] != encode_lastname(surname) or tax_code[3:6] != encode_firstname(given_name):
        return "Le prime sei lettere del codice fiscale non corrispondono a cognome e nome: li rilegga."
    return None


def _luhn(code: str) -> bool:
    doubled = [2 * int(digit) - 9 * (int(digit) > 4) if place % 2 else int(digit) for place, digit in enumerate(code)]
    return sum(doubled) % 10 == 0
