"""C2: PDFs as programs in use write them: packed, encrypted, linearized, certified, locked, stamped, kept for the long term."""

from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
import time_machine
from pikepdf import Array, Dictionary, Name, String
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from tests.pki.authority import AT, certificate, revocation_list, sign_pdf_as, signer, timestamper, trust_store
from tests.signing.documents import plain_pdf

TRUST = trust_store()


def inspected(pdf: bytes) -> SignatureReport:
    return inspect_signatures(pdf, trust=TRUST, at=AT + timedelta(days=1))


def saved(document: pikepdf.Pdf, **options: object) -> bytes:
    output = BytesIO()
    document.save(output, **options)
    return output.getvalue()


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(pdf))


def form() -> bytes:
    """A page with two text fields, ore and note."""
    document = opened(plain_pdf())
    page = document.pages[0].obj
    fields = []
    for place, name in enumerate(("ore", "note")):
        field = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String(name),
            Rect=[72, 600 - 40 * place, 300, 620],
            P=page,
        )
        fields.append(document.make_indirect(field))
    page.Annots = Array(fields)
    document.Root.AcroForm = Dictionary(Fields=Array(fields), DA=String("/Helv 0 Tf 0 g"))
    return saved(document, deterministic_id=True)


@time_machine.travel(AT)
def signed(pdf: bytes, who: str = "rossi", *, field: SigFieldSpec | None = None, **metadata: object) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    if writer.prev.encrypted:
        writer.encrypt("")
    spec = field or SigFieldSpec("Firma1")
    told = PdfSignatureMetadata(
        field_name=spec.sig_field_name, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, **metadata
    )
    output = BytesIO()
    PdfSigner(told, signer(who), new_field_spec=spec).sign_pdf(writer, output=output)
    return output.getvalue()


def filled(pdf: bytes, name: str, value: str) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    for reference in writer.root["/AcroForm"]["/Fields"]:
        field = reference.get_object()
        if field.get("/T") == name:
            field["/V"] = generic.pdf_string(value)
            writer.mark_update(reference.reference)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def extended(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    DocumentSecurityStore.supply_dss_in_writer(
        writer, None, certs=[certificate("ca"), certificate("tsa")], crls=[revocation_list("ca")]
    )
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def stamped(pdf: bytes, name: str) -> bytes:
    output = BytesIO()
    stamper = PdfTimeStamper(timestamper(AT + timedelta(hours=1)), field_name=name)
    stamper.timestamp_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), "sha256", None, output=output)
    return output.getvalue()


