"""The sheet of the emergency register as a file: written empty with its numbers (XLSX, CSV), read back filled.

Both forms hold the same table. The cell *Controllo* is a signed note of the register's key: by it the sheet is known
again, and one of another register or of somebody else's making is refused.
"""

import base64
import binascii
import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time

from protocol_register.checkpoint import open_note, sign_note
from protocol_register.emergency import EmergencySeries, emergency_number, series_name
from protocol_register.entries import Register
from protocol_register.errors import CheckpointUnreadable, EmergencySheetUnreadable
from protocol_register.keys import RegisterKey

LARGEST_SHEET = 5 * 1024 * 1024
LARGEST_UNPACKED = 60 * 1024 * 1024
MOST_LINES, MOST_COLUMNS = 10_000, 100
"""Of the table that a spreadsheet gives back; the largest sheet prepared here has a fifth of the lines."""
FORMAT = "protocol-register-emergency-sheet/1"

REGISTER, ADMINISTRATION, SERIES, MARK = "Registro", "Amministrazione e AOO", "Serie", "Controllo"
CAUSE, ACT, OPENED, CLOSED = "Causa dell’interruzione", "Provvedimento che autorizza", "Inizio", "Fine"
EXTENSION = "Proroga oltre le 24 ore: provvedimento"
FILLED_BY_HAND = (CAUSE, ACT, OPENED, CLOSED, EXTENSION)
NUMBER, DAY, HOUR, FLOW, PARTY, KIND, TAX_CODE, SUBJECT = (
    *("Numero di emergenza", "Giorno", "Ora", "Verso (E, U, I)", "Mittente o destinatario"),
    *("Persona, impresa o amministrazione", "Codice fiscale", "Oggetto"),
)
RECEIVED_ON, RECEIVED_AS, OPERATOR = "Data del documento", "Protocollo del documento", "Operatore"
COLUMNS = (NUMBER, DAY, HOUR, FLOW, PARTY, KIND, TAX_CODE, SUBJECT, RECEIVED_ON, RECEIVED_AS, OPERATOR)
WIDTHS = (22, 12, 8, 10, 34, 18, 20, 44, 14, 18, 22)
INSTRUCTION = (
    "Scriva il giorno come 31/12/2026 e l’ora come 09:30. Usi i numeri nell’ordine, senza saltarne. "
    "Non cambi le celle già scritte. Al ripristino importi questo file."
)

Cells = list[list[str]]


def sheet_note(register: Register, year: int, series: int, rows: int, key: RegisterKey) -> str:
    """The signed note of a new sheet."""
    return sign_note(
        f"{FORMAT}\n{register.origin}\n{series_name(year, series)}\n{rows}\n", register.origin, key.private
    )


def check_mark(cells: Cells, register: Register) -> str:
    """The name of the series that the register itself gave to this sheet. Raises EmergencySheetUnreadable."""
    encoded = "".join(header_cell(cells, MARK).split())
    try:
        note = base64.b64decode(encoded, validate=True).decode()
        text = open_note(note, register.origin, register.public_key)
    except (binascii.Error, UnicodeDecodeError, CheckpointUnreadable) as error:
        raise EmergencySheetUnreadable(
            reason=f"non è un foglio preparato dal registro {register.code} (cella «{MARK}»)"
        ) from error
    stated = text.removesuffix("\n").split("\n")
    if stated[0] != FORMAT or len(stated) != 4:
        raise EmergencySheetUnreadable(reason=f"la cella «{MARK}» non è quella di un foglio di emergenza")
    name = stated[2]
    if name != header_cell(cells, SERIES):
        raise EmergencySheetUnreadable(reason=f"la serie non è quella del controllo ({name})")
    return name


