"""The papers that come with a form: each page of the stack named, declarations put to their workers, identity read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from intake.checks.declaration_findings import declaration_findings
from intake.checks.finding import Finding
from intake.checks.identity_findings import identity_findings
from intake.checks.severity import Severity
from intake.clock import ROME
from ocr.form_map import FormMap
from ocr.page_quality import REMEDY
from ocr.papers.declaration_results import DeclarationsReading, IssuedDeclarations
from ocr.papers.declarations import DECLARATION_SECONDS, read_declarations, workers_of
from ocr.papers.identity_document import IdentityReading, Person, identity_documents
from ocr.papers.stack import (
    STACK_SECONDS,
    KnownForm,
    PieceKind,
    StackPage,
    StackReading,
    UnreadableFile,
    sort_stack,
)
from ocr.results import ReturnedReading
from ocr.text_words import PageText

IDENTITY = "identity_document"
_DECLARATION: Literal["availability_declaration"] = "availability_declaration"
_SORTED: dict[PieceKind, tuple[str, str]] = {
    "availability_declaration": ("una dichiarazione di disponibilità", "dichiarazioni di disponibilità"),
    "identity_document": ("una pagina di un documento d'identità", "pagine di un documento d'identità"),
    "union_agreement": ("una pagina del verbale di accordo", "pagine del verbale di accordo"),
    "worker_list": ("una pagina di un elenco di lavoratori", "pagine di un elenco di lavoratori"),
    "stamp_duty_paper": ("una prova dell'imposta di bollo", "pagine sull'imposta di bollo"),
}
_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class PrintedDeclarations:
    """Declarations as the service printed them; ``superseded``: with an earlier form of the same application."""

    form_map: bytes = field(repr=False)
    pdf: bytes = field(repr=False)
    superseded: bool


@dataclass(frozen=True, slots=True)
class PaperQuestion:
    """What is known of the papers due. ``declarations_key``: the notice's attachment that each worker signs, None where it
    asks for none; ``title`` and ``law`` are the attachment's. ``agreement_key``: that of the union agreement."""

    declarations_key: str | None = None
    agreement_key: str | None = None
    title: str = ""
    law: str | None = None
    printed: tuple[PrintedDeclarations, ...] = ()
    superseded_forms: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A received file, out of its envelope. ``signers``: tax codes of those whose digital signature on it may count."""

    document: str
    name: str
    attachment: str | None
    content: bytes = field(repr=False)
    signers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PaperOutcome:
    """``reading``: that of the form, its pages that are papers no longer called strange."""

    findings: tuple[Finding, ...]
    reading: ReturnedReading | None
    stack: StackReading | None = None
    declarations: DeclarationsReading | None = None
    identity: tuple[IdentityReading, ...] = ()

    def pages_of(self, kind: PieceKind, document: str) -> frozenset[int]:
        """Numbers of the pages of a file that are of one kind."""
        pages = self.stack.of_kind(kind) if self.stack else ()
        return frozenset(page.page for page in pages if page.source == document)

    @property
    def texts(self) -> dict[tuple[str, int], PageText]:
        """The words of every page that was read to sort it, and has its sheet for itself."""
        pages = self.stack.pages if self.stack else ()
        return {page.place: page.text for page in pages if page.text is not None and page.part is None}

    def identity_json(self) -> dict[str, Any] | None:
        return {"documents": [each.as_json() for each in self.identity]} if self.identity else None


def examine_papers(
    question: PaperQuestion,
    files: Sequence[PaperFile],
    reading: ReturnedReading | None,
    form_map: FormMap,
    form_keys: Sequence[bytes],
    people: Sequence[Person],
    *,
    by_hand: bool,
    at: datetime,
    most_pages: int,
    progress: Callable[[int, int], None],
    seconds: float = STACK_SECONDS + DECLARATION_SECONDS,
) -> PaperOutcome:
    """Sorts every page that is none of the form's. ``people``: who may have signed by hand, the representative first;
    ``by_hand``: somebody did. Raises nothing for bad input.

    Pages of papers of other headings are only asked for their codes: what is on them is for others to read.
    """
    until = time.monotonic() + seconds
    keys = tuple(Ed25519PublicKey.from_public_bytes(raw) for raw in form_keys)
    stack = _sorted(question, files, reading, form_map, keys, most_pages, progress, seconds=seconds / 2)
    if stack is None:
        return PaperOutcome((), reading)
    contents = {file.document: file.content for file in files}
    names = {file.document: file.name for file in files}
    left = max(0.0, until - time.monotonic())
    declarations = _declarations(question, files, stack, contents, form_map, keys, seconds=left)
    headed = {file.document for file in files if file.attachment == IDENTITY}
    readable = [page for page in stack.pages if page.text is not None]
    cards = [page for page in readable if page.kind == IDENTITY or (page.kind == "unknown" and page.source in headed)]
    identity = identity_documents(cards, people)
    findings = [*_told(stack, files, names, question)]
    if declarations is not None:
        findings += declaration_findings(declarations, names, title=question.title, law=question.law)
    findings += identity_findings(identity, people[0], at.astimezone(ROME).date(), by_hand=by_hand)
    return PaperOutcome(tuple(findings), _with_papers(reading, stack), stack, declarations, identity)


def _sorted(
    question: PaperQuestion,
    files: Sequence[PaperFile],
    reading: ReturnedReading | None,
    form_map: FormMap,
    keys: tuple[Ed25519PublicKey, ...],
    most_pages: int,
    progress: Callable[[int, int], None],
    *,
    seconds: float,
) -> StackReading | None:
    strange = (
        {(page.source_name, page.number) for page in reading.pages if page.belongs in ("foreign", "unknown")}
        if (reading)
        else set()
    )
    known = _known(question, form_map)
    to_read = [file for file in files if file.attachment in (IDENTITY, question.declarations_key) and file.attachment]
    coded = [file for file in files if file.attachment and file not in to_read]
    in_form = [file for file in files if file.attachment is None and any(name == file.document for name, _ in strange)]
    sorted_ = partial(
        sort_stack, keys=keys, known=known, most_pages=most_pages, seconds=min(STACK_SECONDS, seconds / 2)
    )
    readings = [
        sorted_(_named(to_read), progress=progress),
        sorted_(_named(in_form), only=strange, progress=progress),
    ]
    if question.printed:
        readings.append(sorted_(_named(coded), read_text=False))
    pages = tuple(page for each in readings for page in each.pages)
    unreadable = tuple(problem for each in readings[:2] for problem in each.unreadable)
    if not pages and not unreadable:
        return None
    return StackReading(pages, unreadable, round(sum(each.seconds for each in readings), 3))


def _known(question: PaperQuestion, form_map: FormMap) -> tuple[KnownForm, ...]:
    printed = [(FormMap.from_json(each.form_map), each.superseded) for each in question.printed]
    return (
        KnownForm(form_map.form, "form_page", form_map.pages),
        *(KnownForm(form, "form_page", pages, superseded=True) for form, pages in question.superseded_forms),
        *(KnownForm(each.form, _DECLARATION, each.pages, superseded) for each, superseded in printed),
    )


def papers_in_the_form(findings: Iterable[tuple[str, str | None]]) -> set[str]:
    """Keys of the attachments whose pages came in the form's own file, by code and field of the findings."""
    return {field.removeprefix("documents.") for code, field in findings if code == "pages.sorted" and field}


