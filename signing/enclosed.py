"""What opening an envelope gives that is neither a PDF nor a SignedData message: signatures, problems, the document inside."""

from dataclasses import dataclass
from datetime import datetime

from signing.report import Problem, Signature, TimeProof


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A document found inside. `existed_by` are instants that the envelope's time-stamps prove for it."""

    name: str
    data: bytes
    existed_by: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class EnvelopeFindings:
    """Signatures of the envelope itself, problems of the file, the one document it holds, and the proofs of time it carries.

    `looks_outside` where it speaks of a document that it does not hold.
    """

    signatures: tuple[Signature, ...] = ()
    problems: tuple[Problem, ...] = ()
    enclosed: Enclosed | None = None
    time_proofs: tuple[TimeProof, ...] = ()
    looks_outside: bool = False
