"""The draft and the workers' spreadsheet: what was typed is kept, what is wrong is named where it is (B4, T2, C1, S3)."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from intake.applications.draft import (
    MOST_WORKERS,
    DraftMovedOn,
    FormInForce,
    RowsTooMany,
    discard,
    open_draft,
    reopen,
    save_draft,
    with_fields,
    with_rows,
)
from intake.applications.draft_check import choices_of, draft_problems, words_of
from intake.applications.fields import SINGLE, WORKER, Field, Kind
from intake.applications.issue import NotYetIssuable, frozen_data, issue_form
from intake.applications.lifecycle import MoveNotPossible
from intake.applications.models import Application, IssuedForm, State
from intake.applications.worker_import import HeadingsMissing, UnreadableSheet, import_workers
from intake.checks.run import _request
from intake.notices.load import load_pack
from intake.people.models import Capacity, Employer, Person
from intake.service import Service
from intake.settings import TEMPLATES
from tests.intake.applications_made import complete_draft, person_named, rehearsal_of
from tests.intake.filings import SARDEGNA, issued

pytestmark = pytest.mark.shared_installation

PACK = load_pack(TEMPLATES / "notices" / SARDEGNA)
CHOICES = {field.path: dict(words_of(field, choices_of(PACK))) for field in WORKER if field.kind is Kind.CHOICE}
HEADINGS = [
    "Cognome",
    "Nome",
    "Codice fiscale",
    "Qualifica",
    "Contratto",
    "Ore settimanali",
    "Data assunzione",
    "Ore richieste",
]
ROW = ["NICCOLÒ", "D'ANGELO", "nccdgl90e20b354h", "operaio", "tempo indet", "38,5", "01/06/2015", "1.120,50"]


@given(st.sampled_from(Kind), st.text())
def test_tidying_twice_is_tidying_once_and_leaves_what_a_database_holds(kind: Kind, typed: str) -> None:
    field = Field("x", "x", kind)
    once = field.tidy(typed)
    assert field.tidy(once) == once
    assert once == "" or once.isprintable()


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)), st.sampled_from("/.-"))
def test_italian_and_iso_dates_are_one(day: date, mark: str) -> None:
    field = Field("x", "x", Kind.DATE)
    assert (
        field.tidy(f"{day.day}{mark}{day.month:02}{mark}{day.year}") == field.tidy(day.isoformat()) == day.isoformat()
    )


@given(st.integers(0, 999_999), st.integers(0, 99))
def test_italian_and_plain_numbers_are_one(whole: int, cents: int) -> None:
    field = Field("x", "x", Kind.HOURS)
    italian = f"{whole:,}".replace(",", ".") + f",{cents:02}"
    assert float(field.tidy(italian)) == float(field.tidy(f"{whole}.{cents:02}")) == pytest.approx(whole + cents / 100)


@pytest.mark.parametrize("typed", ["1e999999999", "1_000", "١٢", "nan", "Infinity", "quaranta", "12,5,1"])
def test_what_is_no_number_stays_as_typed(typed: str) -> None:
    assert Field("x", "x", Kind.HOURS).tidy(typed) == typed


@pytest.mark.parametrize("typed", ["31/02/2020", "2020-03-02 e mezzo", "ieri", "٠٢/٠٣/٢٠٢٠"])
def test_what_is_no_date_stays_as_typed(typed: str) -> None:
    assert Field("x", "x", Kind.DATE).tidy(typed) == typed


def test_every_missing_field_is_named_and_a_complete_draft_has_no_obstacle() -> None:
    draft = with_fields({}, {})
    named = {problem.field for problem in draft_problems(draft, PACK, PACK_OPEN) if problem.blocks}
    assert named >= {field.path for field in SINGLE if field.required}
    assert {"workers", "periods"} <= named


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("employer.tax_code", "01234560109"),
        ("employer.tax_code", "٠١٢٣٤٥٦٠١٠٨"),
        ("employer.email", "alfa chiocciola example.org"),
        ("employer.address.postal_code", "9123"),
        ("employer.address.province", "Cagliari"),
        ("employer.total_staff", "cinque"),
        ("employer.kind", "inventato"),
        ("representative.tax_code", "RSSMRA68C02I452X"),
        ("agreement.date", "31/02/2020"),
        ("stamp_duty.way", "contanti"),
    ],
)
def test_a_wrong_value_is_named_at_its_field(path: str, typed: str) -> None:
    whole = complete_draft({"employer": {"name": "ALFA SRL", "tax_code": "01234560108"}})
    draft = with_fields(whole, {path: typed})
    wrong = [problem for problem in draft_problems(draft, PACK, PACK_OPEN) if problem.blocks and problem.field == path]
    assert wrong, path
    assert all(problem.message and problem.remedy for problem in wrong)


PACK_OPEN = PACK.windows.opens_at.value.astimezone()


def test_a_worker_twice_and_a_wrong_cell_are_named_by_row() -> None:
    draft = complete_draft({"employer": {"name": "ALFA SRL", "tax_code": "01234560108"}})
    draft["workers"][1] = draft["workers"][1] | {"tax_code": draft["workers"][0]["tax_code"], "weekly_hours": "molte"}
    named = {(problem.code, problem.field) for problem in draft_problems(draft, PACK, PACK_OPEN)}
    assert {
        ("data.worker_twice", "workers.1.tax_code"),
        ("data.worker_twice", "workers.2.tax_code"),
        ("data.wrong", "workers.2.weekly_hours"),
    } <= named


def test_rows_typed_on_the_screen_become_rows_and_empty_ones_fall_away() -> None:
    typed = {"workers.1.surname": "ROSSI", "workers.7.surname": " \x00 ", "workers.9.surname": "BIANCHI\x00"}
    assert [row["surname"] for row in with_rows({}, "workers", typed)["workers"]] == ["ROSSI", "BIANCHI"]
    with pytest.raises(RowsTooMany):
        with_rows({}, "workers", {f"workers.{row}.surname": "X" for row in range(MOST_WORKERS + 1)})


def test_a_draft_moves_on_in_one_window_only_and_stops_with_its_form(service: Service) -> None:
    at = service.clock()
    with service.transaction() as session:
        person, edition = person_named(session, "datore"), rehearsal_of(session, SARDEGNA)
        employer = session.query(Employer).filter_by(name="ALFA SRL").one()
        application = open_draft(session, person, edition, employer.id, at=at)
        assert application.draft["representative"]["tax_code"] == person.tax_code, "what is known is prefilled"
        with pytest.raises(NotYetIssuable) as refusal:
            issue_form(service, session, person, application.id, at=at)
        assert all(problem.blocks for problem in refusal.value.problems)
        shown = application.draft_version
        odd = "Via\x00 Roma\ud800 1"
        save_draft(
            session, person, application.id, lambda draft: with_fields(draft, {"unit.name": odd}), version=shown, at=at
        )
        with pytest.raises(DraftMovedOn):
            save_draft(session, person, application.id, complete_draft, version=shown, at=at)
        save_draft(session, person, application.id, complete_draft, version=None, at=at)
        events = len(application.events)
        save_draft(session, person, application.id, lambda draft: draft, version=None, at=at)
        session.refresh(application)
        assert len(application.events) == events, "saving nothing new leaves no line"
        form = issue_form(service, session, person, application.id, at=at)
        session.refresh(application)
        with pytest.raises(FormInForce):
            save_draft(session, person, application.id, complete_draft, version=None, at=at)
        reopen(session, person, application.id, at=at)
        session.flush()
        second = issue_form(service, session, person, application.id, at=at)
        assert form.form != second.form
        assert form.superseded_at == at
        discard(session, person, application.id, at=at)
        assert application.state is State.DISCARDED
        with pytest.raises(MoveNotPossible):
            reopen(session, person, application.id, at=at)


def test_the_form_freezes_the_data_it_prints(service: Service) -> None:
    application_id, pdf = issued(service)
    assert pdf.startswith(b"%PDF-")
    with service.transaction() as session:
        form = session.get_one(Application, application_id).current_form
        assert form is not None
        printed = {field["name"]: field["value"] for field in form.form_map["fields"]}
        assert printed["workers.1.tax_code"] == form.data["workers"][0]["tax_code"]


def _csv(separator: str, encoding: str, *rows: list[str]) -> bytes:
    lines = [[f'"{cell}"' if separator in cell or "\n" in cell else cell for cell in row] for row in (HEADINGS, *rows)]
    return "\r\n".join(separator.join(row) for row in lines).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_a_list_is_read_whatever_its_separator_and_encoding(separator: str, encoding: str) -> None:
    imported = import_workers(_csv(separator, encoding, ROW), CHOICES)
    assert imported.problems == ()
    [row] = imported.rows
    assert row["surname"] == "NICCOLÒ"
    assert row["tax_code"] == "NCCDGL90E20B354H"
    assert (row["qualification"], row["contract"]) == ("blue_collar", "permanent")
    assert (row["weekly_hours"], row["hired_on"], row["requested_hours"]) == ("38.5", "2015-06-01", "1120.5")


def test_wrong_cells_are_named_as_the_spreadsheet_shows_them() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Elenco dei lavoratori"])
    sheet.append([])
    sheet.append(HEADINGS)
    sheet.append([*ROW[:6], date(2015, 6, 1), 120])
    sheet.append([])
    sheet.append(["ROSSI", "MARIO", "SBAGLIATO", "operaio", "tempo indet", 40, "mai", -3])
    out = io.BytesIO()
    book.save(out)
    imported = import_workers(out.getvalue(), CHOICES)
    assert imported.rows[0]["hired_on"] == "2015-06-01"
    assert imported.rows[0]["requested_hours"] == "120"
    assert [(each.row, each.column, each.field) for each in imported.problems] == [
        (6, "C", "tax_code"),
        (6, "G", "hired_on"),
        (6, "H", "requested_hours"),
    ]


def test_a_column_that_the_notice_does_not_ask_is_told_and_not_kept() -> None:
    sheet = ";".join([*HEADINGS, "Eccezione"]) + "\n" + ";".join([*ROW, "malattia"])
    read = import_workers(sheet.encode(), CHOICES | {"exception": {}})
    assert read.rows[0]["exception"] == ""
    assert [(each.column, each.message) for each in read.problems] == [
        ("I", "«malattia» non è stato letto: questo avviso non chiede la colonna.")
    ]


def test_a_cell_of_two_lines_does_not_shift_the_rows() -> None:
    wrong = ["VERDI", "LUCA", "X", *ROW[3:]]
    imported = import_workers(_csv(";", "utf-8", ["NICCOLÒ\nDETTO", *ROW[1:]], wrong), CHOICES)
    assert imported.rows[0]["surname"] == "NICCOLÒ DETTO"
    assert [(each.row, each.column) for each in imported.problems] == [(3, "C")]


def test_two_cells_far_apart_do_not_stop_the_service() -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADINGS)
    book.active.cell(1_048_576, 16_384, "x")
    out = io.BytesIO()
    book.save(out)
    assert len(out.getvalue()) < 10_000
    with pytest.raises(UnreadableSheet):
        import_workers(out.getvalue(), CHOICES)


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 rotto", b"\xd0\xcf\x11\xe0 rotto", b"a\x00b", '"aperto'.encode("utf-16")]
)
def test_what_is_no_spreadsheet_is_refused(data: bytes) -> None:
    with pytest.raises((UnreadableSheet, HeadingsMissing)):
        import_workers(data, CHOICES)


def test_missing_headings_are_named() -> None:
    with pytest.raises(HeadingsMissing, match="Codice fiscale"):
        import_workers(b"Cognome;Nome\nROSSI;MARIO", CHOICES)


@pytest.mark.parametrize(
    ("path", "other", "code"),
    [
        ("employer.tax_code", "01114601006", "data.other_firm"),
        ("representative.tax_code", "SPSMLC85A41B354E", "data.other_representative"),
    ],
)
def test_a_form_is_issued_only_for_the_firm_of_the_application_and_its_representative(
    service: Service, path: str, other: str, code: str
) -> None:
    """A1: the firm and who must sign are the ones the service knows, not whatever was typed."""
    at = service.clock()
    with service.transaction() as session:
        consultant, edition = person_named(session, "consulente"), rehearsal_of(session, SARDEGNA)
        alfa = session.scalars(select(Employer).where(Employer.name == "ALFA SRL")).one()
        application = open_draft(session, consultant, edition, alfa.id, at=at)
        save_draft(
            session,
            consultant,
            application.id,
            lambda draft: with_fields(complete_draft(draft), {path: other}),
            version=None,
            at=at,
        )
        with pytest.raises(NotYetIssuable) as refused:
            issue_form(service, session, consultant, application.id, at=at)
        assert (code, path) in {(problem.code, problem.field) for problem in refused.value.problems}


def test_who_must_sign_is_the_representative_in_force_not_the_one_typed(service: Service) -> None:
    """A1: a form issued before the representative changed is checked against the one in force now."""
    application_id, _ = issued(service)
    typed = {"tax_code": "SPSMLC85A41B354E", "given_name": "MARIA LUCIA", "surname": "ESPOSITO"}
    with service.transaction() as session:
        application = session.get_one(Application, application_id)
        own = person_named(session, "datore")
        form = application.current_form
        data = form.data | {"representative": form.data["representative"] | typed}
        form = IssuedForm(form=form.form, pdf_sha256=form.pdf_sha256, data=data, form_map=form.form_map)
        request = _request(service, session, application, form, [])
        assert request.signers.representative == (own.tax_code, own.full_name)
        for mandate in application.employer.mandates:
            mandate.revoked_at = service.clock()
        session.flush()
        request = _request(service, session, application, form, [])
        assert request.signers.representative == (typed["tax_code"], "MARIA LUCIA ESPOSITO")
        session.rollback()


def test_the_form_freezes_what_the_category_asks_the_exception_and_the_waiver_in_words() -> None:
    """C1, C6: what the notice asks of one category only is on the form too, in its words."""
    category = next(each for each in PACK.categories if each.fields)
    exception, waiver = PACK.employment.exceptions[0], next(iter(PACK.employers.agreement_waivers), None)
    typed = {"number": "151.5", "date": "2020-06-30", "text": "abc", "boolean": "true", "choice": "abc"}
    said = {"number": "151,5", "date": "30/06/2020", "text": "abc", "boolean": "sì", "choice": "abc"}
    draft = complete_draft({"employer": {"name": "ALFA SRL", "tax_code": "01234560108"}})
    draft["workers"][0] |= {
        "category": category.key,
        "extra": {field.key: typed[field.kind] for field in category.fields},
        "exception": exception.key,
    }
    draft["agreement"] |= {"waiver": waiver.key if waiver else ""}
    person = Person(surname="BIANCHI", given_name="ANNA", tax_code="BNCNNA75D41G942J")
    data = frozen_data(draft, PACK, person, Capacity.DELEGATE)
    assert data["workers"][0]["extra"] == [
        {"label": field.label, "value": said[field.kind]} for field in category.fields
    ]
    assert data["workers"][0]["exception"] == exception.title
    assert data["agreement"]["waiver"] == (waiver.title if waiver else "")
    assert data["workers"][1]["extra"] == []
