"""C2: is the certificate revoked? The authority is asked where permitted; an answer counts only if signed, ours and fresh."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from asn1crypto import x509
from cryptography import x509 as cx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from signing.certificate_path import Material, PathOutcome, Standing, judge_path
from signing.inspect import inspect_signatures
from signing.report import Verdict
from signing.revocation import RevocationPolicy
from signing.revocation_cache import prune
from signing.trust import TrustStore
from tests.pki.local_server import Answer, LocalServer, local_server

NOW = datetime(2020, 4, 8, 7, 0, tzinfo=UTC)
LONG_AGO, FAR = datetime(2015, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
CA_KEY, OTHER_KEY, LEAF_KEY = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
CA_NAME, ROOT_NAME, LEAF_NAME = (
    cx.Name([cx.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("Prestatore", "Radice", "ROSSI MARIO")
)


def _certificate(
    subject: cx.Name, issuer: cx.Name, key: Any, signer: Any, *extensions: tuple[Any, bool]
) -> cx.Certificate:
    builder = (
        cx.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(cx.random_serial_number())
        .not_valid_before(LONG_AGO)
        .not_valid_after(FAR)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer, hashes.SHA256())


def _usage(**given: bool) -> cx.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    names += ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return cx.KeyUsage(**{name: given.get(name, False) for name in names})


CA = _certificate(
    CA_NAME,
    ROOT_NAME,
    CA_KEY,
    OTHER_KEY,
    (cx.BasicConstraints(ca=True, path_length=0), True),
    (_usage(key_cert_sign=True, crl_sign=True), True),
    (cx.SubjectKeyIdentifier.from_public_key(CA_KEY.public_key()), False),
    (cx.AuthorityKeyIdentifier.from_issuer_public_key(OTHER_KEY.public_key()), False),
)


def _leaf(*addresses: tuple[str, str]) -> cx.Certificate:
    """A signer's certificate that names an OCSP responder, a revocation list, or both."""
    extensions: list[tuple[Any, bool]] = [
        (_usage(content_commitment=True), True),
        (cx.AuthorityKeyIdentifier.from_issuer_public_key(CA_KEY.public_key()), False),
    ]
    for kind, url in addresses:
        name = cx.UniformResourceIdentifier(url)
        if kind == "ocsp":
            described = cx.AccessDescription(AuthorityInformationAccessOID.OCSP, name)
            extensions.append((cx.AuthorityInformationAccess([described]), False))
        else:
            point = cx.DistributionPoint([name], None, None, None)
            extensions.append((cx.CRLDistributionPoints([point]), False))
    return _certificate(LEAF_NAME, CA_NAME, LEAF_KEY, CA_KEY, *extensions)


