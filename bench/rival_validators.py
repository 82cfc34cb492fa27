"""What a document's signatures look like to the tools that an office could use instead: plain pyHanko, `pdfsig`, openssl.

Each answers in the words of the comparison: clean, not clean, no signature, or crash (an exception or a signal). Trust is set
aside for all of them alike: a signature is clean when it is intact and nothing unexplained came after it.
"""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from pathlib import Path

from asn1crypto import cms
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import CMSExtractionError, CMSStructuralError
from pyhanko.sign.validation import (
    async_validate_detached_cms,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import async_validate_cms_signature
from pyhanko.sign.validation.status import StandardCMSSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from signing.trust import TrustStore

SECONDS = 60
_REFUSALS = (PdfError, SignatureValidationError, CMSStructuralError, CMSExtractionError, ValidationError, PathError)
"""pyHanko's own words for what it does not accept; any other exception is a crash."""
_TIMESTAMP = "Signature Type: unknown"
_NO_SIGNATURES = "does not contain any signatures"


class Answer(StrEnum):
    """What a tool says of one document."""

    clean = "clean"
    not_clean = "not clean"
    no_signature = "no signature"
    crash = "crash"


def context(trust: TrustStore, at: datetime) -> ValidationContext:
    """A fresh context of pyHanko with our anchors and lists, nothing fetched, a missing list no obstacle."""
    return ValidationContext(
        trust_roots=list(trust.anchors),
        other_certs=list(trust.intermediates),
        crls=list(trust.crls),
        moment=at,
        allow_fetching=False,
        revocation_mode="soft-fail",
        retroactive_revinfo=True,
    )


def pyhanko_pdf(data: bytes, trust: TrustStore, at: datetime) -> Answer:
    """Plain pyHanko with its difference analysis."""
    try:
        reader = PdfFileReader(BytesIO(data), strict=False)
        if reader.encrypted:
            reader.decrypt(b"")
        for stamp in reader.embedded_timestamp_signatures:
            validate_pdf_timestamp(stamp, context(trust, at))
        statuses = [validate_pdf_signature(one, context(trust, at)) for one in reader.embedded_regular_signatures]
    except _REFUSALS:
        return Answer.not_clean
    except Exception:  # noqa: BLE001 - an exception is the answer that is counted
        return Answer.crash
    if not statuses:
        return Answer.no_signature
    good = (
        one.intact
        and one.valid
        and one.docmdp_ok is not False
        and one.modification_level is not None
        and one.modification_level < ModificationLevel.OTHER
        for one in statuses
    )
    return Answer.clean if all(good) else Answer.not_clean


def pyhanko_cms(data: bytes, detached: bytes | None, trust: TrustStore, at: datetime) -> Answer:
    """Plain pyHanko on an envelope in DER or BER, over its own content or over `detached`."""
    try:
        message = cms.ContentInfo.load(data)
        if message["content_type"].native != "signed_data":
            return Answer.no_signature
        status = asyncio.run(_pyhanko_status(message["content"], detached, context(trust, at)))
    except _REFUSALS:
        return Answer.not_clean
    except Exception:  # noqa: BLE001 - an exception is the answer that is counted
        return Answer.crash
    return Answer.clean if status.intact and status.valid else Answer.not_clean


async def _pyhanko_status(
    signed_data: cms.SignedData, detached: bytes | None, asked: ValidationContext
) -> StandardCMSSignatureStatus:
    if detached is not None:
        return await async_validate_detached_cms(detached, signed_data, signer_validation_context=asked)
    return await async_validate_cms_signature(
        signed_data, status_cls=StandardCMSSignatureStatus, validation_context=asked
    )


def pdfsig(path: Path) -> Answer:
    """Poppler's `pdfsig`: clean when it calls every signature valid; document time-stamps, unknown to it,
    are passed over."""
    done = _run(["pdfsig", "-nocert", str(path)])
    if done is None or done.returncode < 0:
        return Answer.crash
    told = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
    signatures = [block for block in told.split("Signature #")[1:] if _TIMESTAMP not in block]
    if not signatures:
        return Answer.no_signature if _NO_SIGNATURES in told else Answer.not_clean
    return Answer.clean if all("Signature is Valid" in one for one in signatures) else Answer.not_clean


def openssl_cms(path: Path, detached: Path | None) -> Answer:
    """`openssl cms -verify` without trust, in each encoding that it reads, as a person at a terminal would try."""
    content = ["-content", str(detached)] if detached else []
    with tempfile.TemporaryDirectory() as folder:
        for form in ("DER", "PEM", "SMIME"):
            call = ["openssl", "cms", "-verify", "-noverify", "-binary", "-inform", form, "-in", str(path), *content]
            done = _run([*call, "-out", str(Path(folder) / "content")])
            if done is None or done.returncode < 0:
                return Answer.crash
            if done.returncode == 0:
                return Answer.clean
    return Answer.not_clean


def version_of(call: list[str]) -> str:
    """First line of what a program says of its version."""
    done = subprocess.run(call, capture_output=True, check=False, timeout=SECONDS)
    return (done.stdout or done.stderr).decode(errors="replace").strip().splitlines()[0]


def _run(call: list[str]) -> subprocess.CompletedProcess[bytes] | None:
    try:
        return subprocess.run(call, capture_output=True, check=False, timeout=SECONDS, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return None
