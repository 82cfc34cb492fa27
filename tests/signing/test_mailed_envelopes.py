"""C2: a signed envelope that a mail message carries is found whatever stands around it, and what nobody signed is told."""

import base64
from functools import cache

import pytest

from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from tests.pki.authority import AT, sign_p7m_as, trust_store
from tests.signing.documents import plain_pdf

HEADERS = (
    b"MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n"
)
NOTICE = b"This is an S/MIME signed message\r\n"


def inspected(data: bytes) -> SignatureReport:
    return inspect_signatures(data, name="domanda.eml", trust=trust_store(), at=AT)


def codes(report: SignatureReport) -> set[str]:
    return {one.code for one in report.problems}


@cache
def encoded(content: bytes | None = None) -> bytes:
    return base64.encodebytes(sign_p7m_as("rossi", plain_pdf() if content is None else content))


def padded() -> bytes:
    """An encoding that ends in padding, as two of three do: signatures differ in length from run to run."""
    every = (encoded(b"ore 40" + b" " * spaces) for spaces in range(3))
    return next(one for one in every if one.rstrip().endswith(b"="))


def many_parts(*parts: bytes, preamble: bytes = b"", epilogue: bytes = b"", kind: bytes = b"multipart/mixed") -> bytes:
    head = b"MIME-Version: 1.0\r\nContent-Type: " + kind + b'; x="pkcs7-mime"; boundary=b\r\n\r\n'
    return head + preamble + b"".join(b"\r\n--b\r\n" + one for one in parts) + b"\r\n--b--\r\n" + epilogue


@pytest.mark.parametrize(
    "before", [b"", b"\r\n\r\n", b"\xef\xbb\xbf", b"From rossi@example.it Wed Apr  8 09:00:03 2020\n", b" \n\n"]
)
def test_c2_what_a_mail_program_writes_before_the_headers_hides_no_signature(before):
    report = inspected(before + HEADERS + encoded())
    assert (report.container, report.verdict, codes(report)) == ("p7m", Verdict.signed, set())
    assert report.content is not None
    assert report.content.data == plain_pdf()


@pytest.mark.parametrize("after", [b"\r\nCordiali saluti", b"-- \r\nUfficio", b"ore 48"])
@pytest.mark.parametrize("head", [b"", HEADERS], ids=["bare", "mail"])
def test_c2_text_after_an_encoded_envelope_is_told(head, after):
    report = inspected(head + padded() + after)
    assert (report.verdict, codes(report)) == (Verdict.signed_with_reservations, {"text_beside_envelope"})


@pytest.mark.parametrize(
    ("around", "expected"),
    [
        ({}, set()),
        ({"preamble": NOTICE}, set()),
        ({"preamble": b"Chiedo 48 ore.\r\n"}, {"text_beside_envelope"}),
        ({"preamble": NOTICE + b"Chiedo 48 ore.\r\n"}, {"text_beside_envelope"}),
        ({"epilogue": b"Chiedo 48 ore.\r\n"}, {"text_beside_envelope"}),
    ],
)
def test_c2_text_outside_the_parts_of_a_message_is_told(around, expected):
    report = inspected(many_parts(HEADERS + encoded(), **around))
    assert codes(report) == expected
    assert report.verdict is (Verdict.signed_with_reservations if expected else Verdict.signed)
    bundled = inspected(many_parts(HEADERS + encoded(), **around).replace(b'; x="pkcs7-mime"', b""))
    assert codes(bundled) == expected | {"timestamp_missing"}


@pytest.mark.parametrize(("preamble", "expected"), [(NOTICE, set()), (b"Chiedo 48 ore.", {"text_beside_envelope"})])
def test_c2_text_outside_the_signed_part_of_a_message_is_told(preamble, expected):
    document = b"Content-Type: text/plain\r\n\r\nore 40"
    signature = base64.encodebytes(sign_p7m_as("rossi", document, detached=True))
    part = b"Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n" + signature
    kind = b'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256'
    report = inspected(many_parts(document, part, preamble=preamble, kind=kind))
    assert (report.container, codes(report)) == ("p7s", expected)
    assert report.verdict is (Verdict.signed_with_reservations if expected else Verdict.signed)


def test_c2_the_document_of_an_opaque_message_is_the_body_of_the_part_that_was_signed():
    part = b'Content-Type: application/pdf; name="modulo.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    report = inspected(HEADERS + encoded(part + base64.encodebytes(plain_pdf())))
    assert report.verdict is Verdict.signed
    assert report.content is not None
    assert (report.content.name, report.content.data) == ("modulo.pdf", plain_pdf())


def test_c2_a_document_that_begins_as_headers_do_stays_whole_where_no_message_carries_it():
    text = b"Content-Type: application/pdf\r\n\r\nore 40"
    report = inspected(base64.b64decode(encoded(text)))
    assert report.content is not None
    assert report.content.data == text


def test_c2_of_a_message_it_is_told_that_its_attachments_were_not_searched():
    message = b"From: a@example.org\r\nContent-Type: text/plain\r\n\r\nIn allegato la domanda firmata."
    report = inspect_signatures(message, trust=trust_store(), at=AT)
    assert (report.container, report.verdict) == ("eml", Verdict.not_signed)
    assert [one.code for one in report.problems] == ["mail_not_searched"]
    enveloped = inspect_signatures(sign_p7m_as("rossi", message), trust=trust_store(), at=AT)
    assert (enveloped.verdict, enveloped.problems) == (Verdict.signed, ())
