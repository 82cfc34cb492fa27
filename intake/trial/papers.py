"""The files of the trial: what an honest sender returns, and what a forger or a hurried one does. All synthetic."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime

from PIL import Image, ImageDraw
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from intake.trial.visitor import TrialFailed
from ocr.attachments import form_map_of
from ocr.form_map import FormMap
from ocr.simulated_paper import Level
from ocr.simulation import CellEdit, simulate_scan
from signing.rehearsal_signature import RehearsalAuthority


@dataclass(frozen=True, slots=True)
class Signatory:
    given_name: str
    surname: str
    tax_code: str


ROSSI = Signatory("Mario", "Rossi", "RSSMRA68C02I452O")
VERDI = Signatory("Luca", "Verdi", "VRDLCU82L09G113A")
STRANGER = Signatory("Bruno", "Esposito", "SPSBRN61B03F839T")


def signed_pdf(pdf: bytes, who: Signatory) -> bytes:
    """Signed with a certificate of an authority nobody here knows, as in the first days of a new provider."""
    at = datetime.now(UTC)
    return RehearsalAuthority.create(at).sign_pdf(pdf, who.given_name, who.surname, who.tax_code, at)


def enveloped(pdf: bytes, who: Signatory) -> bytes:
    """The same as a ``.p7m``."""
    at = datetime.now(UTC)
    return RehearsalAuthority.create(at).sign_p7m(pdf, who.given_name, who.surname, who.tax_code, at)


def page_covered_after_signing(signed: bytes) -> bytes:
    """A forger covers the first page with a white sheet in an incremental update; the signature stays in its place."""
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    sheet = writer.add_object(generic.StreamObject(stream_data=b"q 1 1 1 rg 0 0 600 850 re f Q"))
    writer.add_stream_to_page(0, sheet)  # type: ignore[no-untyped-call]
    changed = io.BytesIO()
    writer.write(changed)  # type: ignore[no-untyped-call]
    return changed.getvalue()


def scanned(
    pdf: bytes, *, who: Signatory, seed: int, level: Level = "clean", edits: tuple[CellEdit, ...] = ()
) -> list[bytes]:
    """Printed, signed by hand and scanned at 300 dpi, one JPEG a page; ``level`` says how worn the paper is."""
    form_map = map_of(pdf)
    zones = [zone for zone in form_map.zones if zone.kind == "signature"]
    pages = simulate_scan(pdf, seed=seed, signatures=zones, signer=who.surname, output="jpeg", level=level, edits=edits)
    if not isinstance(pages, list):
        raise TypeError("one JPEG a page was asked for")
    return pages


def with_more_hours(pdf: bytes, field: str) -> CellEdit:
    """The forger's pen: another number over the printed one."""
    cell = next(each for each in map_of(pdf).fields if each.name == field)
    digits = cell.value
    forged = digits[:-1] + ("3" if digits[-1] != "3" else "8")
    return CellEdit(cell.page, cell.box, forged, font=cell.font, size=cell.size)


def map_of(pdf: bytes) -> FormMap:
    """The map inside an issued form. Raises ``TrialFailed`` when there is none."""
    found = form_map_of(pdf)
    if found is None:
        raise TrialFailed("the issued form carries no map of its fields")
    return found


def identity_card(who: Signatory) -> bytes:
    """A picture that says what it is: no real document is used anywhere."""
    card = Image.new("RGB", (1000, 640), "#e8eef5")
    drawing = ImageDraw.Draw(card)
    for line, text in enumerate(("DOCUMENTO DI PROVA", who.surname.upper(), who.given_name.upper(), who.tax_code)):
        drawing.text((60, 80 + 110 * line), text, fill="#102040", font_size=56)
    kept = io.BytesIO()
    card.save(kept, "JPEG", quality=85)
    return kept.getvalue()
