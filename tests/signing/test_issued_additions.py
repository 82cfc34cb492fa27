"""N1: what a returned file has beyond the issued bytes is named object by object, and what rules do not explain is said so."""

import io
import re

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from signing.issued_additions import Added, additions_after
from signing.issued_prefix import Relation, compare_with_issued
from signing.issued_rewriting import Rewriting, rewriting_of
from signing.issued_words import in_words
from tests.pki.authority import sign_pdf_as, signer
from tests.signing.documents import plain_pdf
from tests.signing.hostile_files import stream

ISSUED = plain_pdf(pages=2)
SIGNED = sign_pdf_as("rossi", ISSUED)
NAME = generic.NameObject


def updated(pdf: bytes, change) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def annotated(pdf: bytes, subtype: str) -> bytes:
    def add(writer):
        reference, _ = writer.find_page_for_modification(1)
        page = reference.get_object()
        box = generic.ArrayObject([generic.NumberObject(each) for each in (100, 100, 200, 140)])
        entries = {"/Type": NAME("/Annot"), "/Subtype": NAME(subtype), "/Rect": box}
        note = generic.DictionaryObject({NAME(key): value for key, value in entries.items()})
        note[NAME("/Contents")] = generic.pdf_string("ore 48")
        note[NAME("/P")] = generic.IndirectObject(reference.idnum, reference.generation, writer)
        page[NAME("/Annots")] = generic.ArrayObject([*page.get("/Annots", ()), writer.add_object(note)])
        writer.update_container(page)

    return updated(pdf, add)


def rewritten_page(pdf: bytes) -> bytes:
    def change(writer):
        reference, _ = writer.find_page_for_modification(0)
        page = reference.get_object()
        stream = generic.StreamObject(stream_data=b"BT /F1 14 Tf 72 720 Td (Domanda di CIGD: ore 48) Tj ET")
        page[NAME("/Contents")] = writer.add_object(stream)
        writer.update_container(page)

    return updated(pdf, change)


def test_n1_a_signed_form_has_what_signing_adds_and_nothing_else():
    added = additions_after(ISSUED, SIGNED)
    assert added.explained
    assert {each.kind for each in added.found} <= {
        *(Added.signature, Added.signature_field, Added.metadata, Added.catalog, Added.page, Added.structure)
    }
    assert in_words(added.found, signing_too=True).startswith("una firma, un campo per la firma a pagina 1")
    assert in_words(added.found, signing_too=False) == ""


def test_n1_signatures_of_several_people_and_time_stamps_are_counted():
    twice = sign_pdf_as("bianchi", sign_pdf_as("rossi", ISSUED, stamped=True), field_name="Firma2")
    added = additions_after(ISSUED, twice)
    assert added.explained
    assert in_words(added.found, signing_too=True).startswith("2 firme, 2 campi per la firma a pagina 1")


def test_n1_a_signature_that_certifies_is_one_too():
    certified = io.BytesIO()
    metadata = PdfSignatureMetadata(field_name="Firma1", certify=True, docmdp_permissions=MDPPerm.FILL_FORMS)
    PdfSigner(metadata, signer("rossi")).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(ISSUED)), output=certified)
    assert additions_after(ISSUED, certified.getvalue()).explained


@pytest.mark.parametrize(
    ("subtype", "words"),
    [
        ("/FreeText", "un testo scritto sopra la pagina 2"),
        ("/Ink", "un segno a mano libera a pagina 2"),
        ("/Text", "una nota a pagina 2"),
        ("/Unheard", "un'annotazione a pagina 2"),
    ],
)
def test_n1_what_was_written_on_the_form_before_signing_it_is_named(subtype, words):
    added = additions_after(ISSUED, sign_pdf_as("rossi", annotated(ISSUED, subtype)))
    assert not added.explained
    assert in_words(added.found, signing_too=False) == words


def test_n1_a_page_rewritten_by_an_update_is_named_and_never_explained():
    added = additions_after(ISSUED, sign_pdf_as("rossi", rewritten_page(ISSUED)))
    assert not added.explained
    assert in_words(added.found, signing_too=False) == "il contenuto della pagina 1"


