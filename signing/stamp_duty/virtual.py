"""The note of virtual payment (DPR 642/1972, art. 15): its wording, and the authorisation it refers to."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from signing.report import Problem
from signing.stamp_duty.mark import Authorization, StampKind, StampMark, StampStatus
from signing.stamp_duty.problems import stamp_problem

_MONTHS = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
]
_VIRTUAL = r"v[il1!]rtua[l1i!](?:e|mente)\b"
_DUTY = r"\b(?:imposta\s+di\s+)?b[o0][l1i!]{2}[o0]\b"
_NOTE = re.compile(rf"{_DUTY}.{{0,90}}?{_VIRTUAL}|{_VIRTUAL}.{{0,50}}?{_DUTY}", re.IGNORECASE)
_NOT_SAID_OF_THIS = re.compile(
    r"\bnon\s+(?:[eèé]['’]?\s+)?(?:stat[ao]\s+)?(?:assolt|pagat|corrispost|versat)"
    r"|\b(?:nel\s+caso|qualora|se\s+l['’]|venga|pu[òo]['’]?|potr[àa]|dev['’]?e?|dovr[àa]|oppure)\b",
    re.IGNORECASE,
)
_BEFORE = 30
_REACH = 420
_AUTHORIZED = re.compile(r"\b(?:autorizz(?:azione|\.)?|aut(?:\.|or\.)?)(?=[\s:])", re.IGNORECASE)
_NUMBER = re.compile(
    r"\b(?:prot(?:ocollo|\.)?\s*)?(?:n(?:\.|°|º|r\.?|ro\.?|um(?:ero|\.))|prot(?:ocollo|\.)?)\s*:?\s*([0-9][\w./-]*)",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"\b(?:del(?:l['’])?|in\s+data|data|dd\.?)\s*:?\s*"
    rf"(?:(\d{{1,2}})\s*[./-]\s*(\d{{1,2}})\s*[./-]\s*(\d{{4}}|\d{{2}})|(\d{{1,2}})\s*[°º]?\s+({'|'.join(_MONTHS)})\s+(\d{{4}}))",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"\b(?:Agenzia\s+delle\s+Entrate|Agenzia\s+Entrate|A\.?\s?d\.?\s?E\.?\b|Intendenza\s+di\s+Finanza|"
    r"Dir(?:ezione|\.)\s+(?:Provinciale|Regionale|Prov\.|Reg\.)|D\.\s?[PR]\.|Ufficio\s+(?:Territoriale|delle\s+Entrate|"
    r"Locale|di)|Ministero\s+delle\s+Finanze)",
    re.IGNORECASE,
)
_OFFICE_ENDS = re.compile(
    r"\b(?:n(?:\.|°|º|r\.?|um(?:ero|\.))|prot(?:ocollo|\.)|del\s+\d|dell['’]?\s*\d|in\s+data|dd\.|ai\s+sensi|con\s+"
    r"(?:autorizz|prov)|aut(?:orizzazione|\.))|[;()]|(?:(?<=[a-z]{2})|(?<=\d))\.\s|$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class KeptAuthorization:
    """A row of the office's list. ``valid_to`` None while open; ``holder_codes``: tax code and VAT number of its holder."""

    office: str
    number: str
    issued_on: date
    holder: str
    holder_codes: frozenset[str]
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class VirtualNote:
    """A note found in a text: what it refers to, and where it stands there (``start``, ``end``)."""

    authorization: Authorization
    start: int
    end: int


def find_virtual_notes(text: str) -> tuple[VirtualNote, ...]:
    """Every note of virtual payment in ``text`` (of a PDF, or as recognised on a scan), none twice."""
    plain = _plain(text)
    notes: list[VirtualNote] = []
    for found in _NOTE.finditer(plain):
        if _NOT_SAID_OF_THIS.search(plain, max(0, found.start() - _BEFORE), found.end()):
            continue
        end = min(found.end() + _REACH, _next_note(plain, found.end()))
        tail = plain[found.end() : end]
        said = _authorization(tail) if _AUTHORIZED.search(tail) or _NUMBER.search(tail) else Authorization()
        if said not in [each.authorization for each in notes]:
            notes.append(VirtualNote(said, found.start(), found.end() + _length(tail, said)))
    told = [each for each in notes if each.authorization != Authorization()]
    return tuple(told or notes[:1])


