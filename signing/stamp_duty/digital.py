"""The digital stamp @e.bollo: an XML named ``marcaDaBollo``, signed by who sold it, bought for the bytes of one document.

Rules of form after the published description of the format (namespace of 2014): each is checked here, in its order.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from asn1crypto import x509

from signing.certificate_path import Material, Standing, judge_path
from signing.rehearsal_signature import AUTHORITY_NAME, WITHOUT_VALUE
from signing.report import Problem
from signing.signed_data import Integrity
from signing.stamp_duty.mark import Matched, StampKind, StampMark, StampStatus
from signing.stamp_duty.problems import stamp_problem
from signing.trust import TrustStore
from signing.xml_document import RefusedXml, UnreadableXml, parse_xml, text_of
from signing.xml_nodes import NodeSet
from signing.xml_references import ReferenceReader
from signing.xml_signature import examine_xml_signature

DS = "http://www.w3.org/2000/09/xmldsig#"
NAMESPACE = "http://www.agenziaentrate.gov.it/2014/MarcaDaBollo"
ISSUING_AUTHORITY = ("CA Bollo Telematico", "Agenzia delle Entrate")
"""Common name and organisation of the authority that certifies who sells digital stamps."""

_TRIAL_AUTHORITY = (AUTHORITY_NAME, WITHOUT_VALUE)
"""Who sells stamps for trying; it is an anchor in the rehearsal of a notice and nowhere else."""

LARGEST = 512 * 1024
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_CHILDREN = ("PSP", "IUBD", "OraAcquisto", "Importo", "TipoBollo", "ImprontaDocumento")
_IUBD = re.compile(r"[0-9]{13,14}")
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_HEX_DIGEST = re.compile(rb"[0-9a-fA-F]{64}")
_ROME = ZoneInfo("Europe/Rome")


@dataclass(frozen=True, slots=True)
class DocumentDigests:
    """SHA-256 (hexadecimal) of the document a stamp may have been bought for; empty where there is none to compare."""

    issued: frozenset[str] = frozenset()
    content: frozenset[str] = frozenset()
    received: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, *, issued: Iterable[bytes] = (), content: Iterable[bytes] = (), received: Iterable[bytes] = ()
    ) -> "DocumentDigests":
        return cls(
            *(frozenset(hashlib.sha256(each).hexdigest() for each in kind) for kind in (issued, content, received))
        )

    def matching(self, digest: str) -> Matched | None:
        """The document as issued first: that is what has to be stamped, before it is signed."""
        known: Mapping[Matched, frozenset[str]] = {
            Matched.issued: self.issued,
            Matched.content: self.content,
            Matched.received: self.received,
        }
        return next((which for which, digests in known.items() if digest in digests), None)

    @property
    def any(self) -> bool:
        return bool(self.issued or self.content or self.received)


def is_digital_stamp(data: bytes) -> bool:
    """Whether these bytes claim to be a digital stamp, well made or not."""
    head = data[:4096]
    return b"marcaDaBollo" in head and b"<" in head


def read_digital_stamp(data: bytes, *, digests: DocumentDigests, trust: TrustStore) -> StampMark:
    """Judge a digital stamp: form, signature, who sold it at the time of purchase, the document it was bought for.

    Never raises for what the bytes hold. Must not be called from a running event loop.
    """
    root = _parsed(data)
    if root is None or root.tag != f"{{{NAMESPACE}}}marcaDaBollo":
        return StampMark(StampKind.digital, StampStatus.invalid, problems=(stamp_problem("digital_unreadable"),))
    bought_at, digest = _instant(_text(root, "OraAcquisto")), _document_digest(root)
    problems = [
        *(stamp_problem("digital_not_as_prescribed", detail=detail) for detail in _departures(root)),
        *_signature_problems(root, bought_at, trust),
    ]
    matched = digests.matching(digest) if digest else None
    if not digests.any:
        problems.append(stamp_problem("digital_without_document"))
    elif matched is None:
        problems.append(stamp_problem("digital_of_other_document", digest))
    identifier = _text(root, "IUBD")
    mark = StampMark(
        StampKind.digital,
        StampStatus.valid,
        identifier=identifier if identifier and _IUBD.fullmatch(identifier) else None,
        amount=_amount(_text(root, "Importo")),
        issued_at=bought_at,
        matched=matched,
    )
    return mark.with_problems(problems)


def _parsed(data: bytes) -> Any | None:
    if len(data) > LARGEST:
        return None
    try:
        return parse_xml(data)
    except (UnreadableXml, RefusedXml):
        return None


def _departures(root: Any) -> Iterator[str]:
    """What is not as the format prescribes, each in words; element names are the format's own."""
    children = [str(each.tag) for each in root if isinstance(each.tag, str)]
    wanted = [*(f"{{{NAMESPACE}}}{name}" for name in _CHILDREN), f"{{{DS}}}Signature"]
    missing = [name.rpartition("}")[2] for name in wanted if name not in children]
    if missing:
        yield f"manca {', '.join(missing)}"
    elif children != wanted:
        yield "gli elementi non sono quelli previsti o non sono nel loro ordine"
    seller = root.find(f"{{{NAMESPACE}}}PSP")
    if seller is not None and not all(_text(seller, name) for name in ("CodiceFiscale", "Denominazione")):
        yield "manca chi l'ha venduta (PSP)"
    for name, fits in (
        ("IUBD", _IUBD.fullmatch),
        ("OraAcquisto", _instant),
        ("Importo", _amount),
        ("TipoBollo", re.compile("01").fullmatch),
    ):
        value = _text(root, name)
        if value is not None and fits(value) is None:
            yield f"{name} non è ammesso"
    yield from _digest_departures(root.find(f"{{{NAMESPACE}}}ImprontaDocumento"))


