"""Lists in the employer's own layout: rows, columns and values found, nothing dropped in silence (T4)."""

from __future__ import annotations

import io
import random

import pytest
from openpyxl import Workbook

from bench.lists.files import as_pdf, as_workbook, made_list
from bench.lists.layouts import LAYOUTS
from bench.lists.measure import score
from bench.lists.people import Worker, workers
from ocr.extracted import Extracted
from ocr.worker_list.columns import kinds_of
from ocr.worker_list.names import split_name
from ocr.worker_list.reading import WorkerListReading, read_worker_list
from ocr.worker_list.rows import ListedWorker
from ocr.worker_list.values import day_of, hours_of, meaning

SEED = 41


def one_row(reading: WorkerListReading) -> ListedWorker:
    assert len(reading.rows) == 1
    return reading.rows[0]


def sheet(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_t4_a_born_digital_list_is_read_whole_in_every_layout(layout) -> None:
    made = made_list(layout, SEED, count=26)
    counted, wrong = score(made.truth, [("elenco.pdf", as_pdf(made))])
    assert (wrong, counted.strangers) == ([], 0)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_t4_a_workbook_is_read_whole_in_every_layout(layout) -> None:
    made = made_list(layout, SEED, count=12)
    counted, wrong = score(made.truth, [("elenco.xlsx", as_workbook(made))])
    assert (wrong, counted.strangers) == ([], 0)


def test_t4_every_value_carries_its_evidence() -> None:
    made = made_list(LAYOUTS[0], SEED, count=3)
    row = read_worker_list([("elenco.pdf", as_pdf(made))]).rows[1]
    code = row.fields["tax_code"]
    assert isinstance(code, Extracted)
    assert (code.source, code.page, code.engine, code.raw) == ("elenco.pdf", 1, "pdf", made.people[1].tax_code)
    assert code.box is not None
    assert row.box is not None
    assert row.box.left <= code.box.left < code.box.right <= row.box.right
    assert "check_character" in code.rules


def test_t4_totals_and_group_headings_are_named_and_are_no_workers() -> None:
    made = made_list(next(each for each in LAYOUTS if each.name == "grouped"), SEED, count=20)
    reading = read_worker_list([("elenco.pdf", as_pdf(made))])
    kinds = {other.kind for other in reading.others}
    assert len(reading.rows) == 20
    assert {"total", "group"} <= kinds
    assert "not_understood" not in kinds


def test_t4_pages_with_and_without_headings_go_on_in_one_list() -> None:
    made = made_list(LAYOUTS[0], SEED, count=70)
    reading = read_worker_list([("elenco.pdf", as_pdf(made))])
    assert [row.row for row in reading.rows] == list(range(1, 71))
    assert len({row.page for row in reading.rows}) >= 2
    assert [row.fields["tax_code"].value for row in reading.rows] == [person.tax_code for person in made.people]


def test_t4_a_row_without_a_code_is_kept_and_asked_about() -> None:
    first, second, third = workers(random.Random(3), 3)
    rows = [["Cognome", "Nome", "Codice fiscale", "Data assunzione"]]
    rows += [[each.surname, each.given_name, each.tax_code, "01/02/2015"] for each in (first, second, third)]
    rows[2][2] = ""
    reading = read_worker_list([("elenco.xlsx", sheet(rows))])
    assert [row.fields["surname"].value for row in reading.rows] == [first.surname, second.surname, third.surname]
    assert reading.rows[1].doubts == ("surname", "given_name", "tax_code")


def test_t4_a_wrong_code_is_shown_as_written_and_asked_about() -> None:
    person = workers(random.Random(8), 1)[0]
    wrong = person.tax_code[:-1] + ("A" if person.tax_code[-1] != "A" else "B")
    row = one_row(
        read_worker_list(
            [("e.xlsx", sheet([["Nominativo", "C.F."], [f"{person.surname} {person.given_name}", wrong]]))]
        )
    )
    assert row.fields["tax_code"].value == wrong
    assert "tax_code" in row.doubts


def test_t4_birth_dates_are_not_taken_for_the_day_of_hiring() -> None:
    people = workers(random.Random(9), 6)
    rows = [[each.surname, each.given_name, each.tax_code, each.born_on, each.hired_on] for each in people]
    kinds = kinds_of(("", "", "", "", ""), list(zip(*rows, strict=True)))
    assert kinds == ("surname", "given_name", "tax_code", "other", "hired_on")


def test_t4_text_with_separators_is_read_like_a_workbook() -> None:
    person = workers(random.Random(10), 1)[0]
    text = f"Codice fiscale;Dipendente;Ore CIG\r\n{person.tax_code};{person.surname} {person.given_name};120,5\r\n"
    row = one_row(read_worker_list([("elenco.csv", text.encode("cp1252", "replace"))]))
    assert row.fields["requested_hours"].value == "120.5"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("vuoto.pdf", b"", "empty_file"),
        ("altro.bin", b"\x00\x01\x02" * 50, "not_a_document"),
        ("rotto.xlsx", b"PK\x03\x04" + b"\x00" * 60, "damaged_sheet"),
        ("rotto.pdf", b"%PDF-1.7\nnothing of the kind", "damaged_pdf"),
        ("spesa.xlsx", sheet([["Voce", "Euro", "Note"], ["Affitto", 500, "marzo"]]), "no_list"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_t4_a_file_that_holds_no_list_is_named_with_what_to_do(name: str, data: bytes, code: str) -> None:
    reading = read_worker_list([(name, data)])
    assert reading.rows == ()
    assert [(problem.source, problem.code) for problem in reading.problems] == [(name, code)]
    assert all(problem.message and problem.remedy for problem in reading.problems)


def test_t4_pages_left_over_when_time_is_up_are_named() -> None:
    made = made_list(LAYOUTS[0], SEED, count=3)
    reading = read_worker_list([("elenco.pdf", as_pdf(made))], seconds=0.0)
    assert [(problem.page, problem.code) for problem in reading.problems] == [(1, "no_time")]


@pytest.mark.parametrize(
    ("text", "first", "parts"),
    [
        ("ROSSI MARIO", True, ("ROSSI", "MARIO")),
        ("MARIO ROSSI", False, ("ROSSI", "MARIO")),
        ("DE LUCA ANNA MARIA", True, ("DE LUCA", "ANNA MARIA")),
        ("ANNA MARIA DE LUCA", False, ("DE LUCA", "ANNA MARIA")),
        ("ROSSI, MARIO", True, ("ROSSI", "MARIO")),
        ("ROSSI", True, ("ROSSI", "")),
    ],
)
def test_t4_names_part_where_the_heading_says(text: str, first: bool, parts: tuple[str, str]) -> None:
    split = split_name(text, None, surname_first=first)
    assert (split.surname, split.given_name) == parts


def test_t4_figures_within_a_name_are_the_letters_they_look_like() -> None:
    split = split_name("1ANNUZZI R0SA", None)
    assert (split.surname, split.given_name) == ("IANNUZZI", "ROSA")


def test_t4_the_code_says_where_a_name_parts_whatever_the_heading_says() -> None:
    person = Worker("DALLA CHIESA", "ROSA ANNA", "", "", "", "", "", "", "")
    code = next(
        each.tax_code
        for seed in range(4000)
        for each in workers(random.Random(seed), 1)
        if (each.surname, each.given_name) == (person.surname, person.given_name)
    )
    split = split_name("ROSA ANNA DALLA CHIESA", code, surname_first=True)
    assert (split.surname, split.given_name, split.proved) == ("DALLA CHIESA", "ROSA ANNA", True)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03/04/2020", "2020-04-03"),
        ("3.4.20", "2020-04-03"),
        ("1 marzo 1998", "1998-03-01"),
        ("1-mar-98", "1998-03-01"),
        ("2019-12-31", "2019-12-31"),
        ("O3/O4/2O20", "2020-04-03"),
        ("31/02/2020", None),
        ("quasi", None),
    ],
)
def test_t4_days_in_many_writings(text: str, day: str | None) -> None:
    assert day_of(text).value == day


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("40", "40"),
        ("38,5", "38.5"),
        ("38:30", "38.5"),
        ("1.040", "1040"),
        ("1.040,50", "1040.5"),
        ("40 h", "40"),
        ("ore", None),
    ],
)
def test_t4_hours_in_many_writings(text: str, hours: str | None) -> None:
    assert hours_of(text).value == hours


@pytest.mark.parametrize(
    ("column", "text", "value", "exact"),
    [
        ("qualification", "Op.", "Operaio", True),
        ("qualification", "OPERAI0", "Operaio", False),
        ("contract", "T.I.", "Tempo indeterminato", True),
        ("contract", "tempo ind eterminato", "Tempo indeterminato", False),
        ("qualification", "Saldatore", "Saldatore", False),
    ],
)
def test_t4_words_of_qualifications_and_contracts(column: str, text: str, value: str, exact: bool) -> None:
    found = meaning(column, text)
    assert (found.value, found.exact) == (value, exact)
