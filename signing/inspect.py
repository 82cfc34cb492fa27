"""The one question: is this document signed, by whom, on what, is it intact, was anything added."""

import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING

from signing.cades import inspect_layer
from signing.container import DEEPEST_ENVELOPE, Layer, Opened, content_kind_of, kind_of, media_type_of, open_container
from signing.enclosed import Enclosed
from signing.pades import inspect_pdf
from signing.problems import printable, problem
from signing.report import Content, Nested, Problem, Signature, SignatureReport, TimeProof, Verdict
from signing.signed_data import MOST_SIGNERS
from signing.stated_times import future_times, is_future
from signing.trust import TrustStore
from signing.xml_marks import may_hold_signatures

if TYPE_CHECKING:
    from signing.envelopes import Envelope

_log = logging.getLogger(__name__)

_UNREADABLE_ENVELOPE = frozenset({"envelope_unreadable", "envelope_encrypted", "too_many_envelopes"})
_UNREADABLE_DOCUMENT = frozenset(
    {"pdf_unreadable", "pdf_encrypted", "too_many_signatures", "package_refused", "xml_unreadable"}
)
_UNSIGNED_ENVELOPE = frozenset({"timestamp_only", "timestamp_answer_only", "evidence_record_only"})
_DECIDED = {
    "asic_manifest_unreadable": Verdict.broken,
    "asic_form": Verdict.broken,
    "asic_replaced": Verdict.broken,
    "asic_nothing_covered": Verdict.broken,
    "detached_not_signed": Verdict.broken,
    "asic_signature_unreadable": Verdict.unverifiable,
    "open_document_not_covered": Verdict.changed,
    "container_not_supported": Verdict.unverifiable,
    "content_missing": Verdict.unverifiable,
    "evidence_record_alone": Verdict.unverifiable,
    "xml_refused": Verdict.unverifiable,
}
"""Problems of the file that decide its verdict, whatever the signatures that could be read say."""


def inspect_signatures(
    data: bytes,
    *,
    name: str = "",
    detached: bytes | None = None,
    issued: bytes | None = None,
    trust: TrustStore,
    at: datetime,
) -> SignatureReport:
    """Inspect any bytes whatever. `detached` is the document of a separate signature, `issued` the one that was handed out to
    be signed, where it is known; `at` (aware) is when we ask.

    Never raises for what the bytes hold. A defect of ours is caught here and only here, logged, and reported with the code
    `internal` and the verdict `unreadable`, which no one can take for a clean answer. Raises ValueError for a naive `at`.
    Must not be called from a running event loop; an asynchronous caller uses a thread.
    """
    if at.tzinfo is None:
        raise ValueError("`at` must be aware")
    try:
        return _inspect(Enclosed(name, data), _Question(detached, issued, trust, at))
    except MemoryError:
        raise  # a limit that the caller has set, no defect
    except Exception as error:  # noqa: BLE001 - the one documented place
        _log.exception("inspection stopped by a defect")
        return SignatureReport("unknown", Verdict.unreadable, problems=(problem("internal", type(error).__name__),))


def _inspect(document: Enclosed, asked: "_Question") -> SignatureReport:
    if not document.data.strip(b"\0"):
        return SignatureReport("unknown", Verdict.unreadable, problems=(problem("empty_file"),))
    found = _look_into(document, 0, asked)
    told = _still_true(found.problems, found.signatures)
    problems = list(dict.fromkeys((*told, *_about_detached(found, asked), *_about_time(found, asked))))
    verdict = _verdict(found, problems)
    proofs = tuple(_as_asked(one, asked.at) for one in found.time_proofs)
    return SignatureReport(
        *(found.kind, verdict, found.signatures, found.content, tuple(problems), found.nested, proofs)
    )


def _about_detached(found: "_Found", asked: "_Question") -> tuple[Problem, ...]:
    """A document given beside a file that holds its own is what was signed only where it is the same."""
    if asked.detached is None or found.looks_outside or not found.signatures:
        return ()
    digest = hashlib.sha256(asked.detached).hexdigest()
    return () if any(one.sha256 == digest for one in found.nested) else (problem("detached_not_signed"),)


