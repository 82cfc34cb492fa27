"""One evidence record, wherever it stands: read, held against what it should cover, and told in office Italian."""

from collections.abc import Sequence

from signing.algorithms import UnsupportedSignature
from signing.evidence_record import EvidenceFacts, EvidenceRecord, examine_evidence
from signing.evidence_record_asn1 import read_asn1_record
from signing.evidence_record_xml import read_xml_record
from signing.evidenced_documents import Hashed
from signing.foreign_input import MALFORMED
from signing.problems import problem
from signing.report import Problem
from signing.stated_times import in_rome
from signing.trust import TrustStore
from signing.xml_document import Element, RefusedXml, UnreadableXml, parse_xml

_MOST_NAMED = 5


def examined_record(data: bytes | Element, subjects: Sequence[str], held: Hashed, trust: TrustStore) -> EvidenceFacts:
    """Hold a record (its encoding, or its element in a document) against the subjects. Never raises for what it holds."""
    try:
        return examine_evidence(_read(data), subjects, held, trust=trust)
    except (UnsupportedSignature, RefusedXml) as error:
        return EvidenceFacts((), None, False, "evidence_record_unsupported", str(error))
    except (UnreadableXml, *MALFORMED) as error:
        return EvidenceFacts((), None, False, "evidence_record_broken", type(error).__name__)


def _read(data: bytes | Element) -> EvidenceRecord:
    if not isinstance(data, bytes):
        return read_xml_record(data)
    return read_asn1_record(data) if data.startswith(b"\x30") else read_xml_record(parse_xml(data))


def evidence_told(facts: EvidenceFacts, subjects: Sequence[str], *, stated: bool) -> list[Problem]:
    """What the record proves and for what; then the documents its manifest lists and it does not cover."""
    code = facts.problem or "evidence_record_holds"
    time = f"{in_rome(facts.time):%d/%m/%Y alle %H:%M}" if facts.time is not None else ""
    told = [problem(code, facts.technical, names=listed(facts.covers or subjects), time=time)]
    left_out = [name for name in subjects if name not in facts.covers]
    if stated and facts.covers and left_out:
        told.append(problem("evidence_record_of_other_data", names=listed(left_out)))
    return told


def listed(names: Sequence[str]) -> str:
    """The first names, and how many others there are."""
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" e altri {rest}" if rest > 0 else "")
