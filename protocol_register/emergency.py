"""The emergency register (DPR 445/2000, art. 63): what its sheet says, and whether it can be believed.

A sheet is prepared while the system works, filled while it does not, imported after. Its numbers are of a series that no
other sheet has, so they identify a document in the whole area even across interruptions. Nothing here reads a database.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from protocol_register.entries import Channel, Direction, NewEntry, Party
from protocol_register.errors import EmergencySheetRefused

MOST_ROWS = 2000
WITHOUT_EXTENSION = timedelta(hours=24)
LONGEST_EXTENSION = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class EmergencySeries:
    """A sheet's numbers: the year it was prepared in, its place among that year's sheets, how many rows it has."""

    register: str
    year: int
    series: int
    rows: int
    note: str

    @property
    def name(self) -> str:
        """How the series is called on paper."""
        return series_name(self.year, self.series)


@dataclass(frozen=True, kw_only=True)
class EmergencyLine:
    """One registration as written on the sheet; `row` is its row in the file, from 1."""

    row: int
    ordinal: int
    instant: datetime
    direction: Direction
    party: Party | None
    subject: str
    operator: str
    received_date: date | None = None
    received_protocol: str | None = None


@dataclass(frozen=True, kw_only=True)
class EmergencySheet:
    """A filled sheet: the period with its cause and acts, and its registrations in the order of their numbers."""

    register: str
    year: int
    series: int
    cause: str
    act: str
    extension_act: str | None
    opened_at: datetime
    closed_at: datetime
    lines: tuple[EmergencyLine, ...]

    @property
    def operations(self) -> dict[str, int]:
        """How many operations each day had (art. 63 c. 3), days in ISO form."""
        return dict(Counter(line.instant.date().isoformat() for line in self.lines))


@dataclass(frozen=True)
class SheetProblem:
    """What is wrong on a sheet, in a sentence, and in which row; None where it is of the sheet as a whole."""

    row: int | None
    message: str


def series_name(year: int, series: int) -> str:
    """`E2026-3`: the third sheet prepared in 2026."""
    return f"E{year}-{series}"


def emergency_number(year: int, series: int, ordinal: int) -> str:
    """`E2026-3-0001`: unique in its register for ever."""
    return f"{series_name(year, series)}-{ordinal:04d}"


def entry_of_line(sheet: EmergencySheet, line: EmergencyLine) -> NewEntry:
    """What is to be registered for one line: the legal instant is the emergency register's."""
    outgoing = line.direction is Direction.OUT
    return NewEntry(
        direction=line.direction,
        channel=Channel.EMERGENCY,
        subject=line.subject,
        operator=f"emergenza: {line.operator}",
        sender=None if outgoing else line.party,
        recipients=(line.party,) if outgoing and line.party else (),
        received_date=line.received_date,
        received_protocol=line.received_protocol,
        arrival_instant=line.instant,
        legal_instant=line.instant,
        emergency_number=emergency_number(sheet.year, sheet.series, line.ordinal),
    )


def check_sheet(sheet: EmergencySheet, series: EmergencySeries, *, at: datetime, zone: str) -> None:
    """Refuse a sheet that contradicts itself, its series or the clock (`at`, aware).

    Raises EmergencySheetRefused with everything that is wrong, not only the first thing.
    """
    # Instants are compared in UTC: two civil ones only by the faces of their clocks, which show one hour twice in autumn.
    problems = [*_period_problems(sheet, at), *_number_problems(sheet.lines, series), *_time_problems(sheet, zone)]
    if not sheet.lines:
        problems.append(SheetProblem(None, "Il foglio non contiene registrazioni."))
    refuse(problems)


def refuse(problems: Sequence[SheetProblem]) -> None:
    """Raise EmergencySheetRefused when there is any problem."""
    if problems:
        first = problems[0]
        where = f"riga {first.row}: " if first.row else ""
        raise EmergencySheetRefused(problems=tuple(problems), count=len(problems), first=f"{where}{first.message}")


def _period_problems(sheet: EmergencySheet, at: datetime) -> Iterator[SheetProblem]:
    length = sheet.closed_at.astimezone(UTC) - sheet.opened_at.astimezone(UTC)
    if length <= timedelta(0):
        yield SheetProblem(None, "La fine dell’interruzione non segue l’inizio.")
    if sheet.closed_at > at:
        yield SheetProblem(None, "La fine dell’interruzione è nel futuro.")
    acts = [act for act in (sheet.extension_act or "").split(";") if act.strip()]
    if length > WITHOUT_EXTENSION and not acts:
        yield SheetProblem(None, "Oltre le 24 ore serve il provvedimento di proroga: scriva numero e data.")
    elif length > WITHOUT_EXTENSION + len(acts) * LONGEST_EXTENSION:
        yield SheetProblem(
            None, "Ogni proroga vale al massimo una settimana: scriva tutti i provvedimenti, separati da «;»."
        )


def _number_problems(lines: Sequence[EmergencyLine], series: EmergencySeries) -> Iterator[SheetProblem]:
    seen: dict[int, int] = {}
    for line in lines:
        number = emergency_number(series.year, series.series, line.ordinal)
        if line.ordinal in seen:
            yield SheetProblem(line.row, f"Il numero {number} è già usato nella riga {seen[line.ordinal]}.")
        if not 1 <= line.ordinal <= series.rows:
            yield SheetProblem(line.row, f"Il numero {number} non è di questo foglio, che ne ha {series.rows}.")
        seen.setdefault(line.ordinal, line.row)
    missing = set(range(1, min(max(seen, default=0), series.rows) + 1)) - set(seen)
    for first in sorted(number for number in missing if number - 1 not in missing):
        last = next(number for number in range(first, series.rows + 1) if number + 1 not in missing)
        numbers = [emergency_number(series.year, series.series, ordinal) for ordinal in (first, last)]
        which = (
            f"la registrazione {numbers[0]}" if first == last else f"ogni registrazione da {numbers[0]} a {numbers[1]}"
        )
        yield SheetProblem(None, f"Manca {which}: i numeri usati sono consecutivi.")


def _time_problems(sheet: EmergencySheet, zone: str) -> Iterator[SheetProblem]:
    civil, before = ZoneInfo(zone), None
    opened, closed = sheet.opened_at.astimezone(UTC), sheet.closed_at.astimezone(UTC)
    for line in sorted(sheet.lines, key=lambda line: (line.ordinal, line.row)):
        instant, shown = line.instant.astimezone(UTC), line.instant.astimezone(civil).strftime("%d/%m/%Y %H:%M")
        if not opened <= instant <= closed:
            yield SheetProblem(line.row, f"{shown} è fuori dal periodo di emergenza.")
        if before is not None and instant < before:
            yield SheetProblem(line.row, f"{shown} precede la registrazione con il numero prima.")
        before = instant
