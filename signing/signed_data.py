"""CMS SignedData (RFC 5652, ETSI EN 319 122-1): does each signature match its bytes, and which certificate made it.

Trust is no matter of this module: it reads, computes and compares.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice

from asn1crypto import algos, cms, core, crl, ocsp, pdf, tsp, x509

from signing.algorithms import (
    UnsupportedSignature,
    digest_name,
    hash_of,
    public_key,
    signed_digest,
    verify_signature,
    weakest,
)
from signing.cades_time_stamps import LateStamp, late_stamps
from signing.certificates import is_readable
from signing.cms_values import attribute_values, content_bytes
from signing.foreign_input import MALFORMED
from signing.signed_bytes import SignedBytes
from signing.stamped_message import StampedMessage
from signing.stated_times import stated_time

MOST_SIGNERS = 250
"""Signers of one envelope with those who countersigned, signatures of one PDF: more are not examined, and the document is
not called signed."""
MOST_TOKENS = 5
"""Time-stamps of one signature that are examined: further ones prove nothing."""
MOST_CERTIFICATES = 1000
"""Certificates read from one envelope."""
TST_INFO = "1.2.840.113549.1.9.16.1.4"
"""Type of the content of a time-stamp token (RFC 3161)."""


class Integrity(StrEnum):
    """What the mathematics says of one SignerInfo."""

    intact = "intact"
    hash_mismatch = "hash_mismatch"
    signature_mismatch = "signature_mismatch"
    wrong_certificate = "wrong_certificate"
    forged_range = "forged_range"
    malformed = "malformed"
    attributes_not_der = "attributes_not_der"
    content_missing = "content_missing"
    nothing_signed = "nothing_signed"
    certificate_missing = "certificate_missing"
    unsupported = "unsupported"
    too_many = "too_many"


@dataclass(frozen=True, slots=True)
class SignerFacts:
    """One SignerInfo, examined. `digest` is the weakest of those that bind the content; `technical` says in few words what
    failed; `timestamps` are DER ContentInfo tokens over `signature_value`; `counter_signers` sign that same value."""

    integrity: Integrity
    digest: str = ""
    certificate: x509.Certificate | None = None
    claimed_time: datetime | None = None
    signature_value: bytes = b""
    timestamps: tuple[bytes, ...] = ()
    counter_signers: tuple["SignerFacts", ...] = ()
    crls: tuple[crl.CertificateList, ...] = ()
    ocsps: tuple[ocsp.OCSPResponse, ...] = ()
    technical: str | None = None
    has_signed_attributes: bool = True
    late_stamps: tuple[LateStamp, ...] = ()


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What a SignedData carries besides signatures: certificates, revocation material, and its own content if it has one."""

    certificates: tuple[x509.Certificate, ...]
    crls: tuple[crl.CertificateList, ...]
    ocsps: tuple[ocsp.OCSPResponse, ...]
    content_type: str
    content: bytes | None


def load_signed_data(der: bytes) -> cms.SignedData:
    """The SignedData of a ContentInfo in DER or BER. Raises ValueError when it is another kind of message or does not parse."""
    message = cms.ContentInfo.load(der)
    if message["content_type"].native != "signed_data":
        raise ValueError(f"content type {message['content_type'].native}")
    return message["content"]


def is_time_stamp_token(message: bytes) -> bool:
    """True for a SignedData message whose content is what a time-stamping authority states. Never raises for any bytes."""
    try:
        return str(load_signed_data(message)["encap_content_info"]["content_type"].dotted) == TST_INFO
    except MALFORMED:
        return False


def enclosed_in(signed_data: cms.SignedData) -> Enclosed:
    """Certificates, revocation lists, OCSP responses and content of a SignedData; unreadable certificates are left out."""
    info = signed_data["encap_content_info"]
    content = info["content"]
    crls, ocsps = _revocation_material(signed_data)
    return Enclosed(
        certificates=tuple(_certificates(signed_data)),
        crls=crls,
        ocsps=ocsps,
        content_type=str(info["content_type"].dotted),
        content=None if isinstance(content, core.Void) else content_bytes(content),
    )


def _certificates(signed_data: cms.SignedData) -> list[x509.Certificate]:
    found = []
    for choice in islice(signed_data["certificates"] or (), MOST_CERTIFICATES):
        if choice.name != "certificate":
            continue
        try:
            certificate = choice.chosen
        except MALFORMED:
            continue
        if is_readable(certificate):
            found.append(certificate)
    return found


def _revocation_material(
    signed_data: cms.SignedData,
) -> tuple[tuple[crl.CertificateList, ...], tuple[ocsp.OCSPResponse, ...]]:
    lists, responses = [], []
    for choice in signed_data["crls"] or ():
        if choice.name == "crl":
            lists.append(choice.chosen)
        elif choice.name == "other" and choice.chosen["other_rev_info_format"].native == "ocsp_response":
            responses.append(choice.chosen["other_rev_info"])
    return tuple(lists), tuple(responses)


