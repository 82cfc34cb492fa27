"""C2, N1: what was done to a document after signing is found, and never shown as clean."""

import re
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.inspect import inspect_signatures
from signing.issued_prefix import Relation, compare_with_issued
from signing.report import SignatureReport, Verdict
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as, trust_store
from tests.signing.documents import plain_pdf

TRUST = trust_store()
SIGNED_PDF = sign_pdf_as("rossi", plain_pdf())
SIGNED_P7M = sign_p7m_as("rossi", plain_pdf())
NOT_CLEAN = set(Verdict) - {Verdict.signed, Verdict.signed_with_reservations}


def inspected(data: bytes) -> SignatureReport:
    return inspect_signatures(data, trust=TRUST, at=AT)


def _updated(pdf: bytes, change) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def _swap_page(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Contents"] = writer.add_object(
        generic.StreamObject(stream_data=b"BT /F1 14 Tf 72 720 Td (Domanda di CIGD: ore 48) Tj ET")
    )
    writer.mark_update(page.container_ref)


def _add_page(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    page = generic.DictionaryObject(
        {
            generic.NameObject("/Type"): generic.NameObject("/Page"),
            generic.NameObject("/MediaBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842))),
            generic.NameObject("/Parent"): writer.root.raw_get("/Pages"),
        }
    )
    pages["/Kids"].append(writer.add_object(page))
    pages["/Count"] = generic.NumberObject(2)
    writer.update_container(pages)


def _hide_under_annotation(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    note = generic.DictionaryObject(
        {
            generic.NameObject("/Type"): generic.NameObject("/Annot"),
            generic.NameObject("/Subtype"): generic.NameObject("/Square"),
            generic.NameObject("/Rect"): generic.ArrayObject(map(generic.NumberObject, (70, 700, 300, 740))),
        }
    )
    page.setdefault("/Annots", generic.ArrayObject())
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page)


@pytest.mark.parametrize("change", [_swap_page, _add_page, _hide_under_annotation])
def test_n1_an_update_that_no_rule_explains_is_a_change(change):
    tampered = _updated(SIGNED_PDF, change)
    report = inspected(tampered)
    (signature,) = report.signatures
    assert report.verdict is Verdict.changed
    assert signature.intact
    assert (signature.covers, signature.changes_after) == ("revision", "suspicious")
    assert signature.problems[0].code == "changed_after_signing"
    assert compare_with_issued(SIGNED_PDF, tampered).relation is Relation.prefix


@pytest.mark.parametrize("extra", [b"x", b"\n<!-- 48 ore -->\n", plain_pdf("Altra domanda")])
def test_c2_bytes_after_the_last_revision_are_a_change(extra):
    assert inspected(SIGNED_PDF + extra).verdict in NOT_CLEAN


def test_c2_blank_bytes_at_the_end_change_nothing():
    assert inspected(SIGNED_PDF + b"\r\n").verdict is Verdict.signed


def test_c2_bytes_after_an_envelope_are_told():
    report = inspected(SIGNED_P7M + b"coda")
    assert report.verdict is Verdict.signed_with_reservations
    assert [one.code for one in report.problems] == ["trailing_bytes"]
    assert "4 byte" in report.problems[0].message


def test_c2_a_second_signature_leaves_the_first_signed():
    report = inspected(sign_pdf_as("bianchi", SIGNED_PDF, field_name="Firma2"))
    assert [(s.signer.surname, s.covers, s.changes_after) for s in report.signatures] == [
        ("ROSSI", "revision", "permitted"),
        ("BIANCHI", "whole_file", "none"),
    ]
    assert report.verdict is Verdict.signed


def test_c2_a_bad_signature_beside_a_good_one_is_seen():
    twice = sign_pdf_as("bianchi", sign_pdf_as("rossi", plain_pdf()), field_name="Firma2")
    place = twice.find(b"/Contents <") + len(b"/Contents <")
    emptied = twice[:place] + b"00" * 64 + twice[place + 128 :]
    report = inspected(emptied)
    assert len(report.signatures) == 2
    assert report.verdict is Verdict.broken


@pytest.mark.parametrize("replaced", [b"[0 0 0 0]", b"[0 10 20 30]", b"[]", b"[0 999999999 1 1]"])
def test_c2_byte_range_tricks_are_broken(replaced):
    start = SIGNED_PDF.rfind(b"/ByteRange ") + len(b"/ByteRange ")
    stop = SIGNED_PDF.index(b"]", start) + 1
    forged = SIGNED_PDF[:start] + replaced.ljust(stop - start) + SIGNED_PDF[stop:]
    assert inspected(forged).verdict is Verdict.broken


def test_c2_removing_the_byte_range_or_the_contents_is_broken():
    assert inspected(SIGNED_PDF.replace(b"/ByteRange", b"/ByteRanja")).verdict is Verdict.broken
    place = SIGNED_PDF.rfind(b"/Contents <")
    stop = SIGNED_PDF.index(b">", place)
    assert inspected(SIGNED_PDF[:place] + b"/Contentz" + SIGNED_PDF[place + 9 :]).verdict is Verdict.broken
    half = SIGNED_PDF[: place + 11] + b"0" * 600 + SIGNED_PDF[place + 611 :]
    assert inspected(half).verdict is Verdict.broken
    assert stop > place + 611


def test_c2_a_placeholder_nobody_signed_is_not_signed_and_told():
    place = SIGNED_PDF.rfind(b"/Contents <") + len(b"/Contents <")
    stop = SIGNED_PDF.index(b">", place)
    report = inspected(SIGNED_PDF[:place] + b"0" * (stop - place) + SIGNED_PDF[stop:])
    assert (report.verdict, report.signatures) == (Verdict.not_signed, ())
    assert [one.code for one in report.problems] == ["signature_prepared"]


def test_c2_an_update_that_spoils_the_file_is_a_change_of_what_was_signed():
    spoilt = SIGNED_PDF + b"\n9 0 obj\n<< >>\nendobj\nstartxref\n99999999\n%%EOF\n"
    report = inspected(spoilt)
    assert report.verdict is Verdict.changed
    assert report.signatures[0].signer.surname == "ROSSI"


def test_c2_more_updates_than_can_be_compared_are_not_called_clean(monkeypatch):
    monkeypatch.setattr("signing.update_policy.MOST_OBJECTS_COMPARED", 3)
    report = inspected(sign_pdf_as("bianchi", SIGNED_PDF, field_name="Firma2"))
    assert report.verdict is Verdict.changed
    assert report.signatures[0].problems[0].code == "changes_not_analysable"


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_c2_no_flipped_byte_of_the_document_passes(data):
    place = data.draw(st.integers(0, len(plain_pdf()) - 1))
    flip = data.draw(st.integers(1, 255))
    flipped = bytearray(SIGNED_PDF)
    flipped[place] ^= flip
    assert inspected(bytes(flipped)).verdict in NOT_CLEAN


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_c2_no_flipped_byte_of_the_enclosed_content_passes(data):
    begin = SIGNED_P7M.index(plain_pdf())
    place = data.draw(st.integers(begin, begin + len(plain_pdf()) - 1))
    flipped = bytearray(SIGNED_P7M)
    flipped[place] ^= data.draw(st.integers(1, 255))
    assert inspected(bytes(flipped)).verdict is Verdict.broken


def test_n1_a_reference_left_open_before_signing_cannot_be_filled_afterwards():
    document = pikepdf.open(BytesIO(plain_pdf()))
    page = document.pages[0].obj
    page.Contents = Array([page.Contents, document.make_stream(b"BT ET")])
    output = BytesIO()
    document.save(output, compress_streams=False, deterministic_id=True)
    both = re.search(rb"/Contents \[ (\d) 0 R \d 0 R \]", output.getvalue())
    assert both
    signed = sign_pdf_as("rossi", output.getvalue().replace(both[0], b"/Contents [ %s 0 R 90 0 R]" % both[1]))
    assert inspected(signed).verdict is Verdict.signed
    text = b"BT /F1 14 Tf 72 700 Td (ore 48) Tj ET"
    begin = len(signed)
    stream = b"90 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(text), text)
    table = b"xref\n0 1\n0000000000 65535 f \n90 1\n%010d 00000 n \n" % begin
    root, previous = re.findall(rb"/Root (\d+ \d+ R)", signed)[-1], re.findall(rb"startxref\s+(\d+)", signed)[-1]
    trailer = b"trailer\n<< /Size 91 /Root %s /Prev %s >>\n" % (root, previous)
    filled = signed + stream + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (begin + len(stream))
    with pikepdf.open(BytesIO(filled)) as shown:
        assert b"ore 48" in shown.pages[0].Contents[1].read_bytes()
    assert inspected(filled).verdict is Verdict.changed


def test_n1_the_issued_bytes_are_compared_exactly():
    issued = plain_pdf()
    assert compare_with_issued(issued, issued).relation is Relation.identical
    signed = compare_with_issued(issued, SIGNED_PDF)
    assert (signed.relation, signed.extra_bytes) == (Relation.prefix, len(SIGNED_PDF) - len(issued))
    assert compare_with_issued(issued, plain_pdf("Altra domanda")).relation is Relation.different
    with pytest.raises(ValueError, match="empty"):
        compare_with_issued(b"", issued)