def _digest_departures(element: Any | None) -> Iterator[str]:
    if element is None:
        return
    method = element.find(f"{{{NAMESPACE}}}DigestMethod")
    if method is None or method.get("Algorithm") != _SHA256:
        yield "l'impronta del documento non è in SHA-256"
    if element.find(f"{{{DS}}}DigestValue") is None:
        yield "manca l'impronta del documento (DigestValue)"


def _text(parent: Any, name: str) -> str | None:
    """Text of a child, None where the child is missing."""
    child = parent.find(f"{{{NAMESPACE}}}{name}")
    return None if child is None else text_of(child).strip()


def _amount(text: str | None) -> Decimal | None:
    if text is None or not _AMOUNT.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _instant(text: str | None) -> datetime | None:
    """An xs:dateTime; one that names no zone is on Italian time."""
    if text is None or "T" not in text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=_ROME)


def _document_digest(root: Any) -> str | None:
    """The digest as hexadecimal. It is written as base64 of the 32 bytes; some sellers encode its 64 hexadecimal digits."""
    element = root.find(f"{{{NAMESPACE}}}ImprontaDocumento/{{{DS}}}DigestValue")
    written = "".join(text_of(element).split()).encode() if element is not None else b""
    if _HEX_DIGEST.fullmatch(written):
        return written.decode().lower()
    try:
        decoded = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        return None
    if _HEX_DIGEST.fullmatch(decoded):
        return decoded.decode().lower()
    return decoded.hex() if len(decoded) == 32 else None


def _signature_problems(root: Any, bought_at: datetime | None, trust: TrustStore) -> list[Problem]:
    """The one signature must be a child of the stamp and sign all of it but itself (enveloped, Reference with an empty URI)."""
    signatures = root.findall(f"{{{DS}}}Signature")
    if not signatures:
        return [stamp_problem("digital_not_signed")]
    facts = examine_xml_signature(signatures[0], ReferenceReader(root, lambda _name: None))
    signer = facts.signer
    if signer.integrity is Integrity.unsupported or signer.certificate is None:
        return [stamp_problem("digital_signature_unsupported", signer.technical)]
    if signer.integrity is not Integrity.intact:
        return [stamp_problem("digital_broken", signer.technical)]
    if len(signatures) > 1 or not any(_signs_all(root, signatures[0], one.nodes) for one in facts.references):
        return [stamp_problem("digital_signature_unsupported", "Reference")]
    if bought_at is None:
        return [stamp_problem("digital_issuer_unknown")]
    return _seller_problems(signer.certificate, facts.material, bought_at, trust)


def _signs_all(root: Any, signature: Any, nodes: NodeSet | None) -> bool:
    return (
        nodes is not None
        and nodes.shows(root)
        and all(nodes.shows_whole(each) for each in root if each is not signature)
    )


def _seller_problems(
    certificate: x509.Certificate, material: Material, bought_at: datetime, trust: TrustStore
) -> list[Problem]:
    """The seller must be certified by the authority for digital stamps, and that authority be one of our anchors."""
    issuer = certificate.issuer.native
    if (issuer.get("common_name"), issuer.get("organization_name")) not in {ISSUING_AUTHORITY, _TRIAL_AUTHORITY}:
        return [stamp_problem("digital_issuer_unknown", certificate.issuer.human_friendly)]
    outcome = judge_path(certificate, trust=trust, material=material, at=bought_at)
    if outcome.standing in {Standing.trusted, Standing.revocation_unknown}:
        return []
    if outcome.standing in {Standing.revoked, Standing.expired, Standing.not_yet_valid}:
        return [stamp_problem("digital_seller_not_authorised", outcome.technical)]
    return [stamp_problem("digital_issuer_unknown", outcome.technical)]
