"""Help for whoever tries the service in a rehearsal: signatures, scans and attachments marked PROVA.

Refused on a live notice. The signing authority of a rehearsal is believed nowhere else.
"""

from __future__ import annotations

import io
import json
import re
import unicodedata
import uuid
import zlib
from datetime import datetime
from http import HTTPStatus

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy.orm import Session

from intake.applications.access import locked_application_for
from intake.applications.models import Application, DocumentKind, IssuedForm, Origin, ReturnedDocument
from intake.applications.rehearsal_stamps import trial_digital_stamp, trial_label_sheet, with_trial_label
from intake.applications.returns import Incoming, NoFormInForce, UnknownAttachment, receive, take_back
from intake.applications.worker_papers import WorkerPaper, worker_papers_of
from intake.errors import Refusal
from intake.people.models import Person
from intake.service import Service
from ocr.attachments import form_map_of
from ocr.form_map import FormMap
from ocr.simulation import simulate_scan

MARK = "PROVA"
_SCAN_DPI = 200
_PAPER_DPI = 150
_MOST_SIGNED = 12
_PAPER = (1240, 877)
"""Pixels of a simulated attachment: half an A4 sheet at 150 dots an inch."""


class OnlyInRehearsal(Refusal):
    code = "only_in_rehearsal"
    message = "Firme, scansioni e documenti di prova esistono solo nella prova dell'avviso: qui non valgono nulla."
    remedy = "Carichi il modulo firmato davvero. Per esercitarsi apra la prova dell'avviso."
    status = HTTPStatus.FORBIDDEN


def add_trial_signature(
    service: Service, session: Session, person: Person, application_id: uuid.UUID, *, enveloped: bool, at: datetime
) -> list[ReturnedDocument]:
    """Signs the form in force as its legal representative, inside the PDF or in a ``.p7m`` envelope, and receives it.

    Raises ``NotFound``, ``OnlyInRehearsal``, ``NoFormInForce``. ``at``: the real instant.
    """
    application, form = _form_in_rehearsal(session, person, application_id)
    authority = service.keys.rehearsal_authority(application.edition.register_code)
    who = form.data["representative"]
    signer = (who["given_name"], who["surname"], who["tax_code"])
    pdf = service.store.get(form.pdf_sha256)
    signed = authority.sign_p7m(pdf, *signer, at) if enveloped else authority.sign_pdf(pdf, *signer, at)
    name = f"{form.form}-{MARK}.pdf{'.p7m' if enveloped else ''}"
    incoming = Incoming(name, signed, origin=Origin.REHEARSAL_SIGNATURE)
    return _in_place_of_earlier(service, session, person, application, incoming, at=at)


def add_trial_scan(
    service: Service,
    session: Session,
    person: Person,
    application_id: uuid.UUID,
    *,
    stamped: bool = False,
    at: datetime,
) -> list[ReturnedDocument]:
    """Prints, signs by hand and scans the form in force, as if on paper, and receives it; ``stamped`` pastes a trial label.

    Raises ``NotFound``, ``OnlyInRehearsal``, ``NoFormInForce``, ``NoPlaceForStamp``.
    """
    application, form = _form_in_rehearsal(session, person, application_id)
    printed = with_trial_label(service, application, form, at=at) if stamped else service.store.get(form.pdf_sha256)
    zones = FormMap.from_json(json.dumps(form.form_map).encode()).zones
    scan = simulate_scan(
        printed,
        seed=zlib.crc32(form.form.encode()),
        dpi=_SCAN_DPI,
        level="clean",
        signatures=[zone for zone in zones if zone.kind == "signature"],
        signer=form.data["representative"]["surname"],
    )
    if not isinstance(scan, bytes):
        raise TypeError("a simulated scan in one PDF is bytes")
    incoming = Incoming(f"scansione-{MARK}.pdf", scan, origin=Origin.REHEARSAL_SCAN)
    return _in_place_of_earlier(service, session, person, application, incoming, at=at)


