"""C2: every algorithm that a certificate in use may have is verified, and what cannot be verified is said so, never broken."""

import asyncio
import hashlib
import itertools
from datetime import timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID
from lxml import etree
from pyhanko.sign.signers import SimpleSigner

from signing.inspect import inspect_signatures
from signing.pdf_signing import Statement, asn1_certificate, sign_incrementally
from signing.report import Verdict
from signing.trust import TrustStore
from signing.xml_algorithms import verify_xml_signature
from tests.pki.authority import AT
from tests.signing.documents import plain_pdf

CURVES = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
    "secp256k1": ec.SECP256K1(),
    "brainpoolP256r1": ec.BrainpoolP256R1(),
    "brainpoolP384r1": ec.BrainpoolP384R1(),
    "brainpoolP512r1": ec.BrainpoolP512R1(),
}
CASES = [
    *(("rsa 1024", digest, False) for digest in ("sha1", "sha256")),
    *(("rsa 2047", digest, False) for digest in ("sha224", "sha256", "sha384", "sha512")),
    *(("rsa 2047", digest, True) for digest in ("sha256", "sha384", "sha512", "sha3_256", "sha3_512")),
    *((curve, digest, False) for curve in CURVES for digest in ("sha1", "sha256", "sha512", "sha3_384")),
    ("dsa 1024", "sha256", False),
    ("ed25519", "sha512", False),
    ("ed448", "shake256", False),
]


@cache
def _key(name: str):
    kind, _, size = name.partition(" ")
    if name in CURVES:
        return ec.generate_private_key(CURVES[name])
    made = {
        "rsa": lambda: rsa.generate_private_key(65537, int(size)),
        "dsa": lambda: dsa.generate_private_key(int(size)),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "ed448": ed448.Ed448PrivateKey.generate,
    }
    return made[kind]()


def _signer(name: str, *, pss: bool) -> SimpleSigner:
    from asn1crypto import keys
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    key = _key(name)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"PROVA {name}")])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1000)
        .not_valid_before(AT - timedelta(days=9))
        .not_valid_after(AT + timedelta(days=900))
        .sign(key, None if name.startswith("ed") else hashes.SHA256())
    )
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return SimpleSigner(
        signing_cert=asn1_certificate(certificate),
        signing_key=keys.PrivateKeyInfo.load(der),
        cert_registry=SimpleCertificateStore(),
        prefer_pss=pss,
    )


def _enveloped(name: str, digest: str, *, pss: bool) -> bytes:
    signing = _signer(name, pss=pss).async_sign_general_data(b"testo", digest, detached=False)
    return asyncio.run(signing).dump()


@pytest.mark.parametrize(("name", "digest", "pss"), CASES)
def test_c2_an_envelope_with_each_algorithm_verifies_and_breaks(name, digest, pss):
    message = _enveloped(name, digest, pss=pss)
    report = inspect_signatures(message, trust=TrustStore.empty(), at=AT)
    assert report.verdict is Verdict.signed_with_reservations
    assert report.signatures[0].intact
    codes = {one.code for one in report.signatures[0].problems}
    assert codes == {"trust_not_established"} | ({"weak_digest"} if digest == "sha1" else set())
    changed = inspect_signatures(message.replace(b"testo", b"tasto"), trust=TrustStore.empty(), at=AT)
    assert changed.verdict is Verdict.broken


