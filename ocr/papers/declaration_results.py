"""What the declarations of availability say of each worker: frozen facts with their place on the pages received."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ocr.form_map import Box, FormMap
from ocr.results import Alteration, PageSource

Standing = Literal["signed", "unsigned", "to_look_at", "missing"]

NAMES = ("surname", "given_name", "tax_code")
"""The fields that say who a worker is."""


@dataclass(frozen=True, slots=True)
class IssuedDeclarations:
    """Declarations as the service printed them: one page a worker."""

    form_map: FormMap
    pdf: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WorkerDeclaration:
    """What came back of one worker. ``place`` is the file's name and its page from 1, ``box`` is on that page, in points:
    where the signature is or should be, or where the worker is named.

    ``form`` and ``form_page`` name the page we printed, empty and 0 where somebody else did. ``rules`` say by what the
    worker was found: ``page_code``, or ``tax_code`` and ``name`` in the text, ``digital_signature``.
    """

    row: int
    surname: str
    given_name: str
    tax_code: str
    standing: Standing
    why: str
    place: PageSource | None = None
    box: Box | None = None
    form: str = ""
    form_page: int = 0
    confidence: float = 1.0
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StrayDeclaration:
    """A page that is a declaration, but of nobody in the list."""

    place: PageSource
    why: str
    named: str = ""


@dataclass(frozen=True, slots=True)
class DeclarationsReading:
    """One ``WorkerDeclaration`` for each worker of the application, in the order of its list."""

    workers: tuple[WorkerDeclaration, ...]
    stray: tuple[StrayDeclaration, ...]
    alterations: tuple[Alteration, ...]
    seconds: float

    def standing(self, *standings: Standing) -> tuple[WorkerDeclaration, ...]:
        return tuple(worker for worker in self.workers if worker.standing in standings)

    def as_json(self) -> dict[str, Any]:
        return {
            "workers": [
                {
                    **{name: getattr(each, name) for name in ("row", *NAMES)},
                    "standing": each.standing,
                    "why": each.why,
                    "source": each.place[0] if each.place else None,
                    "page": each.place[1] if each.place else None,
                    "box": each.box.as_list() if each.box else None,
                    "form": each.form,
                    "form_page": each.form_page,
                    "confidence": each.confidence,
                    "rules": list(each.rules),
                }
                for each in self.workers
            ],
            "stray": [
                {"source": each.place[0], "page": each.place[1], "why": each.why, "named": each.named}
                for each in self.stray
            ],
            "seconds": self.seconds,
        }
