"""C2: a signature in XML that covers only parts of signatures, or names without content, signs no document."""

import pytest

from signing.report import Verdict
from tests.pki.authority import AT
from tests.pki.xml_signer import (
    BASE64,
    DS,
    ENVELOPED,
    EXCLUSIVE,
    XADES,
    canonical,
    encoded,
    reference,
    sign_xml_as,
    signed_properties,
    transform,
    value_element,
    xpath,
)
from tests.signing.xml_documents import DATA, codes, enveloped, inspected

NOTHING = (Verdict.unverifiable, {"signs_nothing"})
COMMENTS = f"{EXCLUSIVE}WithComments"


def answer(document: str) -> tuple[Verdict, set[str]]:
    report = inspected(document)
    return report.verdict, codes(report)


def own_part(start: str, end: str) -> str:
    """A part of a signature of "rossi", able to stand by itself."""
    signature = sign_xml_as("rossi", "")
    part = signature[signature.index(start) : signature.index(end) + len(end)]
    return part.replace(start, f'{start[:-1]} xmlns:ds="{DS}">', 1)


def chosen(expression: str) -> str:
    """A transform that keeps the nodes for which the expression is true."""
    return xpath(expression).replace("<ds:XPath>", f'<ds:XPath xmlns:xades="{XADES}">')


PROPERTIES = canonical(signed_properties("rossi", AT, "s-p"))
KEY_INFO = own_part("<ds:KeyInfo>", "</ds:KeyInfo>")
PARTS = {
    "properties": ("ancestor-or-self::xades:SignedProperties", PROPERTIES),
    "key info": ("ancestor-or-self::ds:KeyInfo", canonical(KEY_INFO)),
    "signed info": (
        "ancestor-or-self::ds:SignatureMethod",
        f'<ds:SignatureMethod xmlns:ds="{DS}" Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256">'
        "</ds:SignatureMethod>".encode(),
    ),
    "empty signature value": (
        "ancestor-or-self::ds:SignatureValue and not(self::text())",
        f'<ds:SignatureValue xmlns:ds="{DS}" Id="s-v"></ds:SignatureValue>'.encode(),
    ),
    "texts of its own": (
        "self::text() and ancestor::ds:X509Certificate",
        "".join(piece.split("</")[0] for piece in KEY_INFO.split("Certificate>")[1::2]).encode(),
    ),
    "nothing": ("false()", b""),
}


@pytest.mark.parametrize("around", ["", DATA], ids=["alone", "inside a document"])
@pytest.mark.parametrize("uri", ["", "#s"], ids=["document", "own identifier"])
@pytest.mark.parametrize("part", PARTS)
def test_c2_a_signature_of_parts_of_itself_signs_no_document(part, uri, around):
    expression, octets = PARTS[part]
    signature = sign_xml_as("rossi", reference(uri, octets, chosen(expression) + transform(EXCLUSIVE)))
    assert answer(enveloped(signature, around) if around else signature) == NOTHING


@pytest.mark.parametrize("around", ["", DATA], ids=["alone", "inside a document"])
@pytest.mark.parametrize("also", ["", "key info"], ids=["properties", "key info"])
def test_c2_a_signature_of_no_more_than_itself_signs_no_document(around, also):
    named = KEY_INFO.replace("<ds:KeyInfo", '<ds:KeyInfo Id="k"')
    signature = sign_xml_as("rossi", reference("#k", canonical(named), transform(EXCLUSIVE)) if also else "")
    signature = signature.replace("<ds:KeyInfo>", '<ds:KeyInfo Id="k">')
    assert answer(enveloped(signature, around) if around else signature) == NOTHING


@pytest.mark.parametrize(
    ("content", "expression", "octets"),
    [
        ("<!-- 40 --><ore>40</ore>", "self::comment()", "<!-- 40 -->"),
        ("<?ore 40?><ore>40</ore>", "self::processing-instruction()", "<?ore 40?>"),
        ("<ore>40</ore>", "self::text() and not(ancestor::ds:Signature)", "40"),
        ("<ore>40</ore>", "count(ancestor-or-self::*) = 1 and not(self::text())", "<domanda></domanda>"),
        ("\n<ore>40</ore>\n", "count(ancestor-or-self::*) = 1", "<domanda>\n\n</domanda>"),
        ("40<a/>50", "count(ancestor-or-self::*) = 1 and not(self::text())", "<domanda></domanda>"),
    ],
    ids=["comment", "instruction", "texts without elements", "root alone", "white space", "root without its text"],
)
def test_c2_a_signature_of_names_without_content_or_the_reverse_signs_no_document(content, expression, octets):
    transforms = chosen(expression) + transform(COMMENTS)
    signature = sign_xml_as("rossi", reference("#xpointer(/)", octets.encode(), transforms))
    assert answer(enveloped(signature, content)) == NOTHING