def _about_time(found: "_Found", asked: "_Question") -> tuple[Problem, ...]:
    """Time-stamps of documents that nobody signed are told here: a signature tells of those that are its own."""
    if found.signatures:
        return ()
    return future_times(None, (one.time for one in found.time_proofs if one.time is not None), asked.at)


def _as_asked(proof: TimeProof, at: datetime) -> TimeProof:
    """What states a time still to come proves nothing, however sound it is."""
    if not proof.holds or proof.time is None or not is_future(proof.time, at):
        return proof
    return replace(proof, holds=False, problem="timestamp_in_future")


@dataclass(frozen=True, slots=True)
class _Question:
    """What every layer of the file is asked with."""

    detached: bytes | None
    issued: bytes | None
    trust: TrustStore
    at: datetime


@dataclass(frozen=True, slots=True)
class _Found:
    """All that one document holds, with what is inside it; `looks_outside` where some signature needs a document beside it."""

    kind: str
    signatures: tuple[Signature, ...]
    problems: tuple[Problem, ...]
    content: Content | None
    nested: tuple[Nested, ...] = ()
    unsigned_envelope: bool = False
    time_proofs: tuple[TimeProof, ...] = ()
    looks_outside: bool = False


def _look_into(document: Enclosed, depth: int, asked: _Question, *, signed: bool = False) -> _Found:
    """Open a document down to the first envelope that is no SignedData message, which is judged on its own and looked into.

    `signed`: whether somebody signed what this document was taken out of."""
    if depth > DEEPEST_ENVELOPE:
        return _Found("unknown", (), (problem("too_many_envelopes", limit=DEEPEST_ENVELOPE),), None)
    opened = open_container(document.data, name=document.name)
    messages = list(takewhile(lambda layer: layer.kind == "p7m", opened.layers))
    signatures: list[Signature] = []
    for index, layer in enumerate(messages):
        signatures.extend(_layer(layer, depth + index, document, asked))
        if len(signatures) > MOST_SIGNERS:
            return _Found(opened.kind, (), (problem("too_many_signatures"),), None)
    envelope = _envelope(opened, len(messages), document, depth, asked, signed=signed or bool(messages))
    if envelope is not None:
        return _with_envelope(opened, signatures, envelope, _nested(opened, document.data, depth), asked)
    problems = list(opened.problems)
    detached_envelope = bool(messages) and messages[-1].content is None
    if opened.content_kind == "pdf" and not detached_envelope:
        inside = inspect_pdf(
            opened.content,
            depth=depth + len(messages),
            trust=asked.trust,
            at=asked.at,
            existed_by=document.existed_by,
            issued=asked.issued,
        )
        signatures.extend(inside.signatures)
        problems.extend(inside.problems)
    if opened.content_kind == "eml" and not messages:
        problems.append(problem("mail_not_searched"))
    if messages and not detached_envelope and not opened.content:
        problems.append(problem("empty_content"))
    content = None
    if messages and not detached_envelope:
        content = _content(opened.content_name, opened.content)
    nested = _nested(opened, document.data, depth)
    return _Found(
        opened.kind,
        tuple(signatures),
        tuple(problems),
        content,
        nested,
        bool(messages) and not signatures,
        looks_outside=detached_envelope,
    )


def _nested(opened: Opened, data: bytes, depth: int) -> tuple[Nested, ...]:
    """The file at `depth` and what its SignedData messages hold, each with its kind and the hash of its own bytes."""
    messages = list(takewhile(lambda layer: layer.kind == "p7m", opened.layers))
    held = [data, *(layer.content for layer in messages if layer.content is not None)]
    further = opened.layers[len(messages) :]
    after = content_kind_of(further[0].message) if further else opened.content_kind
    kinds = (opened.kind, *("p7m" for _ in messages[1:]), after)
    return tuple(
        Nested(depth + step, kinds[step], hashlib.sha256(each).hexdigest(), len(each)) for step, each in enumerate(held)
    )


