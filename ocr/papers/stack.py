"""A stack of scanned pages, in any order and turn, from several applications, sorts itself: each page named, with why."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ocr.form_map import Box
from ocr.identification import LookedAt, code_turn, is_blank, look_at
from ocr.page_quality import PageQuality, is_bare_paper, measured, quality_of
from ocr.page_text import read_page_text
from ocr.pages import Page, open_pages
from ocr.papers.sheets import box_of, halves, pages_in_text, shows_two_pages
from ocr.papers.stack_kinds import KIND_NAMES, KindGuess, TextKind, kind_of_text
from ocr.pdf_file import PdfFile
from ocr.tesseract import TesseractUnavailable
from ocr.text_words import PageText, around
from ocr.unreadable import UnreadablePages

PieceKind = TextKind | Literal["form_page", "other_form", "false_code", "blank", "unreadable", "not_looked_at"]
KnownKind = Literal["form_page", "availability_declaration"]

STACK_SECONDS = 180.0
_MOST_PAGES = 200
_PAGE_SECONDS = 15.0
_FEW_WORDS = 5
_DAMAGED = "l'immagine della pagina è danneggiata e non si vede nulla: la scansioni di nuovo"
_NO_TEXT = "non vi troviamo testo: potrebbe essere una fotografia o un disegno"
_CARRIED_ON: dict[str, str] = {
    "union_agreement": "il verbale di accordo sindacale",
    "worker_list": "l'elenco di lavoratori",
    "identity_document": "il documento d'identità",
}
_CARRIED_CONFIDENCE = 0.4


@dataclass(frozen=True, slots=True)
class KnownForm:
    """A form that the application's pages may belong to. ``superseded``: a newer one took its place."""

    form: str
    kind: KnownKind
    pages: int
    superseded: bool = False


@dataclass(frozen=True)
class StackPage:
    """One page of the stack. ``page`` counts from 1 in the file ``source``; ``part`` is where it lies on its sheet, in
    points of the sheet, None where it has the sheet for itself.

    ``why`` tells people what decided, ``confidence`` from 0 to 1 how surely. ``form`` and ``form_page`` are those of its
    page code, ``rotation`` by how many degrees clockwise it lies turned. ``quality`` is None for a page that was not
    measured. ``text`` is kept where the page had to be read, ``sheet`` to look again.
    """

    source: str
    page: int
    part: Box | None
    kind: PieceKind
    why: str
    confidence: float
    form: str = ""
    form_page: int = 0
    rotation: int = 0
    quality: PageQuality | None = None
    text: PageText | None = field(default=None, repr=False, compare=False)
    sheet: Page | None = field(default=None, repr=False, compare=False)

    @property
    def place(self) -> tuple[str, int]:
        return self.source, self.page

    def as_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "page": self.page,
            "part": self.part.as_list() if self.part else None,
            "kind": self.kind,
            "why": self.why,
            "confidence": self.confidence,
            "form": self.form,
            "form_page": self.form_page,
            "rotation": self.rotation,
            "faults": list(self.quality.faults) if self.quality else [],
        }


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A file of the stack that gives no pages, in the words of the person who sent it."""

    source: str
    code: str
    message: str
    remedy: str


@dataclass(frozen=True)
class StackReading:
    """Every page of the stack, in the order received, and the files that gave none."""

    pages: tuple[StackPage, ...]
    unreadable: tuple[UnreadableFile, ...]
    seconds: float

    def of_kind(self, *kinds: PieceKind) -> tuple[StackPage, ...]:
        return tuple(page for page in self.pages if page.kind in kinds)

    def forms(self) -> dict[str, tuple[StackPage, ...]]:
        """The pages with a code, by form, in the order of the form's pages."""
        named = {page.form for page in self.pages if page.form}
        return {
            form: tuple(sorted((page for page in self.pages if page.form == form), key=lambda page: page.form_page))
            for form in sorted(named)
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "pages": [page.as_json() for page in self.pages],
            "unreadable": [{"source": each.source, "code": each.code} for each in self.unreadable],
            "seconds": self.seconds,
        }


def sort_stack(
    files: Sequence[tuple[str, bytes]],
    keys: tuple[Ed25519PublicKey, ...],
    known: Sequence[KnownForm] = (),
    *,
    only: Collection[tuple[str, int]] | None = None,
    read_text: bool = True,
    most_pages: int = _MOST_PAGES,
    seconds: float = STACK_SECONDS,
    progress: Callable[[int, int], None] | None = None,
) -> StackReading:
    """Says of each page of ``files`` (name, bytes) what it is: by its page code, else by the words on it.

    ``known``: the forms that may be among them. ``only``: pages (name, number) to look at, all where None. Without
    ``read_text`` only pages with a code are told, and no others. After ``seconds`` the rest is named as not looked at. A
    file that cannot be opened, and a page that cannot be drawn, are named too: nothing is dropped. Raises nothing for bad
    input.
    """
    began = time.monotonic()
    until = began + seconds
    sheets, unreadable = _sheets(files, most_pages)
    wanted = [sheet for sheet in sheets if only is None or (sheet.source_name, sheet.index) in only]
    pages: list[StackPage] = []
    for done, sheet in enumerate(wanted, start=1):
        found = _sheet(sheet, keys, known, until, read_text=read_text)
        pages += found if read_text else (page for page in found if page.form)
        if progress is not None:
            progress(done, len(wanted))
    return StackReading(tuple(_carried_on(pages)), unreadable, round(time.monotonic() - began, 3))