@pytest.mark.parametrize("content", ["", " \n", "<si/>", "40", '<ore n="40"/>', "<!-- 40 -->"])
def test_c2_a_document_signed_whole_is_signed_however_little_it_says(content):
    octets = canonical(f"<domanda>{content}</domanda>")
    signature = sign_xml_as("rossi", reference("#xpointer(/)", octets, ENVELOPED + transform(COMMENTS)))
    assert answer(enveloped(signature, content)) == (Verdict.signed, set())


@pytest.mark.parametrize("content", ["", "<!-- 40 -->", " ", "<ds:SignatureProperties/>", "<ds:KeyInfo/>"])
def test_c2_an_object_without_content_is_no_document(content):
    thing = f'<ds:Object xmlns:ds="{DS}" Id="o" MimeType="text/plain">{content}</ds:Object>'
    over = reference("#xpointer(id('o'))", canonical(thing), transform(COMMENTS))
    assert answer(sign_xml_as("rossi", over, objects=thing)) == NOTHING


def test_c2_base64_of_nothing_is_no_document():
    thing = f'<ds:Object xmlns:ds="{DS}" Id="o"></ds:Object>'
    assert answer(sign_xml_as("rossi", reference("#o", b"", BASE64), objects=thing)) == NOTHING


@pytest.mark.parametrize("stranger", ["<domanda>40</domanda>", "<ds:KeyInfo/>", "<domanda/>"])
def test_c2_what_stands_unsigned_beside_the_properties_makes_them_no_document(stranger):
    place = "</xades:QualifyingProperties></ds:Object>"
    beside = f"</xades:QualifyingProperties>{stranger}</ds:Object>"
    assert answer(sign_xml_as("rossi", "").replace(place, beside)) == NOTHING


def test_c2_what_is_signed_beside_the_properties_is_a_document():
    octets = '<domanda Id="d">40</domanda>'
    signature = sign_xml_as("rossi", reference("#d", octets.encode(), transform(EXCLUSIVE)))
    place = "</xades:QualifyingProperties></ds:Object>"
    beside = f"</xades:QualifyingProperties>{octets}</ds:Object>"
    assert answer(signature.replace(place, beside)) == (Verdict.signed, set())


def test_c2_a_manifest_of_nothing_but_properties_lists_no_document():
    listed = f'<ds:Manifest xmlns:ds="{DS}" Id="m">{reference("#s-p", PROPERTIES, transform(EXCLUSIVE))}</ds:Manifest>'
    chosen_manifest = reference("#m", canonical(listed), transform(EXCLUSIVE))
    assert answer(sign_xml_as("rossi", chosen_manifest, objects=f"<ds:Object>{listed}</ds:Object>")) == NOTHING


@pytest.mark.parametrize("content", [b"", b"domanda"], ids=["empty", "full"])
def test_c2_an_empty_document_apart_is_no_document(content):
    signature = sign_xml_as("rossi", reference("domanda.txt", content))
    report = inspected(signature, detached=content)
    assert (report.verdict, codes(report)) == ((Verdict.signed, set()) if content else NOTHING)


def test_c2_signatures_of_each_other_s_properties_sign_no_document():
    def over(who: str, identifier: str) -> str:
        octets = canonical(signed_properties(who, AT, f"{identifier}-p"))
        return reference(f"#{identifier}-p", octets, transform(EXCLUSIVE))

    first = sign_xml_as("rossi", over("bianchi", "t"))
    second = sign_xml_as("bianchi", over("rossi", "s"), identifier="t")
    report = inspected(f"<domanda>{DATA}{first}{second}</domanda>")
    assert (report.verdict, codes(report)) == NOTHING
    assert [one.verdict for one in report.signatures] == [Verdict.unverifiable] * 2


def over_the_value_of(signature: str) -> str:
    over = reference("#s-v", canonical(value_element(signature)), transform(EXCLUSIVE))
    return sign_xml_as("bianchi", over, identifier="t")


def test_c2_a_signature_of_the_value_of_another_signs_what_that_one_does():
    nothing = sign_xml_as("rossi", "")
    assert answer(f"<firme>{nothing}{over_the_value_of(nothing)}</firme>") == NOTHING
    held = f'<ds:Object xmlns:ds="{DS}" Id="o">{encoded(b"40")}</ds:Object>'
    first = sign_xml_as("rossi", reference("#o", b"40", BASE64), objects=held)
    report = inspected(f"<busta>{first}{over_the_value_of(first)}</busta>")
    assert (codes(report), all(one.intact for one in report.signatures)) == ({"xml_partly_covered"}, True)


def test_c2_the_value_of_a_signature_that_nobody_examines_is_no_document():
    stand_in = f'<ds:Signature xmlns:ds="{DS}"><ds:SignatureValue Id="s-v">QUJD</ds:SignatureValue></ds:Signature>'
    document = f"<busta><CounterSignature>{stand_in}</CounterSignature>{over_the_value_of(stand_in)}</busta>"
    assert answer(document) == NOTHING
