"""The synthetic provider of pki.yml at work: signs documents as its subscribers, and gives the trust folder that believes it.

Subscribers: rossi (qualified), bianchi (2014 layout), expired (since 2020-01-01), revoked (since 2020-03-01), cns (card).
"""

import asyncio
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import yaml
from asn1crypto import crl, x509
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, KeyLabel, PKIArchitecture, ServiceLabel
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko.sign.ades.api import CAdESSignedAttrSpec
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signing.pdf_signing import Statement, sign_incrementally
from signing.trust import TrustStore

AT = datetime(2020, 4, 8, 7, 0, 3, tzinfo=UTC)
"""Nine o'clock in Rome on the day a window of 2020 opened: when these documents are signed and, unless told, inspected."""

_CONFIGURATION = Path(__file__).with_name("pki.yml")
_RSA = {"cns": 2048, "tsa": 1024}
"""Bits of the keys that are RSA: few and short, as each signature reads its key again and checks it."""


@cache
def architecture() -> PKIArchitecture:
    """The provider, with keys that live as long as this process."""
    configuration = yaml.safe_load(_CONFIGURATION.read_text())
    with tempfile.TemporaryDirectory() as folder:
        for label in configuration["keysets"]["italia"]["keys"]:
            (Path(folder) / f"{label}.pem").write_bytes(_new_key(label))
        return CertomancerConfig(configuration, key_search_dir=folder).get_pki_arch(ArchLabel("italia"))


def _new_key(label: str) -> bytes:
    key = rsa.generate_private_key(65537, _RSA[label]) if label in _RSA else ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@cache
def certificate(who: str) -> x509.Certificate:
    """Read from its encoding: as it was put together, each use would encode it anew."""
    return x509.Certificate.load(architecture().get_cert(CertLabel(who)).dump())


@cache
def revocation_list(issuer: str) -> crl.CertificateList:
    """The list of `root` or `ca` issued the day before AT, good until 2040."""
    return crl.CertificateList.load(architecture().service_registry.get_crl(ServiceLabel(issuer), at_time=AT).dump())


@cache
def signer(who: str, *, with_certificates: bool = True) -> SimpleSigner:
    registry = SimpleCertificateStore()
    if with_certificates:
        registry.register_multiple([certificate("ca")])
    return SimpleSigner(
        signing_cert=certificate(who),
        signing_key=architecture().key_set.get_private_key(KeyLabel(who)),
        cert_registry=registry,
    )


def timestamper(at: datetime) -> DummyTimeStamper:
    return DummyTimeStamper(
        tsa_cert=certificate("tsa"),
        tsa_key=architecture().key_set.get_private_key(KeyLabel("tsa")),
        certs_to_embed=SimpleCertificateStore(),
        fixed_dt=at,
    )


def sign_pdf_as(who: str, pdf: bytes, *, at: datetime = AT, field_name: str = "Firma1", stamped: bool = False) -> bytes:
    """PAdES baseline B over `pdf`, stating `at`; baseline T with a time-stamp of `at` when `stamped`."""
    stamper = timestamper(at) if stamped else None
    return sign_incrementally(pdf, signer(who), Statement(field_name, None, who.upper(), at), stamper)


def sign_p7m_as(
    who: str, data: bytes, *, at: datetime = AT, detached: bool = False, stamped: bool = False, digest: str = "sha256"
) -> bytes:
    """CAdES in DER around `data` (or beside it when `detached`)."""
    attributes = PdfCMSSignedAttributes(signing_time=at, cades_signed_attrs=CAdESSignedAttrSpec())
    message = asyncio.run(
        signer(who).async_sign_general_data(
            data,
            digest,
            detached=detached,
            use_cades=True,
            signed_attr_settings=attributes,
            timestamper=timestamper(at) if stamped else None,
        )
    )
    return message.dump()


def trust_store() -> TrustStore:
    """The provider's root as anchor, its CA, and both revocation lists."""
    return TrustStore(
        anchors=(certificate("root"),),
        intermediates=(certificate("ca"),),
        crls=(revocation_list("root"), revocation_list("ca")),
    )


def trust_folder(folder: Path) -> Path:
    """The same as files, in the layout of `--trust`: anchors, intermediates, crls."""
    files = {
        "anchors/root.der": certificate("root").dump(),
        "intermediates/ca.der": certificate("ca").dump(),
        "crls/root.crl": revocation_list("root").dump(),
        "crls/ca.crl": revocation_list("ca").dump(),
    }
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
