"""C2: signatures in XML are checked whatever their form, and only what they really sign counts."""

import base64
import hashlib
import time
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


def wrapped(stand_in: str) -> str:
    """A signed element moved aside, and `stand_in` where readers look."""
    octets = b'<ore Id="o">40</ore>'
    signature = sign_xml_as("rossi", reference("#o", octets, transform(EXCLUSIVE)))
    return f"<domanda>{stand_in}{signature}<altro>{octets.decode()}</altro></domanda>"


@pytest.mark.parametrize(
    "stand_in", ["<ore>48</ore>", '<ore Id="o">48</ore>', '<ore ID="o">48</ore>', "<x><ore>48</ore></x>"]
)
def test_c2_a_stand_in_for_what_was_signed_is_never_clean(stand_in):
    assert inspected(wrapped("")).verdict is Verdict.signed
    assert inspected(wrapped(stand_in)).verdict in {Verdict.changed, Verdict.broken}


FALSE = '<ore xmlns="urn:altro">48</ore>'


@pytest.mark.parametrize("place", ["</ds:Signature>", "</ds:KeyInfo>", "</xades:QualifyingProperties>", "</ds:Object>"])
@pytest.mark.parametrize("stand_in", ["<ore>48</ore>", FALSE, "<Ore>48</Ore>"], ids=["same", "namespace", "case"])
def test_c2_a_stand_in_hidden_inside_the_signature_is_never_clean(place, stand_in):
    report = inspected(good().replace(place, stand_in + place))
    assert (report.verdict, codes(report)) == (Verdict.changed, {"xml_not_covered"})


@pytest.mark.parametrize("stand_in", [FALSE, '<x:ore xmlns:x="urn:altro">48</x:ore>', "<ORE>48</ORE>"])
def test_c2_a_stand_in_of_another_namespace_or_case_is_never_clean(stand_in):
    chosen = filter2(("intersect", "//ore[1]")) + transform(EXCLUSIVE)
    signature = sign_xml_as("rossi", reference("", b"<ore>40</ore>", chosen))
    assert inspected(enveloped(signature)).verdict is Verdict.signed
    assert inspected(enveloped(signature, DATA + stand_in)).verdict is Verdict.changed


@pytest.mark.parametrize("method", [EXCLUSIVE, f"{EXCLUSIVE}WithComments"])
def test_c2_a_comment_within_a_signed_text_is_told_unless_it_is_signed(method):
    parted = "<ore>4<!-- 8 -->0</ore>"
    octets = (
        b'<o Id="o"><ore>4<!-- 8 -->0</ore></o>'
        if method.endswith("Comments")
        else b'<o Id="o">' + b"<ore>40</ore></o>"
    )
    signature = sign_xml_as("rossi", reference("#xpointer(id('o'))", octets, transform(method)))
    report = inspected(f'<busta><o Id="o">{parted}</o>{signature}</busta>')
    if method.endswith("Comments"):
        assert report.verdict is Verdict.signed
    else:
        assert (report.verdict, codes(report)) == (Verdict.signed_with_reservations, {"xml_text_cut"})


def test_c2_a_style_sheet_that_nobody_signed_is_told():
    signature = sign_xml_as("rossi", reference("#d", b'<d Id="d"><ore>40</ore></d>', ENVELOPED + transform(EXCLUSIVE)))
    document = f'<d Id="d"><ore>40</ore>{signature}</d>'
    assert inspected(document).verdict is Verdict.signed
    report = inspected(f'<?xml-stylesheet href="altro.xsl"?>{document}')
    assert (report.verdict, codes(report)) == (Verdict.signed_with_reservations, {"xml_partly_covered"})
    assert "<?xml-stylesheet?>" in report.signatures[0].problems[0].message


def test_c2_attributes_around_what_is_signed_are_not_signed():
    octets = b'<ore Id="o">40</ore>'
    signature = sign_xml_as("rossi", reference("#o", octets, transform(EXCLUSIVE)))
    bare = f'<domanda Id="d" xml:lang="it">{octets.decode()}{signature}</domanda>'
    assert inspected(bare).verdict is Verdict.signed
    report = inspected(bare.replace('Id="d"', 'Id="d" importo="100"'))
    assert (report.verdict, "xml_partly_covered" in codes(report)) == (Verdict.signed_with_reservations, True)


def test_c2_a_signed_object_moved_behind_a_false_one_is_never_clean():
    thing = f'<ds:Object xmlns:ds="{DS}" Id="o">{encoded(b"vero")}</ds:Object>'
    signature = sign_xml_as("rossi", reference("#o", b"vero", BASE64), objects=thing)
    assert inspected(signature).verdict is Verdict.signed
    false = f"<ds:Object>{encoded(b'falso')}</ds:Object><ds:Object><w>{thing}</w></ds:Object>"
    assert inspected(signature.replace(thing, false)).verdict is Verdict.changed
    replaced = signature.replace(thing, f"<ds:Object>{encoded(b'falso')}</ds:Object>")
    assert inspected(f"<busta>{replaced}{thing}</busta>").verdict is Verdict.changed


