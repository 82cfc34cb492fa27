"""C6, T3: a day of emergency (DPR 445/2000, art. 63): the sheet, its import, and what is refused, whole."""

import base64
import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError

from protocol_register import tables
from protocol_register.checkpoint import make_checkpoint
from protocol_register.emergency import EmergencySeries, EmergencySheet, emergency_number
from protocol_register.emergency_import import (
    all_series,
    import_sheet,
    periods_of,
    prepare_series,
    sheet_from_cells,
)
from protocol_register.emergency_reading import read_sheet
from protocol_register.emergency_sheet import (
    ACT,
    CAUSE,
    CLOSED,
    DAY,
    EXTENSION,
    FLOW,
    HOUR,
    KIND,
    LARGEST_SHEET,
    MARK,
    MOST_LINES,
    NUMBER,
    OPENED,
    OPERATOR,
    PARTY,
    RECEIVED_AS,
    RECEIVED_ON,
    SERIES,
    SUBJECT,
    TAX_CODE,
    check_mark,
    read_cells,
    spreadsheet_names,
    write_csv,
    write_xlsx,
)
from protocol_register.entries import Channel, Direction, NewEntry, PartyKind, Register, RegisterKind, rank_of
from protocol_register.errors import (
    EmergencySheetImported,
    EmergencySheetRefused,
    EmergencySheetUnreadable,
    InvalidEntry,
    WrongRegisterKey,
)
from protocol_register.keys import RegisterKey
from protocol_register.registration import register_document
from protocol_register.verification import verify_register

ROME = ZoneInfo("Europe/Rome")
Fill = Callable[..., bytes]


@pytest.fixture
def now() -> datetime:
    """A moment after whatever the test does."""
    return datetime.now(UTC) + timedelta(minutes=1)


@pytest.fixture
def series(app_engine: Engine, register: Register, key: RegisterKey, now: datetime) -> EmergencySeries:
    """A sheet of six rows prepared by the service role."""
    with app_engine.begin() as connection:
        return prepare_series(connection, register.code, rows=6, operator="office:1", key=key, at=now)


@pytest.fixture
def start(now: datetime) -> datetime:
    """When the emergency began: five hours ago; where the clock has changed meanwhile, a day earlier."""
    before, today = (now - timedelta(hours=6)).astimezone(ROME), now.astimezone(ROME)
    changed = before.utcoffset() != today.utcoffset()
    return (now - timedelta(hours=5, days=int(changed))).astimezone(ROME)


@pytest.fixture
def filled(register: Register, series: EmergencySeries, start: datetime) -> Fill:
    """Fills the CSV: three registrations over four hours that ended an hour ago; `change` works on the rows."""

    def fill(change: Callable[[list[list[str]]], None] = lambda _: None, count: int = 3) -> bytes:
        rows = list(csv.reader(io.StringIO(write_csv(register, series).decode("utf-8-sig")), delimiter=";"))
        header = {
            CAUSE: "Guasto della rete elettrica",
            ACT: "Det. 12 del 4/5",
            OPENED: start.strftime("%d/%m/%Y %H:%M"),
            CLOSED: (start + timedelta(hours=4)).strftime("%d/%m/%Y %H:%M:%S"),
        }
        for row in rows:
            if row[0] in header:
                row[1:] = [header[row[0]]]
        heading = next(row for row in rows if row[0] == NUMBER)
        first = rows.index(heading) + 1
        for place in range(count):
            instant = start + timedelta(minutes=30 * (place + 1))
            values = {
                NUMBER: rows[first + place][0],
                DAY: instant.strftime("%d/%m/%Y"),
                HOUR: instant.strftime("%H:%M"),
                FLOW: "U" if place == 2 else "E",
                PARTY: f"Ditta {place} S.r.l.",
                KIND: "impresa",
                TAX_CODE: "00000000000",
                SUBJECT: f"Domanda {place}",
                RECEIVED_ON: "03/05/2020" if place == 0 else "",
                RECEIVED_AS: "77/A" if place == 0 else "",
                OPERATOR: "Anna Bianchi",
            }
            rows[first + place] = [values[column] for column in heading]
        change(rows)
        out = io.StringIO()
        csv.writer(out, delimiter=";").writerows(rows)
        return out.getvalue().encode("utf-8-sig")

    return fill


def numbers_given(engine: Engine) -> int:
    with engine.begin() as connection:
        return connection.scalar(select(func.count()).select_from(tables.entry)) or 0


