"""C3: the time-stamps of a PDF are told when they prove nothing, and are never taken for somebody's signature."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as, trust_store
from tests.pki.xml_signer import token
from tests.signing.documents import plain_pdf
from tests.signing.hostile_files import appended

LATER = AT + timedelta(hours=1)
_ROOM = 16_000
_RANGE = b"[0 0000000000 0000000000 0000000000]"
SIGNED = sign_pdf_as("rossi", plain_pdf())


def inspected(pdf: bytes, *, at: datetime = AT + timedelta(days=1)) -> SignatureReport:
    return inspect_signatures(pdf, trust=trust_store(), at=at)


def codes(report: SignatureReport) -> set[str]:
    return {one.code for one in report.problems} | {one.code for s in report.signatures for one in s.problems}


def stamped(pdf: bytes, make) -> bytes:
    """The document with one more revision, whose time-stamp is what `make` gives of the bytes that it covers."""
    field = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Marca) /Rect [0 0 0 0] /V 91 0 R >>"
    value = b"<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /ByteRange %s /Contents <%s> >>"
    objects = {90: field, 91: value % (_RANGE, b"0" * _ROOM)}
    form = re.findall(rb"/AcroForm (\d+) 0 R", pdf)
    catalog = b"/AcroForm << /Fields [90 0 R] /SigFlags 3 >>"
    if form:
        number = int(form[-1])
        held = re.findall(rb"\n%d 0 obj\s*<<(.*?)>>\s*endobj" % number, pdf, re.DOTALL)[-1]
        objects[number], catalog = b"<<%s>>" % held.replace(b"/Fields [", b"/Fields [ 90 0 R "), b""
    made = appended(pdf, objects, catalog=catalog)
    start = made.index(b"<" + b"0" * _ROOM)
    end = start + _ROOM + 2
    made = made.replace(_RANGE, b"[0 %010d %010d %010d]" % (start, end, len(made) - end))
    contents = make(made[:start] + made[end:]).hex().encode()
    return made[: start + 1] + contents.ljust(_ROOM, b"0") + made[end - 1 :]


def _spoilt(data: bytes) -> bytes:
    whole = token(data, LATER)
    return whole[:-1] + bytes([whole[-1] ^ 1])


def test_c3_a_document_time_stamp_that_holds_proves_when_the_signature_existed():
    report = inspected(stamped(SIGNED, lambda data: token(data, LATER)))
    assert (report.verdict, codes(report)) == (Verdict.signed, set())
    assert [one.proven_time for one in report.signatures] == [LATER]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda data: token(data + b"x", LATER), "timestamp_of_other_data"),
        (_spoilt, "timestamp_broken"),
        (lambda _: b"\x30\x03\x02\x01\x01", "timestamp_malformed"),
        (lambda data: sign_p7m_as("bianchi", data, detached=True), "timestamp_malformed"),
        (lambda data: token(data, LATER) + b"xy", "bytes_beside_signature"),
    ],
    ids=["of other data", "broken", "no token", "somebody's signature", "padding that is none"],
)
def test_c3_a_document_time_stamp_with_a_flaw_is_told_and_leaves_the_signature_as_it_is(make, code):
    report = inspected(stamped(SIGNED, make))
    (signature,) = report.signatures
    assert (report.verdict, codes(report)) == (Verdict.signed_with_reservations, {code})
    assert signature.intact
    assert signature.proven_time == (LATER if code == "bytes_beside_signature" else None)


def test_c3_a_pdf_that_is_only_stamped_is_told_as_that():
    alone = stamped(plain_pdf(), lambda data: token(data, LATER))
    assert (inspected(alone).verdict, codes(inspected(alone))) == (Verdict.not_signed, {"timestamp_only"})
    enveloped = inspected(sign_p7m_as("rossi", alone))
    assert (enveloped.verdict, codes(enveloped)) == (Verdict.signed, set())


def test_c3_a_document_time_stamp_made_after_the_certificate_ended_does_not_say_that_the_signature_was():
    then, ended = datetime(2019, 6, 1, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC)
    signed = sign_pdf_as("expired", plain_pdf(), at=then)
    report = inspected(stamped(signed, lambda data: token(data, ended)))
    assert (report.verdict, codes(report)) == (Verdict.signed_with_reservations, {"expired_now"})
    assert [one.proven_time for one in report.signatures] == [None]
