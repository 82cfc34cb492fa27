"""N1: after a signature nothing may be drawn over what was signed, and no value shown otherwise, whatever forms allow."""

import re
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
import time_machine
from pikepdf import Array, Dictionary, Name, String
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.stamp import TextStampStyle

from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from tests.pki.authority import AT, sign_pdf_as, signer, trust_store
from tests.signing.documents import plain_pdf
from tests.signing.hostile_files import appended

TRUST = trust_store()
SIGNED = sign_pdf_as("rossi", plain_pdf())
WHOLE_PAGE, CORNER = (0, 0, 595, 842), (400, 40, 560, 90)


def inspected(pdf: bytes) -> SignatureReport:
    return inspect_signatures(pdf, trust=TRUST, at=AT)


def name(text: str) -> generic.NameObject:
    return generic.NameObject(text)


def numbers(values: tuple[int, ...]) -> generic.ArrayObject:
    return generic.ArrayObject(map(generic.NumberObject, values))


def updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def drawing(writer: IncrementalPdfFileWriter, box: tuple[int, ...]) -> generic.DictionaryObject:
    stream = generic.StreamObject(stream_data=b"1 g 0 0 595 842 re f 0 g BT /F1 14 Tf 72 720 Td (ore 48) Tj ET")
    stream.update({name("/Type"): name("/XObject"), name("/Subtype"): name("/Form"), name("/BBox"): numbers(box)})
    return generic.DictionaryObject({name("/N"): writer.add_object(stream)})


@time_machine.travel(AT)
def stamped_by_bianchi(pdf: bytes, box: tuple[int, int, int, int]) -> bytes:
    told = PdfSignatureMetadata(field_name="Firma2", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    output = BytesIO()
    style = TextStampStyle(stamp_text="ore 48")
    PdfSigner(told, signer("bianchi"), stamp_style=style, new_field_spec=SigFieldSpec("Firma2", box=box)).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(pdf)), output=output
    )
    return output.getvalue()


@pytest.mark.parametrize(("box", "verdict"), [(CORNER, Verdict.signed), (WHOLE_PAGE, Verdict.changed)])
def test_n1_the_appearance_of_a_later_signature_may_not_hide_the_page(box, verdict):
    assert inspected(stamped_by_bianchi(SIGNED, box)).verdict is verdict


def test_n1_a_signature_field_that_nobody_signed_may_not_draw():
    def add(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        field = generic.DictionaryObject(
            {
                name("/Type"): name("/Annot"),
                name("/Subtype"): name("/Widget"),
                name("/FT"): name("/Sig"),
                name("/T"): generic.pdf_string("Firma2"),
                name("/Rect"): numbers(CORNER),
                name("/AP"): drawing(writer, CORNER),
            }
        )
        reference = writer.add_object(field)
        fields = writer.root["/AcroForm"]["/Fields"]
        fields.append(reference)
        writer.update_container(fields)
        page.setdefault(name("/Annots"), generic.ArrayObject()).append(reference)
        writer.update_container(page)

    assert inspected(updated(SIGNED, add)).verdict is Verdict.changed


def filled_form() -> bytes:
    """A page with the field «ore», filled in and drawn, and the empty field «note»."""
    document = pikepdf.open(BytesIO(plain_pdf()))
    page = document.pages[0].obj
    shown = document.make_stream(
        b"BT /Helv 12 Tf (40) Tj ET", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 228, 20]
    )
    fields = []
    for place, told in enumerate(("ore", "note")):
        value = {"V": String("40"), "AP": Dictionary(N=shown)} if told == "ore" else {}
        rectangle = [72, 600 - 40 * place, 300, 620 - 40 * place]
        widget = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String(told), Rect=rectangle, P=page, **value
        )
        fields.append(document.make_indirect(widget))
    page.Annots = Array(fields)
    font = document.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    resources = Dictionary(Font=Dictionary(Helv=font))
    document.Root.AcroForm = Dictionary(Fields=Array(fields), DA=String("/Helv 0 Tf 0 g"), DR=resources)
    output = BytesIO()
    document.save(output, deterministic_id=True)
    return output.getvalue()


