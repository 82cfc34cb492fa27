"""C3: evidence records inside a signature, or in a file of their own, prove when what they cover existed."""

from datetime import UTC, datetime

import pytest
from asn1crypto import cms, core
from lxml import etree

from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as, trust_store
from tests.pki.evidence_records import Renewed, asn1_record, xml_record
from tests.pki.xml_signer import (
    DS,
    ENVELOPED,
    EXCLUSIVE,
    canonical,
    encoded,
    reference,
    sign_xml_as,
    transform,
    with_property,
)
from tests.signing.documents import plain_pdf

TRUST = trust_store()
MODULE = plain_pdf()
THEN, LATER = datetime(2019, 6, 1, 10, tzinfo=UTC), datetime(2019, 9, 1, tzinfo=UTC)
SIGNED_ON = datetime(2019, 5, 1, tzinfo=UTC)
RENEWED = (Renewed("sha256", (THEN,)), Renewed("sha512", (LATER,)))
INTERNAL, EXTERNAL = "1.2.840.113549.1.9.16.2.49", "1.2.840.113549.1.9.16.2.50"


def inspected(data: bytes, **options: object) -> SignatureReport:
    return inspect_signatures(data, name="domanda", trust=TRUST, at=AT, **options)


def codes(report: SignatureReport) -> list[str]:
    return [one.code for one in (*report.problems, *(one for s in report.signatures for one in s.problems))]


def sealed(message: bytes, record: bytes, oid: str = INTERNAL) -> bytes:
    """The envelope with the record among its unsigned attributes."""
    loaded = cms.ContentInfo.load(message)
    info = loaded["content"]["signer_infos"][0]
    attribute = core.ObjectIdentifier(oid).dump() + core.SetOf([core.Any.load(record)], spec=core.Any).dump()
    one = core.Sequence()
    one.contents = attribute
    many = core.SetOf(spec=core.Any)
    many.contents = one.dump()
    info["unsigned_attrs"] = cms.CMSAttributes.load(many.dump())
    return loaded.dump()


def expired_envelope(*, detached: bool = False) -> bytes:
    """Signed while the certificate was good: only a proof of that time saves it now."""
    return sign_p7m_as("expired", MODULE, at=SIGNED_ON, detached=detached)


def test_c3_a_record_inside_an_envelope_proves_when_it_was_signed():
    message = expired_envelope()
    report = inspected(sealed(message, asn1_record([message], RENEWED)))
    assert (report.verdict, codes(report)) == (Verdict.signed, ["evidence_record_holds"])
    assert report.signatures[0].proven_time == THEN
    assert "questa firma esisteva già il 01/06/2019" in report.signatures[0].problems[0].message


def test_c3_a_record_of_another_envelope_proves_nothing():
    message = expired_envelope()
    report = inspected(sealed(message, asn1_record([sign_p7m_as("rossi", MODULE)])))
    assert report.verdict is Verdict.signed_with_reservations
    assert codes(report) == ["expired_now", "evidence_record_of_other_data"]
    assert report.signatures[0].proven_time is None


@pytest.mark.parametrize(("beside", "holds"), [(MODULE, True), (plain_pdf("altro"), False)])
def test_c3_a_record_of_a_detached_signature_covers_its_document_too(beside, holds):
    message = expired_envelope(detached=True)
    record = asn1_record([message, beside], [Renewed("sha256", (THEN,))])
    report = inspected(sealed(message, record, EXTERNAL), detached=MODULE)
    assert ("evidence_record_holds" in codes(report)) is holds
    assert report.signatures[0].proven_time == (THEN if holds else None)


def test_c3_an_envelope_of_indefinite_lengths_is_covered_as_it_was_written():
    message = expired_envelope()
    size = 2 + (message[1] & 0x7F)
    indefinite = b"\x30\x80" + message[size:] + b"\0\0"
    whole = sealed(message, asn1_record([indefinite], [Renewed("sha256", (THEN,))]))
    size = 2 + (whole[1] & 0x7F)
    assert inspected(b"\x30\x80" + whole[size:] + b"\0\0").signatures[0].proven_time == THEN


def xml_signature() -> str:
    octets = canonical("<domanda><ore>40</ore></domanda>")
    return sign_xml_as("expired", reference("", octets, ENVELOPED + transform(EXCLUSIVE)), at=SIGNED_ON)


def group_of(signature: str) -> list[bytes]:
    """What a record of that signature covers: its two references, and its own three parts."""
    whole = etree.fromstring(f"<domanda><ore>40</ore>{signature}</domanda>")
    parts = [whole.find(f".//{{{DS}}}{name}") for name in ("SignedInfo", "SignatureValue", "KeyInfo")]
    parts.append(whole.find(".//{http://uri.etsi.org/01903/v1.3.2#}SignedProperties"))
    return [
        canonical("<domanda><ore>40</ore></domanda>"),
        *(etree.tostring(one, method="c14n", exclusive=True) for one in parts),
    ]


def with_record(signature: str, record: str) -> bytes:
    holder = (
        f'<en:SealingEvidenceRecords xmlns:en="http://uri.etsi.org/19132/v1.1.1#">{record}</en:SealingEvidenceRecords>'
    )
    return f"<domanda><ore>40</ore>{with_property(signature, holder)}</domanda>".encode()


@pytest.mark.parametrize("kind", ["xml", "asn1"])
@pytest.mark.parametrize("other", [False, True])
def test_c3_a_record_inside_an_xml_signature_covers_all_that_it_binds(kind, other):
    signature = xml_signature()
    covered = [b"altro", *group_of(signature)[1:]] if other else group_of(signature)
    chains = [Renewed("sha256", (THEN,))]
    record = (
        xml_record(covered, chains, grouped=True).decode()
        if kind == "xml"
        else f"<en:ASN1EvidenceRecord>{encoded(asn1_record(covered, chains, grouped=True))}</en:ASN1EvidenceRecord>"
    )
    report = inspected(with_record(signature, record))
    assert codes(report) == (["expired_now", "evidence_record_of_other_data"] if other else ["evidence_record_holds"])
    assert report.signatures[0].proven_time == (None if other else THEN)


@pytest.mark.parametrize("make", [asn1_record, xml_record])
def test_c3_a_record_by_itself_asks_for_its_document_and_proves_when_that_existed(make):
    signed = sign_pdf_as("expired", MODULE, at=SIGNED_ON)
    record = make([signed], RENEWED)
    assert (inspected(record).verdict, codes(inspected(record))) == (Verdict.unverifiable, ["evidence_record_alone"])
    report = inspected(record, detached=signed)
    assert (report.verdict, codes(report)) == (Verdict.signed, ["evidence_record_holds"])
    assert report.signatures[0].proven_time == THEN
    unsigned = inspected(make([MODULE]), detached=MODULE)
    assert (unsigned.verdict, codes(unsigned)) == (
        Verdict.not_signed,
        ["evidence_record_only", "evidence_record_holds"],
    )
    assert "evidence_record_of_other_data" in codes(inspected(record, detached=MODULE))