def taken_in(engine: Engine, register: Register, data: bytes, key: RegisterKey, at: datetime) -> tuple[object, ...]:
    with engine.begin() as connection:
        sheet = sheet_from_cells(connection, register.code, read_cells(data), at=at)
        sha256 = hashlib.sha256(data).hexdigest()
        return import_sheet(connection, sheet, sheet_sha256=sha256, operator="office:1", key=key)


def test_c6_each_emergency_registration_gets_an_ordinary_number_and_keeps_its_instant(
    app_engine: Engine,
    register: Register,
    key: RegisterKey,
    series: EmergencySeries,
    filled: Fill,
    incoming: NewEntry,
    now: datetime,
) -> None:
    with app_engine.begin() as connection:
        earlier_number = register_document(connection, register.code, incoming, key=key)
    entries = taken_in(app_engine, register, filled(), key, now)
    assert [entry.number for entry in entries] == [2, 3, 4]
    assert [entry.emergency_number for entry in entries] == [
        emergency_number(series.year, series.series, ordinal) for ordinal in (1, 2, 3)
    ]
    assert [entry.direction for entry in entries] == [Direction.IN, Direction.IN, Direction.OUT]
    assert all(entry.channel is Channel.EMERGENCY for entry in entries)
    assert entries[0].received_protocol == "77/A"
    assert entries[0].operator == "emergenza: Anna Bianchi"
    assert entries[2].recipients[0].kind is PartyKind.COMPANY
    assert rank_of(entries[0]) < rank_of(entries[1]) < rank_of(earlier_number)
    with app_engine.begin() as connection:
        period = periods_of(connection, register.code)[0]
        assert (period.cause, period.act) == ("Guasto della rete elettrica", "Det. 12 del 4/5")
        assert sum(period.operations.values()) == 3
        assert timedelta(hours=4) <= period.closed_at - period.opened_at < timedelta(hours=4, minutes=1)
        assert verify_register(connection, register.code).holds


def test_c6_a_sheet_is_imported_once(
    app_engine: Engine, register: Register, key: RegisterKey, filled: Fill, now: datetime
) -> None:
    taken_in(app_engine, register, filled(), key, now)
    for again in (filled(), filled(count=2)):
        with pytest.raises(EmergencySheetImported, match="già stato importato"):
            taken_in(app_engine, register, again, key, now)
    assert numbers_given(app_engine) == 3


def cell(row: int, column: int, value: str) -> Callable[[list[list[str]]], None]:
    """Writes a value in the table, `row` from 0 below its heading."""

    def change(rows: list[list[str]]) -> None:
        first = next(place for place, each in enumerate(rows) if each[0] == NUMBER) + 1
        rows[first + row][column] = value

    return change


def header(label: str, value: str) -> Callable[[list[list[str]]], None]:
    """Writes a value beside a label."""

    def change(rows: list[list[str]]) -> None:
        next(row for row in rows if row[0] == label)[1:] = [value]

    return change


def doubled(rows: list[list[str]]) -> None:
    first = next(place for place, each in enumerate(rows) if each[0] == NUMBER) + 1
    rows[first + 1][0] = rows[first][0]


def skipped(rows: list[list[str]]) -> None:
    first = next(place for place, each in enumerate(rows) if each[0] == NUMBER) + 1
    rows[first + 1][1:] = [""] * (len(rows[first + 1]) - 1)


def jumped(rows: list[list[str]]) -> None:
    first = next(place for place, each in enumerate(rows) if each[0] == NUMBER) + 1
    rows[first + 2][0] = rows[first + 5][0]