FORM = sign_pdf_as("rossi", filled_form())


def of_the_form(
    key: str, make: Callable[[IncrementalPdfFileWriter], object]
) -> Callable[[IncrementalPdfFileWriter], None]:
    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.root["/AcroForm"][name(key)] = make(writer)
        writer.update_container(writer.root["/AcroForm"])

    return change


def of_the_field(
    field: str, key: str, make: Callable[[IncrementalPdfFileWriter], object]
) -> Callable[[IncrementalPdfFileWriter], None]:
    def change(writer: IncrementalPdfFileWriter) -> None:
        for reference in writer.root["/AcroForm"]["/Fields"]:
            held = reference.get_object()
            if held.get("/T") == field:
                held[name(key)] = make(writer)
                writer.mark_update(reference.reference)

    return change


def another_font(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    kinds = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Symbol"}
    font = writer.add_object(generic.DictionaryObject({name(key): name(value) for key, value in kinds.items()}))
    return generic.DictionaryObject({name("/Font"): generic.DictionaryObject({name("/Helv"): font})})


def in_place(writer: IncrementalPdfFileWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    held = field["/AP"].raw_get("/N")
    writer.objects[(held.generation, held.idnum)] = generic.StreamObject(stream_data=b"BT /Helv 12 Tf (48) Tj ET")


SHOWN_OTHERWISE = {
    "white letters": of_the_form("/DA", lambda _: generic.pdf_string("/Helv 0 Tf 1 g")),
    "another font of the same name": of_the_form("/DR", another_font),
    "another value": of_the_field("ore", "/V", lambda _: generic.pdf_string("48")),
    "another picture of the same value": of_the_field("ore", "/AP", lambda writer: drawing(writer, (0, 0, 228, 20))),
    "another picture in the place of the old one": in_place,
    "a value hidden": of_the_field("ore", "/F", lambda _: generic.NumberObject(2)),
}


@pytest.mark.parametrize("change", SHOWN_OTHERWISE)
def test_n1_a_value_that_was_signed_may_not_be_shown_otherwise(change):
    assert inspected(updated(FORM, SHOWN_OTHERWISE[change])).verdict is Verdict.changed


def test_c2_a_second_signature_leaves_the_fields_of_a_form_as_they_were():
    report = inspected(sign_pdf_as("bianchi", FORM, field_name="Firma2"))
    assert (report.verdict, report.signatures[0].problems) == (Verdict.signed, ())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (of_the_field("note", "/V", lambda _: generic.pdf_string("urgente")), "permitted_additions"),
        (of_the_form("/NeedAppearances", lambda _: generic.BooleanObject(True)), "form_settings_changed"),
    ],
    ids=["an empty field filled in", "pictures to be made anew"],
)
def test_n1_what_a_form_allows_after_a_signature_is_told(change, code):
    assert inspected(FORM).verdict is Verdict.signed
    report = inspected(updated(FORM, change))
    assert report.verdict is Verdict.signed_with_reservations
    assert [one.code for one in report.signatures[0].problems] == [code]


@pytest.mark.parametrize(
    "beside",
    [b"%d 0 obj\n<< /Length 22 >>\nstream\nBT (ore 48) Tj ET     \nendstream\nendobj\n", b"parole di nessuno\n"],
)
def test_n1_an_update_may_not_hold_an_object_that_no_table_lists(beside):
    update = appended(SIGNED, {95: b"null"})
    assert inspected(update).verdict is Verdict.signed
    drawn = int(re.findall(rb"/Contents (\d+) 0 R", SIGNED)[0])
    added = beside % drawn if b"%d" in beside else beside
    place = update.index(b"95 0 obj", len(SIGNED))
    longer = update[:place] + added + update[place:]
    moved = re.sub(rb"(95 1\n)(\d{10})", lambda found: found[1] + b"%010d" % (int(found[2]) + len(added)), longer)
    table = int(re.findall(rb"startxref\s+(\d+)", moved)[-1]) + len(added)
    forged = moved[: moved.rindex(b"startxref")] + b"startxref\n%d\n%%%%EOF\n" % table
    assert inspected(forged).verdict is Verdict.changed
