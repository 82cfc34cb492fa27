"""C2, N1: forms are tagged PDFs; a signature that enters the structure tree is no alteration, anything else in it is."""

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.inspect import inspect_signatures
from signing.report import Verdict
from signing.seal import seal_pdf, verify_seal
from signing.seal_key import SealKey
from tests.pki.authority import AT, sign_pdf_as, trust_store
from tests.signing.documents import plain_pdf

TRUST = trust_store()


def _tagged_pdf() -> bytes:
    document = pikepdf.open(BytesIO(plain_pdf()))
    tree = document.make_indirect(Dictionary(Type=Name.StructTreeRoot, ParentTreeNextKey=1))
    whole = document.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=tree))
    text = document.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, P=whole, K=0, Pg=document.pages[0].obj))
    whole.K = Array([text])
    tree.K = Array([whole])
    tree.ParentTree = document.make_indirect(Dictionary(Nums=Array([0, document.make_indirect(Array([text]))])))
    document.Root.StructTreeRoot = tree
    document.Root.MarkInfo = Dictionary(Marked=True)
    output = BytesIO()
    document.save(output, deterministic_id=True, compress_streams=False)
    return output.getvalue()


SIGNED_TWICE = sign_pdf_as("bianchi", sign_pdf_as("rossi", _tagged_pdf()), field_name="Firma2")


def _name(text: str) -> generic.NameObject:
    return generic.NameObject(text)


def _with_new_element(kind: str, target: str, *, drop_older: bool = False, node: bytes | None = None) -> bytes:
    """`node` replaces what the page draws, and names that as a node of the parent tree too."""
    writer = IncrementalPdfFileWriter(BytesIO(SIGNED_TWICE))
    tree = writer.root["/StructTreeRoot"]
    whole = tree["/K"][0]
    objects = {
        "signature": writer.root["/AcroForm"]["/Fields"].raw_get(1),
        "page": writer.root["/Pages"]["/Kids"].raw_get(0),
    }
    held = generic.DictionaryObject({_name("/Type"): _name("/OBJR"), _name("/Obj"): objects[target]})
    element = writer.add_object(
        generic.DictionaryObject(
            {
                _name("/Type"): _name("/StructElem"),
                _name("/S"): _name(kind),
                _name("/P"): tree["/K"].raw_get(0),
                _name("/K"): held,
            }
        )
    )
    if drop_older:
        whole[_name("/K")] = generic.ArrayObject([element])
    else:
        whole["/K"].append(element)
    writer.mark_update(tree["/K"].raw_get(0).reference)
    nodes = tree["/ParentTree"]
    nodes["/Nums"].extend([generic.NumberObject(1), element])
    if node is not None:
        drawn = writer.root["/Pages"]["/Kids"][0].raw_get("/Contents")
        writer.objects[(drawn.generation, drawn.idnum)] = generic.StreamObject(stream_data=node)
        nodes[_name("/Kids")] = generic.ArrayObject([drawn])
    writer.mark_update(tree.raw_get("/ParentTree").reference)
    tree[_name("/ParentTreeNextKey")] = generic.NumberObject(2)
    writer.mark_update(writer.root.raw_get("/StructTreeRoot").reference)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def _verdict(pdf: bytes) -> Verdict:
    return inspect_signatures(pdf, trust=TRUST, at=AT).verdict


def test_c1_a_sealed_tagged_form_keeps_its_tab_order_and_its_seal():
    key = SealKey.create("Sportello di prova", "Regione di Prova", AT)
    sealed = seal_pdf(_tagged_pdf(), key, at=AT, reason="Emissione", name="Sportello")
    with pikepdf.open(BytesIO(sealed)) as document:
        assert document.pages[0].Tabs == Name.S
    assert verify_seal(sealed, key.fingerprint, AT).holds
    signed = inspect_signatures(sign_pdf_as("rossi", sealed), trust=TRUST.with_seal(key.fingerprint), at=AT)
    assert signed.verdict is Verdict.signed


def test_c2_a_signature_that_enters_the_structure_tree_is_no_alteration():
    assert _verdict(SIGNED_TWICE) is Verdict.signed
    assert _verdict(_with_new_element("/Form", "signature")).is_clean


@pytest.mark.parametrize(
    ("kind", "target", "drop_older"),
    [("/P", "signature", False), ("/Form", "page", False), ("/Form", "signature", True)],
)
def test_n1_any_other_change_of_the_structure_is_an_alteration(kind, target, drop_older):
    assert _verdict(_with_new_element(kind, target, drop_older=drop_older)) is Verdict.changed


def test_n1_what_a_page_draws_is_no_node_of_the_structure():
    forged = _with_new_element("/Form", "signature", node=b"BT /F1 14 Tf 72 720 Td (ore 48) Tj ET")
    with pikepdf.open(BytesIO(forged)) as shown:
        assert b"ore 48" in shown.pages[0].Contents.read_bytes()
    assert _verdict(forged) is Verdict.changed


def test_n1_a_new_meaning_for_an_old_element_is_an_alteration():
    writer = IncrementalPdfFileWriter(BytesIO(SIGNED_TWICE))
    text = writer.root["/StructTreeRoot"]["/K"][0]["/K"].raw_get(0)
    text.get_object()[_name("/ActualText")] = generic.TextStringObject("ore 48")
    writer.mark_update(text.reference)
    output = BytesIO()
    writer.write(output)
    assert _verdict(output.getvalue()) is Verdict.changed