def emptied(rows: list[list[str]]) -> None:
    first = next(place for place, each in enumerate(rows) if each[0] == NUMBER) + 1
    for row in rows[first : first + 3]:
        row[1:] = [""] * (len(row) - 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (doubled, "è già usato nella riga"),
        (skipped, "Manca la registrazione"),
        (jumped, "Manca ogni registrazione da"),
        (emptied, "non contiene registrazioni"),
        (cell(1, 0, "E1999-1-0002"), "non è un numero di questo foglio"),
        (cell(1, 0, "E0-0-0007"), "non è un numero di questo foglio"),
        (cell(1, 1, "31/02/2020"), "non è una data"),
        (cell(1, 2, "25:00"), "non è un’ora"),
        (cell(1, 2, "presto"), "manca l’ora"),
        (cell(1, 2, "3:30 PM"), "manca l’ora"),
        (cell(1, 2, "0.395833333333333"), "manca l’ora"),
        (cell(1, 2, "109:30"), "manca l’ora"),
        (cell(1, 1, "31/12/20261"), "non è una data"),
        (cell(1, 1, "01/01/0001"), "non è una data"),
        (cell(1, 8, "31/12/9999"), "non è una data"),
        (cell(1, 1, "01/01/2020"), "fuori dal periodo"),
        (cell(1, 3, "X"), "non è un verso"),
        (cell(1, 4, ""), "Manca «Mittente o destinatario»"),
        (cell(1, 5, "boh"), "scriva persona, impresa"),
        (cell(1, 7, ""), "Manca «Oggetto»"),
        (cell(1, 7, "domanda " * 200), "«Oggetto» è troppo lungo"),
        (cell(1, 10, ""), "Manca «Operatore»"),
        (header(CAUSE, ""), "Manca «Causa"),
        (header(ACT, ""), "Manca «Provvedimento"),
        (header(OPENED, ""), "Manca «Inizio»"),
        (header(CLOSED, "01/01/2099 10:00"), "nel futuro"),
        (header(OPENED, "01/01/2020 10:00"), "serve il provvedimento di proroga"),
        (header(CLOSED, "01/01/2020 10:00"), "non segue l’inizio"),
        (header(OPENED, "29/03/2020 02:30"), "mai esistita"),
    ],
)
def test_b_a_wrong_sheet_is_refused_with_the_reason_and_nothing_is_imported(
    app_engine: Engine,
    register: Register,
    key: RegisterKey,
    filled: Fill,
    now: datetime,
    change: Callable[[list[list[str]]], None],
    said: str,
) -> None:
    with pytest.raises(EmergencySheetRefused) as refused:
        taken_in(app_engine, register, filled(change), key, now)
    messages = [each.message for each in refused.value.facts["problems"]]  # type: ignore[attr-defined]
    assert any(said in message for message in messages), messages
    assert numbers_given(app_engine) == 0
    with app_engine.begin() as connection:
        assert not periods_of(connection, register.code)


def test_b_a_time_that_goes_back_is_refused(
    app_engine: Engine, register: Register, key: RegisterKey, filled: Fill, now: datetime, start: datetime
) -> None:
    late = start + timedelta(hours=3)

    def change(rows: list[list[str]]) -> None:
        cell(0, 1, late.strftime("%d/%m/%Y"))(rows)
        cell(0, 2, late.strftime("%H:%M"))(rows)

    with pytest.raises(EmergencySheetRefused, match="precede la registrazione"):
        taken_in(app_engine, register, filled(change), key, now)


def test_c6_a_longer_emergency_needs_an_act_for_each_week(
    app_engine: Engine, register: Register, key: RegisterKey, filled: Fill, now: datetime
) -> None:
    opened = (now - timedelta(days=10)).astimezone(ROME).strftime("%d/%m/%Y %H:%M")

    def extended(acts: str) -> Callable[[list[list[str]]], None]:
        def change(rows: list[list[str]]) -> None:
            header(OPENED, opened)(rows)
            header(EXTENSION, acts)(rows)

        return change

    with pytest.raises(EmergencySheetRefused, match="al massimo una settimana"):
        taken_in(app_engine, register, filled(extended("Det. 13")), key, now)
    assert len(taken_in(app_engine, register, filled(extended("Det. 13; Det. 14")), key, now)) == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (header(MARK, "YWJj"), "non è un foglio preparato"),
        (header(MARK, "%%%"), "non è un foglio preparato"),
        (header(SERIES, "E2020-9"), "serie non è quella del controllo"),
        (lambda rows: rows.clear(), "manca la riga"),
        (
            lambda rows: rows[next(p for p, r in enumerate(rows) if r[0] == NUMBER)].remove(SUBJECT),
            "mancano le colonne",
        ),
    ],
)
def test_b_a_foreign_or_broken_file_is_refused(
    app_engine: Engine,
    register: Register,
    key: RegisterKey,
    filled: Fill,
    now: datetime,
    change: Callable[[list[list[str]]], None],
    said: str,
) -> None:
    with pytest.raises(EmergencySheetUnreadable, match=said):
        taken_in(app_engine, register, filled(change), key, now)
    assert numbers_given(app_engine) == 0