def test_n1_bytes_that_belong_to_no_update_are_not_explained():
    assert not additions_after(ISSUED, SIGNED + b"\nqualcosa").explained
    assert not additions_after(ISSUED, ISSUED + b"\n%%EOF").found
    with pytest.raises(ValueError, match="do not begin"):
        additions_after(ISSUED, SIGNED[1:])


@settings(max_examples=20, deadline=None)
@given(st.integers(len(ISSUED), len(SIGNED) - 1), st.integers(1, 255))
def test_n1_nothing_appended_makes_it_raise(place, change):
    spoilt = bytearray(SIGNED)
    spoilt[place] ^= change
    additions_after(ISSUED, bytes(spoilt))


def saved_by_qpdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(ISSUED)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def saved_by_pdfium() -> bytes:
    out = io.BytesIO()
    with pypdfium2.PdfDocument(ISSUED) as old, pypdfium2.PdfDocument.new() as new:
        new.import_pages(old)
        new.save(out)
    return out.getvalue()


def made_into_images() -> bytes:
    out = io.BytesIO()
    with pypdfium2.PdfDocument(ISSUED) as document:
        pages = [page.render(scale=0.5).to_pil().convert("RGB") for page in document]
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:])
    assert isinstance(pages[0], Image.Image)
    return out.getvalue()


@pytest.mark.parametrize(
    ("made", "how"),
    [
        (saved_by_qpdf, Rewriting.saved_again),
        (saved_by_pdfium, Rewriting.saved_again),
        (made_into_images, Rewriting.made_anew),
        (lambda: plain_pdf("Domanda di CIGD: ore 48", pages=2), Rewriting.made_anew),
        (lambda: plain_pdf(pages=1), Rewriting.made_anew),
        (lambda: b"%PDF-1.7 nulla", Rewriting.unreadable),
    ],
)
def test_n1_a_file_saved_again_is_told_from_one_made_anew(made, how):
    assert rewriting_of(ISSUED, made()).how is how


def _beside_the_issued(*, first: bytes = b"") -> bytes:
    """The issued bytes, then another whole document, whose cross-reference table does not lead back to them."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>"
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: page,
        4: stream(b"BT /F1 14 Tf 72 720 Td (Domanda di CIGD: ore 48) Tj ET", b""),
    }
    body, starts = ISSUED, {}
    for number, value in objects.items():
        starts[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    rows = b"".join(b"%010d 00000 n \n" % starts[number] for number in objects)
    trailer = b"trailer\n<< /Size 5 /Root 1 0 R %s >>\n" % first
    return body + b"xref\n0 5\n0000000000 65535 f \n" + rows + trailer + b"startxref\n%d\n%%%%EOF\n" % len(body)


@pytest.mark.parametrize("signed", [False, True])
def test_n1_another_document_written_behind_the_issued_bytes_does_not_go_on_from_them(signed):
    forged = _beside_the_issued()
    forged = sign_pdf_as("rossi", forged) if signed else forged
    assert forged.startswith(ISSUED)
    assert "48" in pypdfium2.PdfDocument(forged)[0].get_textpage().get_text_bounded()
    assert compare_with_issued(ISSUED, forged).relation is Relation.different
    found = additions_after(ISSUED, forged)
    assert (found.explained, in_words(found.found, signing_too=False)) == (False, "un oggetto che non riconosciamo")


def test_n1_a_file_that_readers_have_to_mend_does_not_go_on_from_the_issued_bytes():
    forged = re.sub(rb"startxref\n\d+\n%%EOF\n\Z", b"startxref\n7\n%%EOF\n", _beside_the_issued())
    assert forged.startswith(ISSUED)
    assert "48" in pypdfium2.PdfDocument(forged)[0].get_textpage().get_text_bounded()
    assert compare_with_issued(ISSUED, forged).relation is Relation.different
    assert not additions_after(ISSUED, forged).explained


def test_n1_another_document_that_leads_back_to_the_issued_bytes_is_an_addition_that_nothing_explains():
    start = int(ISSUED.rsplit(b"startxref", 1)[1].split()[0])
    forged = _beside_the_issued(first=b"/Prev %d" % start)
    assert compare_with_issued(ISSUED, forged).relation is Relation.prefix
    assert not additions_after(ISSUED, forged).explained
