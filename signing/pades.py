"""Signatures inside a PDF (ISO 32000-2, ETSI EN 319 142-1): each judged by its bytes, its coverage and what came after."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO

from asn1crypto import algos, core, crl, ocsp, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.active_content import active_content_problems
from signing.algorithms import UnsupportedSignature, public_key, verify_signature, weakest
from signing.assessment import Surroundings, assess
from signing.certificate_path import Material
from signing.certificates import is_readable
from signing.foreign_input import MALFORMED
from signing.pdf_coverage import Aftermath, CoveredBytes, aftermath, covered_bytes
from signing.pdf_fields import SignatureField, resolved, signature_fields
from signing.problems import problem
from signing.report import Problem, Signature
from signing.signed_bytes import SignedBytes
from signing.signed_data import MOST_SIGNERS, Integrity, SignerFacts, enclosed_in, examine_signers, load_signed_data
from signing.stated_times import stated_time
from signing.timestamps import examine_timestamp
from signing.tolerant_reader import TolerantReader
from signing.trust import TrustStore
from signing.update_policy import UpdateReview

_TIMESTAMP = "/ETSI.RFC3161"
_SHA1_ENVELOPE = "/adbe.pkcs7.sha1"
_RAW_RSA = "/adbe.x509.rsa_sha1"
_END_OF_FILE = b"%%EOF"
_NOT_THE_END_ONLY = frozenset({"pdf_encrypted", "too_many_signatures"})
"""Reasons for not reading a file that its last update did not bring."""


@dataclass(frozen=True, slots=True)
class PdfFindings:
    """Signatures of a PDF, and problems of the file: among them the one that keeps us from reading it."""

    signatures: tuple[Signature, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadSignature:
    """One signer of one field, with what stands in the file after the signature."""

    facts: SignerFacts
    after: Aftermath


@dataclass(frozen=True, slots=True)
class ReadSignatures:
    """What the file says of its signatures, before any question of trust."""

    signatures: tuple[ReadSignature, ...] = ()
    unreadable: Problem | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """A signature dictionary with everything read from it; a document time-stamp has a token and nobody who signed."""

    facts: tuple[SignerFacts, ...]
    after: Aftermath
    material: Material
    token: bytes | None
    covered: CoveredBytes | None


@dataclass(frozen=True, slots=True)
class _OpenedPdf:
    """Everything read from a PDF; `prepared` counts fields made ready for a signature that was never put in, `reader` is
    there when the file could be read to its end."""

    found: tuple[_Found, ...] = ()
    archived: Material = field(default_factory=Material)
    unreadable: Problem | None = None
    prepared: int = 0
    reader: TolerantReader | None = None


def inspect_pdf(
    data: bytes,
    *,
    depth: int,
    trust: TrustStore,
    at: datetime,
    existed_by: tuple[datetime, ...] = (),
    issued: bytes | None = None,
) -> PdfFindings:
    """Judge every signature of the PDF. Document time-stamps are no signatures: they prove the time of what they cover.

    `issued` is the document that was handed out, whose own attached files need no word.
    """
    opened = _open(data)
    if opened.unreadable is not None:
        return PdfFindings(problems=(opened.unreadable,))
    material = opened.archived
    for one in opened.found:
        material = material.joined(one.material)
    stamps = _document_stamps(opened.found, trust, material)
    signatures = tuple(
        assess(facts, _surroundings(one, depth, stamps.proofs, existed_by), trust=trust, material=material, at=at)
        for one in opened.found
        for facts in one.facts
    )
    prepared = (problem("signature_prepared"),) if opened.prepared else ()
    alone = (problem("timestamp_only"),) if opened.found and not signatures else ()
    acts = active_content_problems(data, opened.reader, issued) if opened.reader is not None else ()
    return PdfFindings(signatures, (*prepared, *alone, *stamps.problems, *acts))


def read_signatures(data: bytes) -> ReadSignatures:
    """The signatures of a PDF without any judgement of trust; document time-stamps are left out. Never raises for any bytes."""
    opened = _open(data)
    read = tuple(ReadSignature(facts, one.after) for one in opened.found for facts in one.facts)
    return ReadSignatures(read, opened.unreadable)


def _open(data: bytes) -> _OpenedPdf:
    opened = _opened(data)
    if opened.unreadable is None or opened.unreadable.code in _NOT_THE_END_ONLY:
        return opened
    return _opened_before_last_update(data) or opened


def _opened(data: bytes) -> _OpenedPdf:
    try:
        reader = TolerantReader(BytesIO(data))
        if reader.encrypted and reader.decrypt(b"").status is AuthStatus.FAILED:
            return _OpenedPdf(unreadable=problem("pdf_encrypted"))
        fields = signature_fields(reader)
        archived = _security_store(reader)
    except MALFORMED as error:
        return _OpenedPdf(unreadable=problem("pdf_unreadable", type(error).__name__))
    review = UpdateReview(data, reader)
    signed = [one for one in fields if not _only_prepared(one)]
    if len(signed) > MOST_SIGNERS:
        return _OpenedPdf(unreadable=problem("too_many_signatures"))
    found = tuple(_read(data, review, one) for one in signed)
    if sum(len(one.facts) for one in found) > MOST_SIGNERS:
        return _OpenedPdf(unreadable=problem("too_many_signatures"))
    return _OpenedPdf(found, archived, prepared=len(fields) - len(signed), reader=reader)


def _opened_before_last_update(data: bytes) -> _OpenedPdf | None:
    """The signatures of the longest readable beginning of a file whose end cannot be read: all changed by what was appended."""
    end = data.rstrip().removesuffix(_END_OF_FILE).rfind(_END_OF_FILE)
    if end < 0:
        return None
    rest = data[end + len(_END_OF_FILE) :]
    before = _opened(data[: len(data) - len(rest.lstrip(b"\r\n"))])
    if not before.found:
        return None
    spoilt = Aftermath("revision", "suspicious", (problem("changes_not_analysable", "PdfReadError"),))
    return replace(before, found=tuple(replace(one, after=spoilt) for one in before.found), reader=None)


def _only_prepared(one: SignatureField) -> bool:
    """A placeholder of zeros where the signature would go: the document was made ready, and nobody signed."""
    try:
        contents = _contents(one.dictionary) if one.dictionary is not None else b"?"
    except MALFORMED:
        return False
    return bool(contents) and not contents.strip(b"\0")


def _surroundings(
    one: _Found, depth: int, proofs: tuple[tuple[datetime, int], ...], existed_by: tuple[datetime, ...]
) -> Surroundings:
    end = one.covered.end if one.covered else 0
    later = (*existed_by, *(time for time, reach in proofs if one.covered and reach > end))
    return Surroundings("PAdES", depth, one.after.covers, one.after.changes_after, one.after.problems, later)


@dataclass(frozen=True, slots=True)
class _Stamps:
    """What the document time-stamps prove, each an instant and the offset up to which it holds; what is wrong with others."""

    proofs: tuple[tuple[datetime, int], ...] = ()
    problems: tuple[Problem, ...] = ()


def _document_stamps(found: tuple[_Found, ...], trust: TrustStore, material: Material) -> _Stamps:
    proofs, flaws = [], []
    for one in found:
        if one.token is None:
            continue
        if one.covered is None or not one.covered.exact:
            flaws.append(problem("timestamp_malformed"))
            continue
        if one.covered.stray:
            flaws.append(problem("bytes_beside_signature", count=one.covered.stray))
        stamp = examine_timestamp(one.token, one.covered.signed, trust=trust, material=material)
        if stamp.proves and stamp.time is not None:
            proofs.append((stamp.time, one.covered.end))
        elif stamp.problem is not None:
            flaws.append(problem(stamp.problem))
    return _Stamps(tuple(proofs), tuple(dict.fromkeys(flaws)))


def _malformed(error: str) -> _Found:
    facts = SignerFacts(Integrity.malformed, technical=error)
    return _Found((facts,), Aftermath("revision", "none"), Material(), None, None)


def _read(data: bytes, review: UpdateReview, field: SignatureField) -> _Found:
    if field.dictionary is None:
        return _malformed(field.defect or "signature value")
    try:
        subfilter = str(resolved(field.dictionary, "/SubFilter") or "")
        if subfilter == _TIMESTAMP:
            return _read_stamp(data, field.dictionary)
        contents = _contents(field.dictionary)
        covered = covered_bytes(data, field.dictionary, contents)
        if subfilter == _RAW_RSA:
            facts, material = _raw_rsa(field.dictionary, contents, covered.signed), Material()
        else:
            facts, material = _cms(contents, covered.signed, subfilter)
        facts = _with_stated_time(facts, field.dictionary)
        if not covered.exact:
            return _Found(_all(facts, Integrity.forged_range), Aftermath("revision", "none"), material, None, None)
        after = aftermath(data, review, field, covered)
        if covered.stray:
            after = replace(after, problems=(*after.problems, problem("bytes_beside_signature", count=covered.stray)))
    except MALFORMED as error:
        return _malformed(type(error).__name__)
    return _Found(facts, after, material, None, covered)


def _read_stamp(data: bytes, dictionary: generic.DictionaryObject) -> _Found:
    """A document time-stamp. Whatever is wrong with it, it is no signature that does not hold: it proves no time."""
    nothing_after = Aftermath("revision", "none")
    try:
        contents = _contents(dictionary)
        covered = covered_bytes(data, dictionary, contents)
        enclosed = enclosed_in(load_signed_data(contents))
    except MALFORMED:
        return _Found((), nothing_after, Material(), b"", None)
    material = Material(enclosed.certificates, enclosed.crls, enclosed.ocsps)
    return _Found((), nothing_after, material, contents, covered)


def _contents(dictionary: generic.DictionaryObject) -> bytes:
    raw = dictionary.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
    if not isinstance(raw, (generic.TextStringObject, generic.ByteStringObject)):
        raise PdfReadError("Contents is no string")
    return bytes(raw.original_bytes)


def _cms(contents: bytes, signed: SignedBytes, subfilter: str) -> tuple[tuple[SignerFacts, ...], Material]:
    signed_data = load_signed_data(contents)
    enclosed = enclosed_in(signed_data)
    content: SignedBytes | bytes = signed
    matches = True
    if subfilter == _SHA1_ENVELOPE:
        content = enclosed.content or b""
        matches = content == signed.digest("sha1")
    facts = examine_signers(signed_data, content)
    if not facts:
        raise ValueError("no signer")
    if subfilter == _SHA1_ENVELOPE:
        facts = tuple(replace(one, digest=weakest(one.digest, "sha1")) for one in facts)
    if not matches:
        facts = _all(facts, Integrity.hash_mismatch)
    return facts, Material(enclosed.certificates, enclosed.crls, enclosed.ocsps)


def _with_stated_time(facts: tuple[SignerFacts, ...], dictionary: generic.DictionaryObject) -> tuple[SignerFacts, ...]:
    """PAdES states the time in /M instead of the signing-time attribute (EN 319 142-1, clause 6.3)."""
    try:
        stated = generic.parse_pdf_date(str(resolved(dictionary, "/M") or ""), strict=False)
    except MALFORMED:
        return facts
    return tuple(replace(one, claimed_time=one.claimed_time or stated_time(stated)) for one in facts)


def _all(facts: tuple[SignerFacts, ...], integrity: Integrity) -> tuple[SignerFacts, ...]:
    return tuple(replace(one, integrity=integrity, technical=None) for one in facts)


def _raw_rsa(dictionary: generic.DictionaryObject, contents: bytes, signed: SignedBytes) -> tuple[SignerFacts, ...]:
    """adbe.x509.rsa_sha1: /Contents is a bare PKCS #1 signature, /Cert the chain, signer first (ISO 32000-1, 12.8.3.2)."""
    cert = dictionary["/Cert"]
    first = cert[0] if isinstance(cert, generic.ArrayObject) else cert
    certificate = x509.Certificate.load(first.original_bytes)
    if not is_readable(certificate):
        raise PdfReadError("Cert")
    signature = core.OctetString.load(contents).native
    algorithm = algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"})
    try:
        intact = verify_signature(public_key(certificate.public_key), algorithm, "sha1", signature, signed.whole())
    except UnsupportedSignature as error:
        return (SignerFacts(Integrity.unsupported, "sha1", certificate, technical=str(error)),)
    return (SignerFacts(Integrity.intact if intact else Integrity.signature_mismatch, "sha1", certificate),)


def _security_store(reader: PdfFileReader) -> Material:
    """Certificates and revocation material of the DSS dictionary (ISO 32000-2, 12.8.4.3); unreadable entries are left out."""
    store = resolved(reader.root, "/DSS")
    if not isinstance(store, generic.DictionaryObject):
        return Material()
    return Material(
        tuple(filter(is_readable, (x509.Certificate.load(der) for der in _streams(store, "/Certs")))),
        tuple(crl.CertificateList.load(der) for der in _streams(store, "/CRLs")),
        tuple(ocsp.OCSPResponse.load(der) for der in _streams(store, "/OCSPs")),
    )


def _streams(store: generic.DictionaryObject, key: str) -> list[bytes]:
    found = []
    entries = resolved(store, key) or ()
    for index in range(len(entries)):
        try:
            found.append(bytes(entries[index].data))
        except MALFORMED:
            continue
    return found
