"""The emergency register in the service: sheets to print beforehand, and their import, whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.arrivals.emergency import bring_lines_to_desk
from intake.checks.apart import ApartFailed, run_apart
from intake.protocol.heads import kept_head
from intake.protocol.models import EmergencyImport, ImportOutcome
from intake.service import Service
from protocol_register.emergency import EmergencySeries
from protocol_register.emergency_import import import_sheet, prepare_series, series_of, sheet_from_cells
from protocol_register.emergency_sheet import (
    REGISTER,
    Cells,
    header_cell,
    read_cells,
    spreadsheet_names,
    write_csv,
    write_xlsx,
)
from protocol_register.errors import EmergencySheetRefused, EmergencySheetUnreadable, RegisterError
from protocol_register.search import register_of

SHEET_SECONDS = 30
SHEET_MEMORY = 1024**3
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_LOG = structlog.get_logger("sportello.emergency")


@dataclass(frozen=True, slots=True)
class SheetFile:
    """An empty sheet to keep offline."""

    name: str
    content: bytes
    media_type: str


def prepare_sheet(
    service: Service, session: Session, register_code: str, *, rows: int, operator: str, at: datetime
) -> EmergencySeries:
    """Reserves the numbers of a new sheet. Raises what ``prepare_series`` raises, and ``KeyUnreadable``."""
    key = service.keys.register_key(register_code)
    return prepare_series(session.connection(), register_code, rows=rows, operator=operator, key=key, at=at)


def sheet_files(session: Session, register_code: str, year: int, number: int) -> tuple[SheetFile, SheetFile] | None:
    """The two files of a prepared sheet, XLSX and CSV; None when there is no such sheet. Raises ``UnknownRegister``."""
    connection = session.connection()
    register, series = register_of(connection, register_code), series_of(connection, register_code, year, number)
    if series is None:
        return None
    xlsx, csv = spreadsheet_names(series)
    return (
        SheetFile(xlsx, write_xlsx(register, series), XLSX),
        SheetFile(csv, write_csv(register, series), "text/csv"),
    )


def register_of_sheet(data: bytes) -> str:
    """The code of the register that a filled sheet names. Raises ``EmergencySheetUnreadable``."""
    return header_cell(_cells_of(data), REGISTER)


def import_file(
    service: Service, register_code: str, name: str, data: bytes, *, operator: str, at: datetime
) -> EmergencyImport:
    """Keeps the file, then imports it whole or refuses it with every reason; either way the attempt stays on record.

    ``at``: now (aware). Raises ``UnknownRegister``; what is wrong with the file is in the result.
    """
    attempt = EmergencyImport(
        register_code=register_code,
        name=name,
        file_sha256=service.store.put(data),
        operator=operator,
        outcome=ImportOutcome.IMPORTED,
        code=None,
        problems=[],
        numbers=[],
    )
    with service.transaction() as session:
        register_of(session.connection(), register_code)
    try:
        cells = _cells_of(data)
        with service.transaction() as session:
            attempt.numbers = _imported(service, session, attempt, cells, at)
            session.add(attempt)
    except RegisterError as error:
        return _refused(service, attempt, error)
    _LOG.info("emergency_sheet_imported", register=register_code, registrations=len(attempt.numbers))
    return attempt


def imports_of(session: Session, register_code: str) -> list[EmergencyImport]:
    """Every attempt to import a sheet in a register, newest first."""
    rows = select(EmergencyImport).where(EmergencyImport.register_code == register_code)
    return list(session.scalars(rows.order_by(EmergencyImport.at.desc())))


def _cells_of(data: bytes) -> Cells:
    """What the file holds, read apart. Raises ``EmergencySheetUnreadable``."""
    try:
        cells, fault = run_apart(_read_apart, data, lambda: None, seconds=SHEET_SECONDS, resident=SHEET_MEMORY)
    except ApartFailed as error:
        _LOG.warning("emergency_sheet_not_read", reason=error.reason)
        raise EmergencySheetUnreadable(reason="il file è rovinato o chiede più memoria di quanta ce n'è") from error
    if fault is not None:
        raise EmergencySheetUnreadable(reason=fault)
    return cells


def _read_apart(data: bytes, _tell: object) -> tuple[Cells, str | None]:
    """The cells, or why there are none."""
    try:
        return read_cells(data), None
    except EmergencySheetUnreadable as error:
        return [], str(error.facts["reason"])


def _imported(service: Service, session: Session, attempt: EmergencyImport, cells: Cells, at: datetime) -> list[str]:
    connection, code = session.connection(), attempt.register_code
    sheet = sheet_from_cells(connection, code, cells, at=at)
    entries = import_sheet(
        connection,
        sheet,
        sheet_sha256=attempt.file_sha256,
        operator=attempt.operator,
        key=service.keys.register_key(code),
        known=kept_head(service, code),
    )
    bring_lines_to_desk(session, code, entries, operator=attempt.operator, at=at)
    return [f"{entry.emergency_number} → {entry.shown_number}/{entry.year}" for entry in entries]


def _refused(service: Service, attempt: EmergencyImport, error: RegisterError) -> EmergencyImport:
    problems = error.facts["problems"] if isinstance(error, EmergencySheetRefused) else ()
    refused = EmergencyImport(
        register_code=attempt.register_code,
        name=attempt.name,
        file_sha256=attempt.file_sha256,
        operator=attempt.operator,
        outcome=ImportOutcome.REFUSED,
        code=error.code,
        problems=[{"row": each.row, "message": each.message} for each in problems]  # type: ignore[attr-defined]
        or [{"row": None, "message": f"{error.message} {error.remedy}"}],
        numbers=[],
    )
    with service.transaction() as session:
        session.add(refused)
    _LOG.info("emergency_sheet_refused", register=attempt.register_code, reason=error.code)
    return refused