def _layer(layer: Layer, depth: int, document: Enclosed, asked: _Question) -> tuple[Signature, ...]:
    return inspect_layer(
        layer,
        depth=depth,
        detached=asked.detached,
        trust=asked.trust,
        at=asked.at,
        existed_by=document.existed_by,
    )


def _envelope(
    opened: Opened, messages: int, document: Enclosed, depth: int, asked: _Question, *, signed: bool
) -> "Envelope | None":
    """The first layer that is no SignedData message, or the innermost document where it may hold signatures of its own."""
    if messages < len(opened.layers):
        kind, data = opened.layers[messages].kind, opened.layers[messages].message
    elif messages and opened.layers[-1].content is None:
        return None
    else:
        data = opened.proof_of_time or opened.content
        kind = kind_of(data)
        if kind not in {"office", "evidence", "token"} and not (kind == "xml" and may_hold_signatures(data)):
            return None
    from signing.envelopes import Envelope

    return Envelope(
        kind,
        data,
        opened.content_name,
        depth + messages,
        signed=signed,
        detached=asked.detached,
        existed_by=document.existed_by,
    )


def _with_envelope(
    opened: Opened, signatures: list[Signature], envelope: "Envelope", nested: tuple[Nested, ...], asked: _Question
) -> _Found:
    from signing.envelopes import inspect_envelope

    judged = inspect_envelope(envelope, trust=asked.trust, at=asked.at)
    signatures.extend(judged.signatures)
    problems = [*opened.problems, *judged.problems]
    if judged.enclosed is None:
        as_signed = opened.content if envelope.data is opened.proof_of_time else envelope.data
        content = _content(opened.content_name, as_signed) if envelope.depth else None
        return _Found(
            opened.kind,
            tuple(signatures),
            tuple(problems),
            content,
            nested,
            time_proofs=judged.time_proofs,
            looks_outside=judged.looks_outside,
        )
    inside = _look_into(judged.enclosed, envelope.depth + 1, asked, signed=envelope.signed or bool(signatures))
    return _Found(
        opened.kind,
        (*signatures, *inside.signatures),
        (*problems, *inside.problems),
        inside.content or _content(judged.enclosed.name, judged.enclosed.data),
        (*nested, *inside.nested),
        inside.unsigned_envelope and not signatures,
        (*judged.time_proofs, *inside.time_proofs),
        judged.looks_outside or inside.looks_outside,
    )


def _still_true(problems: tuple[Problem, ...], signatures: tuple[Signature, ...]) -> tuple[Problem, ...]:
    """That nobody signed an envelope, or the document in it, does not mean that nobody signed the other."""
    return tuple(one for one in problems if not (signatures and one.code in _UNSIGNED_ENVELOPE))


def _verdict(found: _Found, problems: list[Problem]) -> Verdict:
    # Our own seal says where the document comes from, not that anybody signed it: it only counts when it does not hold.
    verdict = Verdict.worst(one.verdict for one in found.signatures if not (one.own_seal and one.verdict.is_clean))
    # A signed envelope is judged by its signatures, also where the document inside cannot be opened: that is told beside.
    fatal = _UNREADABLE_ENVELOPE if found.signatures else _UNREADABLE_ENVELOPE | _UNREADABLE_DOCUMENT
    codes = {one.code for one in problems}
    if codes & fatal:
        return Verdict.unreadable
    decided = [verdict, *(_DECIDED[code] for code in codes if code in _DECIDED)]
    if len(decided) > 1:
        return Verdict.worst(decided)
    if found.unsigned_envelope:
        problems.append(problem("no_signer"))
        return Verdict.not_signed
    if verdict is Verdict.signed and any(one.severity != "info" for one in problems):
        return Verdict.signed_with_reservations
    return verdict


def _content(name: str, data: bytes) -> Content:
    return Content(printable(name), hashlib.sha256(data).hexdigest(), media_type_of(content_kind_of(data), data), data)