def write_csv(register: Register, series: EmergencySeries) -> bytes:
    """The empty sheet as CSV, with semicolons and a byte-order mark, as Italian spreadsheets expect."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(_table(register, series))
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(register: Register, series: EmergencySeries) -> bytes:
    """The empty sheet as XLSX, ready to print on A4 across; every cell is text, so that no program rewrites a date."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Border, Font, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    book = Workbook()
    page = book.worksheets[0]
    page.title = series.name
    table = _table(register, series)
    first_line = next(place for place, row in enumerate(table, 1) if row[0] == NUMBER)
    for row in table:
        page.append(row)
    thin = Side(style="thin")
    lines = Border(left=thin, right=thin, top=thin, bottom=thin)
    for place, row in enumerate(table, 1):
        for column in range(1, len(COLUMNS) + 1):
            cell = page.cell(place, column)
            cell.number_format = "@"
            if place >= first_line:
                cell.border, cell.alignment = lines, Alignment(wrap_text=True, vertical="top")
        if place <= first_line:
            for column in range(1, len(row) + 1 if place == first_line else 2):
                page.cell(place, column).font = Font(bold=True)
    for column, width in enumerate(WIDTHS, 1):
        page.column_dimensions[get_column_letter(column)].width = width
    page.freeze_panes = f"B{first_line + 1}"
    page.print_title_rows = f"{first_line}:{first_line}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_cells(data: bytes) -> Cells:
    """The filled sheet as rows of text, whichever of the two forms it has. Raises EmergencySheetUnreadable.

    Two cells far from each other in an XLSX of a few kilobytes ask for more memory than there is, and the process is aborted:
    a file of strangers is read in a process of its own.
    """
    if len(data) > LARGEST_SHEET:
        raise EmergencySheetUnreadable(reason=f"supera {LARGEST_SHEET // 1024 // 1024} MB")
    read = _read_xlsx(data) if data.startswith(b"PK") else _read_csv(data)
    cells = [[_on_one_line(cell) for cell in row] for row in read]
    if not any(row and row[0] == NUMBER for row in cells):
        raise EmergencySheetUnreadable(reason=f"manca la riga che comincia con «{NUMBER}»")
    return cells


def _on_one_line(cell: str) -> str:
    """A cell without line ends and control characters, which no database keeps."""
    return " ".join("".join(each if each.isprintable() else " " for each in cell).split())


def header_cell(cells: Cells, label: str) -> str:
    """The value beside a label above the table; empty when there is none."""
    for row in cells:
        if row and row[0] == NUMBER:
            return ""
        if len(row) > 1 and row[0] == label:
            return row[1]
    return ""


def lines_of(cells: Cells) -> list[tuple[int, dict[str, str]]]:
    """The rows below the table's heading that were filled: row in the file, and value by column."""
    start = next(place for place, row in enumerate(cells) if row and row[0] == NUMBER)
    heading = cells[start]
    missing = [column for column in COLUMNS if column not in heading]
    if missing:
        raise EmergencySheetUnreadable(reason=f"mancano le colonne {', '.join(missing)}")
    found = []
    for place, row in enumerate(cells[start + 1 :], start + 2):
        values = dict(zip(heading, [*row, *[""] * (len(heading) - len(row))], strict=False))
        if any(values[column] for column in COLUMNS if column != NUMBER):
            found.append((place, values))
    return found


def _table(register: Register, series: EmergencySeries) -> list[list[str]]:
    mark = base64.b64encode(series.note.encode()).decode()
    return [
        ["Registro di emergenza (art. 63 del D.P.R. 445/2000)"],
        [REGISTER, register.code],
        [ADMINISTRATION, f"{register.administration} / {register.aoo}"],
        [SERIES, series.name],
        *([label, ""] for label in FILLED_BY_HAND),
        [MARK, mark],
        [INSTRUCTION],
        list(COLUMNS),
        *(
            [emergency_number(series.year, series.series, ordinal), *[""] * (len(COLUMNS) - 1)]
            for ordinal in range(1, series.rows + 1)
        ),
    ]


def _read_csv(data: bytes) -> Cells:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise EmergencySheetUnreadable(reason="non è un foglio XLSX né un CSV")
    delimiter = max(";,\t", key=text.count)
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error as error:
        raise EmergencySheetUnreadable(reason="il CSV è malformato") from error


def _read_xlsx(data: bytes) -> Cells:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(each.file_size for each in archive.infolist()) > LARGEST_UNPACKED:
                raise EmergencySheetUnreadable(reason="una volta aperto è troppo grande")
        rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, OSError, ValueError) as error:
        raise EmergencySheetUnreadable(reason="il file XLSX è rovinato") from error
    if len(rows) > MOST_LINES:
        raise EmergencySheetUnreadable(reason=f"ha più di {MOST_LINES} righe")
    return [[_cell(value) for value in row[:MOST_COLUMNS]] for row in rows]


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y %H:%M:%S") if value.time() != time() else value.strftime("%d/%m/%Y")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, time):
        return value.strftime("%H:%M:%S")
    if isinstance(value, float):
        # With a comma: the 0.45 that a program makes of 10:48 must not look like an hour.
        return str(int(value)) if value.is_integer() else str(value).replace(".", ",")
    return str(value).strip()


def spreadsheet_names(series: EmergencySeries) -> Sequence[str]:
    """The names of the two files of a sheet: XLSX, CSV."""
    stem = f"registro-di-emergenza-{series.register}-{series.name}"
    return f"{stem}.xlsx", f"{stem}.csv"