def test_c2_a_comment_cannot_cut_what_is_read():
    octets = canonical(f"<domanda>{DATA}</domanda>")
    chosen = xpath("not(ancestor-or-self::ds:Signature)")
    signature = sign_xml_as("rossi", reference("", octets, chosen + transform(EXCLUSIVE)))
    cut = signature.replace("not(ancestor-or-self::ds:Signature)", "not(ancestor-or-self::<!-- -->ds:Signature)")
    assert inspected(enveloped(cut)).verdict is Verdict.signed
    shortened = signature.replace("not(ancestor", "true()<!-- -->not(ancestor")
    assert inspected(enveloped(shortened)).verdict is Verdict.broken


BOMB = (
    '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + good().replace(">40<", ">&x;<"),
        BOMB + good().replace(">40<", ">&j;<"),
        BOMB + good().replace("<ore>", '<ore n="&j;">'),
        "<!DOCTYPE domanda>" + good(),
        good().replace(DATA, "<a>" * 3000 + "</a>" * 3000),
        good().replace(DATA, "<a>" * 300 + "</a>" * 300),
        good().replace(DATA, "<a/>" * 500_000),
        good().replace(DATA, "<a " + " ".join(f'n{number}=""' for number in range(5_000)) + "/>"),
        good().replace(DATA, "<a " + " ".join(f'xmlns:n{number}="u"' for number in range(5_000)) + "/>"),
    ],
    ids=[
        *("file entity", "bomb in text", "bomb in attribute", "doctype", "3000 deep", "300 deep"),
        *("500,000 elements", "5,000 attributes", "5,000 namespaces"),
    ],
)
def test_c2_hostile_xml_is_refused_at_once(document):
    started = time.process_time()
    assert inspected(document).verdict in {Verdict.unverifiable, Verdict.unreadable}
    assert time.process_time() - started < 2


def test_c2_a_costly_xpath_is_not_evaluated():
    nodes = "<a/>" * 20_000
    chosen = xpath("count(//a[count(//a) &gt; 0]) &gt; 0")
    document = enveloped(sign_xml_as("rossi", reference("", b"x", chosen)), nodes)
    started = time.process_time()
    assert inspected(document).verdict is Verdict.unverifiable
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("chosen", "depth"),
    [
        (filter2(("subtract", "//*[count(../*) &gt; 5]")), 1),
        (filter2(("subtract", "/*/*[count(../*) &gt; 5]")), 1),
        (filter2(("subtract", "/*/a[string(/) = 'x']")), 1),
        (xpath(" and ".join(f"not(ancestor-or-self::b{each})" for each in range(60))), 100),
    ],
    ids=["predicate of every node", "predicate of every child", "predicate on all the text", "ancestors of every node"],
)
def test_c2_a_selection_that_goes_through_the_document_again_and_again_is_not_evaluated(chosen, depth):
    nodes = "<a>" * depth + "<a>testo</a>" * 10_000 + "</a>" * depth
    report = inspected(enveloped(sign_xml_as("rossi", reference("", b"x", chosen)), nodes))
    assert (report.verdict, codes(report)) == (Verdict.unverifiable, {"algorithm_unsupported"})


@pytest.mark.parametrize(
    "step", ["ds:Signature[@Id='s']", "*[local-name()='Signature']", f"*[namespace-uri()='{DS}' and @Id = 's']"]
)
def test_c2_signatures_are_left_out_of_a_large_document_by_what_they_are_called(step):
    content = f"<domanda>{DATA * 700}</domanda>"
    chosen = xpath(f"not(ancestor-or-self::{step})") + transform(EXCLUSIVE)
    signature = sign_xml_as("rossi", reference("", canonical(content), chosen))
    assert inspected(content.replace("</domanda>", signature + "</domanda>")).verdict is Verdict.signed


def test_c2_many_signatures_over_one_large_document_are_bounded():
    content = f"<domanda>{'<a/>' * 10_000}</domanda>"
    signed = reference("", canonical(content), filter2(("subtract", "//ds:Signature")) + transform(EXCLUSIVE))
    one = sign_xml_as("bianchi", signed, properties="")
    started = time.process_time()
    report = inspected(content.replace("</domanda>", one * 60 + "</domanda>"))
    assert (report.verdict, codes(report)) == (Verdict.unverifiable, {"xml_refused"})
    assert time.process_time() - started < 2


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
