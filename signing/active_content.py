"""What in a PDF acts, instead of only being shown: scripts, programs started, data sent, links, files and media carried along.

A document whose content can act may show something else tomorrow: DPCM 22/2/2013, art. 4 c. 3, denies it the effects of a
signed one. So may one that takes its parts from other files, or whose layers are not all shown. Files carried along and links
are only named.
Sources: ISO 32000-2, 12.6.4 (actions), 12.5.6 (annotations), 7.11.4 (embedded files), 12.7.8 (XFA), 7.3.8.2 (streams outside
the file), 8.10.4 (reference XObjects), 8.11.4 (optional content).
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.foreign_input import MALFORMED
from signing.pdf_fields import resolved
from signing.problems import printable, problem
from signing.report import Problem

MOST_OBJECTS = 150_000
"""Dictionaries and arrays looked at; a larger document is answered with `active_content_not_searched`."""

_ACTIONS = {
    "/JavaScript": "script",
    "/Rendition": "media",
    "/Launch": "program_start",
    "/SubmitForm": "data_sending",
    "/ImportData": "data_import",
    "/URI": "link",
    "/GoToR": "link",
    "/GoToE": "link",
    "/Movie": "media",
    "/Sound": "media",
    "/RichMediaExecute": "media",
    "/GoTo3DView": "media",
    "/SetOCGState": "hidden_layers",
}
_ANNOTATIONS = {
    "/RichMedia": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/Screen": "media",
    "/3D": "media",
    "/FileAttachment": "embedded_file",
}
_KEYS = {"/JS": "script", "/EF": "embedded_file", "/XFA": "dynamic_form"}
_SIGNS = re.compile(
    rb"/(?:J(?:S|avaScript)|Launch|SubmitForm|ImportData|URI|GoTo[RE3]|RichMedia|Movie|Sound|Screen|Rendition|3D|"
    rb"FileAttachment|EF|XFA|OCProperties|SetOCGState|Ref|FFilter)(?![A-Za-z0-9_])|/F\s*(?:[(<]|\d+\s+\d+\s+R)"
)
_ESCAPED_NAME = re.compile(rb"/[^\s/<>\[\]()]*#[0-9A-Fa-f]{2}")
_OBJECT_STREAM = re.compile(rb"/ObjStm(?![A-Za-z0-9_])")
_MOST_DETAIL = 60


@dataclass(frozen=True, slots=True)
class ActiveContent:
    """One thing that acts: its kind, and what tells it apart (an address, a file, the beginning of a script).

    `carried` is set for an embedded file that can be read: a digest of its names, and of its bytes as they stand in the file.
    """

    kind: str
    detail: str = ""
    carried: str | None = None


def active_content_problems(data: bytes, reader: PdfFileReader, issued: bytes | None = None) -> tuple[Problem, ...]:
    """One problem for each kind of active content in the document as it stands now. Never raises for a malformed object.

    `issued` is the document that was handed out: the files it carried are not told when they come back as they were.
    """
    if not _may_act(data):
        return ()
    search = _Search(reader)
    found = _without_ours(list(search.run()), issued)
    details: dict[str, list[str]] = {}
    counts = Counter(one.kind for one in found)
    for one in found:
        details.setdefault(one.kind, []).append(one.detail)
    told = [
        problem(f"contains_{kind}", count=count, examples=_examples(details[kind]))
        for kind, count in sorted(counts.items())
    ]
    if search.given_up:
        told.append(problem("active_content_not_searched", limit=MOST_OBJECTS))
    return tuple(told)


def _may_act(data: bytes) -> bool:
    """False where no name that acts stands in the file: in the clear, written with escapes, or inside an object stream."""
    return any(pattern.search(data) for pattern in (_SIGNS, _OBJECT_STREAM, _ESCAPED_NAME))


def _without_ours(found: list[ActiveContent], issued: bytes | None) -> list[ActiveContent]:
    if issued is None or not any(one.carried for one in found):
        return found
    ours = _carried_by(issued)
    return [one for one in found if one.carried is None or one.carried not in ours]


def _carried_by(issued: bytes) -> frozenset[str]:
    try:
        reader = PdfFileReader(BytesIO(issued), strict=False)
        return frozenset(one.carried for one in _Search(reader).run() if one.carried)
    except MALFORMED:
        return frozenset()


def _examples(details: list[str]) -> str:
    named = list(dict.fromkeys(filter(None, details)))[:3]
    return f" ({', '.join(named)})" if named else ""


class _Search:
    """Every object that the trailer reaches, each once, without recursion."""

    def __init__(self, reader: PdfFileReader) -> None:
        self._pending: list[generic.PdfObject] = [reader.trailer_view]
        self._seen: set[Reference] = set()
        self._looked_at = 0
        self.given_up = False

    def run(self) -> Iterator[ActiveContent]:
        while self._pending:
            try:
                value = self._entered(self._pending.pop())
                if isinstance(value, generic.DictionaryObject):
                    yield from _acts(value)
                    self._pending.extend(value.raw_get(key) for key in value if key != "/Parent")
                elif isinstance(value, generic.ArrayObject):
                    self._pending.extend(value.raw_get(place) for place in range(len(value)))
                else:
                    continue
            except MALFORMED:
                continue
            self._looked_at += 1
            if self._looked_at > MOST_OBJECTS:
                self.given_up = True
                return

    def _entered(self, value: generic.PdfObject) -> generic.PdfObject | None:
        if not isinstance(value, generic.IndirectObject):
            return value
        if value.reference in self._seen:
            return None
        self._seen.add(value.reference)
        return value.get_object()  # type: ignore[no-untyped-call, no-any-return]


def _acts(value: generic.DictionaryObject) -> Iterator[ActiveContent]:
    action = _ACTIONS.get(str(resolved(value, "/S"))) if "/S" in value else None
    if action:
        yield ActiveContent(action, _detail(value))
    annotation = _ANNOTATIONS.get(str(resolved(value, "/Subtype"))) if "/Subtype" in value else None
    if annotation and "/FS" not in value:
        yield ActiveContent(annotation)
    if isinstance(value, generic.StreamObject) and ("/F" in value or "/Ref" in value):
        yield ActiveContent("outside_content", _detail(value))
    if "/OCProperties" in value and _hides_layers(resolved(value, "/OCProperties")):
        yield ActiveContent("hidden_layers")
    for key, kind in _KEYS.items():
        if key in value and kind != action:
            yield ActiveContent(kind, _detail(value), _carried(value) if key == "/EF" else None)


def _hides_layers(properties: generic.PdfObject | None) -> bool:
    """True where some layers are off when the document is opened, or turn on and off by themselves."""
    shown = resolved(properties, "/D") if isinstance(properties, generic.DictionaryObject) else None
    if not isinstance(shown, generic.DictionaryObject):
        return False
    return bool(resolved(shown, "/OFF") or resolved(shown, "/AS") or resolved(shown, "/BaseState") == "/OFF")


def _carried(specification: generic.DictionaryObject) -> str | None:
    """What tells an embedded file from any other, compressed as it is: nothing foreign is unpacked for it."""
    try:
        files = resolved(specification, "/EF")
        told = hashlib.sha256()
        for key in ("/F", "/UF"):
            told.update(repr((key, str(resolved(specification, key)))).encode())
        for key in sorted(files):
            stream = files[key]
            filters = [str(resolved(stream, name)) for name in ("/Filter", "/DecodeParms")]
            told.update(repr((key, filters, hashlib.sha256(stream.encoded_data).hexdigest())).encode())
    except MALFORMED:
        return None
    return told.hexdigest()


def _detail(value: generic.DictionaryObject) -> str:
    for key in ("/URI", "/UF", "/F", "/JS", "/Win"):
        named = resolved(value, key) if key in value else None
        if isinstance(named, generic.DictionaryObject) and not isinstance(named, generic.StreamObject):
            named = resolved(named, "/UF") or resolved(named, "/F")
        if isinstance(named, (generic.TextStringObject, generic.ByteStringObject)):
            return _beginning(named)
    return ""


def _beginning(text: generic.TextStringObject | generic.ByteStringObject) -> str:
    plain = text if isinstance(text, str) else bytes(text).decode("latin-1")
    one_line = " ".join(printable(plain).split())
    return one_line if len(one_line) <= _MOST_DETAIL else f"{one_line[:_MOST_DETAIL]}…"
