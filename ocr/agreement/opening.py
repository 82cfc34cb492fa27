"""When and where an agreement was made."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ocr.agreement.dates import DateFound
from ocr.agreement.parts import Parts
from ocr.agreement.text import Found, RunningText, plain_of

_OPENS = re.compile(
    r"(?:\b(?:il|in)\s+giorno|\bgiorno|\baddi'?|\boggi|\bin\s+data(?:\s+odierna)?|"
    r"\b(?:alle\s+)?ore\s+[\d.,:]+\s+del|\bil)[\s,:]*$"
)
_LABEL = re.compile(
    r"(?:(?:^|[\n\t])\s*data\b(?:\s+(?:dell'\s?|del\s+|di\s+)?(?:accordo|verbale|incontro|"
    r"riunione|stipula|sottoscrizione))?|"
    r"(?:accordo|verbale|intesa)(?:\s+\w+){0,3}\s+(?:del|in\s+data))[\s:]*$"
)
_PLACE_AND_DATE = re.compile(r"(?:^|[\n\t.])\s*[a-z][a-z' ]{2,30},?\s*(?:li'?|il|addi'?)?[\s,]*$")
_OF_ANOTHER_ACT = re.compile(
    r"(?:decreto|\bd\.?\s?l\b|\bd\.\s?l|d\.?\s?lgs|legge|quadro|comunicazion|informativ|"
    r"lettera|\bpec\b|\bnota\b|circolare|d\.?p\.?c\.?m|ordinanza|"
    r"assunt|nat[oa]\b|decorr|\bdal\b|\bal\b|\bfino\b|termine|scadenza|\bn\.\s?\d+|messaggio)[^;]{0,40}$"
)
_SOMETHING_SENT = re.compile(
    r"^[^.;]{0,70}\b(?:ha|hanno|(?:e'|e\b)|sono|veniva|era)\s+(?:stat[aoi]\s+)?(?:inviat|trasmess|"
    r"comunicat|informat|richiest|inoltrat|ricevut|sospes|chius)"
)
_MEETING = re.compile(r"incontr|riunit|riunion|present|collegat|intervenut|convenut|videoconf|\btra\b|\bfra\b|costitui")
_OPENING_REACH = 1500

_CITY = r"[A-ZÀ-Ú][\w'’]+(?:(?:\s+(?:di|del|della|dei|in|sul|d'))?[ -][A-ZÀ-Ú][\w'’]+){0,3}"
_NO_CITY = frozenset({
    "via", "viale", "piazza", "corso", "sede", "societa", "azienda", "ditta", "verbale", "accordo", "data", "luogo",
    "sig", "dott", "prot", "premesso", "il", "la", "le", "in", "si", "oggi", "addi", "spett", "cassa", "modalita",
    "video", "videoconferenza", "oggetto", "per", "e",
})  # fmt: skip
_IN_CITY = re.compile(rf"(?:^|[\s,(])(?:[Ii]n|a|presso\s+la\s+sede[^,.;]{{0,40}}\s(?:di|in))\s+({_CITY})(?=[\s,.;:)])")
_CITY_BEFORE_DATE = re.compile(
    rf"(?:^|[\n\t.]\s*)(?:[Ii]n\s+|IN\s+)?({_CITY})\s*,?\s*(?:l[iì]'?|il\s+giorno|il|add[iì]'?)?[\s,]*$"
)
_TOWN_AND_COMMA = re.compile(
    r"\s((?:(?:Sant?[aeo]?|Reggio|Monte|Castel|Porto|Torre|La)\s+|Sant'\s?)?[A-ZÀ-Ú][a-zà-ú]+)\s*,\s*(?:l[iì]'?|il|add[iì]'?)?\s*$"
)
"""A town before its day in the midst of a line: behind a title that fills it."""

_LABELLED_CITY = re.compile(rf"(?:[Ll]uogo|LUOGO|[Ss]ottoscritto\s+a|[Ff]irmato\s+a)(?:\s+\w+){{0,2}}?[\s:]+({_CITY})")
_REMOTE = re.compile(
    r"videoconferenza|video\s+conferenza|da\s+remoto|teleconferenza|audioconferenza|"
    r"collegamento\s+telematico|via\s+telematica|"
    r"modalita\s+telematica|piattaforma|per\s+via\s+telematica|\bskype\b|\bzoom\b|\bmeet\b"
)
_WITH_ITS_SEAT = re.compile(r"(?:sede|filiale|unita|uffici|domicili\w*|resident\w*|nat[oa])\b[^;]{0,30}$")


def find_date(text: RunningText, dates: tuple[DateFound, ...], parts: Parts) -> tuple[Found, DateFound] | None:
    """The day of the agreement: that of the opening, of a label, or beside the place at the top or the end."""
    best: tuple[Found, DateFound] | None = None
    for each in dates:
        judged = _as_its_date(text, each, parts)
        if judged is None:
            continue
        weight, rule = judged
        found = Found(each.day.isoformat(), each.start, each.end, weight * each.weight, (rule, *each.rules))
        if best is None or found.weight > best[0].weight:
            best = found, each
    return best


def _as_its_date(text: RunningText, each: DateFound, parts: Parts) -> tuple[float, str] | None:
    before, after = text.before(each.start, 90), text.after(each.end, 200)
    if _LABEL.search(before) and "quadro" not in before[-40:]:
        return 0.95, "date_label"
    if _OF_ANOTHER_ACT.search(before[-60:]) or _SOMETHING_SENT.match(after):
        return None
    early = each.start < min(_OPENING_REACH, max(600, parts.parties_end))
    late = each.start > parts.end - 400
    if early and _OPENS.search(before):
        return (0.98 if _MEETING.search(after) or _MEETING.search(before) else 0.85), "date_of_opening"
    if (early or late) and _PLACE_AND_DATE.search(before):
        return (0.9 if early else 0.88), "place_and_date"
    if early and _MEETING.search(after):
        return 0.75, "date_before_meeting"
    return None


def find_place(text: RunningText, day: DateFound | None, parts: Parts) -> Found | None:
    """The town, or ``videoconferenza`` where the parties met at a distance and no town is told."""
    found = max(_towns(text, day, parts), key=lambda each: each.weight, default=None)
    if found is not None:
        return found
    remote = _REMOTE.search(text.plain, 0, max(_OPENING_REACH, parts.parties_end))
    return Found("videoconferenza", remote.start(), remote.end(), 0.9, ("remote_meeting",)) if remote else None


def _towns(text: RunningText, day: DateFound | None, parts: Parts) -> Iterator[Found]:
    for match in _LABELLED_CITY.finditer(text.shown, 0, max(parts.parties_end, _OPENING_REACH)):
        yield from _town(match, 0, 0.93, "place_label")
    if day is None:
        return
    before = text.shown[max(0, day.start - 60) : day.start]
    leading = re.sub(r"\b(?:in\s+data|oggi|[Ll]'anno\s+\w+)\s*,?\s*$", "", before)
    if dated := _CITY_BEFORE_DATE.search(leading):
        yield from _town(dated, max(0, day.start - 60), 0.95, "place_and_date")
    elif behind := _TOWN_AND_COMMA.search(leading):
        yield from _town(behind, max(0, day.start - 60), 0.8, "place_and_date")
    start, end = max(0, day.start - 100), day.end + 140
    for match in _IN_CITY.finditer(text.shown, start, end):
        if (
            _WITH_ITS_SEAT.search(text.plain[max(start, match.start() - 40) : match.start()])
            and "presso" not in match[0]
        ):
            continue
        near = 0.0 if match.start() <= day.end + 60 else 0.1
        yield from _town(match, 0, 0.92 - near, "place_in_opening")


def _town(match: re.Match[str], offset: int, weight: float, rule: str) -> Iterator[Found]:
    name = " ".join(match[1].split())
    if plain_of(name.split()[0]).rstrip(".") in _NO_CITY:
        return
    shown = name.title() if name.isupper() else name
    yield Found(shown, match.start(1) + offset, match.end(1) + offset, weight, (rule,))