def examine_signers(signed_data: cms.SignedData, content: bytes | SignedBytes | None) -> tuple[SignerFacts, ...]:
    """Examine every SignerInfo over `content` (the enclosed content, or the detached bytes; None where it is not at hand).

    One malformed SignerInfo does not hide the others. An empty tuple means that the message bears no signature.
    """
    infos = signed_data["signer_infos"]
    if _are_too_many(infos):
        return (SignerFacts(Integrity.too_many, technical=f"more than {MOST_SIGNERS} signers"),)
    enclosed = enclosed_in(signed_data)
    message = SignedBytes.of(content) if content is not None else None
    stamped = None
    if message is not None and enclosed.content_type != TST_INFO:  # what proves the time of a time-stamp is not asked
        stamped = StampedMessage(signed_data, message, enclosed=enclosed.content is not None)
    return tuple(_examine(info, enclosed, message, stamped) for info in infos)


def _are_too_many(infos: cms.SignerInfos) -> bool:
    """Whether signers, those who countersigned, and those who countersigned these are more than are examined."""
    pending, seen = list(islice(infos, MOST_SIGNERS + 1)), 0
    while pending and seen <= MOST_SIGNERS:
        seen += 1
        try:
            counter_signers = attribute_values(pending.pop()["unsigned_attrs"], _COUNTER_SIGNATURE)
        except MALFORMED:
            continue
        pending.extend(counter_signers[: MOST_SIGNERS + 1])
    return seen > MOST_SIGNERS


def _examine(
    info: cms.SignerInfo, enclosed: Enclosed, content: SignedBytes | None, stamped: StampedMessage | None
) -> SignerFacts:
    try:
        return _examined(info, enclosed, content, stamped)
    except UnsupportedSignature as error:
        return SignerFacts(Integrity.unsupported, technical=str(error), certificate=_signer_certificate(info, enclosed))
    except MALFORMED as error:
        return SignerFacts(Integrity.malformed, technical=type(error).__name__)


def _examined(
    info: cms.SignerInfo, enclosed: Enclosed, content: SignedBytes | None, stamped: StampedMessage | None
) -> SignerFacts:
    certificate = _signer_certificate(info, enclosed)
    attributes = info["signed_attrs"]
    integrity, technical = _integrity(info, enclosed, certificate, content)
    value = info["signature"].native
    digest = digest_name(info["digest_algorithm"])
    crls, ocsps = _archived_revocation(info)
    return SignerFacts(
        integrity=integrity,
        digest=weakest(digest, signed_digest(info["signature_algorithm"], digest)),
        certificate=certificate,
        claimed_time=_signing_time(info),
        signature_value=value,
        timestamps=tuple(
            one.dump() for one in attribute_values(info["unsigned_attrs"], _SIGNATURE_TIMESTAMP)[:MOST_TOKENS]
        ),
        counter_signers=_counter_signers(info, enclosed, value),
        crls=(*enclosed.crls, *crls),
        ocsps=(*enclosed.ocsps, *ocsps),
        technical=technical,
        has_signed_attributes=bool(len(attributes)),
        late_stamps=late_stamps(info, stamped),
    )


_SET = b"\x31"
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_SIGNING_TIME = "1.2.840.113549.1.9.5"
_COUNTER_SIGNATURE = "1.2.840.113549.1.9.6"
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"
_ADOBE_REVOCATION = "1.2.840.113583.1.1.8"


