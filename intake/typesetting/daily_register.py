"""The registro giornaliero on paper: the day's registrations, annulments and changes, and the log's head."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from intake.typesetting.compiler import typeset
from intake.typesetting.finishing import Attachment, finish_pdf
from intake.typesetting.printed import ROME, print_foreign_text, print_instant
from intake.typesetting.rehearsal import RehearsalMark, rehearsal_input
from protocol_register.daily import RegisterDay
from protocol_register.entries import Channel, Direction, Entry, Party, shown_number

TEMPLATE = "daily_register.typ"
ENTRIES_OF_A_VOLUME = 1500
_FLOWS = {Direction.IN: "E", Direction.OUT: "U", Direction.INTERNAL: "I"}
_CHANNELS = {
    Channel.ONLINE: "servizio online",
    Channel.PEC: "PEC",
    Channel.LETTER: "raccomandata",
    Channel.COUNTER: "sportello",
    Channel.EMERGENCY: "registro di emergenza",
}
_LONG_WORD = re.compile(r"\S{25,}")
_BREAK = "\u200b"


@dataclass(frozen=True, slots=True)
class DailyFacts:
    """What is printed. ``made_at``: when the daily register is made (aware).

    A busy day is several volumes, each with some of the entries; the last one has the other acts and the log's head.
    """

    administration: str
    office: str
    register_day: RegisterDay
    made_at: datetime
    rehearsal: RehearsalMark | None = None
    volume: int = 1
    volumes: int = 1


def volumes_of(facts: DailyFacts) -> tuple[DailyFacts, ...]:
    """The same day in volumes that can be typeset within half a gigabyte."""
    day = facts.register_day
    starts = range(0, max(len(day.entries), 1), ENTRIES_OF_A_VOLUME)
    return tuple(
        replace(facts, register_day=_part(day, start), volume=place, volumes=len(starts))
        for place, start in enumerate(starts, 1)
    )


def typeset_daily_register(facts: DailyFacts, extra: tuple[Attachment, ...] = ()) -> bytes:
    """The daily register as PDF/A-3a, PDF/UA-1 with ``extra`` attached. Raises ``TypesettingError``."""
    day = facts.register_day
    register = day.register
    inputs = {
        "title": f"Registro giornaliero di protocollo del {day.day:%d/%m/%Y}{_volume(facts)}",
        "administration": facts.administration,
        "office": facts.office,
        "register": f"{register.administration} · {register.aoo} · {register.code}",
        "summary": _summary(day),
        "made": print_instant(facts.made_at),
        "rehearsal": rehearsal_input(facts.rehearsal),
        "entries": [_entry(entry, day.day) for entry in day.entries],
        "annulments": [
            {
                "number": f"{shown_number(each.number)}/{each.year}",
                "instant": _hour(each.instant, day.day),
                "what": f"Annullata. Provvedimento: {print_foreign_text(each.act)}. "
                f"Motivo: {print_foreign_text(each.reason)}",
                "operator": each.operator,
            }
            for each in day.annulments
        ],
        "changes": [
            {
                "number": f"{shown_number(each.number)}/{each.year}",
                "instant": _hour(each.instant, day.day),
                "what": print_foreign_text(
                    "; ".join(
                        f"{label}: {value}"
                        for label, value in (
                            ("classificazione", each.classification),
                            ("fascicolo", each.file_reference),
                            ("assegnata a", each.assigned_to),
                        )
                        if value
                    )
                ),
                "operator": each.operator,
            }
            for each in day.classifications
        ],
        "resumptions": [
            {
                "number": f"{shown_number(each.after)}/{each.year}",
                "instant": _hour(each.instant, day.day),
                "what": f"La numerazione riprende dopo questo numero. Provvedimento: {print_foreign_text(each.act)}",
                "operator": each.operator,
            }
            for each in day.resumptions
        ],
        "head": day.checkpoint or "",
        "log_size": day.log_size,
    }
    typeset_pdf = typeset(TEMPLATE, "day", inputs, at=facts.made_at).pdf
    return finish_pdf(typeset_pdf, at=facts.made_at, attachments=extra)


def _part(day: RegisterDay, start: int) -> RegisterDay:
    entries = day.entries[start : start + ENTRIES_OF_A_VOLUME]
    if start + ENTRIES_OF_A_VOLUME >= len(day.entries):
        return replace(day, entries=entries)
    return replace(day, entries=entries, annulments=(), classifications=(), resumptions=(), checkpoint=None)


def _volume(facts: DailyFacts) -> str:
    return f", volume {facts.volume} di {facts.volumes}" if facts.volumes > 1 else ""


def _summary(day: RegisterDay) -> str:
    if not day.entries:
        return "Nessuna registrazione in questo giorno."
    count = len(day.entries)
    numbers = f"{day.entries[0].shown_number} a {day.entries[-1].shown_number}"
    return f"{count} registrazioni, dal numero {numbers}." if count > 1 else f"1 registrazione: numero {numbers[:7]}."


def _entry(entry: Entry, day: date) -> dict[str, Any]:
    parties = [entry.sender] if entry.direction is Direction.IN and entry.sender else list(entry.recipients)
    received = " ".join(
        part
        for part in (f"{entry.received_date:%d/%m/%Y}" if entry.received_date else "", entry.received_protocol)
        if part
    )
    notes = [_CHANNELS[entry.channel], entry.operator]
    if entry.emergency_number:
        notes.append(f"numero di emergenza {entry.emergency_number}")
    if entry.deferral_act:
        notes.append(f"protocollo differito: {entry.deferral_act}")
    if entry.legal_instant != entry.instant:
        notes.append(f"istante che vale per legge {print_instant(entry.legal_instant)}")
    files = [*([entry.document] if entry.document else []), *entry.attachments]
    return {
        "number": entry.shown_number,
        "instant": _hour(entry.instant, day),
        "flow": _FLOWS[entry.direction],
        "party": _breakable("; ".join(map(_party, parties))),
        "subject": _breakable(entry.subject),
        "received": _breakable(received),
        "notes": _breakable(" · ".join(notes)),
        "files": [{"name": _breakable(file.name), "sha256": file.sha256} for file in files],
    }


def _breakable(text: str) -> str:
    """Printable text whose long words may be cut anywhere: measuring each would take a gigabyte for a busy day."""
    return _LONG_WORD.sub(lambda word: _BREAK.join(word[0]), print_foreign_text(text))


def _party(party: Party) -> str:
    return f"{party.name} ({party.tax_code})" if party.tax_code else party.name


def _hour(instant: datetime, day: date) -> str:
    """The hour, after its date where that is not ``day``: what was registered in a day already told comes with the next."""
    civil = instant.astimezone(ROME)
    hour = f"{civil:%H:%M:%S},{civil.microsecond // 1000:03d}"
    return hour if civil.date() == day else f"{civil:%d/%m/%Y} {hour}"
