"""The emergency register in the database: preparing a sheet, and giving its registrations their ordinary numbers.

Each line gets an ordinary number, for ever correlated with its emergency number; order and legal instant are the
emergency register's (DPR 445/2000, art. 63). A sheet is imported whole or not at all.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, insert, select

from protocol_register.emergency import MOST_ROWS, EmergencySeries, EmergencySheet, entry_of_line
from protocol_register.emergency_reading import read_sheet
from protocol_register.emergency_sheet import Cells, check_mark, sheet_note
from protocol_register.emergency_tables import emergency_period, emergency_series
from protocol_register.entries import Entry
from protocol_register.errors import (
    EmergencySheetImported,
    EmergencySheetUnreadable,
    InvalidEntry,
    WrongRegisterKey,
)
from protocol_register.keys import RegisterKey
from protocol_register.known_head import KnownHead
from protocol_register.registration import register_documents
from protocol_register.search import register_of


@dataclass(frozen=True, kw_only=True)
class EmergencyPeriod:
    """A use of the emergency register, as recorded at its import."""

    register: str
    year: int
    series: int
    opened_at: datetime
    closed_at: datetime
    cause: str
    act: str
    extension_act: str | None
    operations: dict[str, int]
    operator: str
    recorded_at: datetime
    sheet_sha256: str


def prepare_series(
    connection: Connection, register_code: str, *, rows: int, operator: str, key: RegisterKey, at: datetime
) -> EmergencySeries:
    """Reserve a new series of emergency numbers for a sheet of `rows` lines. `at` (aware) tells the year.

    Raises UnknownRegister, WrongRegisterKey, InvalidEntry for no rows, too many, or no operator.
    """
    if not 1 <= rows <= MOST_ROWS or not operator.strip():
        raise InvalidEntry(reason=f"un foglio ha da 1 a {MOST_ROWS} righe e un operatore che lo prepara")
    register = register_of(connection, register_code)
    if register.fingerprint != key.fingerprint:
        raise WrongRegisterKey(register=register_code, expected=register.fingerprint[:16], found=key.fingerprint[:16])
    place = emergency_series.c
    year = at.astimezone(ZoneInfo(register.time_zone)).year
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"emergency:{register_code}"))))
    newest = select(func.max(place.series)).where(place.register == register_code, place.year == year)
    number = (connection.scalar(newest) or 0) + 1
    series = EmergencySeries(
        register=register_code,
        year=year,
        series=number,
        rows=rows,
        note=sheet_note(register, year, number, rows, key),
    )
    connection.execute(insert(emergency_series).values(**vars(series), operator=operator))
    return series


def series_of(connection: Connection, register_code: str, year: int, series: int) -> EmergencySeries | None:
    """A prepared series, or None."""
    place = emergency_series.c
    statement = select(place.register, place.year, place.series, place.rows, place.note)
    row = connection.execute(
        statement.where(place.register == register_code, place.year == year, place.series == series)
    ).first()
    return EmergencySeries(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's own name for it


def all_series(connection: Connection, register_code: str) -> tuple[EmergencySeries, ...]:
    """Every series prepared for a register, newest first."""
    place = emergency_series.c
    statement = select(place.register, place.year, place.series, place.rows, place.note)
    rows = connection.execute(
        statement.where(place.register == register_code).order_by(place.year.desc(), place.series.desc())
    ).mappings()
    return tuple(EmergencySeries(**row) for row in rows)


def periods_of(connection: Connection, register_code: str) -> tuple[EmergencyPeriod, ...]:
    """Every use of the emergency register, newest first."""
    place = emergency_period.c
    statement = select(emergency_period).where(place.register == register_code).order_by(place.opened_at.desc())
    return tuple(EmergencyPeriod(**row) for row in connection.execute(statement).mappings())


def sheet_from_cells(connection: Connection, register_code: str, cells: Cells, *, at: datetime) -> EmergencySheet:
    """The facts of a filled sheet that this register prepared and nobody imported yet. `at` (aware) is now; `cells` are what
    `read_cells` finds in the file.

    Raises UnknownRegister, EmergencySheetUnreadable, EmergencySheetImported, EmergencySheetRefused.
    """
    register = register_of(connection, register_code)
    name = check_mark(cells, register)
    year, _, number = name.removeprefix("E").partition("-")
    series = series_of(connection, register_code, int(year), int(number))
    if series is None:
        raise EmergencySheetUnreadable(reason=f"la serie {name} non risulta tra quelle preparate")
    _require_new(connection, series)
    return read_sheet(cells, register, series, at=at)


def import_sheet(
    connection: Connection,
    sheet: EmergencySheet,
    *,
    sheet_sha256: str,
    operator: str,
    key: RegisterKey,
    known: KnownHead | None = None,
) -> tuple[Entry, ...]:
    """Record the period and register its lines, in their order. The head stays locked until the caller commits.

    `sheet_sha256` is the hash of the file as received, which the caller keeps; `known` as in `register_document`. Raises
    EmergencySheetImported, and what `register_documents` raises: roll back then, and nothing was imported.
    """
    series = series_of(connection, sheet.register, sheet.year, sheet.series)
    if series is None:
        raise EmergencySheetUnreadable(reason="la serie non risulta tra quelle preparate")
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"emergency:{sheet.register}"))))
    _require_new(connection, series)
    period: dict[str, Any] = {
        name: getattr(sheet, name)
        for name in ("register", "year", "series", "opened_at", "closed_at", "cause", "act", "extension_act")
    }
    connection.execute(
        insert(emergency_period).values(
            **period, operations=sheet.operations, operator=operator, sheet_sha256=sheet_sha256
        )
    )
    in_order = sorted(sheet.lines, key=lambda line: line.ordinal)
    documents = [entry_of_line(sheet, line) for line in in_order]
    return tuple(register_documents(connection, sheet.register, documents, key=key, known=known))


def _require_new(connection: Connection, series: EmergencySeries) -> None:
    place = emergency_period.c
    found = connection.execute(
        select(place.recorded_at).where(
            place.register == series.register, place.year == series.year, place.series == series.series
        )
    ).first()
    if found is not None:
        day = found.recorded_at.strftime("%d/%m/%Y")
        raise EmergencySheetImported(series=series.name, day=day)
