"""The model of the worker list to fill in: the headings that the import knows, and the words each column admits."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from intake.applications.draft import MOST_WORKERS
from intake.applications.fields import WORKER, Kind

Choices = Mapping[str, Mapping[str, str]]
_WORDS_SHEET = "Voci ammesse"


def heading_line(separator: str) -> str:
    """The headings in the model's order."""
    return separator.join(field.label for field in WORKER)


def csv_template() -> bytes:
    """Only the headings, separated by semicolons, with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow([field.label for field in WORKER])
    return out.getvalue().encode("utf-8-sig")


def xlsx_template(choices: Choices) -> bytes:
    """One sheet to fill in, whose choices open as lists, and one with the words of every choice."""
    # Asked for now and then: a web process starts without these two hundred modules.
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Lavoratori"
    words = book.create_sheet(_WORDS_SHEET)
    column_of_words = 0
    for place, field in enumerate(WORKER, 1):
        letter = get_column_letter(place)
        heading = sheet.cell(1, place, field.label)
        heading.font, heading.fill = Font(bold=True), PatternFill("solid", fgColor="DCE6F2")
        heading.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[letter].width = 24 if field.kind in {Kind.TEXT, Kind.PERSON_TAX_CODE} else 18
        if field.kind in {Kind.PERSON_TAX_CODE, Kind.TEXT}:
            for row in range(2, MOST_WORKERS + 2):
                sheet.cell(row, place).number_format = "@"
        if field.kind is Kind.DATE:
            for row in range(2, MOST_WORKERS + 2):
                sheet.cell(row, place).number_format = "DD/MM/YYYY"
        if admitted := list(choices.get(field.path, {}).values()):
            column_of_words += 1
            source = get_column_letter(column_of_words)
            for row, word in enumerate([field.label, *admitted], 1):
                words.cell(row, column_of_words, word)
            rule = DataValidation(
                "list", f"'{_WORDS_SHEET}'!${source}$2:${source}${len(admitted) + 1}", allow_blank=True
            )
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{MOST_WORKERS + 1}")
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
