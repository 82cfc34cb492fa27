"""N1: what a returned file has beyond the issued bytes is named object by object, and what rules do not explain is said so."""

import io

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
from signing.issued_rewriting import Rewriting, rewriting_of
from signing.issued_words import in_words
from tests.pki.authority import sign_pdf_as, signer
from tests.signing.documents import plain_pdf

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
