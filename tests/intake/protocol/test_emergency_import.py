"""T3, C6: the emergency sheet in the service: kept whatever it holds, imported whole or refused with every reason."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import pytest
from openpyxl import Workbook

from intake.clock import ROME
from intake.protocol.emergency import import_file, imports_of, prepare_sheet, register_of_sheet, sheet_files
from intake.protocol.models import ImportOutcome
from intake.service import Service
from protocol_register.emergency_import import periods_of
from protocol_register.emergency_sheet import ACT, CAUSE, CLOSED, NUMBER, OPENED
from protocol_register.entry_search import EntryQuery, find_entries
from protocol_register.errors import EmergencySheetUnreadable, UnknownRegister
from tests.intake.applications_made import rehearsal_of
from tests.intake.filings import SARDEGNA


def prepared(service: Service) -> tuple[str, bytes]:
    """The register's code, and the empty CSV of a sheet of four rows."""
    with service.transaction() as session:
        code = rehearsal_of(session, SARDEGNA).register_code
        series = prepare_sheet(service, session, code, rows=4, operator="office:1", at=service.clock())
        files = sheet_files(session, code, series.year, series.series)
        assert files is not None
        return code, files[1].content


def filled(empty: bytes, now: datetime, hours: tuple[str, ...] = ("09:10", "09:40")) -> bytes:
    """Two registrations of yesterday morning."""
    day = (now.astimezone(ROME) - timedelta(days=1)).strftime("%d/%m/%Y")
    header = {CAUSE: "Guasto", ACT: "Det. 12", OPENED: f"{day} 09:00", CLOSED: f"{day} 12:00"}
    rows = list(csv.reader(io.StringIO(empty.decode("utf-8-sig")), delimiter=";"))
    for row in rows:
        if row[0] in header:
            row[1] = header[row[0]]
    first = next(place for place, row in enumerate(rows) if row[0] == NUMBER) + 1
    for place, hour in enumerate(hours):
        rows[first + place][1:] = [
            day,
            hour,
            "E",
            "ALFA SRL",
            "impresa",
            "",
            "Domanda su carta",
            "",
            "",
            "Anna Bianchi",
        ]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode()


def test_c6_a_sheet_is_imported_and_every_number_is_told(service: Service) -> None:
    code, empty = prepared(service)
    data = filled(empty, service.clock())
    assert register_of_sheet(data) == code
    attempt = import_file(service, code, "foglio.csv", data, operator="office:1", at=service.clock())
    assert attempt.outcome is ImportOutcome.IMPORTED
    assert [number.partition(" → ")[2][:7] for number in attempt.numbers] == ["0000001", "0000002"]
    assert service.store.get(attempt.file_sha256) == data
    with service.transaction() as session:
        found = find_entries(session.connection(), code, EntryQuery()).entries
        period = periods_of(session.connection(), code)[0]
    assert all(entry.legal_instant < entry.instant for entry in found)
    assert period.sheet_sha256 == attempt.file_sha256
    again = import_file(service, code, "foglio.csv", data, operator="office:1", at=service.clock())
    assert (again.outcome, again.code) == (ImportOutcome.REFUSED, "register.emergency_sheet_imported")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: data.replace(b"09:40", b"19:40"), "fuori dal periodo"),
        (lambda data: data.replace(b"-0002", b"-0001"), "già usato nella riga"),
        (lambda data: b"PK\x03\x04" + data, "XLSX è rovinato"),
    ],
)
def test_b_a_wrong_sheet_leaves_its_file_its_reasons_and_nothing_else(service: Service, spoil, said: str) -> None:
    code, empty = prepared(service)
    data = spoil(filled(empty, service.clock()))
    attempt = import_file(service, code, "foglio.csv", data, operator="office:1", at=service.clock())
    assert attempt.outcome is ImportOutcome.REFUSED
    assert any(said in problem["message"] for problem in attempt.problems), attempt.problems
    assert service.store.get(attempt.file_sha256) == data
    with service.transaction() as session:
        assert find_entries(session.connection(), code, EntryQuery()).entries == ()
        assert not periods_of(session.connection(), code)
        assert [each.outcome for each in imports_of(session, code)] == [ImportOutcome.REFUSED]


def test_b_two_cells_far_apart_are_refused_and_end_no_process(service: Service) -> None:
    code, _ = prepared(service)
    book, out = Workbook(), io.BytesIO()
    for place in ("A1", "XFD1048576"):
        book.worksheets[0][place] = "x"
    book.save(out)
    attempt = import_file(service, code, "foglio.xlsx", out.getvalue(), operator="office:1", at=service.clock())
    assert (attempt.outcome, attempt.code) == (ImportOutcome.REFUSED, "register.emergency_sheet_unreadable")
    assert "più memoria" in attempt.problems[0]["message"]
    with pytest.raises(EmergencySheetUnreadable):
        register_of_sheet(out.getvalue())


def test_b_an_unknown_register_is_refused(service: Service) -> None:
    with pytest.raises(UnknownRegister):
        import_file(service, "NESSUNO", "foglio.csv", b"", operator="office:1", at=service.clock())
