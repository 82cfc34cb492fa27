"""C3: the later time-stamps of an XML signature are computed as the standard says, and one that does not hold is told."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from lxml import etree

from signing.report import SignatureReport, Verdict
from tests.pki.authority import certificate
from tests.pki.xml_signer import (
    DS,
    ENVELOPED,
    EXCLUSIVE,
    XADES,
    canonical,
    encoded,
    reference,
    sign_xml_as,
    token,
    transform,
)
from tests.signing.xml_documents import DATA, SIGNED_DATA, codes, enveloped, inspected

THEN = datetime(2019, 6, 1, 10, tzinfo=UTC)
XADES_141 = "http://uri.etsi.org/01903/v1.4.1#"
VALUES = (
    "<xades:CertificateValues><xades:EncapsulatedX509Certificate>"
    f"{encoded(certificate('ca').dump())}</xades:EncapsulatedX509Certificate></xades:CertificateValues>"
)
REFERENCES = "<xades:CompleteCertificateRefs><xades:CertRefs/></xades:CompleteCertificateRefs>"
DATA_OCTETS = canonical(f"<domanda>{DATA}</domanda>")


def own(element: etree._Element) -> bytes:
    """Exclusive canonical form by libxml2, no code of ours."""
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def part(document: etree._Element, name: str) -> etree._Element:
    (found,) = document.iter(f"{{*}}{name}")
    return found


def over_archive(document: etree._Element, data: Sequence[bytes], *, skip: Sequence[str] = ()) -> bytes:
    """Signed data, the parts of the signature, the properties so far, the other objects."""
    properties = [
        one for one in part(document, "UnsignedSignatureProperties") if etree.QName(one).localname not in skip
    ]
    objects = [one for one in document.iter(f"{{{DS}}}Object") if one.find("{*}QualifyingProperties") is None]
    elements = [*(part(document, name) for name in ("SignedInfo", "SignatureValue", "KeyInfo")), *properties, *objects]
    return b"".join(data) + b"".join(map(own, elements))


def over_references(document: etree._Element) -> bytes:
    names = ("SignatureValue", "SignatureTimeStamp", "CompleteCertificateRefs")
    return b"".join(own(one) for name in names for one in document.iter(f"{{*}}{name}"))


def with_stamp(document: etree._Element, name: str, namespace: str, over: bytes, at: datetime = THEN) -> None:
    stamp = etree.SubElement(part(document, "UnsignedSignatureProperties"), f"{{{namespace}}}{name}")
    etree.SubElement(stamp, f"{{{DS}}}CanonicalizationMethod", Algorithm=EXCLUSIVE)
    etree.SubElement(stamp, f"{{{XADES}}}EncapsulatedTimeStamp").text = encoded(token(over, at))


def signed_by_expired(*, unsigned: str = VALUES, over: str = SIGNED_DATA) -> etree._Element:
    return etree.fromstring(enveloped(sign_xml_as("expired", over, at=THEN, unsigned=unsigned)))


def properties_of(document: etree._Element) -> bytes:
    return own(part(document, "SignedProperties"))


def archived(namespace: str = XADES_141, unsigned: str = VALUES) -> etree._Element:
    document = signed_by_expired(unsigned=unsigned)
    over = over_archive(document, [DATA_OCTETS, properties_of(document)])
    with_stamp(document, "ArchiveTimeStamp", namespace, over)
    return document


def look(document: etree._Element) -> SignatureReport:
    return inspected(etree.tostring(document))


@pytest.mark.parametrize("namespace", [XADES, XADES_141])
def test_c3_an_archive_time_stamp_proves_when_the_signature_existed(namespace):
    assert look(signed_by_expired()).verdict is Verdict.signed_with_reservations
    report = look(archived(namespace))
    assert (report.verdict, report.signatures[0].proven_time, codes(report)) == (Verdict.signed, THEN, set())


def test_c3_a_second_archive_time_stamp_covers_the_first():
    document = archived()
    again = datetime(2019, 12, 1, tzinfo=UTC)
    over = over_archive(document, [DATA_OCTETS, properties_of(document)])
    with_stamp(document, "ArchiveTimeStamp", XADES_141, over, again)
    assert codes(look(document)) == set()
    first = part_of(document, "ArchiveTimeStamp", 0)
    first.set("Id", "altra")
    assert "archive_timestamp_of_other_data" in codes(look(document))


def part_of(document: etree._Element, name: str, place: int) -> etree._Element:
    return list(document.iter(f"{{*}}{name}"))[place]


def test_c3_nodes_without_a_canonicalization_of_their_own_take_that_of_the_time_stamp():
    inclusive = canonical(f"<domanda>{DATA}</domanda>", exclusive=False)
    document = signed_by_expired(over=reference("", inclusive, ENVELOPED))
    over = over_archive(document, [DATA_OCTETS, properties_of(document)])
    with_stamp(document, "ArchiveTimeStamp", XADES_141, over)
    assert codes(look(document)) == set()


def test_c3_an_enveloped_object_counts_among_the_objects_in_the_older_reading_and_once_in_the_other():
    held = f'<ds:Object xmlns:ds="{DS}" Id="dati"><ore>40</ore></ds:Object>'
    data = reference("#dati", canonical(held), transform(EXCLUSIVE))
    for with_objects in (True, False):
        document = etree.fromstring(sign_xml_as("expired", data, objects=held, at=THEN, unsigned=VALUES))
        over = over_archive(document, [canonical(held), properties_of(document)])
        over = over if with_objects else over.removesuffix(canonical(held))
        with_stamp(document, "ArchiveTimeStamp", XADES_141, over)
        report = look(document)
        assert (codes(report), report.signatures[0].proven_time) == (set(), THEN), with_objects


def test_c3_version_132_leaves_out_the_properties_it_does_not_know():
    unknown = f'<x:TimeStampValidationData xmlns:x="{XADES_141}"/>'
    document = signed_by_expired(unsigned=VALUES + unknown)
    over = over_archive(document, [DATA_OCTETS, properties_of(document)], skip=["TimeStampValidationData"])
    with_stamp(document, "ArchiveTimeStamp", XADES, over)
    assert codes(look(document)) == set()


@pytest.mark.parametrize("changed", ["CertificateValues", "SignatureValue", "KeyInfo"])
def test_c3_what_changes_under_an_archive_time_stamp_is_told(changed):
    document = archived()
    part(document, changed).set("Id", "altro")
    report = look(document)
    assert "archive_timestamp_of_other_data" in codes(report)
    assert report.signatures[0].proven_time is None
    assert report.verdict is not Verdict.signed


def test_c3_an_archive_time_stamp_that_is_not_intact_is_told():
    document = archived()
    held = part(document, "EncapsulatedTimeStamp")
    der = base64.b64decode(held.text)
    held.text = encoded(der[:-1] + bytes([der[-1] ^ 1]))
    assert "archive_timestamp_broken" in codes(look(document))


def test_c3_a_time_stamp_over_signature_and_references_proves_the_signature_and_one_over_references_alone_does_not():
    document = signed_by_expired(unsigned=REFERENCES)
    with_stamp(document, "SigAndRefsTimeStamp", XADES, over_references(document))
    report = look(document)
    assert (report.verdict, report.signatures[0].proven_time) == (Verdict.signed, THEN)
    document = signed_by_expired(unsigned=REFERENCES)
    with_stamp(document, "RefsOnlyTimeStamp", XADES, own(part(document, "CompleteCertificateRefs")))
    report = look(document)
    assert (report.signatures[0].proven_time, "timestamp_of_other_data" in codes(report)) == (None, False)
    with_stamp(document, "SigAndRefsTimeStamp", XADES, b"altro")
    assert "archive_timestamp_of_other_data" in codes(look(document))


def test_c3_time_stamps_over_too_much_are_unsupported_and_never_broken(monkeypatch):
    monkeypatch.setattr("signing.xml_references.MOST_OCTETS_READ", 6_000)
    assert "timestamp_unsupported" in codes(look(archived()))


def distributed(included: str, **attributes: str) -> etree._Element:
    """A time-stamp that names what it takes in beside the value of the signature."""
    references = REFERENCES.replace("CompleteCertificateRefs>", 'CompleteCertificateRefs Id="rif">', 1)
    document = signed_by_expired(unsigned=references)
    over = own(part(document, "SignatureValue")) + own(part(document, "CompleteCertificateRefs"))
    with_stamp(document, "SigAndRefsTimeStamp", XADES, over)
    etree.SubElement(part(document, "SigAndRefsTimeStamp"), f"{{{XADES}}}Include", URI=included, **attributes)
    return document


def test_c3_a_distributed_time_stamp_proves_the_signature_with_what_it_names():
    report = look(distributed("#rif"))
    assert (report.verdict, report.signatures[0].proven_time, codes(report)) == (Verdict.signed, THEN, set())
    report = look(distributed("#s-p"))
    assert (report.signatures[0].proven_time, "archive_timestamp_of_other_data" in codes(report)) == (None, True)


@pytest.mark.parametrize("included", [("#nessuno", {}), ("altrove.xml", {}), ("#rif", {"referencedData": "true"})])
def test_c3_a_distributed_time_stamp_over_what_is_not_at_hand_is_unsupported_and_never_broken(included):
    report = look(distributed(included[0], **included[1]))
    assert (report.verdict, report.signatures[0].proven_time) == (Verdict.signed_with_reservations, None)
    assert "timestamp_unsupported" in codes(report)


def test_c3_a_stamp_of_the_signature_alone_that_names_other_things_is_unsupported():
    document = archived()
    part(document, "ArchiveTimeStamp").tag = f"{{{XADES}}}SignatureTimeStamp"
    etree.SubElement(part(document, "SignatureTimeStamp"), f"{{{XADES}}}Include", URI="#s-v")
    assert "timestamp_unsupported" in codes(look(document))


def test_c3_an_archive_time_stamp_made_after_the_certificate_ended_does_not_say_that_the_signature_was():
    """One over the value of the signature alone is made when somebody signs, and says so."""
    ended = datetime(2020, 2, 1, tzinfo=UTC)
    document = signed_by_expired()
    over = over_archive(document, [DATA_OCTETS, properties_of(document)])
    with_stamp(document, "ArchiveTimeStamp", XADES_141, over, ended)
    report = look(document)
    assert (report.verdict, report.signatures[0].proven_time) == (Verdict.signed_with_reservations, None)
    assert "expired_now" in codes(report)
    document = signed_by_expired()
    with_stamp(document, "SignatureTimeStamp", XADES, own(part(document, "SignatureValue")), ended)
    report = look(document)
    assert (report.verdict, report.signatures[0].sub_indication) == (Verdict.invalid_certificate, "EXPIRED")
