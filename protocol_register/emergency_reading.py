"""From the rows of a filled sheet to its facts; everything that cannot be understood is named with its row."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from protocol_register.emergency import (
    EmergencyLine,
    EmergencySeries,
    EmergencySheet,
    SheetProblem,
    check_sheet,
    refuse,
)
from protocol_register.emergency_sheet import (
    ACT,
    CAUSE,
    CLOSED,
    COLUMNS,
    DAY,
    EXTENSION,
    FLOW,
    HOUR,
    KIND,
    NUMBER,
    OPENED,
    OPERATOR,
    PARTY,
    RECEIVED_AS,
    RECEIVED_ON,
    SUBJECT,
    TAX_CODE,
    Cells,
    header_cell,
    lines_of,
)
from protocol_register.entries import Direction, Party, PartyKind, Register

DATE = r"(?:(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})|(\d{4})-(\d{2})-(\d{2}))"
TIME = r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?"
DAY_WRITTEN = re.compile(rf"{DATE}(?=[\sT,]|$)", re.ASCII)
INSTANT_WRITTEN = re.compile(rf"{DATE}(?:T|,?\s+(?:(?:alle\s+)?ore\s+|alle\s+|h\s*)?){TIME}", re.ASCII | re.IGNORECASE)
"""Nothing may stand beside them: of `3:30 PM`, or of the 0.395833 that a program makes of 09:30, a part is another hour."""
FIRST_YEAR, LAST_YEAR = 1900, 2999
LONGEST_VALUE = 1000
FLOWS = {"E": Direction.IN, "U": Direction.OUT, "I": Direction.INTERNAL}
KINDS = {
    "persona": PartyKind.PERSON,
    "impresa": PartyKind.COMPANY,
    "amministrazione": PartyKind.ADMINISTRATION,
}


def read_sheet(cells: Cells, register: Register, series: EmergencySeries, *, at: datetime) -> EmergencySheet:
    """The facts of a filled sheet, checked. `at` (aware) is now.

    Raises EmergencySheetRefused with every problem of every row, EmergencySheetUnreadable when columns are missing.
    """
    reader = _Reader(ZoneInfo(register.time_zone), series)
    opened, closed = (reader.instant(header_cell(cells, label), None, label) for label in (OPENED, CLOSED))
    cause, act = (reader.required(header_cell(cells, label), None, label) for label in (CAUSE, ACT))
    lines = [reader.line(row, values) for row, values in lines_of(cells)]
    refuse(reader.problems)
    if opened is None or closed is None:
        raise AssertionError("an instant that cannot be read is a problem")
    in_order = tuple(with_second_hours([line for line in lines if line is not None], opened))
    sheet = EmergencySheet(
        register=register.code,
        year=series.year,
        series=series.series,
        cause=cause,
        act=act,
        extension_act=header_cell(cells, EXTENSION) or None,
        opened_at=opened,
        closed_at=_end(closed, opened, in_order),
        lines=in_order,
    )
    check_sheet(sheet, series, at=at, zone=register.time_zone)
    return sheet


class _Reader:
    def __init__(self, zone: ZoneInfo, series: EmergencySeries) -> None:
        self.zone = zone
        self.number = re.compile(rf"{re.escape(series.name)}-(\d{{4}})")
        self.problems: list[SheetProblem] = []

    def wrong(self, row: int | None, message: str) -> None:
        self.problems.append(SheetProblem(row, message))

    def required(self, value: str, row: int | None, label: str) -> str:
        if not value:
            self.wrong(row, f"Manca «{label}».")
        return value

    def line(self, row: int, values: dict[str, str]) -> EmergencyLine | None:
        before = len(self.problems)
        for label in COLUMNS:
            if len(values[label]) > LONGEST_VALUE:
                self.wrong(row, f"«{label}» è troppo lungo: al massimo {LONGEST_VALUE} caratteri.")
        if len(self.problems) > before:
            return None
        number = self.number.fullmatch(values[NUMBER])
        if number is None:
            self.wrong(row, f"«{values[NUMBER]}» non è un numero di questo foglio.")
        instant = self.instant(f"{values[DAY]} {values[HOUR]}".strip(), row, f"{DAY} e {HOUR}")
        direction = FLOWS.get(values[FLOW].upper())
        if direction is None:
            self.wrong(row, f"«{values[FLOW]}» non è un verso: scriva E, U oppure I.")
        received = self.day(values[RECEIVED_ON], row) if values[RECEIVED_ON] else None
        subject, operator = (self.required(values[label], row, label) for label in (SUBJECT, OPERATOR))
        party = self.party(values, row, optional=direction is Direction.INTERNAL)
        if len(self.problems) > before or number is None or instant is None or direction is None:
            return None
        return EmergencyLine(
            row=row,
            ordinal=int(number[1]),
            instant=instant,
            direction=direction,
            party=party,
            subject=subject,
            operator=operator,
            received_date=received,
            received_protocol=values[RECEIVED_AS] or None,
        )

    def party(self, values: dict[str, str], row: int, *, optional: bool) -> Party | None:
        if optional and not values[PARTY]:
            return None
        name = self.required(values[PARTY], row, PARTY)
        kind = KINDS.get(values[KIND].lower())
        if kind is None and values[KIND]:
            self.wrong(row, f"«{values[KIND]}» non si capisce: scriva persona, impresa oppure amministrazione.")
        code = values[TAX_CODE].upper() or None
        told = kind or (PartyKind.PERSON if code and len(code) == 16 else PartyKind.COMPANY)
        return Party(kind=told, name=name, tax_code=code)

    def day(self, text: str, row: int | None) -> date | None:
        found = DAY_WRITTEN.match(text)
        try:
            if found is None:
                raise ValueError(text)
            parts = [int(part) for part in found.groups() if part is not None]
            day = date(*parts) if found[4] else date(*reversed(parts))
            if not FIRST_YEAR <= day.year <= LAST_YEAR:
                raise ValueError(text)
        except ValueError:
            self.wrong(row, f"«{text}» non è una data: scriva per esempio 31/12/2026.")
            return None
        return day

    def instant(self, text: str, row: int | None, label: str) -> datetime | None:
        """A civil day and hour as an instant; where the clocks go back the hour is the first of the two."""
        if not text:
            self.wrong(row, f"Manca «{label}».")
            return None
        day = self.day(text, row)
        if day is None:
            return None
        found = INSTANT_WRITTEN.fullmatch(text)
        if found is None:
            self.wrong(row, f"In «{text}» manca l’ora, o c’è altro: scriva per esempio 09:30.")
            return None
        hours, minutes, seconds = (int(part or 0) for part in found.groups()[-3:])
        try:
            civil = datetime.combine(day, time(hours, minutes, seconds), self.zone)
        except ValueError:
            self.wrong(row, f"«{text}» non è un’ora: scriva per esempio 09:30.")
            return None
        if civil.astimezone(UTC).astimezone(self.zone).time() != civil.time():
            self.wrong(row, f"«{text}» non è mai esistita: in quell’ora gli orologi sono andati avanti.")
            return None
        return civil


def with_second_hours(lines: Sequence[EmergencyLine], opened: datetime) -> Iterator[EmergencyLine]:
    """The lines by their numbers. Where the clocks go back an hour comes twice: a line that would precede the one before,
    or the first the opening, is of the second, if that puts it in order."""
    before = opened.astimezone(UTC)
    for line in sorted(lines, key=lambda line: (line.ordinal, line.row)):
        second = line.instant.replace(fold=1)
        back = line.instant.astimezone(UTC) < before <= second.astimezone(UTC)
        told = replace(line, instant=second) if back else line
        before = told.instant.astimezone(UTC)
        yield told


def _end(closed: datetime, opened: datetime, lines: Sequence[EmergencyLine]) -> datetime:
    """The end as written. In the hour that comes twice it is of the first, unless the opening or a line comes after that."""
    end, last = closed.astimezone(UTC), max((line.instant.astimezone(UTC) for line in lines), default=None)
    too_early = end <= opened.astimezone(UTC) or (last is not None and end < last)
    return closed.replace(fold=1) if too_early else closed
