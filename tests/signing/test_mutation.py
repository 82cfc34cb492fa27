"""C2, N1: whatever byte is changed, a signed document never comes out clean unless all that the answer says still holds."""

import re
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import pytest
from asn1crypto import cms
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from tests.pki.authority import AT, certificate, sign_p7m_as, sign_pdf_as, trust_store
from tests.signing.documents import plain_pdf

TRUST = trust_store()
_GAP = re.compile(rb"/Contents <([0-9a-fA-F]{1000,})>")


def inspected(data: bytes, **options: object) -> SignatureReport:
    return inspect_signatures(data, trust=TRUST, at=AT, **options)


def said(report: SignatureReport) -> object:
    """What a person takes home from a clean answer: who signed, when, what, with which coverage."""
    return [
        (one.signer, one.claimed_time, one.digest, one.covers, one.changes_after, one.intact)
        for one in report.signatures
    ], report.content and report.content.sha256


def mutated(document: bytes, place: int, change: int) -> bytes:
    return document[:place] + bytes([document[place] ^ change]) + document[place + 1 :]


@dataclass(frozen=True)
class Signed:
    """A document with the places that no signature covers."""

    data: bytes
    uncovered: tuple[range, ...]

    def covers(self, place: int) -> bool:
        return not any(place in each for each in self.uncovered)


@cache
def pdf_signed_twice() -> Signed:
    """Two signatures: the value of the first is covered by the second, that of the second by nobody."""
    data = sign_pdf_as("bianchi", sign_pdf_as("rossi", plain_pdf()), field_name="Firma2", stamped=True)
    last = list(_GAP.finditer(data))[-1]
    return Signed(data, (range(last.start(1), last.end(1)),))


@cache
def pdf_extended() -> Signed:
    """One signature, then certificates for the long term, which nobody signed."""
    signed = sign_pdf_as("rossi", plain_pdf())
    stream = BytesIO(signed)
    writer = IncrementalPdfFileWriter(stream)
    DocumentSecurityStore.supply_dss_in_writer(writer, None, certs=[certificate("ca"), certificate("root")])
    output = BytesIO()
    writer.write(output)
    (value,) = _GAP.finditer(signed)
    return Signed(output.getvalue(), (range(value.start(1), value.end(1)), range(len(signed), len(output.getvalue()))))


DOCUMENTS = [pdf_signed_twice, pdf_extended]


def test_the_documents_are_clean_before_they_are_changed():
    assert [inspected(make().data).verdict for make in DOCUMENTS] == [Verdict.signed] * 2
    assert [one.covers for one in inspected(pdf_extended().data).signatures] == ["revision"]


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(DOCUMENTS), st.integers(0, 10**7), st.integers(1, 255))
def test_c2_no_byte_that_a_pdf_signature_covers_changes_and_stays_clean(make, place, change):
    document = make()
    place %= len(document.data)
    if document.covers(place):
        assert not inspected(mutated(document.data, place, change)).verdict.is_clean


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(DOCUMENTS), st.integers(0, 10**7), st.integers(1, 255))
def test_c2_a_byte_that_no_pdf_signature_covers_is_never_passed_off_as_covered(make, place, change):
    document = make()
    spaces = [at for each in document.uncovered for at in each]
    changed = mutated(document.data, spaces[place % len(spaces)], change)
    report = inspected(changed)
    if report.verdict.is_clean:
        assert said(report) == said(inspected(document.data))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**7), st.sampled_from([*b"123456789abcdef", *b"ABCDEF \n"]))
def test_c2_the_padding_beside_a_signature_hides_nothing(place, letter):
    data = pdf_signed_twice().data
    last = list(_GAP.finditer(data))[-1]
    value = bytes.fromhex(last.group(1).decode())
    begin = last.start(1) + 2 * len(cms.ContentInfo.load(value).dump())
    at = begin + place % (last.end(1) - begin)
    report = inspected(data[:at] + bytes([letter]) + data[at + 1 :])
    assert report.verdict is Verdict.signed_with_reservations
    assert "bytes_beside_signature" in {one.code for one in report.signatures[-1].problems}


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(DOCUMENTS), st.binary(min_size=1, max_size=40))
def test_c2_bytes_put_after_the_end_are_never_silent(make, extra):
    report = inspected(make().data + extra)
    assert report.verdict is not Verdict.signed or not extra.strip(b"\r\n\t \0")


@settings(max_examples=6, deadline=None)
@given(st.integers(1, 10**7), st.binary(min_size=1, max_size=20))
def test_c2_bytes_put_between_two_revisions_are_never_silent(seed, extra):
    once = sign_pdf_as("rossi", plain_pdf())
    twice = pdf_signed_twice().data
    place = len(once) if seed % 2 else seed % len(once)
    assert not inspected(twice[:place] + extra + twice[place:]).verdict.is_clean


@cache
def envelope() -> bytes:
    return sign_p7m_as("rossi", plain_pdf(), stamped=True)


@cache
def detached() -> bytes:
    return sign_p7m_as("rossi", plain_pdf(), detached=True)


def _protected(message: bytes) -> list[range]:
    """Where content, signed attributes, signature value and the signer's certificate stand in an envelope."""
    signed_data = cms.ContentInfo.load(message)["content"]
    info = signed_data["signer_infos"][0]
    content = signed_data["encap_content_info"]["content"]
    parts = [info["signed_attrs"].contents, info["signature"].contents, certificate("rossi").dump()]
    parts += [content.contents] if isinstance(content.contents, bytes) and len(content.contents) > 10 else []
    return [range(message.index(part), message.index(part) + len(part)) for part in parts]


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([envelope, detached]), st.integers(0, 10**7), st.integers(1, 255))
def test_c2_no_protected_byte_of_an_envelope_changes_and_stays_clean(make, place, change):
    message = make()
    spaces = [at for part in _protected(message) for at in part]
    changed = mutated(message, spaces[place % len(spaces)], change)
    assert not inspected(changed, detached=plain_pdf()).verdict.is_clean


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([envelope, detached]), st.integers(0, 10**7), st.integers(1, 255))
def test_c2_any_other_byte_of_an_envelope_changes_nothing_of_what_is_said(make, place, change):
    message = make()
    report = inspected(mutated(message, place % len(message), change), detached=plain_pdf())
    if report.verdict.is_clean:
        assert said(report) == said(inspected(message, detached=plain_pdf()))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**7), st.integers(1, 255))
def test_c2_no_byte_of_a_detached_document_changes_and_stays_clean(place, change):
    changed = mutated(plain_pdf(), place % len(plain_pdf()), change)
    assert inspected(detached(), detached=changed).verdict is Verdict.broken


@pytest.mark.parametrize("tail", [b"x", b"\x00\x01", b"<svg/>"])
def test_c2_bytes_after_an_envelope_are_told(tail):
    report = inspected(envelope() + tail)
    assert report.verdict is Verdict.signed_with_reservations
    assert "trailing_bytes" in {one.code for one in report.problems}
