"""Which bytes a PDF signature covers, and what was appended after them.

The ByteRange must leave out exactly the hexadecimal string of its own /Contents and end where a revision ends; appended
updates are judged by pyHanko's difference analysis, a whitelist: what no rule explains is suspicious.
"""

from dataclasses import dataclass
from io import BytesIO

from asn1crypto import parser
from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.reader import PdfFileReader, process_data_at_eof
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

from signing.pdf_fields import SignatureField, resolved
from signing.problems import problem
from signing.report import Problem
from signing.signed_bytes import SignedBytes
from signing.update_policy import UpdateNotAnalysable, UpdateReview

_BLANK = b"\r\n\t \0"


@dataclass(frozen=True, slots=True)
class CoveredBytes:
    """`signed` are the bytes the signature speaks of, `end` the offset where they end, `exact` whether nothing is left out
    but /Contents; `stray` counts the bytes in that place which belong neither to the signature nor to its padding of zeros."""

    signed: SignedBytes
    end: int
    exact: bool
    stray: int = 0


@dataclass(frozen=True, slots=True)
class Aftermath:
    """`covers` and `changes_after` as in the contract, with the problems that explain them."""

    covers: str
    changes_after: str
    problems: tuple[Problem, ...] = ()


def covered_bytes(data: bytes, dictionary: generic.DictionaryObject, contents: bytes) -> CoveredBytes:
    """Read /ByteRange and cut the signed bytes. Raises ValueError when it is missing or reaches outside the file."""
    numbers = resolved(dictionary, "/ByteRange")
    if not isinstance(numbers, generic.ArrayObject) or len(numbers) < 2 or len(numbers) % 2:
        raise ValueError("ByteRange missing")
    values = [int(number) for number in numbers]
    pairs = list(zip(values[::2], values[1::2], strict=True))
    position, pieces, file = 0, [], memoryview(data)
    for start, length in pairs:
        if start < position or length < 0 or start + length > len(data):
            raise ValueError("ByteRange reaches outside the file")
        pieces.append(file[start : start + length])
        position = start + length
    if not any(pieces):
        raise ValueError("ByteRange covers nothing")
    exact = len(pairs) == 2 and pairs[0][0] == 0 and _is_contents(data, pairs[0][1], pairs[1][0], contents)
    stray = _stray(data[pairs[0][1] : pairs[1][0]], contents) if exact else 0
    return CoveredBytes(SignedBytes(*pieces), position, exact, stray)


def _stray(gap: bytes, contents: bytes) -> int:
    tail = contents[parser.peek(contents) :]
    return len(tail.strip(b"\0")) + len(gap) - len(b"".join(gap.split()))


def _is_contents(data: bytes, start: int, stop: int, contents: bytes) -> bool:
    """True when the gap is the hexadecimal string itself; some signers sign its two brackets too, which hides nothing."""
    if data[start - 1 : start] == b"<" and data[stop : stop + 1] == b">":
        start, stop = start - 1, stop + 1
    gap = data[start:stop]
    if not (gap.startswith(b"<") and gap.endswith(b">")):
        return False
    digits = b"".join(gap[1:-1].split())
    try:
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii")) == contents
    except ValueError:
        return False


def aftermath(data: bytes, review: UpdateReview, field: SignatureField, covered: CoveredBytes) -> Aftermath:
    """What stands in the file after the signed bytes, and whether rules explain it."""
    if not data[covered.end :].strip(_BLANK):
        return Aftermath("whole_file", "none")
    assert field.reference is not None
    reader = review.reader
    revision = _signed_revision(data, reader, reader.xrefs.get_last_change(field.reference), covered.end)
    if revision is None:
        return _suspicious("revision", problem("not_covered", "revision"))
    loose = _loose_bytes(data, reader, revision, covered.end)
    if loose:
        return _suspicious("revision", problem("bytes_after_signature", count=loose))
    return _review(review, field, revision)


def _suspicious(covers: str, why: Problem) -> Aftermath:
    return Aftermath(covers, "suspicious", (why,))


def _signed_revision(data: bytes, reader: PdfFileReader, changed: int, end: int) -> int | None:
    """The revision that ends where the signed bytes end, none older than the last change of the signature itself.

    In a linearized file the first two cross-reference sections belong to one revision, which ends with the second.
    """
    stream = BytesIO(data)
    stream.seek(end)
    try:
        startxref = process_data_at_eof(stream)
    except misc.PdfReadError:
        return None
    xrefs = reader.xrefs
    for revision in range(changed, xrefs.total_revisions):
        if xrefs.get_xref_container_info(revision).end_location > end:
            return None
        if xrefs.get_startxref_for_revision(revision) == startxref:
            older = range(changed)
            return revision if all(xrefs.get_xref_container_info(one).end_location <= end for one in older) else None
    return None


def _loose_bytes(data: bytes, reader: PdfFileReader, revision: int, end: int) -> int:
    last_end = end if reader.xrefs.total_revisions == revision + 1 else data.rfind(b"%%EOF") + len(b"%%EOF")
    return len(data[last_end:].strip(_BLANK))


def _permissions(field: SignatureField) -> tuple[FieldMDPSpec | None, MDPPerm | None]:
    """FieldMDP and DocMDP of the signature itself; /Lock of the field counts where the signature has no DocMDP."""
    locked: FieldMDPSpec | None = None
    level: MDPPerm | None = None
    assert field.dictionary is not None
    for reference in resolved(field.dictionary, "/Reference") or ():
        transform = reference.get_object()
        method, parameters = resolved(transform, "/TransformMethod"), resolved(transform, "/TransformParams")
        if method == "/FieldMDP":
            locked = FieldMDPSpec.from_pdf_object(parameters)
        if method == "/DocMDP":
            level = MDPPerm(int(parameters["/P"]) if parameters is not None and "/P" in parameters else 2)
    lock = resolved(field.field, "/Lock")
    if level is None and isinstance(lock, generic.DictionaryObject) and "/P" in lock:
        level = MDPPerm(int(lock["/P"]))
    return locked, level


def _review(review: UpdateReview, field: SignatureField, revision: int) -> Aftermath:
    locked, level = _permissions(field)
    try:
        result = review.after(revision, locked, level)
    except UpdateNotAnalysable as error:
        return _suspicious("revision", problem("changes_not_analysable", str(error)))
    if result is None:
        return _suspicious("revision", problem("changed_after_signing", "SuspiciousModification"))
    if level is not None and result.modification_level.value > level.value:
        return _suspicious("revision", problem("changes_forbidden", f"DocMDP {level.value}"))
    if result.modification_level <= ModificationLevel.LTA_UPDATES:
        return Aftermath("revision", "none")
    filled = sorted(name for name in result.changed_form_fields if name not in review.signature_names)
    told = (problem("permitted_additions", fields=", ".join(filled)),) if filled else ()
    if not result.changed_form_fields:
        told = (problem("form_settings_changed"),)
    return Aftermath("revision", "permitted", told)