def test_b_a_sheet_of_another_register_is_refused(
    app_engine: Engine, register: Register, series: EmergencySeries, filled: Fill, now: datetime
) -> None:
    with app_engine.begin() as connection:
        other = replace(register, public_key=RegisterKey.generate("ALTRO").public)
        with pytest.raises(EmergencySheetUnreadable, match="non è un foglio preparato"):
            check_mark(read_cells(filled()), other)
        with pytest.raises(WrongRegisterKey):
            prepare_series(
                connection, register.code, rows=5, operator="x", key=RegisterKey.generate(register.code), at=now
            )


def test_b_another_note_of_the_same_key_makes_no_sheet(register: Register, key: RegisterKey, filled: Fill) -> None:
    published = make_checkpoint(register.origin, 3, bytes(32), key.private)
    cells = [
        [MARK, base64.b64encode(published.encode()).decode()] if row[0] == MARK else row for row in read_cells(filled())
    ]
    with pytest.raises(EmergencySheetUnreadable, match="non è quella di un foglio"):
        check_mark(cells, register)


@pytest.mark.parametrize("rows", [0, 2001])
def test_c6_a_sheet_has_a_sensible_number_of_rows(
    app_engine: Engine, register: Register, key: RegisterKey, now: datetime, rows: int
) -> None:
    with app_engine.begin() as connection, pytest.raises(InvalidEntry):
        prepare_series(connection, register.code, rows=rows, operator="office:1", key=key, at=now)


def test_c6_the_spreadsheet_holds_the_same_table_and_is_read_back(
    app_engine: Engine, register: Register, key: RegisterKey, series: EmergencySeries, filled: Fill, now: datetime
) -> None:
    assert spreadsheet_names(series)[0].endswith(f"{series.name}.xlsx")
    empty = write_xlsx(register, series)
    written = [[value for value in row if value] for row in read_cells(write_csv(register, series))]
    assert [[value for value in row if value] for row in read_cells(empty)] == written
    book = load_workbook(io.BytesIO(empty))
    page = book.worksheets[0]
    for place, row in enumerate(read_cells(filled()), 1):
        for column, value in enumerate(row, 1):
            page.cell(place, column).value = value or None
    first = next(place for place in range(1, 30) if page.cell(place, 1).value == NUMBER) + 1
    day, hour = page.cell(first, 2), page.cell(first, 3)
    instant = datetime.strptime(f"{day.value} {hour.value}", "%d/%m/%Y %H:%M")  # noqa: DTZ007 - civil, as typed
    day.value, hour.value = instant.date(), instant.time()
    day.number_format, hour.number_format = "dd/mm/yyyy", "hh:mm"
    out = io.BytesIO()
    book.save(out)
    assert len(taken_in(app_engine, register, out.getvalue(), key, now)) == 3


def test_c6_series_never_repeat_and_the_service_cannot_change_them(
    app_engine: Engine, register: Register, key: RegisterKey, series: EmergencySeries, now: datetime
) -> None:
    with app_engine.begin() as connection:
        second = prepare_series(connection, register.code, rows=1, operator="office:1", key=key, at=now)
        assert second.series == series.series + 1
        assert all_series(connection, register.code) == (second, series)
    for statement in ("UPDATE {} SET rows = 9", "DELETE FROM {}"):
        with app_engine.begin() as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.exec_driver_sql(statement.format("protocol_register.emergency_series"))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_b_any_bytes_are_refused_in_a_sentence(data: bytes) -> None:
    for each in (data, b"PK\x03\x04" + data):
        with pytest.raises(EmergencySheetUnreadable) as refused:
            read_cells(each)
        assert refused.value.message.endswith(".")


def test_b_a_sheet_that_is_too_large_is_refused() -> None:
    with pytest.raises(EmergencySheetUnreadable, match="supera 5 MB"):
        read_cells(b"x" * (LARGEST_SHEET + 1))


def test_b_a_table_longer_than_any_sheet_is_refused() -> None:
    book, out = Workbook(), io.BytesIO()
    for row in (1, MOST_LINES + 1):
        book.worksheets[0].cell(row, 1, NUMBER)
    book.save(out)
    with pytest.raises(EmergencySheetUnreadable, match="più di 10000 righe"):
        read_cells(out.getvalue())