def _response(
    leaf: cx.Certificate,
    request: bytes,
    *,
    revoked: datetime | None = None,
    signer: Any = CA_KEY,
    until: datetime | None = NOW + timedelta(days=1),
    nonce: bytes | None = None,
) -> bytes:
    asked = ocsp.load_der_ocsp_request(request)
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=leaf,
        issuer=CA,
        algorithm=hashes.SHA1(),
        cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
        this_update=NOW - timedelta(hours=1),
        next_update=until,
        revocation_time=revoked,
        revocation_reason=cx.ReasonFlags.key_compromise if revoked else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, CA)
    repeated = cx.OCSPNonce(nonce) if nonce else asked.extensions.get_extension_for_class(cx.OCSPNonce).value
    return (
        builder.add_extension(repeated, critical=False)
        .sign(signer, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


def _revocation_list(
    *revoked: cx.Certificate, until: datetime = NOW + timedelta(days=1), signer: Any = CA_KEY
) -> bytes:
    builder = cx.CertificateRevocationListBuilder().issuer_name(CA_NAME)
    builder = builder.last_update(NOW - timedelta(days=2)).next_update(until)
    for each in revoked:
        entry = cx.RevokedCertificateBuilder().serial_number(each.serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(NOW - timedelta(days=1)).build())
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


class Authority:
    """The server of the authority: what it answers is set by each test."""

    def __init__(self, server: LocalServer) -> None:
        self.server = server
        self.both = _leaf(("ocsp", server.url("/ocsp")), ("crl", server.url("/crl")))
        self.respond: Callable[[bytes], bytes] = lambda request: _response(self.both, request)
        self.revocation_list: Callable[[], bytes] = _revocation_list


@pytest.fixture
def authority() -> Iterator[Authority]:
    def answer(path: str, body: bytes) -> Answer:
        made = running.respond(body) if path == "/ocsp" else running.revocation_list()
        return Answer(made) if made else Answer(status=404)

    with local_server(answer) as server:
        running = Authority(server)
        yield running


def judged(leaf: cx.Certificate, *, policy: RevocationPolicy | None, at: datetime = NOW) -> PathOutcome:
    trust = TrustStore.empty().with_anchor(CA)
    trust = trust.asking_online(policy) if policy else trust
    certificate = x509.Certificate.load(leaf.public_bytes(serialization.Encoding.DER))
    return judge_path(certificate, trust=trust, material=Material(), at=at)


INSIDE = RevocationPolicy(now=NOW, seconds=60.0, private_addresses=True)


def test_c2_a_good_response_settles_it_and_nothing_else_is_fetched(authority: Authority) -> None:
    assert judged(authority.both, policy=INSIDE).standing is Standing.trusted
    assert authority.server.asked == ["/ocsp"]


def test_c2_without_permission_nothing_is_asked(authority: Authority) -> None:
    assert judged(authority.both, policy=None).standing is Standing.revocation_unknown
    assert (
        judged(authority.both, policy=replace(INSIDE, private_addresses=False)).standing is Standing.revocation_unknown
    )
    assert authority.server.asked == []


def test_c2_a_revoked_certificate_is_revoked_since_the_instant_the_authority_says(authority: Authority) -> None:
    since = NOW - timedelta(days=30)
    authority.respond = lambda request: _response(authority.both, request, revoked=since)
    outcome = judged(authority.both, policy=INSIDE)
    assert (outcome.standing, outcome.since) == (Standing.revoked, since)
    earlier = judged(authority.both, policy=INSIDE, at=since - timedelta(days=1))
    assert earlier.standing is Standing.trusted


@pytest.mark.parametrize(
    "unfit",
    [
        lambda leaf, request: _response(leaf, request, signer=OTHER_KEY),
        lambda leaf, request: _response(leaf, request, until=NOW - timedelta(minutes=30)),
        lambda leaf, request: _response(leaf, request, nonce=b"risposta a un altro"),
        lambda leaf, request: _response(_leaf(), request),
        lambda leaf, request: ocsp.OCSPResponseBuilder.build_unsuccessful(
            ocsp.OCSPResponseStatus.TRY_LATER
        ).public_bytes(serialization.Encoding.DER),
        lambda leaf, request: b"<html>",
        lambda leaf, request: b"",
    ],
)  # fmt: skip
def test_c2_a_response_that_proves_nothing_leads_to_the_list(
    authority: Authority, unfit: Callable[[cx.Certificate, bytes], bytes]
) -> None:
    authority.respond = lambda request: unfit(authority.both, request)
    assert judged(authority.both, policy=INSIDE).standing is Standing.trusted
    assert authority.server.asked == ["/ocsp", "/crl"]
    authority.revocation_list = lambda: _revocation_list(authority.both)
    assert judged(authority.both, policy=INSIDE).standing is Standing.revoked


@pytest.mark.parametrize(
    "unfit",
    [
        lambda: _revocation_list(signer=OTHER_KEY),
        lambda: _revocation_list(until=NOW - timedelta(hours=1)),
        lambda: b"non e' una lista",
        lambda: b"",
    ],
)
def test_c2_when_nothing_can_be_relied_on_it_is_said_so(authority: Authority, unfit: Callable[[], bytes]) -> None:
    authority.respond = lambda _: b""
    authority.revocation_list = unfit
    assert judged(authority.both, policy=INSIDE).standing is Standing.revocation_unknown


def test_c2_an_answer_is_kept_while_it_is_valid_and_only_if_it_proved_something(
    authority: Authority, tmp_path: Path
) -> None:
    policy = replace(INSIDE, cache=tmp_path)
    for _ in range(2):
        assert judged(authority.both, policy=policy).standing is Standing.trusted
    assert authority.server.asked == ["/ocsp"]
    assert prune(tmp_path, NOW) == 0
    later = replace(policy, now=NOW + timedelta(days=2))
    authority.respond = lambda request: _response(authority.both, request, signer=OTHER_KEY, until=later.now)
    authority.revocation_list = lambda: b""
    assert judged(authority.both, policy=later).standing is Standing.revocation_unknown
    assert authority.server.asked == ["/ocsp", "/ocsp", "/crl"]
    assert len(list(tmp_path.iterdir())) == 1
    assert prune(tmp_path, later.now) == 1


def test_c2_a_cache_that_cannot_be_written_is_no_obstacle(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert judged(authority.both, policy=replace(INSIDE, cache=tmp_path / "file")).standing is Standing.trusted


def test_c2_the_time_for_one_document_is_limited(authority: Authority) -> None:
    slow = replace(INSIDE, seconds=0.0)
    assert judged(authority.both, policy=slow).standing is Standing.revocation_unknown
    assert authority.server.asked == []


def test_c2_one_document_asks_about_a_certificate_once(authority: Authority) -> None:
    trust = TrustStore.empty().with_anchor(CA).asking_online(INSIDE)
    certificate = x509.Certificate.load(authority.both.public_bytes(serialization.Encoding.DER))
    for _ in range(3):
        assert judge_path(certificate, trust=trust, material=Material(), at=NOW).standing is Standing.trusted
    assert authority.server.asked == ["/ocsp"]


def test_c2_a_whole_document_is_judged_with_what_the_authority_answers(authority: Authority) -> None:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(b"domanda").add_signer(authority.both, LEAF_KEY, hashes.SHA256())
    with time_machine.travel(NOW):
        signed = builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    trust = TrustStore.empty().with_anchor(CA)
    silent = inspect_signatures(signed, trust=trust, at=NOW)
    assert [each.code for each in silent.signatures[0].problems] == ["revocation_not_established"]
    assert inspect_signatures(signed, trust=trust.asking_online(INSIDE), at=NOW).verdict is Verdict.signed
    authority.respond = lambda request: _response(authority.both, request, revoked=NOW - timedelta(days=1))
    revoked = inspect_signatures(signed, trust=trust.asking_online(INSIDE), at=NOW)
    assert revoked.verdict is Verdict.invalid_certificate
    assert "07/04/2020" in revoked.signatures[0].problems[0].message
