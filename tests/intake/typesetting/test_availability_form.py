"""T5: one prefilled declaration of availability for each worker, each page known again by its code."""

from __future__ import annotations

import pytest
import zxingcpp

from intake.typesetting import availability_form
from intake.typesetting.application_form import IssuedFormDocument
from intake.typesetting.availability_form import declaration_form_number
from intake.typesetting.compiler import TypesettingError
from ocr.attachments import form_data_of, form_map_of
from ocr.page_codes import PageCode, read_page_code
from tests.intake.typesetting.synthetic_application import FORM, KEY, PrintedText, make_application, make_worker, render
from tests.intake.typesetting.synthetic_availability import DECLARATIONS, declarations


@pytest.fixture(scope="module")
def three() -> IssuedFormDocument:
    (only,) = declarations(make_application(3))
    return only


def test_t5_each_worker_has_a_page_with_name_tax_code_and_a_box_to_sign(three: IssuedFormDocument) -> None:
    shown = PrintedText(three.pdf)
    assert (three.form, three.pages) == (DECLARATIONS, 3)
    for row in (1, 2, 3):
        worker = make_worker(row - 1)
        printed = {field.name: field for field in three.form_map.on_page(row)}
        for name in ("surname", "given_name", "tax_code"):
            field = printed[f"workers.{row}.{name}"]
            assert field.value == worker[name]
            assert "".join(shown.in_box(row, field.box).split()) == "".join(worker[name].split())
        assert printed[f"workers.{row}.employer.from"].value == "23/02/2020"
        assert printed[f"workers.{row}.employer.to"].value == "02/05/2020"
        (box,) = three.form_map.zones_on_page(row, "signature")
        assert box.name == f"worker-{row}"
        assert worker["surname"] in box.label


def test_t5_each_page_carries_the_signed_code_of_the_declarations(three: IssuedFormDocument) -> None:
    read = zxingcpp.read_barcodes(render(three.pdf, 2), formats=zxingcpp.BarcodeFormat.QRCode)
    codes = [read_page_code(code.text, (KEY.public_key(),)) for code in read]
    assert [(code.code, code.valid) for code in codes if code] == [(PageCode(DECLARATIONS, 2, 3), True)] * 2


def test_t5_map_and_rows_travel_inside_and_equal_input_gives_equal_bytes(three: IssuedFormDocument) -> None:
    data = form_data_of(three.pdf)
    assert data is not None
    assert (data["form"], data["application"], list(data["workers"])) == (DECLARATIONS, FORM, ["1", "2", "3"])
    assert form_map_of(three.pdf) == three.form_map
    assert declarations(make_application(3))[0].pdf == three.pdf


def test_t5_more_workers_than_a_form_has_pages_make_more_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability_form, "MOST_PAGES", 2)
    first, second = declarations(make_application(3))
    assert [first.pages, second.pages] == [2, 1]
    assert first.form != second.form
    assert {field.name for field in second.form_map.fields if field.name.endswith("tax_code")} == {
        "workers.3.tax_code",
        "workers.3.employer.tax_code",
    }


def test_the_number_of_the_declarations_is_no_number_of_a_form() -> None:
    number = declaration_form_number("TOSCAN-7K2M9-QXW4T", 0)
    assert number == "TOSCAN-7K2M9DQXW4T"
    assert number.count("-") != "TOSCAN-7K2M9-QXW4T".count("-")
    with pytest.raises(TypesettingError):
        declaration_form_number("TOSCAN-7K2M9-QXW4T", 99)


def test_a_declaration_that_does_not_fit_a_page_is_refused() -> None:
    data = make_application(1)
    data["employer"]["name"] = "SOCIETÀ " * 1500
    with pytest.raises(TypesettingError) as refused:
        declarations(data)
    assert refused.value.code == "typesetting.value_too_long"
