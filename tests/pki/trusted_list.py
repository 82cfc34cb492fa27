"""Trusted lists made and signed by code, in the shape of ETSI TS 119 612: a list of lists, and lists of invented services."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from asn1crypto import x509
from cryptography import x509 as cryptography_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import SignatureMethod, methods
from signxml.xades import XAdESSigner

LOTL = "https://lists.example/eu-lotl.xml"
ITALY = "https://lists.example/it.xml"
_TYPES = "http://uri.etsi.org/TrstSvc/Svctype/"
_STATUS = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"
_EXTENSION = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/"
_LOTL_RULE = "http://uri.etsi.org/TrstSvc/TrustedList/schemerules/EUlistofthelists"
_MEDIA_TYPE = "application/vnd.etsi.tsl+xml"


@dataclass(frozen=True)
class ListSigner:
    """Who signs a list: an operator of invented name."""

    certificate: cryptography_x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def asn1(self) -> x509.Certificate:
        return x509.Certificate.load(self.certificate.public_bytes(serialization.Encoding.DER))


@cache
def list_signer(
    name: str, since: datetime = datetime(2010, 1, 1, tzinfo=UTC), until: datetime = datetime(2045, 1, 1, tzinfo=UTC)
) -> ListSigner:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = cryptography_x509.Name(
        [
            cryptography_x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
            cryptography_x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    builder = (
        cryptography_x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(cryptography_x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )
    return ListSigner(builder.sign(key, hashes.SHA256()), key)


@dataclass(frozen=True)
class Term:
    """A status of a service since an instant; `extensions` are XML of ServiceInformationExtensions."""

    status: str
    since: datetime
    service_type: str = "CA/QC"
    extensions: str = ""


@dataclass(frozen=True)
class Listed:
    """A service: its certificate and its terms, the present first."""

    certificate: x509.Certificate
    terms: Sequence[Term]
    name: str = "Servizio di prova"


@dataclass(frozen=True)
class Scheme:
    territory: str = "IT"
    sequence: int = 1
    issued_at: datetime = datetime(2020, 4, 1, tzinfo=UTC)
    lasts: timedelta = field(default=timedelta(days=180))


def purposes(*names: str) -> str:
    """AdditionalServiceInformation, critical as in the real lists."""
    return "".join(
        '<Extension Critical="true"><AdditionalServiceInformation>'
        f'<URI xml:lang="en">{_EXTENSION}{name}</URI></AdditionalServiceInformation></Extension>'
        for name in names
    )


def qualifiers(*names: str, policy: str, assertion: str = "all") -> str:
    """Qualifications for the certificates that bear a policy."""
    listed = "".join(f'<sie:Qualifier uri="{_EXTENSION}{name}"/>' for name in names)
    return (
        '<Extension Critical="true"><sie:Qualifications><sie:QualificationElement>'
        f'<sie:Qualifiers>{listed}</sie:Qualifiers><sie:CriteriaList assert="{assertion}"><sie:PolicySet>'
        f"<sie:PolicyIdentifier><xades:Identifier>{policy}</xades:Identifier></sie:PolicyIdentifier>"
        "</sie:PolicySet></sie:CriteriaList></sie:QualificationElement></sie:Qualifications></Extension>"
    )


def unknown_critical_extension() -> str:
    return '<Extension Critical="true"><xades:Identifier>non si sa</xades:Identifier></Extension>'


def national_list(services: Sequence[Listed], signer: ListSigner, scheme: Scheme = Scheme()) -> bytes:
    listed = "".join(map(_service, services))
    provider = (
        f"<TrustServiceProvider><TSPInformation><TSPName>{_names('Prestatore di Prova')}</TSPName></TSPInformation>"
        f"<TSPServices>{listed}</TSPServices></TrustServiceProvider>"
    )
    body = f"<TrustServiceProviderList>{provider}</TrustServiceProviderList>" if services else ""
    return _signed(_list(scheme, "", "EUgeneric", body), signer)


def list_of_lists(
    national: Sequence[tuple[str, str, ListSigner]],
    signer: ListSigner,
    scheme: Scheme = Scheme("EU"),
    *,
    successors: Sequence[ListSigner] = (),
    pivots: Sequence[str] = (),
) -> bytes:
    """Points to (territory, location, signer) each; `successors` are who may sign the next one, by default the same."""
    own = "".join(_pointer("EU", LOTL, each, rule=True) for each in (successors or (signer,)))
    others = "".join(_pointer(*each, rule=False) for each in national)
    addresses = "".join(f'<URI xml:lang="en">{each}</URI>' for each in (*pivots, "https://lists.example/about.html"))
    head = f"<SchemeInformationURI>{addresses}</SchemeInformationURI>"
    pointers = f"<PointersToOtherTSL>{own}{others}</PointersToOtherTSL>"
    return _signed(_list(scheme, head, "EUlistofthelists", "", pointers), signer)


def _list(scheme: Scheme, head: str, kind: str, body: str, pointers: str = "") -> str:
    following = (scheme.issued_at + scheme.lasts).isoformat()
    return (
        '<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" Id="list" '
        'xmlns:sie="http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#" '
        'xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" xmlns:extra="http://uri.etsi.org/02231/v2/additionaltypes#" '
        'TSLTag="http://uri.etsi.org/19612/TSLTag"><SchemeInformation>'
        f"<TSLVersionIdentifier>5</TSLVersionIdentifier><TSLSequenceNumber>{scheme.sequence}</TSLSequenceNumber>"
        f"<TSLType>http://uri.etsi.org/TrstSvc/TrustedList/TSLType/{kind}</TSLType>"
        f"<SchemeOperatorName>{_names('Gestore di Prova')}</SchemeOperatorName>{head}"
        f"<SchemeTerritory>{scheme.territory}</SchemeTerritory>{pointers}"
        f"<ListIssueDateTime>{scheme.issued_at.isoformat()}</ListIssueDateTime>"
        f"<NextUpdate><dateTime>{following}</dateTime></NextUpdate></SchemeInformation>{body}</TrustServiceStatusList>"
    )


def _names(text: str) -> str:
    return f'<Name xml:lang="en">{text}</Name><Name xml:lang="it">{text} in italiano</Name>'


def _identity(certificate: x509.Certificate) -> str:
    encoded = base64.b64encode(certificate.dump()).decode()
    return f"<DigitalId><X509Certificate>{encoded}</X509Certificate></DigitalId>"


def _service(listed: Listed) -> str:
    present, *past = listed.terms
    identity = _identity(listed.certificate)
    history = "".join(
        f"<ServiceHistoryInstance>{_term(each, listed.name, '<DigitalId><X509SubjectName>x</X509SubjectName></DigitalId>')}"
        "</ServiceHistoryInstance>"
        for each in past
    )
    kept = f"<ServiceHistory>{history}</ServiceHistory>" if past else ""
    present_xml = _term(present, listed.name, identity)
    return f"<TSPService><ServiceInformation>{present_xml}</ServiceInformation>{kept}</TSPService>"


def _term(term: Term, name: str, identity: str) -> str:
    extensions = (
        f"<ServiceInformationExtensions>{term.extensions}</ServiceInformationExtensions>" if term.extensions else ""
    )
    return (
        f"<ServiceTypeIdentifier>{_TYPES}{term.service_type}</ServiceTypeIdentifier><ServiceName>{_names(name)}</ServiceName>"
        f"<ServiceDigitalIdentity>{identity}</ServiceDigitalIdentity><ServiceStatus>{_STATUS}{term.status}</ServiceStatus>"
        f"<StatusStartingTime>{term.since.isoformat()}</StatusStartingTime>{extensions}"
    )


def _pointer(territory: str, location: str, signer: ListSigner, *, rule: bool) -> str:
    rules = (
        f'<SchemeTypeCommunityRules><URI xml:lang="en">{_LOTL_RULE}</URI></SchemeTypeCommunityRules>' if rule else ""
    )
    told = "".join(
        f"<OtherInformation>{each}</OtherInformation>"
        for each in (
            rules,
            f"<SchemeTerritory>{territory}</SchemeTerritory>",
            f"<extra:MimeType>{_MEDIA_TYPE}</extra:MimeType>",
        )
        if each
    )
    return (
        "<OtherTSLPointer><ServiceDigitalIdentities><ServiceDigitalIdentity>"
        f"{_identity(signer.asn1)}</ServiceDigitalIdentity></ServiceDigitalIdentities>"
        f"<TSLLocation>{location}</TSLLocation><AdditionalInformation>{told}</AdditionalInformation></OtherTSLPointer>"
    )


def _signed(xml: str, signer: ListSigner) -> bytes:
    signing = XAdESSigner(
        method=methods.enveloped,
        signature_algorithm=SignatureMethod.ECDSA_SHA256,
    )
    signed = signing.sign(etree.fromstring(xml.encode()), key=signer.key, cert=[signer.certificate])
    return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")
