"""Putting a signature into a PDF with pyHanko: PAdES baseline B or T, invisible, as an incremental update."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer, SimpleSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

_RESERVED_DIGITS = 16_384
_RESERVED_FOR_STAMP = 32_768

type_of_key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Statement:
    """What the signature dictionary states: field name, /Reason, /Name, and the time (aware)."""

    field_name: str
    reason: str | None
    name: str
    at: datetime


def asn1_certificate(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """The same certificate as an asn1crypto object."""
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def signer_with(
    certificate: x509.Certificate, private_key: type_of_key, chain: Iterable[x509.Certificate] = ()
) -> SimpleSigner:
    """pyHanko's signer for a key held in memory; `chain` travels in the signature."""
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register_multiple([asn1_certificate(one) for one in chain])
    der = private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SimpleSigner(
        signing_cert=asn1_certificate(certificate), signing_key=keys.PrivateKeyInfo.load(der), cert_registry=registry
    )


def sign_incrementally(pdf: bytes, signer: Signer, statement: Statement, stamper: TimeStamper | None = None) -> bytes:
    """Append one signature; the bytes given stay an exact prefix of the answer. With `stamper` its time is stamped too.

    Raises ValueError for a naive time, pyHanko's PdfError for what is no PDF, and what `stamper` raises. Must not be called
    from a running event loop.
    """
    if statement.at.tzinfo is None:
        raise ValueError("the time of a signature must be aware")
    return asyncio.run(_signed(pdf, signer, statement, stamper))


async def _signed(pdf: bytes, signer: Signer, statement: Statement, stamper: TimeStamper | None) -> bytes:
    metadata = PdfSignatureMetadata(
        field_name=statement.field_name,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=statement.reason,
        name=statement.name,
    )
    field = SigFieldSpec(sig_field_name=statement.field_name)
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    _keep_tab_order(writer)
    pdf_signer = PdfSigner(metadata, signer=signer, timestamper=stamper, new_field_spec=field)
    session = pdf_signer.init_signing_session(writer)
    session.system_time = statement.at
    document = session.prepare_tbs_document(
        validation_info=None,
        bytes_reserved=_RESERVED_FOR_STAMP if stamper else _RESERVED_DIGITS,
        appearance_text_params=None,
    )
    output = BytesIO()
    digest, _ = document.digest_tbs_document(in_place=False, output=output)
    await document.perform_signature(
        document_digest=digest.document_digest,
        pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=statement.at),
    )
    return output.getvalue()


def _keep_tab_order(writer: IncrementalPdfFileWriter) -> None:
    """A page of a tagged PDF that bears an annotation names its tab order (ISO 14289-1, 7.18.3), and the first field is one.

    A document that has a form already is left as it is: its pages may be signed.
    """
    if "/StructTreeRoot" not in writer.root or "/AcroForm" in writer.root:
        return
    reference, _ = writer.find_page_for_modification(0)  # type: ignore[no-untyped-call]
    page = reference.get_object()
    if "/Tabs" not in page:
        page[generic.NameObject("/Tabs")] = generic.NameObject("/S")
        writer.update_container(page)
