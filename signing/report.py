"""What an inspection of signatures answers: frozen results, ready for JSON in the shape of the `inspect` contract."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """The answer about a whole document, ordered from best to worst."""

    signed = "signed"
    signed_with_reservations = "signed_with_reservations"
    not_signed = "not_signed"
    unverifiable = "unverifiable"
    invalid_certificate = "invalid_certificate"
    changed = "changed"
    broken = "broken"
    unreadable = "unreadable"

    @property
    def rank(self) -> int:
        """Position in the order of the contract: 0 is the best."""
        return list(Verdict).index(self)

    @property
    def is_clean(self) -> bool:
        """True only where the document may be taken as signed and intact."""
        return self in {Verdict.signed, Verdict.signed_with_reservations}

    @classmethod
    def worst(cls, verdicts: Iterable["Verdict"]) -> "Verdict":
        """The worst of the given verdicts; a document without any signature is `not_signed`."""
        return max(verdicts, key=lambda verdict: verdict.rank, default=cls.not_signed)


class Indication(StrEnum):
    """Main status indications of ETSI EN 319 102-1, clause 5.1.2."""

    total_passed = "TOTAL_PASSED"
    indeterminate = "INDETERMINATE"
    total_failed = "TOTAL_FAILED"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing a person has to know: what happened and why it matters (`message`), what to do now (`remedy`), in Italian."""

    code: str
    message: str
    remedy: str
    law: str | None = None
    technical: str | None = None
    severity: str = "warning"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def as_finding(self) -> dict[str, Any]:
        """The shape of `findings` in the contract, where page and box belong to checks that look at pages."""
        return {**asdict(self), "page": None, "box": None}


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, as the certificate says. `tax_code` is without its prefix (`TINIT-`, `IT:`); `organization` and `role` are
    there only where the organization agreed to be named."""

    common_name: str = ""
    given_name: str = ""
    surname: str = ""
    tax_code: str = ""
    country: str = ""
    issuer: str = ""
    organization: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Claims:
    """What the certificate says of itself in its qcStatements (ETSI EN 319 412-5); `type` is esign, eseal, web or None."""

    qualified: bool = False
    qscd: bool = False
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: `depth` counts envelopes from the outside, `covers` is whole_file or revision,
    `changes_after` is none, permitted or suspicious; times are aware.

    `own_seal` marks the seal of this service (see `TrustStore.with_seal`), which is nobody's signature.
    """

    format: str
    depth: int
    verdict: Verdict
    indication: Indication
    sub_indication: str | None
    intact: bool
    signer: Signer
    claimed_time: datetime | None
    proven_time: datetime | None
    digest: str
    covers: str
    changes_after: str
    claims: Claims
    qualification: str
    problems: tuple[Problem, ...]
    counter_signature: bool = False
    own_seal: bool = False
    certificate_sha256: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "depth": self.depth,
            "verdict": self.verdict.value,
            "indication": self.indication.value,
            "sub_indication": self.sub_indication,
            "intact": self.intact,
            "signer": asdict(self.signer),
            "claimed_time": self.claimed_time.isoformat() if self.claimed_time else None,
            "proven_time": self.proven_time.isoformat() if self.proven_time else None,
            "digest": self.digest,
            "covers": self.covers,
            "changes_after": self.changes_after,
            "claims": asdict(self.claims),
            "qualification": self.qualification,
            "counter_signature": self.counter_signature,
            "own_seal": self.own_seal,
            "certificate_sha256": self.certificate_sha256,
            "problems": [problem.as_json() for problem in self.problems],
        }


@dataclass(frozen=True, slots=True)
class Content:
    """What the envelope holds; `data` is never part of the JSON."""

    name: str
    sha256: str
    media_type: str
    data: bytes

    def as_json(self) -> dict[str, str]:
        return {"name": self.name, "sha256": self.sha256, "media_type": self.media_type}


@dataclass(frozen=True, slots=True)
class Nested:
    """One file of those held one inside the other, from the outside in; `depth` is that of the signatures it carries itself."""

    depth: int
    kind: str
    sha256: str
    size: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TimeProof:
    """A time-stamp or an evidence record beside the signatures: which file it is, what it covers, the instant it states (aware)
    and whether that may be relied on; `problem` is the code of what is wrong. It is nobody's signature.

    `kind` is time_stamp or evidence_record.
    """

    kind: str
    name: str
    covers: tuple[str, ...]
    time: datetime | None
    holds: bool
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "covers": list(self.covers), "time": self.time.isoformat() if self.time else None}


_OPENINGS = {
    Verdict.signed: "Firmato da {signers}: la firma è integra e verificata.",
    Verdict.signed_with_reservations: "Firmato da {signers}: la firma è integra, con riserve da leggere.",
    Verdict.not_signed: "Il documento non contiene firme digitali.",
    Verdict.unverifiable: "La firma non si può verificare.",
    Verdict.invalid_certificate: "Il certificato di chi ha firmato non era valido: per la legge il documento non è firmato.",
    Verdict.changed: "Il documento è stato modificato dopo la firma.",
    Verdict.broken: "La firma non corrisponde al documento.",
    Verdict.unreadable: "Il file non si può aprire.",
}

_SEALED_ALONE = "Il documento porta il sigillo di questo servizio e nessuna firma digitale."


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """The whole answer: container kind, verdict, every signature found, the inner content, problems of the file itself."""

    container: str
    verdict: Verdict
    signatures: tuple[Signature, ...] = ()
    content: Content | None = None
    problems: tuple[Problem, ...] = ()
    nested: tuple[Nested, ...] = ()
    time_proofs: tuple[TimeProof, ...] = ()

    @property
    def gravest_problem(self) -> Problem | None:
        """What decides the verdict, or weighs most on it: the gravest, of the worst signature first; no mere information."""
        worst_first = sorted(self.signatures, key=lambda one: -one.verdict.rank)
        told = [*self.problems, *(found for one in worst_first for found in one.problems)]
        weighty = [found for found in told if found.severity != "info"]
        return min(weighty, key=lambda found: found.severity != "error", default=None)

    @property
    def reason(self) -> str:
        """Why, in one Italian sentence; empty where there is nothing to explain."""
        found = self.gravest_problem
        return found.message if found and found.message != self.sentence else ""

    @property
    def remedy(self) -> str:
        """What to do now; empty where nothing is to be done."""
        return self.gravest_problem.remedy if self.gravest_problem else ""

    @property
    def sentence(self) -> str:
        """One Italian line that says the verdict to a person."""
        if self.verdict is Verdict.not_signed and any(s.own_seal for s in self.signatures):
            return _SEALED_ALONE
        names = dict.fromkeys(
            s.signer.common_name or "firmatario non indicato" for s in self.signatures if not s.own_seal
        )
        return _OPENINGS[self.verdict].format(signers=", ".join(names) or "firmatario non indicato")

    def as_json(self) -> dict[str, Any]:
        """The keys container, verdict, signatures, content and findings of the `inspect` contract; then the sentence, its
        reason and remedy, the files one inside the other, and the proofs of time that stand beside the signatures."""
        return {
            "container": self.container,
            "verdict": self.verdict.value,
            "sentence": self.sentence,
            "reason": self.reason,
            "remedy": self.remedy,
            "nested": [each.as_json() for each in self.nested],
            "signatures": [signature.as_json() for signature in self.signatures],
            "content": self.content.as_json() if self.content else None,
            "time_proofs": [proof.as_json() for proof in self.time_proofs],
            "findings": [problem.as_finding() for problem in self.problems],
        }