def _named(files: Sequence[PaperFile]) -> list[tuple[str, bytes]]:
    return [(file.document, file.content) for file in files]


def _declarations(
    question: PaperQuestion,
    files: Sequence[PaperFile],
    stack: StackReading,
    contents: dict[str, bytes],
    form_map: FormMap,
    keys: tuple[Ed25519PublicKey, ...],
    *,
    seconds: float,
) -> DeclarationsReading | None:
    """None where the notice asks for none, or none came at all: that it is missing is told by its rule."""
    headed = any(file.attachment == question.declarations_key for file in files)
    if question.declarations_key is None or not (headed or stack.of_kind(_DECLARATION)):
        return None
    issued = [IssuedDeclarations(FormMap.from_json(each.form_map), each.pdf) for each in question.printed]
    signers = {file.document: file.signers for file in files}
    limit = min(DECLARATION_SECONDS, seconds)
    return read_declarations(stack, contents, issued, workers_of(form_map), keys, signers=signers, seconds=limit)


def _with_papers(reading: ReturnedReading | None, stack: StackReading) -> ReturnedReading | None:
    if reading is None:
        return None
    papers = {page.place for page in stack.pages if page.kind in _SORTED}
    return replace(
        reading,
        pages=tuple(
            replace(page, belongs="attachment") if (page.source_name, page.number) in papers else page
            for page in reading.pages
        ),
        foreign_pages=tuple(place for place in reading.foreign_pages if place not in papers),
    )


