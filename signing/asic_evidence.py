"""Evidence records of associated signature containers (ETSI EN 319 162-1, 4.3.4 and 4.4.4): proofs of time over named files."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from signing.asic_manifest import Manifest
from signing.asic_names import EVIDENCE
from signing.evidence_examination import evidence_told, examined_record, listed
from signing.evidenced_documents import EvidencedDocuments
from signing.problems import problem
from signing.report import Problem, TimeProof
from signing.trust import TrustStore
from signing.zip_container import Package

MOST_RECORDS = 5
LARGEST_RECORDS = 512 * 1024
"""Evidence records of one container that are examined, and their bytes together; of others it is said that they are not."""

_KIND = "evidence_record"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the records of a container prove, each and for which documents, and what has to be said of them."""

    proofs: tuple[TimeProof, ...] = ()
    problems: tuple[Problem, ...] = ()


def evidence_in(
    package: Package, documents: Sequence[str], manifests: Sequence[Manifest], trust: TrustStore
) -> Evidence:
    """Hold every record against the documents of the container. Never raises for any bytes.

    A record speaks of what its manifest lists; without one, of those documents whose hashes it holds.
    """
    proofs: list[TimeProof] = []
    told: list[Problem] = []
    names = package.names(EVIDENCE)
    held = EvidencedDocuments(package.members)
    examined = _within_bounds(package, names)
    for name in examined:
        manifest = next((one for one in manifests if one.covered_by == name), None)
        if manifest is not None and (failure := manifest.failure(package.members)) is not None:
            told.append(problem("evidence_record_of_other_data", failure[1], names=listed(_entries(manifest))))
            proofs.append(TimeProof(_KIND, name, (), None, False, "evidence_record_of_other_data"))
            continue
        subjects = _entries(manifest) if manifest is not None else tuple(documents)
        facts = examined_record(package.members[name], subjects, held, trust)
        told.extend(evidence_told(facts, subjects, stated=manifest is not None))
        proofs.append(TimeProof(_KIND, name, facts.covers, facts.time, facts.proves, facts.problem))
    if len(examined) < len(names):
        told.append(problem("evidence_records_left", count=len(names) - len(examined)))
    return Evidence(tuple(proofs), tuple(dict.fromkeys(told)))


def _within_bounds(package: Package, names: Sequence[str]) -> list[str]:
    sizes = itertools.accumulate(len(package.members[name]) for name in names)
    return [name for name, size in zip(names, sizes, strict=True) if size <= LARGEST_RECORDS][:MOST_RECORDS]


def _entries(manifest: Manifest) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.name for entry in manifest.entries))
