"""C2: signatures in XML are checked whatever their form, and only what they really sign counts."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from lxml import etree
from signxml import CanonicalizationMethod, SignatureConstructionMethod
from signxml.xades import XAdESSigner

from signing.report import Indication, Verdict
from signing.trust import TrustStore
from tests.pki.authority import AT, certificate, sign_p7m_as, sign_pdf_as
from tests.pki.xml_signer import (
    BASE64,
    DS,
    ENVELOPED,
    EXCLUSIVE,
    INCLUSIVE,
    SHA1,
    XADES,
    canonical,
    encoded,
    filter2,
    private_key,
    reference,
    sign_xml_as,
    signed_properties,
    stamped,
    transform,
    value_element,
    with_property,
    x509_certificate,
    xpath,
)
from tests.signing.documents import plain_pdf
from tests.signing.xml_documents import DATA, SIGNED_DATA, TRUST, codes, enveloped, good, inspected


@pytest.mark.parametrize(("who", "algorithm"), [("cns", "rsa-sha256"), ("rossi", "ecdsa-sha384")])
@pytest.mark.parametrize("shape", ["enveloped", "enveloping"])
@pytest.mark.parametrize("version", ["CANONICAL_XML_1_0", "CANONICAL_XML_1_1"])
def test_c2_signatures_made_by_another_program_are_signed(who, algorithm, shape, version):
    # signxml forgets the namespaces around a signature: the document has none.
    signer = XAdESSigner(
        method=SignatureConstructionMethod[shape],
        signature_algorithm=algorithm,
        c14n_algorithm=CanonicalizationMethod[version],
    )
    document = etree.fromstring('<domanda><ore n="1">40</ore></domanda>')
    with time_machine.travel(AT):
        signed = signer.sign(document, key=private_key(who), cert=[x509_certificate(who)])
    report = inspected(etree.tostring(signed))
    (signature,) = report.signatures
    assert report.verdict is Verdict.signed
    assert signature.format == "XAdES"
    assert signature.intact
    assert signature.covers == "whole_file"
    assert signature.indication is Indication.total_passed
    assert codes(report) == ({"cns_or_cie"} if who == "cns" else set())


def test_c2_the_signature_names_its_signer_time_and_digest():
    (signature,) = inspected(good()).signatures
    assert signature.signer.tax_code == "RSSMRA80A01H501U"
    assert signature.claimed_time == AT
    assert signature.proven_time is None
    assert (signature.digest, signature.claims.qualified, signature.counter_signature) == ("sha256", True, False)


def test_c2_a_changed_value_is_broken():
    report = inspected(good().replace(">40<", ">48<"))
    assert (report.verdict, report.signatures[0].sub_indication) == (Verdict.broken, "HASH_FAILURE")


def test_c2_a_changed_signature_value_is_broken():
    signature = sign_xml_as("rossi", SIGNED_DATA)
    value = signature.split('Id="s-v">')[1][:8]
    report = inspected(enveloped(signature.replace(value, "AAAAAAAA", 1)))
    assert (report.verdict, report.signatures[0].sub_indication) == (Verdict.broken, "SIG_CRYPTO_FAILURE")


def test_c2_an_enveloping_signature_gives_back_its_document_and_looks_into_it():
    pdf = sign_pdf_as("bianchi", plain_pdf())
    thing = f'<ds:Object xmlns:ds="{DS}" Id="o">{encoded(pdf)}</ds:Object>'
    report = inspected(sign_xml_as("rossi", reference("#o", pdf, BASE64), objects=thing))
    assert report.verdict is Verdict.signed
    assert [(one.format, one.depth) for one in report.signatures] == [("XAdES", 0), ("PAdES", 1)]
    assert report.content is not None
    assert (report.content.data, report.content.media_type) == (pdf, "application/pdf")
    assert report.content.sha256 == hashlib.sha256(pdf).hexdigest()
    assert [one.kind for one in report.nested] == ["xml", "pdf"]


def test_c2_a_detached_document_is_asked_for_taken_and_compared():
    signature = sign_xml_as("rossi", reference("domanda%20firmata.pdf", plain_pdf()))
    assert inspected(signature).verdict is Verdict.unverifiable
    assert "content_missing" in codes(inspected(signature))
    assert inspected(signature, detached=plain_pdf()).verdict is Verdict.signed
    assert inspected(signature, detached=plain_pdf("altro")).verdict is Verdict.broken


def test_c2_a_sibling_named_by_its_identifier_is_covered_with_the_namespaces_it_inherits():
    # Canonical XML of a subtree keeps the namespaces in scope and the xml: attributes of its ancestors (2.4).
    octets = b'<b xmlns="urn:d" xmlns:c="urn:c" Id="b" xml:lang="it"><c:d></c:d></b>'
    signature = sign_xml_as("rossi", reference("#b", octets, transform(INCLUSIVE)))
    body = f'<busta xmlns="urn:d" xmlns:c="urn:c" xml:lang="it"><b Id="b"><c:d/></b>{signature}</busta>'
    assert inspected(body).verdict is Verdict.signed


@pytest.mark.parametrize(
    "chosen",
    [
        xpath("not(ancestor-or-self::ds:Signature)"),
        xpath(
            "count(ancestor-or-self::ds:Signature | here()/ancestor::ds:Signature[1])"
            " &gt; count(ancestor-or-self::ds:Signature)"
        ),
        filter2(("subtract", "/descendant::ds:Signature")),
        filter2(("intersect", "/domanda"), ("subtract", "//ds:Signature")),
        filter2(("subtract", "/"), ("union", "//ore/..|//ore"), ("subtract", "//ds:Signature")),
    ],
)
def test_c2_xpath_transforms_select_what_they_say(chosen):
    octets = canonical(f"<domanda>{DATA}</domanda>")
    signature = sign_xml_as("rossi", reference("", octets, chosen + transform(EXCLUSIVE)))
    assert inspected(enveloped(signature)).verdict is Verdict.signed
    assert inspected(enveloped(signature).replace(">40<", ">48<")).verdict is Verdict.broken


def test_c2_what_an_xpath_leaves_out_is_named():
    octets = canonical(f"<domanda>{DATA}</domanda>")
    chosen = xpath("not(ancestor-or-self::ds:Signature or ancestor-or-self::nota)")
    signature = sign_xml_as("rossi", reference("", octets, chosen + transform(EXCLUSIVE)))
    report = inspected(enveloped(signature, DATA + "<nota>aggiunta</nota>"))
    assert report.verdict is Verdict.signed_with_reservations
    assert report.signatures[0].covers == "revision"
    assert "xml_partly_covered" in codes(report)


def test_c2_a_plain_xml_signature_is_told_apart():
    report = inspected(enveloped(sign_xml_as("rossi", SIGNED_DATA, properties="")))
    assert report.verdict is Verdict.signed_with_reservations
    assert "plain_xml_signature" in codes(report)


def test_c2_two_parallel_signatures_each_leave_the_other_out():
    octets = canonical(f"<domanda>{DATA}</domanda>")
    both = reference("", octets, filter2(("subtract", "//ds:Signature")) + transform(EXCLUSIVE))
    report = inspected(enveloped(sign_xml_as("rossi", both) + sign_xml_as("bianchi", both, identifier="t")))
    assert report.verdict is Verdict.signed
    assert [one.signer.surname for one in report.signatures] == ["ROSSI", "BIANCHI"]


def test_c2_a_counter_signature_must_sign_the_value_it_hangs_on():
    signature = sign_xml_as("rossi", SIGNED_DATA)
    over = reference("#s-v", canonical(value_element(signature)), transform(EXCLUSIVE))
    counter = sign_xml_as("bianchi", over, identifier="c")
    report = inspected(
        enveloped(with_property(signature, f"<xades:CounterSignature>{counter}</xades:CounterSignature>"))
    )
    assert report.verdict is Verdict.signed
    assert [(one.signer.surname, one.counter_signature) for one in report.signatures] == [
        ("ROSSI", False),
        ("BIANCHI", True),
    ]
    stranger = sign_xml_as("bianchi", reference("", b"", xpath("false()") + transform(EXCLUSIVE)), identifier="c")
    spoilt = inspected(
        enveloped(with_property(signature, f"<xades:CounterSignature>{stranger}</xades:CounterSignature>"))
    )
    assert spoilt.verdict is Verdict.broken


def test_c3_a_time_stamp_proves_when_the_signature_existed():
    signed_while_valid = datetime(2019, 6, 1, 10, tzinfo=UTC)
    document = enveloped(stamped(sign_xml_as("expired", SIGNED_DATA, at=signed_while_valid), signed_while_valid))
    (signature,) = inspected(document).signatures
    assert signature.proven_time == signed_while_valid
    assert signature.verdict is Verdict.signed
    late = enveloped(stamped(sign_xml_as("expired", SIGNED_DATA, at=signed_while_valid), AT))
    assert inspected(late).verdict is Verdict.invalid_certificate


def test_c3_a_time_stamp_of_another_signature_proves_nothing():
    other = stamped(sign_xml_as("bianchi", SIGNED_DATA))
    property_ = other[other.index("<xades:SignatureTimeStamp") : other.index("</xades:SignatureTimeStamp>")]
    document = enveloped(with_property(sign_xml_as("rossi", SIGNED_DATA), property_ + "</xades:SignatureTimeStamp>"))
    report = inspected(document)
    assert report.signatures[0].proven_time is None
    assert report.verdict is Verdict.signed_with_reservations
    assert "timestamp_of_other_data" in codes(report)


def manifest(octets: bytes) -> str:
    return f'<ds:Manifest xmlns:ds="{DS}" Id="m">{reference("planimetria.pdf", octets)}</ds:Manifest>'


def test_c2_documents_listed_in_a_manifest_are_compared_or_named_as_missing():
    listed = manifest(b"pianta")
    signature = sign_xml_as(
        "rossi", reference("#m", canonical(listed), transform(EXCLUSIVE)), objects=f"<ds:Object>{listed}</ds:Object>"
    )
    assert inspected(signature, detached=b"pianta").verdict is Verdict.signed
    missing = inspected(signature)
    assert missing.verdict is Verdict.signed_with_reservations
    assert "planimetria.pdf" in next(
        one.message for one in missing.signatures[0].problems if one.code == "listed_documents_missing"
    )
    assert inspected(signature, detached=b"altra").verdict is Verdict.broken


def test_c2_sha1_is_reported():
    octets = canonical(f"<domanda>{DATA}</domanda>")
    report = inspected(
        enveloped(sign_xml_as("rossi", reference("", octets, ENVELOPED + transform(EXCLUSIVE), digest=SHA1)))
    )
    assert report.verdict is Verdict.signed_with_reservations
    assert (report.signatures[0].digest, "weak_digest" in codes(report)) == ("sha1", True)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("xmldsig-more#ecdsa-sha256", "xmldsig-more#hmac-sha256"),
        lambda text: text.replace("xmldsig-more#ecdsa-sha256", "xmldsig-more#ecdsa-whirlpool"),
    ],
)
def test_c2_an_algorithm_we_do_not_verify_is_unverifiable_and_never_broken(spoil):
    report = inspected(spoil(good()))
    assert (report.verdict, "algorithm_unsupported" in codes(report)) == (Verdict.unverifiable, True)


def test_c2_a_stylesheet_is_not_run():
    sheet = transform("http://www.w3.org/TR/1999/REC-xslt-19991116")
    report = inspected(enveloped(sign_xml_as("rossi", reference("", b"x", sheet))))
    assert (report.verdict, "algorithm_unsupported" in codes(report)) == (Verdict.unverifiable, True)


def test_c2_a_certificate_in_its_armour_is_read():
    shown = encoded(certificate("rossi").dump())
    armoured = f"-----BEGIN CERTIFICATE-----\n{shown}\n-----END CERTIFICATE-----\n"
    assert good().count(shown) == 1
    assert inspected(good().replace(shown, armoured)).verdict is Verdict.signed


def test_c2_a_missing_certificate_is_unverifiable():
    report = inspected(enveloped(sign_xml_as("rossi", SIGNED_DATA, shown="")))
    assert (report.verdict, "certificate_missing" in codes(report)) == (Verdict.unverifiable, True)


def test_c2_a_certificate_that_is_not_the_one_signed_is_broken():
    report = inspected(enveloped(sign_xml_as("rossi", SIGNED_DATA, properties=signed_properties("bianchi", AT, "s-p"))))
    assert (report.verdict, "wrong_certificate" in codes(report)) == (Verdict.broken, True)


def test_c2_the_signer_s_certificate_may_be_named_after_another_of_its_path():
    properties = signed_properties("rossi", AT, "s-p", before="ca")
    (signature,) = inspected(enveloped(sign_xml_as("rossi", SIGNED_DATA, properties=properties))).signatures
    assert (signature.verdict, signature.signer.surname) == (Verdict.signed, "ROSSI")


def test_c2_properties_that_nobody_signed_are_refused():
    own = signed_properties("rossi", AT, "s-p")
    holder = f'<xades:QualifyingProperties xmlns:xades="{XADES}">{own}</xades:QualifyingProperties>'
    unsigned = f'<ds:Object xmlns:ds="{DS}">{holder}</ds:Object>'
    report = inspected(enveloped(sign_xml_as("rossi", SIGNED_DATA, properties="", objects=unsigned)))
    assert (report.verdict, report.signatures[0].sub_indication) == (Verdict.broken, "FORMAT_FAILURE")


def test_c2_elements_around_a_base64_text_are_no_part_of_it():
    thing = f'<ds:Object xmlns:ds="{DS}" Id="o">{encoded(b"vero")}</ds:Object>'
    signature = sign_xml_as("rossi", reference("#o", b"vero", BASE64), objects=thing)
    text = encoded(b"vero")
    assert inspected(signature.replace(text, f"{text[:4]}<a/>{text[4:]}")).verdict is Verdict.unverifiable


def test_c2_one_of_several_documents_apart_is_compared_and_the_others_asked_for():
    both = reference("domanda.pdf", b"domanda") + reference("accordo.pdf", b"accordo")
    signature = sign_xml_as("rossi", both)
    assert inspected(signature, detached=b"accordo").verdict is Verdict.unverifiable
    assert inspected(signature, detached=b"altro").verdict is Verdict.broken


def test_c2_wide_encodings_are_read():
    document = ('<?xml version="1.0" encoding="UTF-16"?>' + good()).encode("utf-16")
    assert inspected(document).verdict is Verdict.signed
    assert inspected(document).container == "xml"


def test_c2_xml_without_signatures_is_not_signed_and_broken_xml_is_unreadable():
    assert inspected(f'<a xmlns:ds="{DS}"/>').verdict is Verdict.not_signed
    assert inspected(good()[:-20]).verdict is Verdict.unreadable
    assert inspected(f'<!DOCTYPE a><a name="Signature">{DS}</a>').verdict is Verdict.not_signed
    envelope = inspected(sign_p7m_as("rossi", good()[:-20].encode()))
    assert (envelope.verdict, "xml_unreadable" in codes(envelope)) == (Verdict.signed_with_reservations, True)


def test_c2_a_signature_that_signs_nothing_is_broken():
    assert inspected(enveloped(sign_xml_as("rossi", "", properties=""))).verdict is Verdict.broken


def test_c3_a_revoked_certificate_signed_nothing():
    assert inspected(enveloped(sign_xml_as("revoked", SIGNED_DATA))).verdict is Verdict.invalid_certificate


def test_c2_without_trust_the_signature_is_intact_with_a_reservation():
    report = inspected(good(), trust=TrustStore.empty(), at=AT + timedelta(days=1))
    assert (report.verdict, report.signatures[0].intact) == (Verdict.signed_with_reservations, True)


def test_certificates_and_lists_in_the_properties_serve_the_path():
    store = TrustStore(anchors=TRUST.anchors)
    shown = encoded(certificate("ca").dump())
    alone = sign_xml_as("rossi", SIGNED_DATA).replace(f"<ds:X509Certificate>{shown}</ds:X509Certificate>", "")
    assert "trust_not_established" in codes(inspected(enveloped(alone), trust=store))
    lists = "".join(
        f"<xades:EncapsulatedCRLValue>{encoded(one.dump())}</xades:EncapsulatedCRLValue>" for one in TRUST.crls
    )
    values = (
        f"<xades:CertificateValues><xades:EncapsulatedX509Certificate>{shown}</xades:EncapsulatedX509Certificate>"
        f"</xades:CertificateValues><xades:RevocationValues><xades:CRLValues>{lists}</xades:CRLValues></xades:RevocationValues>"
    )
    assert inspected(enveloped(with_property(alone, values)), trust=store).verdict is Verdict.signed
    assert base64.b64decode(shown) == certificate("ca").dump()
