"""The one question: is this document signed, by whom, on what, is it intact, was anything added."""

import hashlib
import logging
from datetime import datetime

from signing.cades import inspect_layer
from signing.container import Opened, media_type_of, open_container
from signing.pades import inspect_pdf
from signing.problems import problem
from signing.report import Content, Nested, Problem, Signature, SignatureReport, Verdict
from signing.trust import TrustStore

_log = logging.getLogger(__name__)

_UNREADABLE_ENVELOPE = frozenset({"envelope_unreadable", "envelope_encrypted", "too_many_envelopes"})
_UNREADABLE_PDF = frozenset({"pdf_unreadable", "pdf_encrypted"})
_NOT_YET_SUPPORTED = {"asic-s": "ASiC-S", "asic-e": "ASiC-E", "tsd": "TSD", "m7m": "M7M"}
_XML_SIGNATURE = b"http://www.w3.org/2000/09/xmldsig#"


def inspect_signatures(
    data: bytes, *, name: str = "", detached: bytes | None = None, trust: TrustStore, at: datetime
) -> SignatureReport:
    """Inspect any bytes whatever. `detached` is the document of a separate signature; `at` (aware) is when we ask.

    Never raises for what the bytes hold. A defect of ours is caught here and only here, logged, and reported with the code
    `internal` and the verdict `unreadable`, which no one can take for a clean answer. Raises ValueError for a naive `at`.
    Must not be called from a running event loop; an asynchronous caller uses a thread.
    """
    if at.tzinfo is None:
        raise ValueError("`at` must be aware")
    try:
        return _inspect(data, name, detached, trust, at)
    except MemoryError:
        raise  # a limit that the caller has set, no defect
    except Exception as error:  # noqa: BLE001 - the one documented place
        _log.exception("inspection stopped by a defect")
        return SignatureReport("unknown", Verdict.unreadable, problems=(problem("internal", type(error).__name__),))


def _inspect(data: bytes, name: str, detached: bytes | None, trust: TrustStore, at: datetime) -> SignatureReport:
    if not data.strip(b"\0"):
        return SignatureReport("unknown", Verdict.unreadable, problems=(problem("empty_file"),))
    opened = open_container(data, name=name)
    problems = list(opened.problems)
    signatures: list[Signature] = []
    for depth, layer in enumerate(opened.layers):
        signatures.extend(inspect_layer(layer, depth=depth, detached=detached, trust=trust, at=at))
    detached_envelope = bool(opened.layers) and opened.layers[-1].content is None
    if opened.content_kind == "pdf" and not detached_envelope:
        inside = inspect_pdf(opened.content, depth=len(opened.layers), trust=trust, at=at)
        signatures.extend(inside.signatures)
        problems.extend(inside.problems)
    if opened.layers and not detached_envelope and not opened.content:
        problems.append(problem("empty_content"))
    verdict = _verdict(opened, signatures, problems)
    content = _content(opened, detached_envelope)
    return SignatureReport(opened.kind, verdict, tuple(signatures), content, tuple(problems), _nested(opened, data))


def _nested(opened: Opened, data: bytes) -> tuple[Nested, ...]:
    held = [data, *(layer.content for layer in opened.layers if layer.content is not None)]
    kinds = (opened.kind, *("p7m" for _ in opened.layers[1:]), opened.content_kind)
    return tuple(
        Nested(depth, kinds[depth], hashlib.sha256(each).hexdigest(), len(each)) for depth, each in enumerate(held)
    )


def _verdict(opened: Opened, signatures: list[Signature], problems: list[Problem]) -> Verdict:
    # Our own seal says where the document comes from, not that anybody signed it: it only counts when it does not hold.
    verdict = Verdict.worst(one.verdict for one in signatures if not (one.own_seal and one.verdict.is_clean))
    # A signed envelope is judged by its signatures, also where the PDF inside cannot be opened: that is told beside.
    fatal = _UNREADABLE_ENVELOPE if signatures else _UNREADABLE_ENVELOPE | _UNREADABLE_PDF
    if any(found.code in fatal for found in problems):
        return Verdict.unreadable
    unsupported = _unsupported(opened)
    if unsupported:
        problems.append(problem("container_not_supported", kind=unsupported))
        return Verdict.worst((verdict, Verdict.unverifiable))
    if opened.layers and not signatures:
        problems.append(problem("no_signer"))
        return Verdict.not_signed
    if verdict is Verdict.signed and any(found.severity != "info" for found in problems):
        return Verdict.signed_with_reservations
    return verdict


def _unsupported(opened: Opened) -> str | None:
    if opened.layers:
        return None
    if opened.kind == "xml" and _XML_SIGNATURE in opened.content:
        return "XAdES"
    return _NOT_YET_SUPPORTED.get(opened.kind)


def _content(opened: Opened, detached_envelope: bool) -> Content | None:
    if not opened.layers or detached_envelope:
        return None
    digest = hashlib.sha256(opened.content).hexdigest()
    media_type = media_type_of(opened.content_kind, opened.content)
    return Content(opened.content_name, digest, media_type, opened.content)
