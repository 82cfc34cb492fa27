"""Looking for the marks of stamp duty in the files of an application: which there are, where, and what is wrong with each."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import structlog

from intake.notices.duty import DutyRule
from ocr.form_map import Box
from ocr.pages import Page, open_pages
from ocr.placed_text import RECOGNISED_AT_DPI, PlacedText, drawn_text, recognised_text
from ocr.revenue_stamp import RevenueStamp, find_revenue_stamps, stamp_in_lines
from ocr.tesseract import TesseractUnavailable
from ocr.unreadable import UnreadablePages
from signing.foreign_input import MALFORMED
from signing.report import Problem
from signing.stamp_duty.digital import DocumentDigests, is_digital_stamp, read_digital_stamp
from signing.stamp_duty.exemption import find_exemptions, judge_exemption
from signing.stamp_duty.f23 import is_f23, read_f23
from signing.stamp_duty.mark import StampKind, StampMark, StampStatus
from signing.stamp_duty.problems import stamp_problem
from signing.stamp_duty.trial import is_trial_identifier
from signing.stamp_duty.virtual import KeptAuthorization, find_virtual_notes, judge_virtual_note
from signing.trust import TrustStore

MOST_PAGES = 30
"""Pages of one file in which labels are looked for: a mark stands on the application or on a sheet of its own."""

READING_SECONDS = 20.0
_SECONDS_A_PAGE = 8.0
_IDENTIFIER_STARTS = "01"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StampQuestion:
    """What is asked of the marks, and by what they are judged. Pickles.

    ``on``: the day the duty is judged by, on the notice's clock; ``received_on``: no mark may be later than this day;
    ``rule`` None: no notice is known; ``kept`` None: no list of authorisations at hand; ``parties``: tax codes and VAT
    numbers of who files; ``identifiers``: those declared in the form; ``rehearsal``: trial marks are good enough.
    """

    on: date
    received_on: date
    rule: DutyRule | None = None
    way: str | None = None
    identifiers: tuple[str, ...] = ()
    kept: tuple[KeptAuthorization, ...] | None = None
    parties: frozenset[str] = frozenset()
    titles: tuple[tuple[str, str], ...] = ()
    rehearsal: bool = False

    def title(self, way: str) -> str:
        """The way as the notice calls it."""
        return dict(self.titles).get(way, way)


@dataclass(frozen=True, slots=True)
class StampFile:
    """A file to look into: bytes as received, and what its envelopes hold from the outside in.

    ``texts``: what was read of it elsewhere, so that it need not be read again; ``reads_pictures``: whether its pictures
    are to be read in full where no label is found; ``only_compared``: it is the document of a digital stamp, and no more.
    """

    document: str
    data: bytes
    inside: tuple[bytes, ...] = ()
    is_form: bool = False
    texts: tuple[PlacedText, ...] = ()
    reads_pictures: bool = True
    only_compared: bool = False

    @property
    def content(self) -> bytes:
        return self.inside[-1] if self.inside else self.data


@dataclass(frozen=True, slots=True)
class SeenMark:
    """A mark and the file it was seen in."""

    document: str
    mark: StampMark


@dataclass(frozen=True, slots=True)
class _Patience:
    """Until when pages may be looked at."""

    until: float

    @property
    def left(self) -> float:
        return self.until - time.monotonic()


def look_for_marks(
    files: Collection[StampFile],
    question: StampQuestion,
    *,
    trust: TrustStore,
    issued: bytes | None = None,
    seconds: float = READING_SECONDS,
) -> tuple[SeenMark, ...]:
    """Every mark in the files, judged; the same mark seen twice in one file counts once. Raises nothing for bad input.

    ``seconds``: how long pages may be looked at in all; those that are left over bear no mark that we know of.
    """
    forms = [each for each in files if each.is_form]
    digests = DocumentDigests.of(
        issued=[issued] if issued else [],
        content=[layer for form in forms for layer in form.inside],
        received=[form.data for form in forms],
    )
    patience, seen = _Patience(time.monotonic() + seconds), list[SeenMark]()
    for file in files:
        if file.only_compared:
            continue
        if is_digital_stamp(file.content):
            # A stamp is bought for another document, never for itself.
            marks: Iterable[StampMark] = (
                read_digital_stamp(file.content, digests=_others(digests, file), trust=trust),
            )
        else:
            marks = _marks_on_pages(file, question, patience)
        seen += [SeenMark(file.document, _judged(mark, question)) for mark in _distinct(marks)]
    return tuple(seen)


def _others(digests: DocumentDigests, stamp: StampFile) -> DocumentDigests:
    own = DocumentDigests.of(content=stamp.inside, received=[stamp.data])
    return DocumentDigests(digests.issued, digests.content - own.content, digests.received - own.received)


def _distinct(marks: Iterable[StampMark]) -> list[StampMark]:
    """Labels each on their own; a note or a receipt is printed on more than one page."""
    kept: dict[object, StampMark] = {}
    for place, mark in enumerate(marks):
        key: object = (mark.kind, mark.identifier, mark.authorization, mark.law)
        kept.setdefault(place if mark.kind is StampKind.contrassegno else key, mark)
    return list(kept.values())


def _judged(mark: StampMark, question: StampQuestion) -> StampMark:
    return mark.with_problems(_general_problems(mark, question))


def _general_problems(mark: StampMark, question: StampQuestion) -> Iterator[Problem]:
    if mark.issued_at is not None and mark.issued_at.date() > question.received_on:
        yield stamp_problem("later_than_document", issued=f"{mark.issued_at:%d/%m/%Y}")
    if mark.identifier is not None and is_trial_identifier(mark.identifier) and not question.rehearsal:
        yield stamp_problem("trial_mark", identifier=mark.identifier)
    way = "exempt" if mark.kind is StampKind.exemption else mark.kind.value
    if question.rule and question.rule.due and way != "exempt" and way not in question.rule.ways:
        yield stamp_problem("kind_not_admitted", way=question.title(way))


def _marks_on_pages(file: StampFile, question: StampQuestion, patience: _Patience) -> Iterator[StampMark]:
    try:
        pages = open_pages(file.content, name=file.document)
    except UnreadablePages:
        return  # whoever reads the pages of the file names what is wrong with it
    texts = {text.page: text for text in file.texts}
    for page in pages[:MOST_PAGES]:
        if patience.left <= 0:
            log.warning("stamp_pages_left_over", page=page.index)
            return
        try:
            yield from _marks_on_page(page, texts.get(page.index), file, question, patience)
        except TesseractUnavailable as error:
            log.warning("stamp_not_read", reason=error.message)
        except (UnreadablePages, *MALFORMED) as error:
            # Whoever reads the page names what is wrong with it; a mark only informs and costs nobody the other checks.
            log.warning("stamp_page_not_read", page=page.index, reason=type(error).__name__)


def _marks_on_page(
    page: Page, known: PlacedText | None, file: StampFile, question: StampQuestion, patience: _Patience
) -> Iterator[StampMark]:
    labels = find_revenue_stamps(page)
    yield from map(mark_of_label, labels)
    text = known or (drawn_text(page) if page.has_text else None)
    if text is None and not labels and file.reads_pictures and patience.left > 1:
        text = recognised_text(page, seconds=min(_SECONDS_A_PAGE, patience.left))
        if label := stamp_in_lines(text.lines, RECOGNISED_AT_DPI, number=page.index):
            yield mark_of_label(label)
    if text is not None:
        yield from _marks_in_text(text, file, question)


def _marks_in_text(text: PlacedText, file: StampFile, question: StampQuestion) -> Iterator[StampMark]:
    if is_f23(text.text):
        yield read_f23(text.text, data=file.content).at_place(text.page, None)
        return
    for note in find_virtual_notes(text.text):
        mark = judge_virtual_note(note, question.kept, on=question.on, parties=question.parties)
        yield mark.at_place(text.page, _edges(text.box_of(note.start, note.end)))
    for statement in find_exemptions(text.text):
        mark = judge_exemption(statement, on=question.on)
        yield mark.at_place(text.page, _edges(text.box_of(statement.start, statement.end)))


def mark_of_label(label: RevenueStamp) -> StampMark:
    """The mark that a label is: valid when bars and print say the same 14 digits."""
    mark = StampMark(
        StampKind.contrassegno,
        StampStatus.valid,
        identifier=label.identifier,
        amount=label.amount,
        issued_at=label.issued_at,
        page=label.page,
        box=_edges(label.box),
    )
    return mark.with_problems(_label_problems(label))


def _label_problems(label: RevenueStamp) -> Iterator[Problem]:
    if label.identifier is None:
        yield stamp_problem("label_unread")
    elif label.witnesses_agree is False:
        yield stamp_problem("label_code_and_text_differ", f"{label.from_code} / {label.from_text}")
    elif label.witnesses_agree is None:
        where = "nel codice a barre" if label.from_code else "nelle cifre stampate"
        yield stamp_problem("label_read_by_one_witness", where=where)
    if label.identifier and not label.identifier.startswith(_IDENTIFIER_STARTS):
        yield stamp_problem("label_unusual_identifier", label.identifier)
    if label.amount is None:
        yield stamp_problem("label_amount_unread")


def _edges(box: Box | None) -> tuple[float, float, float, float] | None:
    return (box.left, box.top, box.right, box.bottom) if box else None