def _sheets(files: Sequence[tuple[str, bytes]], most_pages: int) -> tuple[list[Page], tuple[UnreadableFile, ...]]:
    sheets: list[Page] = []
    unreadable: list[UnreadableFile] = []
    for name, data in files:
        try:
            sheets += open_pages(data, name=name, most_pages=most_pages)
        except UnreadablePages as problem:
            unreadable.append(UnreadableFile(name, problem.code, problem.message, problem.remedy))
    return sheets, tuple(unreadable)


def _sheet(
    sheet: Page, keys: tuple[Ed25519PublicKey, ...], known: Sequence[KnownForm], until: float, *, read_text: bool
) -> Iterator[StackPage]:
    if time.monotonic() > until:
        why = "le pagine sono troppe per guardarle tutte: la guarderà una persona"
        yield StackPage(sheet.source_name, sheet.index, None, "not_looked_at", why, 0.0, sheet=sheet)
        return
    try:
        look = look_at(sheet, keys)
        if shows_two_pages(look):
            for half in halves(sheet):
                yield from _page(look_at(half, keys), known, until, read_text=read_text)
            return
        yield from _page(look, known, until, read_text=read_text)
    except UnreadablePages as problem:
        why = f"la pagina non si può disegnare. {problem.message}"
        yield StackPage(sheet.source_name, sheet.index, None, "unreadable", why, 1.0, sheet=sheet)


def _page(look: LookedAt, known: Sequence[KnownForm], until: float, *, read_text: bool) -> Iterator[StackPage]:
    page = look.page
    rotation, _ = code_turn(look)
    base = StackPage(page.source_name, page.index, box_of(page), "unknown", "", 0.0, rotation=rotation, sheet=page)
    if look.code is not None:
        yield _coded(base, look, known)
        return
    if not read_text:
        return
    quality = quality_of(page) if page.has_text else measured(look.picture, look.dpi, page.native_dpi or look.dpi)
    if is_blank(look.picture) and "faint" not in quality.faults:
        if isinstance(page.source, PdfFile) and page.source.picture_is_damaged(page.index - 1):
            yield replace(base, kind="unreadable", why=_DAMAGED, confidence=1.0)
        elif is_bare_paper(look.picture):
            yield replace(base, kind="blank", why="non c'è scritto nulla", confidence=1.0)
        else:
            yield replace(base, why=_NO_TEXT)
        return
    if quality.hopeless:
        yield replace(base, why=f"{quality.sentence}: non l'abbiamo letta", quality=quality)
        return
    yield from _read(replace(base, quality=quality), page, until)


def _coded(base: StackPage, look: LookedAt, known: Sequence[KnownForm]) -> StackPage:
    assert look.code is not None
    code = look.code.code
    named = replace(base, form=code.form, form_page=code.page, confidence=1.0)
    if look.code.valid is False:
        return replace(
            named, kind="false_code", why=f"il codice nomina il modulo {code.form}, ma non lo abbiamo emesso noi"
        )
    form = next((each for each in known if each.form == code.form and each.pages == code.pages), None)
    if form is None:
        return replace(
            named, kind="other_form", why=f"il codice dice che è del modulo {code.form}, di un'altra domanda"
        )
    older = ", emesso prima di quello in vigore" if form.superseded else ""
    why = f"il codice dice: modulo {code.form}{older}, pagina {code.page} di {code.pages}"
    return replace(named, kind=form.kind, why=why)


def _read(base: StackPage, page: Page, until: float) -> Iterator[StackPage]:
    try:
        text = read_page_text(page, seconds=max(1.0, min(_PAGE_SECONDS, until - time.monotonic())))
    except TesseractUnavailable as problem:
        yield replace(base, why=f"non abbiamo potuto leggerla. {problem.message} {problem.remedy}")
        return
    if len(text.words) < _FEW_WORDS:
        yield replace(base, why=_NO_TEXT, rotation=text.rotation, text=text)
        return
    parts = pages_in_text(text) if base.part is None else (text,)
    for part in parts:
        place = base.part if len(parts) == 1 else text.on_sheet(around([word.box for word in part.words]))
        guess = kind_of_text(part.text)
        yield replace(
            base,
            part=place,
            kind=guess.kind,
            why=_why(guess),
            confidence=guess.confidence,
            rotation=text.rotation,
            text=part,
        )


def _why(guess: KindGuess) -> str:
    if guess.kind == "unknown":
        return "le parole che vi leggiamo non bastano a dire che cos'è"
    return f"sembra {KIND_NAMES[guess.kind]}: vi si legge «{'», «'.join(guess.words[:3])}»"


def _carried_on(pages: Sequence[StackPage]) -> Iterator[StackPage]:
    """A page with text that nothing names, behind a page of a document that runs on, in the same file, goes on with it."""
    before: StackPage | None = None
    for page in pages:
        told = _going_on(before, page) if before is not None else page
        yield told
        before = before if told.kind == "blank" else told


def _going_on(before: StackPage, page: StackPage) -> StackPage:
    has_text = page.text is not None and len(page.text.words) >= _FEW_WORDS
    if page.kind != "unknown" or not has_text or page.source != before.source or before.kind not in _CARRIED_ON:
        return page
    why = f"segue {_CARRIED_ON[before.kind]} della pagina {before.page}"
    return replace(page, kind=before.kind, why=why, confidence=_CARRIED_CONFIDENCE)
