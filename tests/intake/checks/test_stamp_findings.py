"""What marks of stamp duty mean: due by date, declared against seen, sums, several files; nothing ever refuses (C3, N5, T4)."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw, ImageFont

from intake.checks.stamp_duty import StampOutcome, declared_identifiers, judge_marks
from intake.checks.stamp_examination import bears_a_stamp, examine_stamps, inside_of
from intake.checks.stamp_marks import SeenMark, StampFile, StampQuestion, look_for_marks
from intake.checks.stamp_question import uses_in
from intake.cli import main
from intake.notices.duty import DutyRule
from intake.notices.findings import finding_effect
from intake.notices.load import load_pack
from intake.settings import TEMPLATES
from ocr.form_map import Box
from ocr.results import PageSeen, ReadCell, ReturnedReading
from signing.rehearsal_signature import RehearsalAuthority
from signing.stamp_duty.mark import Matched, StampKind, StampStatus
from signing.stamp_duty.problems import KINDS
from signing.stamp_duty.virtual import KeptAuthorization
from signing.trust import TrustStore
from tests.ocr.revenue_stamps_drawn import Label, Pasted, as_pdf, page_picture
from tests.pki import stamp_authority as bollo

DAY = date(2020, 4, 8)
NOW = datetime(2020, 4, 8, 9, tzinfo=UTC)
LABEL = "01200123456789"
FORM = b"%PDF-1.4 nessuna pagina leggibile"
WAYS = ("virtual", "contrassegno", "digital", "f23")


def question(*, due: str | None = "16.00", **changed) -> StampQuestion:
    rule = DutyRule(due is not None, Decimal(due) if due else None, None, "L. 71/2013", DAY, None, WAYS, "Il bollo.")
    return StampQuestion(**({"on": DAY, "received_on": DAY, "rule": rule, "way": "contrassegno"} | changed))


def look(
    asked: StampQuestion, *files: StampFile, issued: bytes | None = None, trust: TrustStore | None = None
) -> StampOutcome:
    seen = look_for_marks(files, asked, trust=trust or bollo.trust_store(), issued=issued)
    return judge_marks(seen, asked, {})


def codes(outcome: StampOutcome) -> set[str]:
    return {finding.code.removeprefix("stamp_duty.") for finding in outcome.findings}


def scan(*labels: Label) -> StampFile:
    places = ((20.0, 30.0), (120.0, 30.0))
    pasted = [Pasted(label, *place) for label, place in zip(labels, places, strict=False)]
    return StampFile("scansione.pdf", as_pdf(page_picture(*pasted, dpi=200), dpi=200), is_form=True)


def written(*lines: str) -> bytes:
    """A page drawn with text, as a program prints it."""
    out = io.BytesIO()
    page = Image.new("L", (1240, 1754), 255)
    font = ImageFont.truetype("/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf", 26)
    ImageDraw.Draw(page).multiline_text((80, 120), "\n".join(lines), font=font, fill=0, spacing=14)
    page.save(out, "PDF", resolution=150)
    return out.getvalue()


@pytest.fixture(scope="module")
def one_label() -> StampFile:
    return scan(Label())


@pytest.fixture(scope="module")
def one_seen(one_label: StampFile) -> tuple[SeenMark, ...]:
    return look_for_marks((one_label,), question(), trust=TrustStore.empty())


@pytest.fixture(scope="module")
def two_seen() -> tuple[SeenMark, ...]:
    file = scan(Label("01200000000015", "10,00"), Label("01200000000023", "4,62"))
    return look_for_marks((file,), question(), trust=TrustStore.empty())


def test_c3_a_label_that_agrees_with_the_form_is_in_order(one_label: StampFile) -> None:
    outcome = look(question(identifiers=(LABEL,)), one_label)
    assert codes(outcome) == {"identifier_agrees", "in_order"}
    (seen,) = outcome.marks
    assert (seen.mark.identifier, seen.mark.amount, seen.mark.page) == (LABEL, Decimal("16.00"), 1)
    kept = outcome.as_json(question(identifiers=(LABEL,)))
    assert json.loads(json.dumps(kept))["marks"][0]["document"] == "scansione.pdf"


def test_c3_another_identifier_than_declared_is_told(one_seen: tuple[SeenMark, ...]) -> None:
    outcome = judge_marks(one_seen, question(identifiers=("01200999999999",)), {})
    assert "01200999999999" in next(f.message for f in outcome.findings if f.code.endswith("identifier_not_seen"))
    assert "identifier_not_seen" not in codes(judge_marks(one_seen, question(identifiers=()), {}))


def test_c3_several_labels_sum_up_and_what_lacks_is_said(two_seen: tuple[SeenMark, ...]) -> None:
    assert "in_order" in codes(judge_marks(two_seen, question(due="14.62"), {}))
    short = judge_marks(two_seen, question(due="16.00"), {})
    assert "1,38" in next(f.remedy for f in short.findings if f.code.endswith("amount_short"))


def test_c3_a_label_later_than_the_document_or_of_another_kind_than_declared(
    one_label: StampFile, one_seen: tuple[SeenMark, ...]
) -> None:
    assert "later_than_document" in codes(look(question(received_on=date(2020, 4, 5)), one_label))
    assert "other_way" in codes(judge_marks(one_seen, question(way="virtual"), {}))


def test_c3_no_mark_at_all_is_missing_and_no_duty_is_not_due() -> None:
    assert codes(look(question(), StampFile("f", FORM, is_form=True))) == {"missing"}
    assert codes(look(question(due=None), StampFile("f", FORM, is_form=True, only_compared=True))) == {"not_due"}


def test_c3_a_way_of_paying_that_the_notice_does_not_admit_is_told() -> None:
    narrow = DutyRule(True, Decimal(16), None, "l", DAY, None, ("virtual",), "Il bollo.")
    stamp = StampFile("bollo.xml", bollo.digital_stamp(FORM))
    assert "kind_not_admitted" in codes(look(question(way="virtual", rule=narrow), stamp))


def test_n5_the_digital_stamp_is_held_to_the_issued_bytes_in_the_envelope_of_the_filer() -> None:
    authority = RehearsalAuthority.create(NOW)
    envelope = authority.sign_p7m(FORM, "Mario", "Rossi", "RSSMRA68C02I452O", NOW)
    form = StampFile("domanda.pdf.p7m", envelope, (FORM,), is_form=True)
    for bought_for, issued, matched in (
        (FORM, FORM, Matched.issued),
        (FORM, b"altro", Matched.content),
        (envelope, FORM, Matched.received),
        (b"altro", FORM, None),
    ):
        stamp = StampFile("bollo.xml", bollo.digital_stamp(bought_for))
        (seen,) = look(question(way="digital"), form, stamp, issued=issued).marks
        assert (seen.mark.kind, seen.mark.matched) == (StampKind.digital, matched)
    assert bears_a_stamp(bollo.digital_stamp(FORM))
    assert not bears_a_stamp(envelope)


def test_t4_virtual_payment_on_a_scan_is_read_with_its_place() -> None:
    note = (
        "Imposta di bollo assolta in modo virtuale",
        "autorizzazione Agenzia delle Entrate di Firenze n. 123/2009 del 10/02/2009",
    )
    outcome = look(question(way="virtual"), StampFile("scan.pdf", written("Domanda", *note), is_form=True))
    (seen,) = outcome.marks
    assert (seen.mark.kind, seen.mark.authorization.number) == (StampKind.virtual, "123/2009")
    assert seen.mark.box is not None
    assert seen.mark.box[1] < 120
    assert codes(outcome) == {"authorization_not_compared"}


def test_c3_the_f23_receipt_counts_where_the_notice_admits_it() -> None:
    receipt = written(
        "MODELLO DI PAGAMENTO: TASSE, IMPOSTE, SANZIONI", "Modello F23", "Codice tributo 456T  importo 16,00",
        "Data di pagamento 06/04/2020", "Numero operazione 0076012345",
    )  # fmt: skip
    file = StampFile("f23.pdf", receipt)
    outcome = look(question(way="f23"), StampFile("f", FORM, is_form=True), file)
    assert codes(outcome) == {"in_order"}
    (seen,) = outcome.marks
    assert (seen.mark.kind, seen.mark.identifier, seen.mark.status) == (
        StampKind.f23,
        "F23-0076012345",
        StampStatus.valid,
    )


def test_n5_the_ledger_gets_what_is_seen_and_what_is_only_declared(one_seen: tuple[SeenMark, ...]) -> None:
    form, paper = uuid.uuid4(), uuid.uuid4()
    asked = question(identifiers=(LABEL, "01200999999999"))
    seen = [SeenMark(str(paper), each.mark) for each in one_seen]
    stamps = judge_marks(seen, asked, {}).as_json(asked)
    assert [(use.identifier, use.document_id, use.seen) for use in uses_in(stamps, form)] == [
        (LABEL, paper, True),
        ("01200999999999", form, False),
    ]
    assert list(uses_in(None, form)) == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("01200123456789", ("01200123456789",)),
        ("0120 0123 456789; 0120000000002 3", ("01200123456789", "01200000000023")),
        ("n. 123 del 10/02/2009", ()),
        ("F23-0076012345", ("F23-0076012345",)),
        ("", ()),
    ],
)
def test_c3_identifiers_as_people_type_them(typed: str, expected: tuple[str, ...]) -> None:
    assert declared_identifiers(typed) == expected


@pytest.mark.parametrize("notice", ["basilicata-2020", "sardegna-2020", "toscana-2009"])
def test_c3_no_code_of_stamp_duty_ever_stops_a_transmission(notice: str) -> None:
    pack = load_pack(TEMPLATES / "notices" / notice)
    for code in (*KINDS, "missing", "amount_short", "proof_missing", "other_way", "used_elsewhere"):
        assert finding_effect(pack, f"stamp_duty.{code}") == "informs"


def inspected(*arguments: object) -> dict:
    done = CliRunner().invoke(main, ["inspect", *map(str, arguments), "--only", "stamps", "--json"])
    assert done.exit_code in (0, 1), done.output
    return json.loads(done.output)


def test_c3_inspect_fills_stamp_duty_with_attachments_a_notice_and_the_trust_folder(tmp_path: Path, one_label) -> None:
    form, stamp = tmp_path / "domanda.pdf", tmp_path / "bollo.xml"
    form.write_bytes(one_label.data)
    stamp.write_bytes(bollo.digital_stamp(one_label.data))
    trust = bollo.trust_folder(tmp_path / "trust")
    common = ("--at", "2020-04-08T10:00+02:00", "--trust", trust, "--notice", "sardegna-2020")
    answer = inspected(form, "--attachment", stamp, *common)
    label, digital = answer["stamp_duty"]
    assert (label["kind"], label["identifier"], label["amount"], label["status"]) == (
        "contrassegno",
        LABEL,
        "16.00",
        "valid",
    )
    assert label["issued_at"] == "2020-04-06T10:11:12+02:00"
    assert len(label["box"]) == 4
    assert (digital["kind"], digital["matched"], digital["status"]) == ("digital", "received", "valid")
    exempt = inspected(stamp, *common[2:], "--at", "2020-04-09T10:00+02:00")
    assert "stamp_duty.not_due" in [each["code"] for each in exempt["findings"]]
    wrong = CliRunner().invoke(main, ["inspect", str(form), "--notice", "luna-1969"])
    assert (wrong.exit_code, "sardegna-2020" in wrong.output) == (2, True)


def test_t4_a_scanned_form_of_ours_answers_with_the_cells_already_read() -> None:
    box, turned = Box(40, 700, 540, 712), (0.0, -1.0, 595.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    reference = "autorizzazione Agenzia delle Entrate di Firenze n. 123/2009 del 10/02/2009"
    said = f"Imposta di bollo assolta in modo virtuale – {reference}"
    page = PageSeen("modulo", 1, None, "ours", "ocr", 0.0, 0, 1.0, None, turned)
    cell = ReadCell("stamp_duty.statement", 2, box, said, said, 1.0, "agrees", "verified", ("modulo", 1))
    other = ReadCell("employer.name", 2, box, "ALFA", "ALFA", 1.0, "agrees", "verified", ("modulo", 1))
    reading = ReturnedReading((page,), (), (), (), (cell, other), (), (), 0.0)
    kept = KeptAuthorization(
        *("Agenzia delle Entrate di Firenze", "123/2009", date(2009, 2, 10), "ALFA"), frozenset({"1"}), date(2009, 3, 1)
    )
    asked = question(way="virtual", kept=(kept,), parties=frozenset({"1"}))
    blank = as_pdf(page_picture(dpi=100), dpi=100)
    outcome = examine_stamps(
        asked, {"modulo": blank}, {}, issued=FORM, reading=reading, trust=TrustStore.empty(), names={}
    )
    (seen,) = outcome.marks
    assert (seen.document, seen.mark.status, seen.mark.holder, seen.mark.page) == (
        "modulo",
        StampStatus.valid,
        "ALFA",
        1,
    )
    assert seen.mark.box == pytest.approx((700, 55, 712, 555))
    assert codes(outcome) == {"in_order"}


def test_n5_what_envelopes_of_every_kind_hold_is_compared_with_the_stamp() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        container.writestr("mimetype", "application/vnd.etsi.asic-s+zip")
        container.writestr("domanda.pdf", FORM)
    authority = RehearsalAuthority.create(NOW)
    message = authority.sign_p7m(out.getvalue(), "Mario", "Rossi", "RSSMRA68C02I452O", NOW)
    assert inside_of(message) == (out.getvalue(), FORM)
    assert inside_of(FORM) == ()
    form = StampFile("domanda.asics.p7m", message, inside_of(message), is_form=True)
    (seen,) = look(question(way="digital"), form, StampFile("bollo.xml", bollo.digital_stamp(FORM))).marks
    assert (seen.mark.matched, seen.mark.status) == (Matched.content, StampStatus.valid)