def add_trial_attachment(
    service: Service, session: Session, person: Person, application_id: uuid.UUID, key: str, *, at: datetime
) -> list[ReturnedDocument]:
    """Adds an attachment of the notice that is nothing but its title and the mark; a mark of stamp duty is a trial one.

    What the service printed for a few workers comes back signed by hand and scanned.
    Raises ``NotFound``, ``OnlyInRehearsal``, ``NoFormInForce``, ``UnknownAttachment``.
    """
    application, form = _form_in_rehearsal(session, person, application_id)
    attachments = service.pack_of(application.edition).attachments
    asked = next((each for each in attachments if each.key == key), None)
    if asked is None:
        raise UnknownAttachment
    who = form.data["representative"]
    stem = _file_stem(asked.title)
    lines = (asked.title, f"{who['surname']} {who['given_name']}", "Documento simulato, senza alcun valore")
    match asked.required_when:
        case "stamp_by_digital":
            name, data = f"{stem}-{MARK}.xml", trial_digital_stamp(service, application, form, at=at)
        case "stamp_by_contrassegno":
            name, data = f"{stem}-{MARK}.pdf", trial_label_sheet(service, application, lines, at=at)
        case "each_worker" if (paper := _small_worker_paper(form, key)) is not None:
            name, data = f"{stem}-{MARK}.pdf", _signed_by_workers(service, paper)
        case _:
            name, data = f"{stem}-{MARK}.pdf", _marked_page(lines)
    incoming = Incoming(name, data, attachment=key, origin=Origin.REHEARSAL_SCAN)
    return _in_place_of_earlier(service, session, person, application, incoming, at=at)


def _file_stem(title: str) -> str:
    """``copia-del-documento-d-identita``: a file's name as whoever scans would give it."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _small_worker_paper(form: IssuedForm, key: str) -> WorkerPaper | None:
    papers = [paper for paper in worker_papers_of(form) if paper.key == key]
    return papers[0] if len(papers) == 1 and papers[0].pages <= _MOST_SIGNED else None


def _signed_by_workers(service: Service, paper: WorkerPaper) -> bytes:
    pdf = service.store.get(paper.pdf_sha256)
    form_map = form_map_of(pdf)
    if form_map is None:
        raise LookupError(f"the declarations {paper.form} bear no map")
    zones = [zone for zone in form_map.zones if zone.kind == "signature"]
    scan = simulate_scan(
        pdf, seed=zlib.crc32(paper.form.encode()), dpi=_PAPER_DPI, level="clean", signatures=zones, signer=paper.form
    )
    if not isinstance(scan, bytes):
        raise TypeError("a simulated scan in one PDF is bytes")
    return scan


def _form_in_rehearsal(session: Session, person: Person, application_id: uuid.UUID) -> tuple[Application, IssuedForm]:
    application = locked_application_for(session, person, application_id)
    if not application.edition.is_rehearsal:
        raise OnlyInRehearsal
    form = application.current_form
    if form is None:
        raise NoFormInForce
    return application, form


def _in_place_of_earlier(
    service: Service, session: Session, person: Person, application: Application, incoming: Incoming, *, at: datetime
) -> list[ReturnedDocument]:
    """Receives a made document; one made earlier for the same purpose is taken out."""
    kind = DocumentKind.ATTACHMENT if incoming.attachment else DocumentKind.FORM
    for earlier in application.current_documents:
        if earlier.origin is not Origin.UPLOAD and (earlier.kind, earlier.attachment_key) == (
            kind,
            incoming.attachment,
        ):
            take_back(session, person, application.id, earlier.id, at=at)
    return receive(service, session, person, application.id, [incoming], at=at)


def _marked_page(lines: tuple[str, ...]) -> bytes:
    """One PDF page as a scanner would make it, the mark across it."""
    page = Image.new("RGB", _PAPER, "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle((40, 40, _PAPER[0] - 40, _PAPER[1] - 40), outline="#5d7083", width=4)
    pen.text((_PAPER[0] / 2, 230), MARK, font=ImageFont.load_default(220), fill="#c5371f", anchor="mm")
    for place, line in enumerate(lines):
        pen.text((_PAPER[0] / 2, 470 + 90 * place), line, font=ImageFont.load_default(40), fill="#17324d", anchor="mm")
    out = io.BytesIO()
    page.save(out, "PDF", resolution=150, title=f"{MARK} - {lines[0]}")
    return out.getvalue()
