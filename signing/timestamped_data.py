"""Documents enveloped with the time-stamps that prove when they existed: TSD (RFC 5544) and the Italian M7M bundle."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from asn1crypto import cms, tsp

from signing.certificate_path import Material
from signing.enclosed import Enclosed, EnvelopeFindings
from signing.envelope_content import ENVELOPED_MESSAGES
from signing.foreign_input import MALFORMED
from signing.mime_parts import MimePart, read_parts, text_outside_parts
from signing.problems import problem
from signing.report import Problem, TimeProof
from signing.time_stamp_answer import token_of_answer
from signing.timestamps import examine_timestamp
from signing.trust import TrustStore

MOST_TOKENS = 50
"""Renewals that are followed: they come once in some years."""

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class _TimeStampedData:
    """A TimeStampedData message read: its content (None where it is elsewhere), and each token with what it must cover."""

    content: bytes | None
    name: str
    protected: bytes
    tokens: tuple[bytes, ...]
    renewals: tuple[bytes, ...]


def inspect_timestamped_data(
    data: bytes, *, name: str, detached: bytes | None, trust: TrustStore, existed_by: tuple[datetime, ...] = ()
) -> EnvelopeFindings:
    """Open a TSD and check its tokens, the first over the content, each later one over the one before (RFC 5544, 3).

    Never raises for any bytes. A token proves a time for the content; it is nobody's signature.
    """
    try:
        read = _read(data)
    except MALFORMED as error:
        return EnvelopeFindings(problems=(problem("envelope_unreadable", type(error).__name__),))
    content = detached if read.content is None else read.content
    if content is None:
        return EnvelopeFindings(problems=(problem("content_missing", "SIGNED_DATA_NOT_FOUND"),))
    if not read.tokens:
        return EnvelopeFindings(
            problems=(problem("timestamp_missing"),), enclosed=Enclosed(read.name or name, content, existed_by)
        )
    stamped = (read.protected + content, *read.renewals)
    pairs = list(islice(zip(read.tokens, stamped, strict=False), MOST_TOKENS))
    proofs, problems = _examined(pairs, trust, covers=read.name or name)
    inside = Enclosed(read.name or name, content, (*existed_by, *_instants(proofs)))
    return EnvelopeFindings(problems=problems, enclosed=inside, time_proofs=proofs, looks_outside=read.content is None)


def _read(data: bytes) -> _TimeStampedData:
    message = cms.ContentInfo.load(data)
    if message["content_type"].dotted != "1.2.840.113549.1.9.16.1.31":
        raise ValueError("no TimeStampedData")
    stamped: tsp.TimeStampedData = message["content"]
    metadata = stamped["meta_data"]
    described = metadata if isinstance(metadata, tsp.MetaData) and metadata.native else None
    evidence = stamped["temporal_evidence"]
    entries = list(evidence.chosen) if evidence.name == "tst_evidence" else []
    content = stamped["content"].native
    return _TimeStampedData(
        content=content if isinstance(content, bytes) else None,
        name=_last_part(described["file_name"].native or "") if described is not None else "",
        protected=described.dump() if described is not None and described["hash_protected"].native else b"",
        tokens=tuple(one["time_stamp"].dump() for one in entries),
        renewals=tuple(one.dump() for one in entries[:-1]),
    )


def _last_part(name: str) -> str:
    """The name without the folders that whoever wrote it may have put before."""
    return name.replace("\\", "/").rpartition("/")[2]


def _instants(proofs: tuple[TimeProof, ...]) -> tuple[datetime, ...]:
    return tuple(one.time for one in proofs if one.holds and one.time is not None)


def _examined(
    pairs: list[tuple[bytes, bytes]], trust: TrustStore, *, covers: str
) -> tuple[tuple[TimeProof, ...], tuple[Problem, ...]]:
    """What the tokens prove for the content, and what is wrong with them. A later one counts only after a sound earlier one."""
    proofs: list[TimeProof] = []
    problems: list[Problem] = []
    for token, stamped in pairs:
        found = examine_timestamp(token, stamped, trust=trust, material=Material())
        proofs.append(TimeProof("time_stamp", "", (covers,), found.time, found.proves, found.problem))
        if found.problem:
            problems.append(problem(found.problem))
        if found.problem and found.problem != "timestamp_not_trusted":
            break
    return tuple(proofs), tuple(dict.fromkeys(problems))


def inspect_m7m(
    data: bytes, *, name: str, trust: TrustStore, existed_by: tuple[datetime, ...] = ()
) -> EnvelopeFindings:
    """Open a MIME bundle of a signed envelope and the time-stamp over it. Never raises for any bytes."""
    parts = read_parts(data)
    envelopes = [one for one in parts if one.media_type in ENVELOPED_MESSAGES]
    if len(envelopes) != 1:
        return EnvelopeFindings(problems=(problem("envelope_unreadable", f"{len(envelopes)} envelopes"),))
    envelope = envelopes[0]
    others = [(one, _tokens(one)) for one in parts if one is not envelope]
    tokens = [token for _, found in others for token in found]
    beside = [one.media_type for one, found in others if not (found or _is_stamp(one)) and one.body.strip()]
    inner = envelope.name or name
    proofs, problems = _examined([(token, envelope.body) for token in tokens[:1]], trust, covers=inner)
    missing = () if tokens else (problem("timestamp_missing"),)
    loose = text_outside_parts(data)
    told = [problem("parts_beside_envelope", kinds=", ".join(beside[:_MOST_NAMED]))] if beside else []
    told += [problem("text_beside_envelope", count=loose)] if loose else []
    inside = Enclosed(inner, envelope.body, (*existed_by, *_instants(proofs)))
    return EnvelopeFindings(problems=(*problems, *missing, *told), enclosed=inside, time_proofs=proofs)


def _is_stamp(part: MimePart) -> bool:
    return part.media_type.startswith(("application/timestamp", "application/x-timestamp"))


def _tokens(part: MimePart) -> list[bytes]:
    """The token of a part, bare or in the authority's whole answer (RFC 3161, 2.4.2)."""
    try:
        if cms.ContentInfo.load(part.body)["content_type"].native == "signed_data":
            return [part.body]
    except MALFORMED:
        pass
    token = token_of_answer(part.body)
    return [] if token is None else [token]