def _told(
    stack: StackReading, files: Sequence[PaperFile], names: dict[str, str], question: PaperQuestion
) -> list[Finding]:
    expected: dict[str, PieceKind] = {IDENTITY: "identity_document"}
    if question.declarations_key:
        expected[question.declarations_key] = _DECLARATION
    findings = [_unreadable(each, names) for each in stack.unreadable]
    for file in files:
        pages = [page for page in stack.pages if page.source == file.document]
        if file.attachment is None:
            findings += _in_the_form(file, pages, expected | _also_in_the_form(question))
        elif file.attachment in expected:
            findings += _under_another_heading(file, pages, expected[file.attachment])
        findings += _poor(file, pages)
    return findings


def _also_in_the_form(question: PaperQuestion) -> dict[str, PieceKind]:
    return {question.agreement_key: "union_agreement"} if question.agreement_key else {}


def _unreadable(each: UnreadableFile, names: dict[str, str]) -> Finding:
    message = each.message.replace(each.source, names.get(each.source, each.source))
    return Finding("attachment.unreadable", Severity.WARNING, message, each.remedy, document=each.source)


def _in_the_form(file: PaperFile, pages: Sequence[StackPage], expected: Mapping[str, PieceKind]) -> list[Finding]:
    """What came in the same file as the form, though it is none of it. ``field`` names the document that it stands for."""
    findings = []
    for kind in _SORTED:
        found = [page for page in pages if page.kind == kind]
        if not found:
            continue
        key = next((key for key, wanted in expected.items() if wanted == kind), None)
        findings.append(
            Finding(
                "pages.sorted",
                Severity.INFO,
                f"Nel file «{file.name}», oltre al modulo, {_how_many(kind, found)}.",
                _what_becomes_of(kind, key),
                document=file.document,
                page=found[0].page,
                field=f"documents.{key}" if key else None,
            )
        )
    return findings


def _what_becomes_of(kind: PieceKind, key: str | None) -> str:
    if key:
        return "Non serve fare nulla: vale come allegato."
    if kind == "worker_list":
        return "Non serve fare nulla: lo confrontiamo con i lavoratori della domanda."
    return "Carichi anche quella parte tra gli allegati."


def _how_many(kind: PieceKind, pages: Sequence[StackPage]) -> str:
    one, many = _SORTED[kind]
    numbers = ", ".join(dict.fromkeys(str(page.page) for page in pages))
    return f"c'è {one} (pagina {numbers})" if len(pages) == 1 else f"ci sono {len(pages)} {many} (pagine {numbers})"


def _under_another_heading(file: PaperFile, pages: Sequence[StackPage], expected: PieceKind) -> list[Finding]:
    """A file none of whose pages is what its sender said, while one is surely something else."""
    if any(page.kind == expected for page in pages):
        return []
    other = next((page for page in pages if page.kind in _SORTED or page.kind in ("form_page", "other_form")), None)
    if other is None:
        return []
    return [
        Finding(
            "attachment.other_kind",
            Severity.INFO,
            f"«{file.name}» non sembra quello che ha indicato. Pagina {other.page}: {other.why}.",
            "Se ha sbagliato voce lo tolga e lo carichi sotto quella giusta; altrimenti può inviare: l'ufficio guarderà.",
            document=file.document,
            page=other.page,
        )
    ]


def _poor(file: PaperFile, pages: Sequence[StackPage]) -> list[Finding]:
    """Pages that could hardly be read, or not at all; those of the form's own file are told with the form's."""
    return [
        Finding(
            "pages.poor",
            Severity.WARNING,
            f"«{file.name}», pagina {page.page}: {_fault(page)}.",
            REMEDY if page.kind != "not_looked_at" else "Non serve fare nulla.",
            document=file.document,
            page=page.page,
        )
        for page in pages
        if (file.attachment and page.quality and page.quality.faults) or page.kind in ("unreadable", "not_looked_at")
    ][:_MOST_TOLD]


def _fault(page: StackPage) -> str:
    sentence = page.quality.sentence if page.quality else None
    return f"la pagina {sentence}" if sentence else page.why.rstrip(".")
