"""The declarations of a stack put to each worker: signed, not signed, to be looked at, missing."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import cv2
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ocr.form_map import Box, FormMap
from ocr.papers.declaration_results import (
    NAMES,
    DeclarationsReading,
    IssuedDeclarations,
    Standing,
    StrayDeclaration,
    WorkerDeclaration,
)
from ocr.papers.declaration_text import NamedInText, WorkerNamed, ink_to_sign, workers_in
from ocr.papers.sheets import box_of
from ocr.papers.stack import StackPage, StackReading
from ocr.papers.stack_pages import page_file
from ocr.reading import read_returned
from ocr.results import Alteration, PageSeen, ReturnedReading, SignatureBox
from ocr.text_words import PageText
from ocr.unreadable import UnreadablePages

DECLARATION_SECONDS = 240.0
_AT_ONCE = 6
_BEST_FIRST: tuple[Standing, ...] = ("signed", "to_look_at", "unsigned", "missing")


def workers_of(form_map: FormMap) -> tuple[WorkerNamed, ...]:
    """The workers printed on an application's form, in order."""
    values = {each.name: each.value for each in form_map.fields}
    rows = sorted({int(name.split(".")[1]) for name in values if name.startswith("workers.")})
    return tuple(WorkerNamed(row, *(values.get(f"workers.{row}.{name}", "") for name in NAMES)) for row in rows)


def read_declarations(
    stack: StackReading,
    files: Mapping[str, bytes],
    issued: Sequence[IssuedDeclarations],
    workers: Sequence[WorkerNamed],
    keys: tuple[Ed25519PublicKey, ...],
    *,
    signers: Mapping[str, Collection[str]] | None = None,
    seconds: float = DECLARATION_SECONDS,
) -> DeclarationsReading:
    """Finds each worker's declaration in a sorted stack and says whether it is signed.

    A page that we printed is compared with the page as issued: ink in its box signs it, another name or code on it makes it
    one to be looked at. A page of somebody else's is known by the tax code or the name in its text; ink where it asks for a
    signature is told, never judged. ``signers``: tax codes of who signed a file digitally, by file name: that signs the
    declaration of the same person. What is not compared within ``seconds`` is to be looked at.
    """
    began = time.monotonic()
    found: list[WorkerDeclaration] = []
    stray: list[StrayDeclaration] = []
    altered: list[Alteration] = []
    by_code = {worker.tax_code.upper(): worker for worker in workers}
    for part in issued:
        pages = [page for page in stack.of_kind("availability_declaration") if page.form == part.form_map.form]
        for batch in _batches(pages):
            late = time.monotonic() - began > seconds
            reading = None if late else _compared(batch, files, part, keys)
            altered += _at_their_place(reading, batch) if reading else ()
            for number, page in enumerate(batch):
                named = _named_on(part.form_map, page.form_page)
                worker = by_code.get(named.tax_code.upper())
                if worker is None:
                    who = f"{named.given_name} {named.surname}"
                    stray.append(StrayDeclaration(page.place, f"è di {who}, che non è nell'elenco dei lavoratori", who))
                    continue
                found.append(_ours(worker, page, str(number), reading, part.form_map))
    for page in stack.of_kind("availability_declaration"):
        if not page.form:
            _others(page, workers, found, stray)
    signed = [_signed_digitally(each, signers or {}) for each in found]
    return DeclarationsReading(
        tuple(_best(worker, signed) for worker in workers),
        tuple(stray),
        tuple(altered),
        round(time.monotonic() - began, 3),
    )


def _batches(pages: Sequence[StackPage]) -> list[list[StackPage]]:
    """A few pages at a time, no page of the form twice in one: of copies read together only one would be told of."""
    batches: list[list[StackPage]] = []
    for page in pages:
        taken = not batches or len(batches[-1]) == _AT_ONCE
        if taken or any(other.form_page == page.form_page for other in batches[-1]):
            batches.append([])
        batches[-1].append(page)
    return batches


def _compared(
    pages: Sequence[StackPage], files: Mapping[str, bytes], part: IssuedDeclarations, keys: tuple[Ed25519PublicKey, ...]
) -> ReturnedReading:
    """The pages read against the issued ones, each named by its place in ``pages``; one that cannot be cut out is left out."""
    singles = []
    for number, page in enumerate(pages):
        try:
            singles.append((str(number), page_file(page, files)))
        except UnreadablePages:
            continue
    return read_returned(singles, part.form_map, keys, issued_pdf=part.pdf)


def _at_their_place(reading: ReturnedReading, pages: Sequence[StackPage]) -> list[Alteration]:
    return [replace(each, page_source=pages[int(each.page_source[0])].place) for each in reading.alterations]


def _ours(
    worker: WorkerNamed, page: StackPage, source: str, reading: ReturnedReading | None, form_map: FormMap
) -> WorkerDeclaration:
    zone = next((zone for zone in form_map.zones_on_page(page.form_page, "signature")), None)
    seen = next((each for each in reading.pages if each.source_name == source), None) if reading else None
    signature = next((each for each in reading.signatures if each.page_source[0] == source), None) if reading else None
    other_name = _other_name(reading, source) if reading else None
    standing, why = _judged(seen, signature, other_name)
    return WorkerDeclaration(
        worker.row,
        worker.surname,
        worker.given_name,
        worker.tax_code,
        standing,
        why,
        page.place,
        _received_box(zone.box, seen, page) if zone and seen else None,
        page.form,
        page.form_page,
        1.0 if standing != "to_look_at" else 0.5,
        ("page_code",),
    )


