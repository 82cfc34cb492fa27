"""C2, N1: a genuine signature of another document, put into a file, lends that file no signer."""

import pytest

from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from tests.pki.authority import AT, trust_store
from tests.pki.xml_signer import BASE64, DS, canonical, encoded, reference, sign_xml_as, transform, value_element
from tests.pki.xml_signer import EXCLUSIVE as CANONICAL
from tests.signing.documents import plain_pdf
from tests.signing.test_asic import EXTENDED, container, manifest, with_cades, xml_signatures

SIGNED, SHOWN = plain_pdf("Domanda di CIGD: ore 40"), plain_pdf("Domanda di CIGD: ore 48")


def inspected(data: bytes, **options: bytes) -> SignatureReport:
    return inspect_signatures(data, trust=trust_store(), at=AT, **options)


def told(report: SignatureReport) -> list[tuple[str, Verdict, str, set[str]]]:
    return [
        (one.signer.surname, one.verdict, one.covers, {each.code for each in one.problems}) for one in report.signatures
    ]


HOLDS = ("BIANCHI", Verdict.signed, "whole_file", set())
TRANSPLANTED = ("ROSSI", Verdict.changed, "revision", {"signs_other_content"})


def taken() -> str:
    """What Rossi signed elsewhere, with the document he signed inside it."""
    own = f'<ds:Object xmlns:ds="{DS}" Id="altrove">{encoded(SIGNED)}</ds:Object>'
    return sign_xml_as("rossi", reference("#altrove", SIGNED, BASE64), objects=own, identifier="t")


def of_the_document(uri: str = "domanda.pdf") -> str:
    return sign_xml_as("bianchi", reference(uri, SHOWN))


@pytest.mark.parametrize(
    "members",
    [
        {
            "META-INF/signatures0.xml": xml_signatures(of_the_document()),
            "META-INF/signatures1.xml": xml_signatures(taken()),
        },
        {"META-INF/signatures0.xml": xml_signatures(of_the_document() + taken())},
        {**with_cades({"domanda.pdf": SHOWN}, "bianchi"), "META-INF/signatures1.xml": xml_signatures(taken())},
    ],
    ids=["in a file of its own", "in the same file", "beside a detached signature"],
)
def test_c2_a_signature_of_no_document_of_a_container_is_not_one_of_its_signatures(members):
    report = inspected(container({"domanda.pdf": SHOWN, **members}, mimetype=EXTENDED))
    assert (report.verdict, told(report)) == (Verdict.changed, [HOLDS, TRANSPLANTED])


def test_c2_a_signature_of_the_media_type_of_a_container_is_none_of_its_documents():
    empty = xml_signatures(sign_xml_as("rossi", reference("mimetype", EXTENDED.encode())))
    members = {"META-INF/signatures0.xml": xml_signatures(of_the_document()), "META-INF/signatures1.xml": empty}
    report = inspected(container({"domanda.pdf": SHOWN, **members}, mimetype=EXTENDED))
    assert told(report) == [HOLDS, TRANSPLANTED]
    listed = manifest("META-INF/signature001.p7s", {"mimetype": EXTENDED.encode()})
    detached = with_cades({"mimetype": EXTENDED.encode()}, "rossi")
    assert detached["META-INF/ASiCManifest001.xml"] == listed
    del detached["mimetype"]
    beside = {"domanda.pdf": SHOWN, "META-INF/signatures0.xml": xml_signatures(of_the_document()), **detached}
    assert told(inspected(container(beside, mimetype=EXTENDED))) == [TRANSPLANTED, HOLDS]


def test_c2_a_signature_of_the_signatures_of_a_container_counts():
    first = xml_signatures(of_the_document())
    second = xml_signatures(sign_xml_as("rossi", reference("META-INF/signatures0.xml", first)))
    members = {"META-INF/signatures0.xml": first, "META-INF/signatures1.xml": second}
    report = inspected(container({"domanda.pdf": SHOWN, **members}, mimetype=EXTENDED))
    assert [one.verdict for one in report.signatures] == [Verdict.signed, Verdict.signed]


def test_c2_a_signature_put_inside_one_that_envelops_a_document_signs_nothing_of_it():
    held = f'<ds:Object xmlns:ds="{DS}" Id="dati">{encoded(SHOWN)}</ds:Object>'
    around = f'<ds:Object xmlns:ds="{DS}">{taken()}</ds:Object>'
    report = inspected(sign_xml_as("bianchi", reference("#dati", SHOWN, BASE64), objects=held + around).encode())
    assert report.content is not None
    assert report.content.data == SHOWN
    assert (report.verdict, told(report)[1]) == (Verdict.changed, TRANSPLANTED)


def test_c2_two_signatures_of_the_enveloped_document_both_count():
    held = f'<ds:Object xmlns:ds="{DS}" Id="dati">{encoded(SHOWN)}</ds:Object>'
    second = sign_xml_as("rossi", reference("#dati", canonical(held), transform(CANONICAL)), identifier="t")
    around = f'<ds:Object xmlns:ds="{DS}">{second}</ds:Object>'
    report = inspected(sign_xml_as("bianchi", reference("#dati", SHOWN, BASE64), objects=held + around).encode())
    assert report.verdict.is_clean


def test_c2_a_signature_of_the_value_of_another_counts_with_it():
    first = of_the_document()
    second = sign_xml_as(
        "rossi", reference("#s-v", canonical(value_element(first)), transform(CANONICAL)), identifier="t"
    )
    report = inspected(f"<firme>{first}{second}</firme>".encode(), detached=SHOWN)
    assert {one.signer.surname for one in report.signatures if one.verdict.is_clean} == {"BIANCHI", "ROSSI"}


def test_c2_a_signature_of_something_else_beside_that_of_a_separate_document_signs_nothing_of_it():
    both = f"<firme>{of_the_document()}{taken()}</firme>".encode()
    report = inspected(both, detached=SHOWN)
    assert (report.verdict, told(report)[1]) == (Verdict.changed, TRANSPLANTED)
    assert inspected(f"<firme>{of_the_document()}</firme>".encode(), detached=SHOWN).verdict is Verdict.signed