WRITTEN = {
    "object streams": lambda: saved(opened(plain_pdf()), object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "linearized": lambda: saved(opened(plain_pdf(pages=3)), linearize=True),
    "AES-256 without a password": lambda: saved(
        opened(plain_pdf()), encryption=pikepdf.Encryption(user="", owner="segreto", R=6)
    ),
    "AES-128 without a password": lambda: saved(
        opened(plain_pdf()), encryption=pikepdf.Encryption(user="", owner="segreto", R=4, aes=True)
    ),
    "stray bytes before the head": lambda: b"\xef\xbb\xbf" + plain_pdf(),
}


@pytest.mark.parametrize("kind", [kind for kind in WRITTEN if kind != "stray bytes before the head"])
def test_c2_however_a_pdf_is_written_two_signatures_hold(kind):
    twice = signed(signed(WRITTEN[kind]()), "bianchi", field=SigFieldSpec("Firma2"))
    report = inspected(twice)
    assert report.verdict is Verdict.signed
    assert [each.changes_after for each in report.signatures] == ["permitted", "none"]


def test_c2_the_long_term_adds_what_proves_and_changes_nothing():
    pdf = sign_pdf_as("rossi", plain_pdf(), stamped=True)
    for round_ in range(3):
        pdf = stamped(extended(pdf), f"Marca{round_}")
    report = inspected(pdf)
    assert report.verdict is Verdict.signed
    assert (report.signatures[0].changes_after, report.signatures[0].covers) == ("none", "revision")
    assert report.signatures[0].proven_time == AT


def test_c2_a_document_time_stamp_alone_proves_the_time_of_a_signature_and_is_none_itself():
    report = inspected(stamped(sign_pdf_as("rossi", plain_pdf()), "Marca"))
    assert report.verdict is Verdict.signed
    assert [each.proven_time for each in report.signatures] == [AT + timedelta(hours=1)]
    assert inspected(stamped(plain_pdf(), "Marca")).verdict is Verdict.not_signed


@pytest.mark.parametrize(
    ("level", "update", "verdict"),
    [
        (MDPPerm.NO_CHANGES, lambda pdf: stamped(extended(pdf), "Marca"), Verdict.signed),
        (MDPPerm.NO_CHANGES, lambda pdf: filled(pdf, "ore", "48"), Verdict.changed),
        (MDPPerm.FILL_FORMS, lambda pdf: filled(pdf, "ore", "48"), Verdict.signed_with_reservations),
        (MDPPerm.FILL_FORMS, lambda pdf: signed(pdf, "bianchi", field=SigFieldSpec("Firma2")), Verdict.signed),
        (
            MDPPerm.FILL_FORMS,
            lambda pdf: signed(pdf, "bianchi", field=SigFieldSpec("Firma2", on_page=0, box=(0, 0, 400, 400))),
            Verdict.changed,
        ),
        (MDPPerm.ANNOTATE, lambda pdf: filled(pdf, "ore", "48"), Verdict.signed_with_reservations),
    ],
)
def test_c2_what_a_certification_permits_is_what_may_follow(level, update, verdict):
    certified = signed(form(), certify=True, docmdp_permissions=level)
    assert inspected(certified).verdict is Verdict.signed
    assert inspected(update(certified)).verdict is verdict


@pytest.mark.parametrize(
    ("lock", "name", "verdict"),
    [
        (FieldMDPSpec(FieldMDPAction.ALL), "ore", Verdict.changed),
        (FieldMDPSpec(FieldMDPAction.INCLUDE, ["ore"]), "ore", Verdict.changed),
        (FieldMDPSpec(FieldMDPAction.INCLUDE, ["ore"]), "note", Verdict.signed_with_reservations),
        (FieldMDPSpec(FieldMDPAction.EXCLUDE, ["ore"]), "ore", Verdict.signed_with_reservations),
        (FieldMDPSpec(FieldMDPAction.EXCLUDE, ["ore"]), "note", Verdict.changed),
    ],
)
def test_c2_a_field_that_a_signature_locked_stays_as_it_was(lock, name, verdict):
    locked = signed(form(), field=SigFieldSpec("Firma1", field_mdp_spec=lock))
    assert inspected(locked).verdict is Verdict.signed
    assert inspected(filled(locked, name, "48")).verdict is verdict


def test_n1_an_encrypted_page_is_watched_as_an_open_one_is():
    document = opened(plain_pdf())
    page = document.pages[0].obj
    page.Contents = Array([page.Contents])
    held = signed(saved(document, encryption=pikepdf.Encryption(user="", owner="segreto", R=6)))
    writer = IncrementalPdfFileWriter(BytesIO(held))
    writer.encrypt("")
    contents = writer.root["/Pages"]["/Kids"][0]["/Contents"].raw_get(0).reference
    text = generic.StreamObject(stream_data=b"BT /F1 14 Tf 72 720 Td (Domanda di CIGD: ore 48) Tj ET")
    writer.objects[(contents.generation, contents.idnum)] = text
    output = BytesIO()
    writer.write(output)
    with pikepdf.open(BytesIO(output.getvalue())) as shown:
        assert b"ore 48" in shown.pages[0].Contents[0].read_bytes()
    assert inspected(held).verdict is Verdict.signed
    assert inspected(output.getvalue()).verdict is Verdict.changed


def test_n1_a_field_filled_after_signing_is_named():
    report = inspected(filled(signed(form()), "ore", "48"))
    (told,) = report.signatures[0].problems
    assert (told.code, report.signatures[0].changes_after) == ("permitted_additions", "permitted")
    assert told.message.endswith(": ore.")


def test_c2_stray_bytes_before_the_head_hide_nothing():
    assert inspected(WRITTEN["stray bytes before the head"]()).verdict in {Verdict.not_signed, Verdict.unreadable}
    assert not inspected(b"\xef\xbb\xbf" + sign_pdf_as("rossi", plain_pdf())).verdict.is_clean
