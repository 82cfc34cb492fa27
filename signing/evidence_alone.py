"""An evidence record in a file of its own (RFC 4998, RFC 6283), held against the document given beside it."""

from datetime import datetime

from signing.enclosed import Enclosed, EnvelopeFindings
from signing.evidence_examination import evidence_told, examined_record
from signing.evidenced_documents import EvidencedDocuments
from signing.problems import problem
from signing.report import TimeProof
from signing.trust import TrustStore

_DOCUMENT = "il documento"


def inspect_evidence(
    data: bytes, *, name: str, detached: bytes | None, trust: TrustStore, existed_by: tuple[datetime, ...] = ()
) -> EnvelopeFindings:
    """What the record proves of the document, which is then looked into; without it nothing can be said.

    Never raises for any bytes.
    """
    if detached is None:
        return EnvelopeFindings(problems=(problem("evidence_record_alone"),))
    facts = examined_record(data, (_DOCUMENT,), EvidencedDocuments({_DOCUMENT: detached}), trust)
    proof = TimeProof("evidence_record", name, facts.covers, facts.time, facts.proves, facts.problem)
    times = (facts.time,) if facts.proves and facts.time is not None else ()
    return EnvelopeFindings(
        problems=(problem("evidence_record_only"), *evidence_told(facts, (_DOCUMENT,), stated=False)),
        enclosed=Enclosed("", detached, (*existed_by, *times)),
        time_proofs=(proof,),
        looks_outside=True,
    )