def judge_virtual_note(
    note: VirtualNote,
    kept: Collection[KeptAuthorization] | None,
    *,
    on: date,
    parties: Collection[str] = (),
) -> StampMark:
    """Compare a note with the office's list (None: no list at hand) on the day of the document.

    ``parties``: tax codes and VAT numbers of who files; empty where they are not known.
    """
    said = note.authorization
    missing = [
        words
        for value, words in ((said.office, "l'ufficio"), (said.number, "il numero"), (said.day, "la data"))
        if value is None
    ]
    mark = StampMark(StampKind.virtual, StampStatus.valid, authorization=said)
    if missing:
        mark = mark.with_problems([stamp_problem("authorization_incomplete", missing=", ".join(missing))])
    if said.number is None:
        return mark
    if kept is None:
        return mark.with_problems([] if missing else [stamp_problem("authorization_not_compared")])
    row = next((each for each in kept if _same(each, said)), None)
    if row is None:
        return mark.with_problems([stamp_problem("authorization_unknown")])
    found = StampMark(StampKind.virtual, mark.status, authorization=said, holder=row.holder, problems=mark.problems)
    return found.with_problems(_row_problems(row, said, on, frozenset(parties)))


def _row_problems(row: KeptAuthorization, said: Authorization, on: date, parties: frozenset[str]) -> Iterator[Problem]:
    if not row.valid_from <= on or (row.valid_to is not None and on > row.valid_to):
        until = f" al {row.valid_to:%d/%m/%Y}" if row.valid_to else ""
        yield stamp_problem("authorization_not_in_force", validity=f"vale dal {row.valid_from:%d/%m/%Y}{until}")
    if said.office is not None and not _same_office(row.office, said.office):
        yield stamp_problem("authorization_other_office", office=row.office)
    if parties and row.holder_codes and not row.holder_codes & parties:
        yield stamp_problem("authorization_of_another", holder=row.holder)


def _same(row: KeptAuthorization, said: Authorization) -> bool:
    return _number_key(row.number) == _number_key(said.number or "") and said.day in {None, row.issued_on}


def _number_key(number: str) -> str:
    """The number without punctuation and leading zeros of its parts: ``0123/2009`` is ``123-2009``."""
    return "-".join(part.lstrip("0") or "0" for part in re.findall(r"[0-9A-Za-z]+", number.upper()))


def _same_office(kept: str, said: str) -> bool:
    """Whether the words of one are among those of the other, but for the generic ones: many ways to write one office."""
    ours, theirs = _office_words(kept), _office_words(said)
    return not ours or not theirs or ours <= theirs or theirs <= ours


_GENERIC = frozenset(
    [
        "agenzia",
        "delle",
        "entrate",
        "direzione",
        "provinciale",
        "regionale",
        "ufficio",
        "territoriale",
        "locale",
        "intendenza",
        "finanza",
        "ministero",
        "finanze",
        "di",
        "della",
        "del",
        "dell",
        "la",
        "il",
        "e",
        "ade",
        "dp",
        "dr",
        "prov",
        "reg",
        "dir",
        "d",
        "p",
        "r",
    ]
)


def _office_words(office: str) -> frozenset[str]:
    folded = unicodedata.normalize("NFKD", office).encode("ascii", "ignore").decode().lower()
    return frozenset(re.findall(r"[a-z0-9]+", folded)) - _GENERIC


def _plain(text: str) -> str:
    """One running text of the same length: every break and every kind of space is one space."""
    return re.sub(r"\s", " ", text)


def _next_note(text: str, start: int) -> int:
    following = _NOTE.search(text, start)
    return following.start() if following else len(text)


def _authorization(tail: str) -> Authorization:
    start = _AUTHORIZED.search(tail)
    said = tail[start.start() :] if start else tail
    number, day = _NUMBER.search(said), _DAY.search(said)
    return Authorization(
        office=_office(said),
        number=number.group(1).strip(".,;-/") if number else None,
        day=_date(day) if day else None,
    )


def _office(said: str) -> str | None:
    found = _OFFICE.search(said)
    if found is None:
        return None
    end = _OFFICE_ENDS.search(said, found.end())
    name = said[found.start() : end.start() if end else len(said)]
    return re.sub(r"\s+", " ", name).strip(" ,.:;-–—")[:160]


def _date(found: re.Match[str]) -> date | None:
    day, month, year, long_day, long_month, long_year = found.groups()
    try:
        if long_day:
            return date(int(long_year), _MONTHS.index(long_month.lower()) + 1, int(long_day))
        full = int(year) if len(year) == 4 else 1900 + int(year) + (100 if int(year) < 70 else 0)
        return date(full, int(month), int(day))
    except ValueError:
        return None


def _length(tail: str, said: Authorization) -> int:
    """How far the references reach after the note."""
    ends = [found.end() for found in (_NUMBER.search(tail), _DAY.search(tail)) if found]
    return max(ends) if ends and said != Authorization() else 0
