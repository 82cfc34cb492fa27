"""The codice fiscale on a page: told apart by its shape, set right by position, proved by check character and name.

Rules: D.M. 23 December 1976. A change that position alone does not ask for is accepted only where the check character
and the name both prove it, and never more than one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from codicefiscale.codicefiscale import encode_firstname, encode_lastname
from stdnum.exceptions import ValidationError
from stdnum.it import codicefiscale

LENGTH = 16
_LETTERS = frozenset((0, 1, 2, 3, 4, 5, 8, 11, 15))
_MONTHS = "ABCDEHLMPRST"
_OMOCODIA = frozenset("LMNPQRSTUV")
_TO_LETTER = str.maketrans("0123456789", "OIZEASGTBP")
_TO_DIGIT = str.maketrans("OQDCUILJTZASGEB", "000001117245638")
_LOOKALIKES = ("0OQDCGU", "1ILJT7", "2Z7", "5S8B", "6G8B", "8B3E", "4A", "MNHW", "UVY", "PRF", "KXH", "CGE", "9P6")
_LEAST_IN_PLACE = 13


@dataclass(frozen=True, slots=True)
class CodeReading:
    """A codice fiscale as it must read; ``proved``: its check character holds; ``named``: its letters fit the name.

    ``changes`` counts characters changed beyond what their position asks for; ``guessed``: one of them stands where the
    name bears no witness, so that the check character speaks for it alone.
    """

    value: str
    proved: bool
    named: bool
    changes: int
    rules: tuple[str, ...]
    guessed: bool = False


def looks_like_tax_code(text: str) -> bool:
    """Whether a text, as read, can be meant as a codice fiscale: sixteen letters and digits, most in their places."""
    code = compact(text)
    if not LENGTH - 1 <= len(code) <= LENGTH + 1 or sum(letter.isdigit() for letter in code) < 3:
        return False
    windows = (code[:LENGTH], code[-LENGTH:]) if len(code) >= LENGTH else (code + "A", "A" + code)
    return any(_in_place(window) >= _LEAST_IN_PLACE for window in windows)


def compact(text: str) -> str:
    """Its letters and digits in capitals."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def by_position(code: str) -> str:
    """Sixteen letters and digits with letters where letters belong and digits where digits do."""
    return _by_position(code)[0]


def is_tax_code(code: str) -> bool:
    """Whether it is a codice fiscale of a person whose check character holds."""
    try:
        codicefiscale.validate(code)
    except ValidationError:
        return False
    return len(code) == LENGTH


def born_on(code: str) -> date | None:
    """The day of birth that a codice fiscale tells, in the century that makes no one older than a hundred in 2020."""
    try:
        return codicefiscale.get_birth_date(code, minyear=1920)
    except (ValidationError, ValueError):
        return None


def fits_name(code: str, surname: str, given_name: str) -> bool:
    """Whether the first six letters are those of the name."""
    return bool(surname and given_name) and code[:6] == name_key(surname, given_name)


def name_key(surname: str, given_name: str) -> str:
    """The six letters that a name gives."""
    return encode_lastname(_bare(surname)) + encode_firstname(_bare(given_name))


def read_tax_code(
    readings: Iterable[str], names: Iterable[tuple[str, str]], *, typed: bool = False
) -> CodeReading | None:
    """The codice fiscale that one or more ``readings`` of the same cell stand for; None where none can be meant as one.

    ``names``: surname and given name, in every way that the row may be read. ``typed``: the text is exact, so that what is
    wrong in it was written wrong, and stays.
    """
    keys = {name_key(*name) for name in names if all(name)}
    raws = [compact(reading) for reading in readings]
    found = [each for raw in raws for each in _candidates(raw, keys) if not typed or each.changes == 0]
    found = (
        found
        if len({each.value for each in found if each.guessed}) < 2
        else [each for each in found if not each.guessed]
    )
    if found:
        agreeing = {each.value: sum(other.value == each.value for other in found) for each in found}
        return min(found, key=lambda each: (each.guessed, not each.named, each.changes, -agreeing[each.value]))
    shaped = next((raw for raw in raws if len(raw) == LENGTH), None)
    if shaped is None:
        return None
    value = _by_position(shaped)[0]
    return CodeReading(value, False, value[:6] in keys, 0, ("check_character_fails",))


def _candidates(raw: str, keys: set[str]) -> Iterator[CodeReading]:
    if is_tax_code(raw):
        rivals = [placed for placed in _by_position(raw) if placed != raw and is_tax_code(placed)]
        yield CodeReading(raw, True, raw[:6] in keys, 0, ("as_read", "check_character"), bool(rivals))
        return
    for window in _windows(raw):
        cut = int(len(raw) != LENGTH)
        for placed in _by_position(window):
            if is_tax_code(placed) and (not cut or placed[:6] in keys):
                yield CodeReading(placed, True, placed[:6] in keys, cut, ("by_position", "check_character"), bool(cut))
        if cut:
            continue
        for placed in _by_position(window):
            for changed in _one_changed(placed, keys):
                if is_tax_code(changed) and changed[:6] in keys:
                    guessed = changed[6:] != placed[6:]
                    yield CodeReading(changed, True, True, 1, ("one_change", "check_character", "name"), guessed)


def _windows(raw: str) -> Iterator[str]:
    if len(raw) == LENGTH:
        yield raw
    elif len(raw) == LENGTH + 1:
        yield from dict.fromkeys(raw[:place] + raw[place + 1 :] for place in range(len(raw)))


def _by_position(code: str) -> list[str]:
    """The code with letters where letters belong and digits where digits do; letters that stand for digits as a second
    way (omocodia)."""
    plain = "".join(
        letter.translate(_TO_LETTER) if place in _LETTERS else letter.translate(_TO_DIGIT)
        for place, letter in enumerate(code)
    )
    omocodic = "".join(
        letter if place not in _LETTERS and letter in _OMOCODIA else placed
        for place, (letter, placed) in enumerate(zip(code, plain, strict=True))
    )
    return list(dict.fromkeys((plain, omocodic)))


def _one_changed(code: str, keys: set[str]) -> Iterator[str]:
    """The code with one character that readers mistake for another exchanged, or with the name's letters."""
    for key in keys:
        if sum(one != other for one, other in zip(key, code, strict=False)) == 1:
            yield key + code[6:]
    for place, letter in enumerate(code):
        for family in _LOOKALIKES:
            if letter in family:
                yield from (
                    code[:place] + other + code[place + 1 :]
                    for other in family
                    if other != letter and other.isalpha() == (place in _LETTERS)
                )


def _in_place(code: str) -> int:
    return sum(letter.isalpha() == (place in _LETTERS) for place, letter in enumerate(code)) + (
        code[8].translate(_TO_LETTER) in _MONTHS
    )


def _bare(name: str) -> str:
    return re.sub(r"[’'`´]", "", name)
