"""What the review shows at once: one page, seen in one way, the boxes over it, the row in evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from uuid import UUID

from werkzeug.datastructures import MultiDict

from intake.cases.case import Case, FormPage
from intake.cases.review import Review, ReviewRow

VIEWS = ("restituito", "emesso", "sovrapposti")
ZOOMS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Mark:
    """A box over the picture; ``points`` as SVG writes them."""

    row: ReviewRow
    points: str
    selected: bool


@dataclass(frozen=True, slots=True)
class ReviewScreen:
    """``size`` is that of the picture in points; None where the page did not come back or cannot be drawn."""

    pages: tuple[FormPage, ...]
    page: FormPage
    view: str
    zoom: int
    turn: int
    size: tuple[float, float] | None
    marks: tuple[Mark, ...]
    selected: ReviewRow | None
    eyes: Mapping[int, int]

    def address(self, **changed: object) -> dict[str, object]:
        """The parts of the address that show this same screen, save for what is changed."""
        kept: dict[str, object] = {"pagina": self.page.number, "vista": self.view, "zoom": self.zoom, "giro": self.turn}
        return {key: value for key, value in (kept | changed).items() if value not in (None, "")}


def changed_words(issued: str, read: str) -> list[tuple[str, bool]]:
    """The words of ``read``, each with whether ``issued`` does not say it at that place."""
    before, after = issued.split(), read.split()
    words: list[tuple[str, bool]] = []
    for kind, _, _, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        words += [(word, kind != "equal") for word in after[start:end]]
    return words


def chosen_screen(
    case: Case,
    review: Review,
    pages: tuple[FormPage, ...],
    given: MultiDict[str, str],
    subject: str | None,
    sizes: Mapping[UUID, tuple[tuple[float, float], ...]],
) -> ReviewScreen:
    """The screen that the address asks for; without one, the first value that needs eyes."""
    wanted = subject or given.get("dato")
    selected = next((row for row in (*review.rows, *review.papers) if row.subject == wanted), None)
    if selected is None and "pagina" not in given:
        selected = next(iter(review.open_rows), None)
    number = _number(given.get("pagina"), selected.page if selected and selected.on_form else 1)
    page = next((each for each in pages if each.number == number), pages[0])
    view = given.get("vista", "restituito")
    view = view if view in VIEWS else "restituito"
    size = _size(case, page, view, sizes)
    turn = _number(given.get("giro"), -page.rotation % 360 if view == "restituito" else 0) % 360
    return ReviewScreen(
        pages=pages,
        page=page,
        view=view,
        zoom=min(max(_number(given.get("zoom"), 1), ZOOMS[0]), ZOOMS[-1]),
        turn=turn - turn % 90,
        size=size,
        marks=_marks(review, page, view, selected) if size else (),
        selected=selected,
        eyes={each.number: sum(row.on_form and row.page == each.number for row in review.open_rows) for each in pages},
    )


def _size(
    case: Case, page: FormPage, view: str, sizes: Mapping[UUID, tuple[tuple[float, float], ...]]
) -> tuple[float, float] | None:
    if view == "emesso":
        return case.sheet
    if page.document is None:
        return None
    received = sizes.get(page.document.id, ())
    if page.page > len(received):
        return None
    return received[page.page - 1] if view == "restituito" else case.sheet


def _marks(review: Review, page: FormPage, view: str, selected: ReviewRow | None) -> tuple[Mark, ...]:
    if view == "restituito" and not page.placed:
        return ()
    found = []
    for row in review.rows:
        if row.box and row.page == page.number and (row.issued or row.read):
            left, top, right, bottom = row.box
            issued_corners = ((left, top), (right, top), (right, bottom), (left, bottom))
            corners = page.place(row.box) if view == "restituito" else issued_corners
            points = " ".join(f"{x:.2f},{y:.2f}" for x, y in corners)
            found.append(Mark(row, points, selected is not None and row.subject == selected.subject))
    return tuple(sorted(found, key=lambda mark: (mark.selected, mark.row.status in {"differs", "doubtful"})))


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 7 else otherwise
