"""C2, N1: updates written after a signature that deceive some readers are changes, and careless but harmless ones are not."""

import re

import pytest

from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from tests.pki.authority import AT, sign_pdf_as, trust_store
from tests.signing.documents import plain_pdf
from tests.signing.hostile_files import appended

TRUST = trust_store()
SIGNED = sign_pdf_as("rossi", plain_pdf())
PAGE = int(re.findall(rb"/Kids \[ ?(\d+) 0 R", SIGNED)[0])
NO_PAGES = b"<< /Type /Pages /Kids [] /Count 0 >>"


def inspected(pdf: bytes) -> SignatureReport:
    return inspect_signatures(pdf, trust=TRUST, at=AT)


def _last_object(pdf: bytes, number: int) -> bytes:
    return re.findall(rb"\n%d 0 obj\s*(<<.*?>>)\s*endobj" % number, pdf, re.DOTALL)[-1]


def test_n1_a_catalog_with_a_key_twice_is_a_change_whichever_of_them_a_reader_takes():
    report = inspected(appended(SIGNED, {95: NO_PAGES}, catalog=b"/Pages 95 0 R"))
    assert report.verdict is Verdict.changed


def test_n1_a_trailer_with_a_key_twice_is_a_change():
    harmless = appended(SIGNED, {95: b"null"})
    assert inspected(harmless).verdict is Verdict.signed
    twice = harmless[: len(SIGNED)] + harmless[len(SIGNED) :].replace(b"/Prev", b"/Root 95 0 R /Prev")
    assert inspected(twice).verdict is Verdict.changed


def _resources_apart() -> tuple[bytes, bytes]:
    """A signed form whose page names its resources by reference, as object 20, and those resources."""
    plain = plain_pdf()
    page = int(re.findall(rb"/Kids \[ ?(\d+) 0 R", plain)[0])
    old = _last_object(plain, page)
    resources = re.search(rb"/Resources (<<.*>>) /", old, re.DOTALL)
    assert resources
    apart = old.replace(resources[1], b"20 0 R")
    return sign_pdf_as("rossi", appended(plain, {page: apart, 20: resources[1]})), resources[1]


@pytest.mark.parametrize(("changed", "verdict"), [(False, Verdict.signed), (True, Verdict.changed)])
def test_n1_equal_copies_of_objects_are_seen_through_and_different_ones_are_changes(changed, verdict):
    signed, resources = _resources_apart()
    assert inspected(signed).verdict is Verdict.signed
    second = sign_pdf_as("bianchi", signed, field_name="Firma2")
    number = int(re.findall(rb"\n(\d+) 0 obj\s*<<[^>]*?/Type /Page\b", second, re.DOTALL)[-1])
    now = _last_object(second, number)
    assert b"20 0 R" in now
    copy = resources.replace(b"/Font", b"/Fond") if changed else resources
    report = inspected(appended(second, {number: now.replace(b"20 0 R", b"96 0 R"), 96: copy}))
    assert report.signatures[0].changes_after == ("suspicious" if changed else "permitted")
    assert report.verdict is verdict


def test_n1_fonts_given_to_the_form_after_signing_are_told():
    form = int(re.findall(rb"/AcroForm (\d+) 0 R", SIGNED)[-1])
    settings = _last_object(SIGNED, form).replace(b"/SigFlags", b"/DR << /Font << /Helv 97 0 R >> >> /SigFlags")
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"
    report = inspected(appended(SIGNED, {form: settings, 97: font}))
    assert report.verdict is Verdict.signed_with_reservations
    assert [one.code for one in report.signatures[0].problems] == ["form_settings_changed"]
