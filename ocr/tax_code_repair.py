"""The codice fiscale of a row of an issued form, set right where it was read badly and its row bears witness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ocr.form_map import FormField
from ocr.letter_rivals import is_tax_code

_NAME_COLUMNS = ("surname", "given_name")


def names_of_rows(fields: Sequence[FormField]) -> Mapping[str, tuple[str, str]]:
    """Surname and given name issued in each row, by the row's path (``workers.3``); rows without both are missing."""
    values = {field.name: field.value for field in fields}
    rows = {name.rpartition(".")[0] for name in values}
    return {
        row: (values[f"{row}.surname"], values[f"{row}.given_name"])
        for row in rows
        if all(values.get(f"{row}.{column}") for column in _NAME_COLUMNS)
    }


def repaired_tax_code(field: FormField, readings: Iterable[str], names: Mapping[str, tuple[str, str]]) -> str | None:
    """The codice fiscale that ``readings`` of the field's cell stand for; None where nothing proves one.

    Its check character must hold and its first six letters must be those of the row's name: one of the twenty-six check
    characters alone lets every twenty-sixth wrong code pass. None for a field that holds no codice fiscale.
    """
    from ocr.tax_codes import read_tax_code

    name = names.get(field.name.rpartition(".")[0])
    if name is None or not is_tax_code("".join(field.value.split())):
        return None
    found = read_tax_code(readings, [name])
    return found.value if found is not None and found.proved and found.named and not found.guessed else None
