"""C2: who else than the authority may say whether a certificate is revoked, and who may not."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from asn1crypto import crl, x509
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509 as cx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from signing.certificate_path import Material, PathOutcome, Standing, judge_path
from signing.revocation import RevocationPolicy
from signing.trust import TrustStore
from signing.trusted_lists import Service, ServiceTerm, TrustedLists, name_key
from tests.pki.local_server import Answer, LocalServer, local_server
from tests.signing import test_trust_revocation as authority
from tests.signing.test_trust_revocation import CA, CA_KEY, CA_NAME, LONG_AGO, NOW, OTHER_KEY

RESPONDER_KEY = ec.generate_private_key(ec.SECP256R1())
RESPONDER_NAME = cx.Name([cx.NameAttribute(NameOID.COMMON_NAME, "Risponditore")])
FOR_OCSP = (cx.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False)
NO_CHECK = (cx.OCSPNoCheck(), False)
LEAF = authority._leaf()


def responder(*extensions: tuple[Any, bool], issuer: cx.Name = CA_NAME, signed_by: Any = CA_KEY) -> cx.Certificate:
    return authority._certificate(RESPONDER_NAME, issuer, RESPONDER_KEY, signed_by, *extensions)


def response(
    signer: cx.Certificate,
    *,
    revoked: datetime | None = None,
    spoilt: bool = False,
    sent: bool = True,
    days: int = 1,
) -> asn1_ocsp.OCSPResponse:
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=LEAF,
        issuer=CA,
        algorithm=hashes.SHA256(),
        cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
        this_update=NOW - timedelta(hours=1),
        next_update=NOW + timedelta(days=days),
        revocation_time=revoked,
        revocation_reason=None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, signer)
    builder = builder.certificates([signer]) if sent else builder
    made = builder.sign(RESPONDER_KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    made = made[:-1] + bytes([made[-1] ^ 1]) if spoilt else made
    return asn1_ocsp.OCSPResponse.load(made)


def asn1(certificate: cx.Certificate) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def service(certificate: cx.Certificate, kind: str, provider: str = "Prestatore", status: str = "granted") -> Service:
    return Service("IT", provider, kind, (asn1(certificate).dump(),), (ServiceTerm(kind, status, LONG_AGO),))


def trusting(*services: Service) -> TrustStore:
    places: dict[str, list[int]] = {}
    for place, one in enumerate(services):
        places.setdefault(name_key(one.certificates[0].subject), []).append(place)
    lists = TrustedLists((), places, lambda place: services[place]) if services else None
    return TrustStore(anchors=(asn1(CA),), lists=lists)


def judged(trust: TrustStore, material: Material, *, at: datetime = NOW) -> PathOutcome:
    return judge_path(asn1(LEAF), trust=trust, material=material, at=at)


def with_response(signer: cx.Certificate, *services: Service, **changed: Any) -> Standing:
    known = (asn1(signer),)
    return judged(trusting(*services), Material(known, (), (response(signer, **changed),))).standing


AUTHORITY = service(CA, "CA/QC")
STRANGER = responder(issuer=RESPONDER_NAME, signed_by=RESPONDER_KEY)


@pytest.mark.parametrize("extensions", [(FOR_OCSP, NO_CHECK), (FOR_OCSP,)])
def test_c2_a_delegated_responder_settles_it_whether_or_not_it_is_exempt_from_checks(extensions) -> None:
    assert with_response(responder(*extensions)) is Standing.trusted
    since = NOW - timedelta(days=30)
    outcome = judged(trusting(), Material(ocsps=(response(responder(*extensions), revoked=since),)))
    assert (outcome.standing, outcome.since) == (Standing.revoked, since)
    before = judged(
        trusting(), Material(ocsps=(response(responder(*extensions), revoked=since),)), at=since - timedelta(days=1)
    )
    assert before.standing is Standing.trusted


@pytest.mark.parametrize(
    ("signer", "changed"),
    [
        (responder(), {}),
        (responder(FOR_OCSP, signed_by=OTHER_KEY), {}),
        (responder(FOR_OCSP, issuer=RESPONDER_NAME, signed_by=RESPONDER_KEY), {}),
        (responder(FOR_OCSP), {"spoilt": True, "sent": False}),
        (responder(FOR_OCSP), {"days": -1}),
        (STRANGER, {}),
    ],
)
def test_c2_a_responder_that_nobody_authorised_settles_nothing(signer: cx.Certificate, changed: dict[str, Any]) -> None:
    assert with_response(signer, **changed) is Standing.revocation_unknown


@pytest.mark.parametrize("sent", [True, False])
def test_c2_a_responder_listed_by_itself_answers_for_its_provider(sent: bool) -> None:
    trust = trusting(AUTHORITY, service(STRANGER, "Certstatus/OCSP/QC"))
    known = () if sent else (asn1(STRANGER),)
    assert judged(trust, Material(known, (), (response(STRANGER, sent=sent),))).standing is Standing.trusted
    revoked = response(STRANGER, sent=sent, revoked=NOW - timedelta(days=2))
    assert judged(trust, Material(known, (), (revoked,))).standing is Standing.revoked


@pytest.mark.parametrize(
    "listed",
    [
        service(STRANGER, "Certstatus/OCSP/QC", provider="Un altro prestatore"),
        service(STRANGER, "Certstatus/OCSP/QC", status="withdrawn"),
        service(STRANGER, "Certstatus/CRL/QC"),
        service(STRANGER, "TSA/QTST"),
    ],
)
def test_c2_a_responder_listed_for_others_or_no_longer_settles_nothing(listed: Service) -> None:
    assert with_response(STRANGER, AUTHORITY, listed) is Standing.revocation_unknown


def revocation_list(*revoked: cx.Certificate, signer: Any = RESPONDER_KEY) -> crl.CertificateList:
    return crl.CertificateList.load(authority._revocation_list(*revoked, signer=signer))


def test_c2_a_list_signed_by_a_listed_service_in_the_authority_s_name_counts() -> None:
    signer = authority._certificate(CA_NAME, CA_NAME, RESPONDER_KEY, RESPONDER_KEY)
    trust = trusting(AUTHORITY, service(signer, "Certstatus/CRL/QC"))
    assert judged(trust, Material(crls=(revocation_list(),))).standing is Standing.trusted
    assert judged(trust, Material(crls=(revocation_list(LEAF),))).standing is Standing.revoked
    assert judged(trust, Material(crls=(revocation_list(signer=OTHER_KEY),))).standing is Standing.revocation_unknown
    unlisted = trusting(AUTHORITY, service(signer, "Certstatus/OCSP/QC"))
    assert judged(unlisted, Material(crls=(revocation_list(),))).standing is Standing.revocation_unknown


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with local_server(lambda path, body: answers(path)) as running:
        yield running


def answers(path: str) -> Answer:
    return Answer(ONLINE[path]) if path in ONLINE else Answer(status=404)


ONLINE: dict[str, bytes] = {}


@pytest.mark.parametrize(("revoked", "standing"), [(False, Standing.trusted), (True, Standing.revocation_unknown)])
def test_c2_a_delegated_responder_that_can_be_looked_up_is_looked_up(
    server: LocalServer,
    revoked: bool,
    standing: Standing,
) -> None:
    point = cx.DistributionPoint([cx.UniformResourceIdentifier(server.url("/crl"))], None, None, None)
    answering = responder(FOR_OCSP, (cx.CRLDistributionPoints([point]), False))
    asked = authority._leaf(("ocsp", server.url("/ocsp")))
    made = _about(asked, answering)
    ONLINE.update({"/ocsp": made, "/crl": revocation_list(*([answering] if revoked else []), signer=CA_KEY).dump()})
    trust = trusting().asking_online(RevocationPolicy(now=NOW, seconds=60.0, private_addresses=True))
    outcome = judge_path(asn1(asked), trust=trust, material=Material(), at=NOW)
    assert (outcome.standing, server.asked) == (standing, ["/ocsp", "/crl"])


def _about(leaf: cx.Certificate, signer: cx.Certificate) -> bytes:
    builder = ocsp.OCSPResponseBuilder().add_response(
        leaf, CA, hashes.SHA1(), ocsp.OCSPCertStatus.GOOD, NOW, NOW + timedelta(days=1), None, None
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer).certificates([signer])
    return builder.sign(RESPONDER_KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def test_c2_a_responder_is_never_asked_about_itself(server: LocalServer) -> None:
    access = cx.AccessDescription(AuthorityInformationAccessOID.OCSP, cx.UniformResourceIdentifier(server.url("/own")))
    answering = responder(FOR_OCSP, (cx.AuthorityInformationAccess([access]), False))
    asked = authority._leaf(("ocsp", server.url("/ocsp")))
    ONLINE.update({"/ocsp": _about(asked, answering), "/own": _about(answering, answering)})
    trust = trusting().asking_online(RevocationPolicy(now=NOW, seconds=60.0, private_addresses=True))
    assert judge_path(asn1(asked), trust=trust, material=Material(), at=NOW).standing is Standing.revocation_unknown