def clock_put_back(opened: str, hours: tuple[str, ...], closed: str, *, began: str = "25/10/2026") -> EmergencySheet:
    """What is read of a sheet of the night of 25 October 2026, when the clocks go from 3 back to 2."""
    register = Register(
        code="NOTTE",
        kind=RegisterKind.LIVE,
        administration="r_test",
        aoo="A123456",
        time_zone="Europe/Rome",
        public_key=bytes(32),
        fingerprint="",
        salt_policy="",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    series = EmergencySeries(register="NOTTE", year=2026, series=1, rows=9, note="")
    heading = [NUMBER, DAY, HOUR, FLOW, PARTY, KIND, TAX_CODE, SUBJECT, RECEIVED_ON, RECEIVED_AS, OPERATOR]
    lines = [
        [emergency_number(2026, 1, place), "25/10/2026", hour, "E", "Alfa", "", "", "Domanda", "", "", "Anna"]
        for place, hour in enumerate(hours, 1)
    ]
    period = [[OPENED, f"{began} {opened}"], [CLOSED, f"25/10/2026 {closed}"]]
    cells = [[CAUSE, "Guasto"], [ACT, "Det. 1"], *period, heading, *lines]
    return read_sheet(cells, register, series, at=datetime(2026, 11, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("opened", "hours", "closed", "instants"),
    [
        ("01:00", ("01:30", "02:50", "02:10", "03:10"), "04:00", ("23:30", "00:50", "01:10", "02:10")),
        ("02:50", ("02:55", "02:05"), "02:10", ("00:55", "01:05")),
        ("01:00", ("02:10", "02:50"), "04:00", ("00:10", "00:50")),
        ("02:30", ("02:10", "02:20"), "02:25", ("01:10", "01:20")),
        ("02:30", ("02:40",), "02:20", ("00:40",)),
    ],
)
def test_c6_in_the_hour_that_comes_twice_the_numbers_tell_which_one_it_was(
    opened: str, hours: tuple[str, ...], closed: str, instants: tuple[str, ...]
) -> None:
    sheet = clock_put_back(opened, hours, closed)
    assert tuple(line.instant.astimezone(UTC).strftime("%H:%M") for line in sheet.lines) == instants
    assert sheet.operations == {"2026-10-25": len(hours)}


@pytest.mark.parametrize(
    ("opened", "hours", "closed", "end"),
    [
        ("01:00", ("02:10",), "02:30", "00:30"),
        ("01:00", ("02:50", "02:10"), "02:30", "01:30"),
        ("02:40", ("02:50",), "02:30", "01:30"),
        ("02:30", ("02:30",), "02:30", "01:30"),
    ],
)
def test_c6_an_emergency_ends_in_the_second_hour_only_where_the_first_cannot_be(
    opened: str, hours: tuple[str, ...], closed: str, end: str
) -> None:
    assert clock_put_back(opened, hours, closed).closed_at.astimezone(UTC).strftime("%H:%M") == end


def test_c6_less_than_a_day_until_the_first_of_the_two_hours_needs_no_extension() -> None:
    sheet = clock_put_back("03:00", ("01:00",), "02:30", began="24/10/2026")
    assert sheet.closed_at.astimezone(UTC) - sheet.opened_at.astimezone(UTC) == timedelta(hours=23, minutes=30)


def test_b_in_the_hour_that_comes_twice_a_time_that_goes_back_twice_is_refused() -> None:
    with pytest.raises(EmergencySheetRefused, match="02:20 precede la registrazione"):
        clock_put_back("01:00", ("02:50", "02:40", "02:20"), "04:00")


def test_b_a_fraction_of_a_day_in_a_spreadsheet_is_never_taken_for_an_hour() -> None:
    book, out = Workbook(), io.BytesIO()
    book.worksheets[0].append([NUMBER, 0.45, 7.0])
    book.save(out)
    assert read_cells(out.getvalue()) == [[NUMBER, "0,45", "7"]]


def test_b_a_cell_with_what_no_database_keeps_is_read_without_it() -> None:
    book, plain, out = Workbook(), io.BytesIO(), io.BytesIO()
    book.worksheets[0].append([NUMBER, "segno"])
    book.save(plain)
    with zipfile.ZipFile(plain) as archive, zipfile.ZipFile(out, "w") as other:
        for name in archive.namelist():
            other.writestr(name, archive.read(name).replace(b"segno", b"a_x0000_b&#10;c_x000B_"))
    assert read_cells(out.getvalue()) == [[NUMBER, "a b c"]]