def _signing_time(info: cms.SignerInfo) -> datetime | None:
    for value in attribute_values(info["signed_attrs"], _SIGNING_TIME):
        moment = value.native
        if isinstance(moment, datetime):
            return stated_time(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return None


def _signer_certificate(info: cms.SignerInfo, enclosed: Enclosed) -> x509.Certificate | None:
    sid = info["sid"]
    for certificate in enclosed.certificates:
        if sid.name == "issuer_and_serial_number":
            if (
                certificate.serial_number == sid.chosen["serial_number"].native
                and certificate.issuer.hashable == sid.chosen["issuer"].hashable
            ):
                return certificate
        elif certificate.key_identifier == sid.chosen.native:
            return certificate
    return None


def _integrity(
    info: cms.SignerInfo, enclosed: Enclosed, certificate: x509.Certificate | None, content: SignedBytes | None
) -> tuple[Integrity, str | None]:
    if content is None:
        return Integrity.content_missing, "SIGNED_DATA_NOT_FOUND"
    digest = digest_name(info["digest_algorithm"])
    attributes = info["signed_attrs"]
    problem = _attributes_problem(info, enclosed, digest, content) if len(attributes) else _content_problem(content)
    if problem:
        return problem
    messages = _attribute_encodings(attributes) if len(attributes) else (content.whole(),)
    if certificate is None:
        return Integrity.certificate_missing, "NO_SIGNING_CERTIFICATE_FOUND"
    if not _references_match(info, certificate):
        return Integrity.wrong_certificate, "signing-certificate attribute"
    if not _serial_is_minimal(certificate):
        return Integrity.malformed, "certificate serial number not in DER"
    return _mathematics(info, certificate, digest, messages)


def _content_problem(content: SignedBytes) -> tuple[Integrity, str] | None:
    """Signed attributes put in the place of the content: the signature over them holds for it too, as RFC 5652 (5.4) signs
    both alike."""
    if not content.starts_with(_SET):
        return None
    try:
        passed_off = attribute_values(cms.CMSAttributes.load(content.whole(), strict=True), _MESSAGE_DIGEST)
    except MALFORMED:
        return None
    return (Integrity.malformed, "signed attributes passed off as content") if passed_off else None


def _mathematics(
    info: cms.SignerInfo, certificate: x509.Certificate, digest: str, messages: tuple[bytes, ...]
) -> tuple[Integrity, str | None]:
    key = public_key(certificate.public_key)
    signature = info["signature"].native
    algorithm: algos.SignedDigestAlgorithm = info["signature_algorithm"]
    if verify_signature(key, algorithm, digest, signature, messages[0]):
        return Integrity.intact, None
    if any(verify_signature(key, algorithm, digest, signature, message) for message in messages[1:]):
        return Integrity.attributes_not_der, "signed attributes signed as found, not in DER"
    return Integrity.signature_mismatch, "SIG_CRYPTO_FAILURE"


def _serial_is_minimal(certificate: x509.Certificate) -> bool:
    """X.690 8.3.2: the first nine bits of an integer are never all equal. Other readers refuse such a certificate outright."""
    contents = certificate["tbs_certificate"]["serial_number"].contents
    padded = len(contents) > 1 and (contents[0], contents[1] >> 7) in {(0x00, 0), (0xFF, 1)}
    return not padded


def _attributes_problem(
    info: cms.SignerInfo, enclosed: Enclosed, digest: str, content: SignedBytes
) -> tuple[Integrity, str] | None:
    attributes = info["signed_attrs"]
    digests = attribute_values(attributes, _MESSAGE_DIGEST)
    if len(digests) != 1:
        return Integrity.malformed, "message-digest attribute missing or repeated"
    if digests[0].native != content.digest(digest):
        return Integrity.hash_mismatch, "HASH_FAILURE"
    types = attribute_values(attributes, _CONTENT_TYPE)
    if len(types) > 1 or any(str(one.dotted) != enclosed.content_type for one in types):
        return Integrity.malformed, "content-type attribute"
    return None


def _attribute_encodings(attributes: cms.CMSAttributes) -> tuple[bytes, ...]:
    """The SET OF in DER order, which is what RFC 5652 (5.4) signs, then as it stands in the file where that differs."""
    as_found = attributes.contents
    encoded = sorted(attribute.dump() for attribute in attributes)
    return tuple(dict.fromkeys(_raw_set(body).dump() for body in (b"".join(encoded), as_found)))


def _raw_set(contents: bytes) -> core.SetOf:
    value = core.SetOf(spec=core.Any)
    value.contents = contents
    return value


def _references_match(info: cms.SignerInfo, certificate: x509.Certificate) -> bool:
    """The ESS attribute, where present, must name the certificate that verifies (RFC 5035; the first reference counts)."""
    for value in attribute_values(info["signed_attrs"], _SIGNING_CERTIFICATE_V2):
        reference = tsp.SigningCertificateV2.load(value.dump())["certs"][0]
        return bool(
            reference["cert_hash"].native == hash_of(certificate.dump(), digest_name(reference["hash_algorithm"]))
        )
    for value in attribute_values(info["signed_attrs"], _SIGNING_CERTIFICATE):
        reference = tsp.SigningCertificate.load(value.dump())["certs"][0]
        return bool(reference["cert_hash"].native == hash_of(certificate.dump(), "sha1"))
    return True


def _counter_signers(info: cms.SignerInfo, enclosed: Enclosed, value: bytes) -> tuple[SignerFacts, ...]:
    counter_infos = attribute_values(info["unsigned_attrs"], _COUNTER_SIGNATURE)
    return tuple(_examine(signer, enclosed, SignedBytes(value), None) for signer in counter_infos)


def _archived_revocation(
    info: cms.SignerInfo,
) -> tuple[list[crl.CertificateList], list[ocsp.OCSPResponse]]:
    lists: list[crl.CertificateList] = []
    responses: list[ocsp.OCSPResponse] = []
    for value in attribute_values(info["signed_attrs"], _ADOBE_REVOCATION):
        archive = pdf.RevocationInfoArchival.load(value.dump())
        lists.extend(archive["crl"] or ())
        responses.extend(archive["ocsp"] or ())
    return lists, responses
