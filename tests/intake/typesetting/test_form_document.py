"""C1, C2: the issued file itself: page codes, corner marks, attachments, signature field, rehearsal, standards."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pikepdf
import pytest
import zxingcpp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from intake.typesetting import application_form
from intake.typesetting.application_form import SIGNATURE_FIELD, IssuedFormDocument
from intake.typesetting.compiler import TypesettingError
from ocr.form_map import DATA_ATTACHMENT, MAP_ATTACHMENT, FormMap
from ocr.page_codes import PageCode, read_page_code
from tests.intake.typesetting.synthetic_application import (
    DPI,
    FORM,
    ISSUED_AT,
    KEY,
    PrintedText,
    issue,
    make_application,
    render,
    without_spaces,
)


def test_each_page_carries_its_signed_code_twice(long_form: IssuedFormDocument) -> None:
    for page in range(1, long_form.pages + 1):
        read = zxingcpp.read_barcodes(render(long_form.pdf, page), formats=zxingcpp.BarcodeFormat.QRCode)
        codes = [read_page_code(code.text, (KEY.public_key(),)) for code in read]
        expected = PageCode(FORM, page, long_form.pages)
        assert [(code.code, code.valid) for code in codes if code] == [(expected, True)] * 2


def test_a_code_does_not_hold_under_another_key(short_form: IssuedFormDocument) -> None:
    (text, *_) = {code.text for code in zxingcpp.read_barcodes(render(short_form.pdf, 1))}
    read = read_page_code(text, (Ed25519PrivateKey.generate().public_key(),))
    assert read is not None
    assert read.valid is False


def test_codes_stand_in_opposite_corners_where_the_map_says(short_form: IssuedFormDocument) -> None:
    scale = DPI / 72
    read = zxingcpp.read_barcodes(render(short_form.pdf, 1))
    ends = [(code.position.top_left, code.position.bottom_right) for code in read]
    centres = sorted(((a.x + b.x) / 2 / scale, (a.y + b.y) / 2 / scale) for a, b in ends)
    zones = sorted(
        ((zone.box.left + zone.box.right) / 2, (zone.box.top + zone.box.bottom) / 2)
        for zone in short_form.form_map.zones_on_page(1, "page_code")
    )
    assert np.abs(np.array(centres) - np.array(zones)).max() < 1.5


def test_corner_marks_are_found_where_the_map_says(long_form: IssuedFormDocument) -> None:
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_6X6_50))
    for page in range(1, long_form.pages + 1):
        corners, ids, _ = detector.detectMarkers(render(long_form.pdf, page))
        assert ids is not None
        found = {
            int(number): np.array(corner).reshape(4, 2) * 72 / DPI
            for number, corner in zip(ids.flatten(), corners, strict=True)
        }
        zones = {int(zone.name): zone.box for zone in long_form.form_map.zones_on_page(page, "marker")}
        assert found.keys() == zones.keys() == {0, 1, 2, 3}
        for number, box in zones.items():
            expected = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
            assert np.abs(found[number] - np.array(expected)).max() < 1.0


def test_each_page_says_its_form_and_number_in_words(long_form: IssuedFormDocument) -> None:
    shown = PrintedText(long_form.pdf)
    for page in range(1, long_form.pages + 1):
        text = without_spaces(shown.on_page(page))
        assert FORM in text
        assert f"pagina{page}di{long_form.pages}" in text


def test_equal_input_gives_equal_bytes_and_other_input_does_not(short_form: IssuedFormDocument) -> None:
    again = issue(make_application(3))
    other = issue(make_application(3, weeks_requested="8"))
    assert again.pdf == short_form.pdf
    assert short_form.sha256 == hashlib.sha256(again.pdf).hexdigest()
    assert other.sha256 != short_form.sha256


def test_data_and_map_travel_inside(short_form: IssuedFormDocument) -> None:
    with pikepdf.open(io.BytesIO(short_form.pdf)) as document:
        attached = {name: document.attachments[name].get_file().read_bytes() for name in document.attachments}
        relationships = [entry.AFRelationship for entry in document.Root.AF]
    assert attached.keys() == {DATA_ATTACHMENT, MAP_ATTACHMENT}
    assert relationships == [pikepdf.Name.Data] * 2
    assert json.loads(attached[DATA_ATTACHMENT]) == {
        "form": FORM,
        "issued_at": ISSUED_AT.isoformat(),
        "application": make_application(3),
    }
    assert FormMap.from_json(attached[MAP_ATTACHMENT]) == short_form.form_map


def test_the_file_claims_archiving_and_accessibility(short_form: IssuedFormDocument) -> None:
    with pikepdf.open(io.BytesIO(short_form.pdf)) as document:
        claims = document.open_metadata()
        assert (claims["pdfaid:part"], claims["pdfaid:conformance"], claims["pdfuaid:part"]) == ("3", "A", "1")
        assert claims["xmp:CreateDate"].startswith("2020-04-07T15:30:05")
        assert document.Root.Lang == "it-IT"
        assert document.Root.MarkInfo.Marked


def test_a_rehearsal_is_marked_on_every_page_and_only_there(
    short_form: IssuedFormDocument, rehearsal_form: IssuedFormDocument
) -> None:
    live, trial = PrintedText(short_form.pdf), PrintedText(rehearsal_form.pdf)
    assert "PROVA" not in live.everywhere()
    for page in range(1, rehearsal_form.pages + 1):
        text = trial.on_page(page)
        assert "PROVA" in text
        assert "8 aprile 2020, ore 09:00:01" in text
        assert "21 novembre 2026, ore 11:00:02" in text
        assert watermark_share(rehearsal_form.pdf, page) > 0.02
    assert watermark_share(short_form.pdf, 1) < 0.002


def test_the_watermark_leaves_the_codes_readable(rehearsal_form: IssuedFormDocument) -> None:
    read = zxingcpp.read_barcodes(render(rehearsal_form.pdf, 1))
    assert [found.valid for code in read if (found := read_page_code(code.text, (KEY.public_key(),)))] == [True, True]


def watermark_share(pdf: bytes, page: int) -> float:
    return float(np.mean(render(pdf, page, 72) == 0xEC))


def test_the_signature_field_belongs_to_the_structure_tree(short_form: IssuedFormDocument) -> None:
    zone = next(zone for zone in short_form.form_map.zones if zone.kind == "signature")
    with pikepdf.open(io.BytesIO(short_form.pdf)) as document:
        (field,) = document.Root.AcroForm.Fields
        height = float(document.pages[zone.page - 1].mediabox[3])
        rect = [float(side) for side in field.Rect]
        parents = list(document.Root.StructTreeRoot.ParentTree.Nums)
        element = dict(zip(map(int, parents[::2]), parents[1::2], strict=True))[int(field.StructParent)]
        assert (str(field.T), field.FT, str(field.TU)) == (SIGNATURE_FIELD, "/Sig", "Firma del legale rappresentante")
        assert element.S == "/Form"
        assert element.K[0].Obj.objgen == field.objgen
        assert rect == pytest.approx([zone.box.left, height - zone.box.bottom, zone.box.right, height - zone.box.top])


def test_a_signing_program_signs_in_the_prepared_field(short_form: IssuedFormDocument) -> None:
    signer, certificate = throwaway_signer()
    written = IncrementalPdfFileWriter(io.BytesIO(short_form.pdf))
    how = PdfSignatureMetadata(field_name=SIGNATURE_FIELD, subfilter=SigSeedSubFilter.PADES)
    signed = sign_pdf(written, how, signer=signer, existing_fields_only=True)
    (embedded,) = PdfFileReader(signed).embedded_signatures
    status = validate_pdf_signature(embedded, ValidationContext(trust_roots=[certificate]))
    assert embedded.field_name == SIGNATURE_FIELD
    assert (status.intact, status.valid, status.coverage.name) == (True, True, "ENTIRE_FILE")


def throwaway_signer() -> tuple[SimpleSigner, object]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mario Rossi di prova")])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    encrypted = serialization.pkcs12.serialize_key_and_certificates(
        b"prova", key, certificate, None, serialization.NoEncryption()
    )
    signer = SimpleSigner.load_pkcs12_data(encrypted, other_certs=[], passphrase=None)
    assert signer is not None
    return signer, signer.signing_cert


def test_more_pages_than_can_be_numbered_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application_form, "MOST_PAGES", 1)
    with pytest.raises(TypesettingError) as refused:
        issue(make_application(3))
    assert refused.value.code == "typesetting.too_many_pages"


def test_what_the_category_asks_the_exception_and_the_waiver_are_printed_and_in_the_map() -> None:
    """C1, C6: whoever signs sees them, whoever examines compares them."""
    data = make_application(1)
    data["agreement"]["waiver"] = "Azienda chiusa per ordinanza"
    data["workers"][0] |= {
        "extra": [{"label": "Giornate lavorate nel 2019", "value": "151"}],
        "exception": "Trasferimento d’azienda",
    }
    made = issue(data)
    values = {field.name: field for field in made.form_map.fields}
    texts = PrintedText(made.pdf)
    assert "Dati della categoria e eccezioni" in texts.everywhere()
    for name, value in {
        "particulars.1.value": "Azienda chiusa per ordinanza",
        "particulars.2.label": "Giornate lavorate nel 2019",
        "particulars.2.value": "151",
        "particulars.3.value": "Trasferimento d’azienda",
    }.items():
        assert values[name].value == value
        assert without_spaces(value) in without_spaces(texts.in_box(values[name].page, values[name].box))
    assert "Dati della categoria" not in PrintedText(issue(make_application(1)).pdf).everywhere()
