"""Associated signature containers (ETSI EN 319 162-1): documents, and beside them in META-INF what signs or stamps them.

OpenDocument files signed in their own way (ODF 1.3 part 2, clause 5) are such a container too, save that the package itself is
the document.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from signing.asic_evidence import evidence_in
from signing.asic_manifest import Manifest, read_manifest
from signing.asic_names import CADES, EVIDENCE, MANIFEST, TOKEN, XADES
from signing.assessment import Surroundings
from signing.cades import judge_signers, read_signers
from signing.cades_evidence import evidence_of_signers
from signing.certificate_path import Material
from signing.enclosed import Enclosed, EnvelopeFindings
from signing.envelope_content import data_objects, is_open_document, misplaced
from signing.problems import problem
from signing.report import Problem, Signature, TimeProof
from signing.signed_data import MOST_SIGNERS, Integrity, SignerFacts
from signing.timestamps import examine_timestamp
from signing.trust import TrustStore
from signing.xades import inspect_xml
from signing.xml_document import RefusedXml, UnreadableXml
from signing.zip_container import Package, UnsafePackage, read_package

MOST_SIGNATURE_FILES = 200
LARGEST_META_INF = 8 * 1024 * 1024
"""Bytes of all signatures, manifests, time-stamps and evidence records together."""

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class _Container:
    """A container unpacked: its documents, the manifests read, and the proofs of time it carries."""

    package: Package
    kind: str
    documents: tuple[str, ...]
    manifests: tuple[Manifest, ...]
    proofs: tuple[TimeProof, ...] = ()
    existed_by: tuple[datetime, ...] = ()

    @property
    def members(self) -> dict[str, bytes]:
        return self.package.members

    @property
    def subjects(self) -> frozenset[str]:
        """Of what a signature has to sign something: the documents, or what signs, lists or stamps them."""
        about = (MANIFEST, CADES, XADES, TOKEN, EVIDENCE)
        return frozenset((*self.documents, *(name for each in about for name in self.package.names(each))))

    def covering(self, name: str) -> tuple[bytes | None, tuple[str, ...], tuple[Integrity, str] | None]:
        """What a detached signature or token signs: the bytes, the names it covers through them, and how those differ."""
        stated = [one for one in self.manifests if one.covered_by == name]
        names = tuple(each for one in stated for each in (one.name, *(entry.name for entry in one.entries)))
        if len(stated) > 1:
            return stated[0].content, names, (Integrity.malformed, f"{len(stated)} manifests for {name}")
        if stated:
            return stated[0].content, names, stated[0].failure(self.members)
        if len(self.documents) == 1:
            return self.members[self.documents[0]], self.documents, None
        return None, (), None

    def known_times(self, name: str) -> tuple[datetime, ...]:
        """Proven instants at which that member already existed."""
        held = (one for one in self.proofs if one.holds and name in one.covers)
        return (*self.existed_by, *(one.time for one in held if one.time is not None))


@dataclass(frozen=True, slots=True)
class _Signed:
    """Signatures of one file in META-INF: the names it says it covers, and those an intact signature truly covers."""

    signatures: tuple[Signature, ...]
    named: frozenset[str]
    covered: frozenset[str]
    problems: tuple[Problem, ...] = ()


def inspect_asic(
    data: bytes, *, kind: str, trust: TrustStore, at: datetime, depth: int = 0, existed_by: tuple[datetime, ...] = ()
) -> EnvelopeFindings:
    """Judge every signature of a container of that kind. The document inside is given back where there is only one.

    Time-stamps and evidence records are nobody's signature: they prove the time of what they cover. Never raises for any bytes.
    """
    try:
        package = read_package(data)
    except UnsafePackage as error:
        return EnvelopeFindings(problems=(problem("package_refused", str(error)),))
    about = [content for name, content in package.members.items() if name.startswith("META-INF/")]
    if len(about) > MOST_SIGNATURE_FILES or sum(map(len, about)) > LARGEST_META_INF:
        return EnvelopeFindings(problems=(problem("package_refused", "META-INF too large"),))
    documents = data_objects(package)
    manifests, unread = _manifests(package)
    container = _Container(package, kind, documents, manifests, existed_by=existed_by)
    container, stamp_problems = _with_proofs(container, trust)
    signed: list[_Signed] = []
    for name in (*package.names(CADES), *package.names(XADES)):
        judge = _cades if CADES.fullmatch(name) else _xades
        signed.append(judge(container, name, depth, trust, at))
        if sum(len(one.signatures) for one in signed) > MOST_SIGNERS:
            return EnvelopeFindings(problems=(problem("too_many_signatures"),))
    signatures = tuple(signature for one in signed for signature in one.signatures)
    told = (problem("text_beside_envelope", count=package.comment),) if package.comment else ()
    problems = [*told, *stamp_problems, *(found for one in signed for found in one.problems)]
    problems += [problem("asic_manifest_unreadable", name) for name in unread] if signatures else []
    problems += _about_documents(container, signed) if signatures else _without_signatures(container)
    covered = frozenset(name for one in signed for name in one.covered)
    return EnvelopeFindings(signatures, tuple(problems), _enclosed(container, covered), container.proofs)


def _reach(container: _Container, names: Iterable[str]) -> str:
    return "whole_file" if frozenset(names).issuperset(container.documents) else "revision"


def _manifests(package: Package) -> tuple[tuple[Manifest, ...], list[str]]:
    read, unread = [], []
    for name in package.names(MANIFEST):
        try:
            read.append(read_manifest(name, package.members[name]))
        except (UnreadableXml, RefusedXml, ValueError):
            unread.append(name)
    return tuple(read), unread


def _with_proofs(container: _Container, trust: TrustStore) -> tuple[_Container, list[Problem]]:
    evidence = evidence_in(container.package, container.documents, container.manifests, trust)
    proofs, problems = list(evidence.proofs), list(evidence.problems)
    for name in container.package.names(TOKEN):
        stamped, names, failure = container.covering(name)
        if stamped is None or failure is not None:
            problems.append(problem("timestamp_of_other_data", failure[1] if failure else name))
            proofs.append(TimeProof("time_stamp", name, (), None, False, "timestamp_of_other_data"))
            continue
        found = examine_timestamp(container.members[name], stamped, trust=trust, material=Material())
        proofs.append(TimeProof("time_stamp", name, names, found.time, found.proves, found.problem))
        if found.problem and not found.proves:
            problems.append(problem(found.problem))
    return replace(container, proofs=tuple(proofs)), list(dict.fromkeys(problems))


def _cades(container: _Container, name: str, depth: int, trust: TrustStore, at: datetime) -> _Signed:
    content, names, failure = container.covering(name)
    facts, material = read_signers(container.members[name], content)
    if failure is not None:
        facts = tuple(_failed(one, failure) for one in facts)
    elif stated := [one for one in container.manifests if one.covered_by == name]:
        facts = tuple(replace(one, digest=stated[0].weakest_digest(one.digest)) for one in facts)
    around = Surroundings("CAdES", depth, _reach(container, names), later_proofs=container.known_times(name))
    listed = [each for each in names if not MANIFEST.fullmatch(each)]
    if container.documents and names and container.subjects.isdisjoint(listed):
        around = replace(around, changes_after="suspicious", change_problems=(problem("signs_other_content"),))
    sealed = evidence_of_signers(container.members[name], content, trust)
    signatures = judge_signers(facts, material, around, trust=trust, at=at, sealed=sealed)
    intact = any(one.intact for one in signatures)
    return _Signed(signatures, frozenset(names), frozenset(names) if intact else frozenset())


def _failed(facts: SignerFacts, failure: tuple[Integrity, str]) -> SignerFacts:
    """A manifest that holds but lists other bytes than those in the container makes an intact signature fail."""
    if facts.integrity is not Integrity.intact:
        return facts
    return replace(facts, integrity=failure[0], technical=failure[1])


def _xades(container: _Container, name: str, depth: int, trust: TrustStore, at: datetime) -> _Signed:
    found = inspect_xml(
        container.members[name],
        outside=container.members.get,
        trust=trust,
        at=at,
        depth=depth,
        existed_by=container.known_times(name),
        own_document=False,
        subjects=container.subjects if container.documents else (),
    )
    reach = _reach(container, found.named)
    signatures = tuple(one if one.changes_after != "none" else replace(one, covers=reach) for one in found.signatures)
    problems = tuple(problem("asic_signature_unreadable", name) for _ in found.problems[:1])
    return _Signed(signatures, frozenset(found.named), frozenset(found.external), problems)


def _about_documents(container: _Container, signed: list[_Signed]) -> list[Problem]:
    documents = container.documents
    named = frozenset(name for one in signed for name in one.named)
    covered = frozenset(name for one in signed for name in one.covered)
    intact = any(signature.intact for one in signed for signature in one.signatures)
    found = []
    if container.kind == "asic-s" and (len(documents) != 1 or "/" in documents[0]):
        found.append(problem("asic_form", f"{len(documents)} data objects"))
    strangers = [name for name in documents if name not in named]
    if strangers and any(name not in container.members for name in named):
        found.append(problem("asic_replaced", names=_listed(strangers)))
    elif intact and documents and named.isdisjoint(documents):
        found.append(problem("asic_nothing_covered", names=_listed(strangers)))
    elif covered:
        left_out = [name for name in (*documents, *misplaced(container.package)) if name not in covered]
        code = "open_document_not_covered" if is_open_document(container.package) else "asic_not_covered"
        found.extend([problem(code, names=_listed(left_out))] if left_out else ())
    return found


def _without_signatures(container: _Container) -> list[Problem]:
    """Why a container that looks signed is not."""
    if container.package.names(EVIDENCE):
        return [problem("evidence_record_only")]
    return [problem("timestamp_only")] if container.package.names(TOKEN) else []


def _listed(names: list[str]) -> str:
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" e altri {rest}" if rest > 0 else "")


def _enclosed(container: _Container, covered: frozenset[str]) -> Enclosed | None:
    """The one document, or the one that is signed among others that are not."""
    if is_open_document(container.package):
        return None
    names = container.documents if len(container.documents) == 1 else sorted(covered.intersection(container.documents))
    if len(names) != 1:
        return None
    return Enclosed(names[0].rpartition("/")[2], container.members[names[0]], container.known_times(names[0]))