def _judged(seen: PageSeen | None, signature: SignatureBox | None, other_name: str | None) -> tuple[Standing, str]:
    if seen is None or signature is None:
        why = seen.problem if seen and seen.problem else "non abbiamo potuto confrontarla con quella stampata"
        return "to_look_at", why
    if other_name is not None:
        return "to_look_at", f"i dati stampati del lavoratore risultano cambiati: {other_name}"
    if signature.present:
        return "signed", "c'è inchiostro nel riquadro della firma"
    return "unsigned", "nel riquadro della firma non c'è inchiostro"


def _other_name(reading: ReturnedReading, source: str) -> str | None:
    """What is read where another name or tax code of the worker was printed, surely or with doubt; a value that is only hard
    to read is none."""
    altered = {each.field for each in reading.alterations if each.page_source[0] == source}
    changed = next(
        (
            cell
            for cell in reading.cells
            if cell.page_source[0] == source
            and (cell.status == "differs" or cell.name in altered)
            and cell.name.rpartition(".")[2] in NAMES
            and "employer" not in cell.name
        ),
        None,
    )
    return None if changed is None else f"si legge «{changed.read or '…'}» dove era stampato «{changed.issued}»"


def _received_box(box: Box, seen: PageSeen, page: StackPage) -> Box:
    """``box`` of the issued page where it lies on the sheet as received."""
    edges = np.array([[[box.left, box.top], [box.right, box.top], [box.right, box.bottom], [box.left, box.bottom]]])
    if seen.to_issued is not None:
        edges = cv2.perspectiveTransform(edges, np.linalg.inv(np.array(seen.to_issued).reshape(3, 3)))
    left, top = (float(edge) for edge in edges[0].min(axis=0))
    right, bottom = (float(edge) for edge in edges[0].max(axis=0))
    return _moved(Box(left, top, right, bottom), page)


def _moved(box: Box, page: StackPage) -> Box:
    """A box of the page, or of the part that was read by itself, where it lies on the sheet."""
    part = box_of(page.sheet) if page.sheet is not None else None
    x, y = (part.left, part.top) if part else (0.0, 0.0)
    return Box(*(round(edge, 2) for edge in (box.left + x, box.top + y, box.right + x, box.bottom + y)))


def _named_on(form_map: FormMap, page: int) -> WorkerNamed:
    fields = {each.name: each.value for each in form_map.on_page(page)}
    row = next((int(name.split(".")[1]) for name in fields if name.startswith("workers.")), 0)
    return WorkerNamed(row, *(fields.get(f"workers.{row}.{name}", "") for name in NAMES))


def _others(
    page: StackPage, workers: Sequence[WorkerNamed], found: list[WorkerDeclaration], stray: list[StrayDeclaration]
) -> None:
    """A declaration that somebody else printed: of whom its text says."""
    if page.text is None or page.sheet is None:
        raise ValueError("a page without a code is named by its text")
    named = workers_in(page.text, workers)
    if not named:
        stray.append(
            StrayDeclaration(page.place, "non nomina nessun lavoratore dell'elenco, né per codice né per nome")
        )
    try:
        ink = ink_to_sign(page.sheet, page.text)
    except UnreadablePages:
        ink = None
    found += [_by_text(each, page, page.text, ink) for each in named]


def _by_text(named: NamedInText, page: StackPage, text: PageText, ink: Box | None) -> WorkerDeclaration:
    said = "in fondo c'è inchiostro che può essere la firma" if ink else "in fondo non troviamo inchiostro di firma"
    box = ink or (text.on_sheet(named.box) if named.box else None)
    worker = named.worker
    return WorkerDeclaration(
        worker.row,
        worker.surname,
        worker.given_name,
        worker.tax_code,
        "to_look_at" if ink else "unsigned",
        f"non è il modulo stampato dal servizio: {said}",
        page.place,
        _moved(box, page) if box else None,
        confidence=named.confidence,
        rules=(named.rule,),
    )


def _signed_digitally(found: WorkerDeclaration, signers: Mapping[str, Collection[str]]) -> WorkerDeclaration:
    if found.place is None or found.tax_code.upper() not in signers.get(found.place[0], ()):
        return found
    why = "il file è firmato digitalmente dal lavoratore"
    return replace(found, standing="signed", why=why, confidence=1.0, rules=(*found.rules, "digital_signature"))


def _best(worker: WorkerNamed, found: Iterable[WorkerDeclaration]) -> WorkerDeclaration:
    """The declaration that says most for the worker: of a page that came twice the signed copy counts."""
    own = [each for each in found if each.row == worker.row]
    if not own:
        facts = (worker.row, worker.surname, worker.given_name, worker.tax_code)
        return WorkerDeclaration(*facts, "missing", "non è tra le pagine ricevute", confidence=1.0)
    return min(own, key=lambda each: _BEST_FIRST.index(each.standing))
