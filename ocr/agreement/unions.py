"""The unions that take part in an agreement, and the workplace's own representatives."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz.distance import Levenshtein

from ocr.agreement.parts import Parts
from ocr.agreement.text import Found, RunningText

FEDERATIONS = {
    "FILCAMS": "CGIL", "FISASCAT": "CISL", "UILTUCS": "UIL",
    "FIOM": "CGIL", "FIM": "CISL", "UILM": "UIL", "FISMIC": "CONFSAL",
    "FILLEA": "CGIL", "FILCA": "CISL", "FENEAL": "UIL", "FENEALUIL": "UIL",
    "FLAI": "CGIL", "FAI": "CISL", "UILA": "UIL",
    "FILT": "CGIL", "FIT": "CISL", "UILTRASPORTI": "UIL",
    "FILCTEM": "CGIL", "FEMCA": "CISL", "UILTEC": "UIL", "FLAEI": "CISL",
    "SLC": "CGIL", "FISTEL": "CISL", "UILCOM": "UIL",
    "FP": "CGIL", "FPL": "UIL", "FISAC": "CGIL", "NIDIL": "CGIL", "FELSA": "CISL", "UILTEMP": "UIL",
    "FLC": "CGIL", "FESICA": "CONFSAL",
}  # fmt: skip
"""National federations and the confederation of each."""

CONFEDERATIONS = ("CGIL", "CISL", "UIL", "UGL", "CONFSAL", "USB", "CISAL", "CONFINTESA")
_LONG = tuple(name for name in FEDERATIONS if len(name) >= 5)
_WORD = re.compile(r"(?<![a-z0-9])(?:[a-z]\.){2,9}[a-z]?|(?<![a-z0-9])[a-z0-9]{2,12}(?![a-z0-9])")
_CONFEDERATION_AFTER = re.compile(rf"[\s./_-]{{0,3}}({'|'.join(CONFEDERATIONS)})\b", re.IGNORECASE)
_SPLIT_NAMES = re.compile(r"\b(uil|fe|fen)\s?[-.]?\s?(tucs|trasporti|tec|com|temp|neal|eal)\b")
_WORKPLACE = {"rsu": "RSU", "rsa": "RSA"}

_NOT_HERE = re.compile(
    r"(?:ccnl|c\.c\.n\.l|contratto\s+collettivo|accordo\s+quadro|accordo\s+interconfederale|"
    r"protocollo\s+d'intesa|parti\s+sociali|"
    r"assenza\s+d[ei](?:lla|lle)?|mancanza\s+d[ei](?:lla|lle)?|privo?a?\s+di|senza)[^;\n]{0,110}$"
)
_LEFT_OUT = re.compile(
    r"^[^.;\n]{0,40}\bnon\s+(?:(?:(?:e'|e\b)|sono|ha|hanno|intend\w+|"
    r"risult\w+)\s+)?(?:stat[aeio]\s+)?(?:costituit|present|sottoscri|firma|aderi|partecip|"
    r"interven|elett)"
)


def find_unions(text: RunningText, parts: Parts) -> Found | None:
    """Federation and confederation of each union, ``RSU`` and ``RSA``, in the order in which they are first named.

    Looked for among the parties and where the signatures stand; where neither names any, in the whole text.
    """
    named = [each for each in sorted(_named(text), key=_start) if not _elsewhere(text, each[1], each[2])]
    taking_part = [each for each in named if each[1] < parts.parties_end or each[1] >= parts.end]
    used = taking_part or [each for each in named if _is_federation(each[0])]
    names = tuple(dict.fromkeys(name for name, _, _, _ in used))
    refusing = {name for name, _, end, _ in named if _LEFT_OUT.match(text.after(end, 90))}
    kept = _without_bare(tuple(name for name in names if name not in refusing))
    if not kept:
        return None
    first = [each for each in used if each[0] in kept]
    near = [each for each in first if each[1] - first[0][1] < 900]
    rule = "unions_of_parties" if taking_part else "unions_anywhere"
    weight = (0.95 if taking_part else 0.7) * min(each[3] for each in near)
    return Found(kept, first[0][1], near[-1][2], weight, (rule, *(("refusing_left_out",) if refusing else ())))


def _start(named: tuple[str, int, int, float]) -> int:
    return named[1]


def _named(text: RunningText) -> Iterator[tuple[str, int, int, float]]:
    """Name, offsets and sureness of every union named anywhere."""
    covered = 0
    for match in _SPLIT_NAMES.finditer(text.plain):
        joined = f"{match[1]}{match[2]}".upper().replace("FENNEAL", "FENEAL")
        if joined in FEDERATIONS:
            end = _end_with_confederation(text, match.end())
            yield f"{joined} {FEDERATIONS[joined]}", match.start(), end, 1.0
    for match in _WORD.finditer(text.plain):
        if match.start() < covered:
            continue
        word = match[0].replace(".", "")
        name, sure = _federation(word)
        if name is not None:
            covered = _end_with_confederation(text, match.end())
            yield f"{name} {FEDERATIONS[name]}", match.start(), covered, sure
        elif word in _WORKPLACE:
            yield _WORKPLACE[word], match.start(), match.end(), 1.0
        elif word.upper() in CONFEDERATIONS:
            yield word.upper(), match.start(), match.end(), 0.9


def _federation(word: str) -> tuple[str | None, float]:
    """The federation that a word names; of a long name one letter may have been read wrong."""
    upper = word.upper()
    if upper in FEDERATIONS:
        return ("FENEAL" if upper == "FENEALUIL" else upper), 1.0
    if len(word) < 5:
        return None, 0.0
    near = [name for name in _LONG if Levenshtein.distance(upper, name) <= 1]
    return (near[0], 0.85) if len(near) == 1 else (None, 0.0)


def _end_with_confederation(text: RunningText, end: int) -> int:
    follows = _CONFEDERATION_AFTER.match(text.plain, end)
    return follows.end() if follows else end


def _elsewhere(text: RunningText, start: int, end: int) -> bool:
    return bool(_NOT_HERE.search(text.before(start, 150))) or bool(_LEFT_OUT.match(text.after(end, 90)))


def _is_federation(name: str) -> bool:
    return " " in name or name in _WORKPLACE.values()


def _without_bare(names: tuple[str, ...]) -> tuple[str, ...]:
    """A confederation named alone is left out where one of its federations is there."""
    present = {name.split()[1] for name in names if " " in name}
    return tuple(name for name in names if name not in present)