@pytest.mark.parametrize(
    ("arranged", "verdict"),
    [
        (lambda info: info, Verdict.signed_with_reservations),
        (lambda info: info + b"xx", Verdict.broken),
        (lambda info: b"xx" + info, Verdict.broken),
        (lambda info: info[-32:], Verdict.broken),
    ],
    ids=["without parameters", "followed", "preceded", "the hash alone"],
)
def test_c2_a_digest_without_its_null_parameters_is_what_was_signed_and_nothing_like_it_is(arranged, verdict):
    from asn1crypto import cms

    message = cms.ContentInfo.load(_enveloped("rsa 1024", "sha256", pss=False))
    info = message["content"]["signer_infos"][0]
    hashed = hashlib.sha256(info["signed_attrs"].untag().dump()).digest()
    bare = arranged(bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20" + hashed)
    numbers = _key("rsa 1024").private_numbers()
    padded = b"\x00\x01" + b"\xff" * (125 - len(bare)) + b"\x00" + bare
    value = pow(int.from_bytes(padded, "big"), numbers.d, numbers.public_numbers.n)
    signed = message.dump().replace(info["signature"].native, value.to_bytes(128, "big"))
    assert inspect_signatures(signed, trust=TrustStore.empty(), at=AT).verdict is verdict


@pytest.mark.parametrize("name", ["ed25519", "ed448", "brainpoolP384r1", "dsa 1024"])
def test_c2_a_pdf_with_each_kind_of_key_verifies(name):
    signer = _signer(name, pss=False)
    if name.startswith("ed"):
        digest = {"ed25519": "sha512", "ed448": "shake256"}[name]
        signed = _signed_with(signer, digest)
    else:
        signed = sign_incrementally(plain_pdf(), signer, Statement("Firma1", None, "PROVA", AT))
    report = inspect_signatures(signed, trust=TrustStore.empty(), at=AT)
    assert report.verdict is Verdict.signed_with_reservations
    assert report.signatures[0].intact


def _signed_with(signer: SimpleSigner, digest: str) -> bytes:
    from io import BytesIO

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import PdfSignatureMetadata, sign_pdf

    output = BytesIO()
    metadata = PdfSignatureMetadata(field_name="Firma1", md_algorithm=digest)
    sign_pdf(IncrementalPdfFileWriter(BytesIO(plain_pdf())), metadata, signer, output=output)
    return output.getvalue()


@pytest.mark.parametrize("oid", ["1.2.3.4.5", "1.2.840.113549.1.1.99"])
def test_c2_an_unknown_algorithm_is_unverifiable_and_not_broken(oid):
    from asn1crypto import cms, core

    message = cms.ContentInfo.load(_enveloped("P-256", "sha256", pss=False))
    info = message["content"]["signer_infos"][0]
    was = info["signature_algorithm"].dump()
    unknown = core.ObjectIdentifier(oid).dump()
    renamed = bytes([0x30, len(unknown)]) + unknown
    spare = message.dump().replace(was, renamed, 1) if len(renamed) == len(was) else None
    data = spare or _shorter(message, info, renamed)
    report = inspect_signatures(data, trust=TrustStore.empty(), at=AT)
    assert report.verdict is Verdict.unverifiable
    assert report.signatures[0].problems[0].code == "algorithm_unsupported"


def _shorter(message, info, algorithm: bytes) -> bytes:
    from asn1crypto import cms

    parts = [info[name].dump() for name in ("version", "sid", "digest_algorithm", "signed_attrs")]
    body = b"".join([*parts, algorithm, info["signature"].dump()])
    replaced = cms.SignerInfo.load(b"\x30\x82" + len(body).to_bytes(2, "big") + body)
    content = cms.SignedData(
        {
            **{name: message["content"][name] for name in ("version", "digest_algorithms", "encap_content_info")},
            "certificates": message["content"]["certificates"],
            "signer_infos": [replaced],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": content}).dump()


def test_c2_an_xml_signature_value_without_leading_zeros_is_the_same_value():
    key, message = ec.generate_private_key(ec.SECP521R1()), b"testo"
    made = (decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA512()))) for _ in itertools.count())
    r, s = next(pair for pair in made if max(pair) < 2**520)
    method = etree.fromstring('<m Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"/>')
    for length in (65, 66):
        value = r.to_bytes(length, "big") + s.to_bytes(length, "big")
        assert verify_xml_signature(key.public_key(), method, value, message)
        assert not verify_xml_signature(key.public_key(), method, value, message + b"x")
        assert not verify_xml_signature(key.public_key(), method, value + b"\0", message)
