"""What comes back: kept as received, receipted at once, checked by a worker."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from intake.applications.access import application_for, locked_application_for
from intake.applications.lifecycle import Actor, move
from intake.applications.models import (
    Application,
    DocumentKind,
    IssuedForm,
    Origin,
    Receipt,
    ReceiptKind,
    ReturnedDocument,
)
from intake.checks.media_type import media_type_of
from intake.checks.run import request_check
from intake.errors import NotFound, Refusal
from intake.people.models import Person
from intake.queue import MAKE_RECEIPT, enqueue
from intake.service import Service
from intake.settings import MEGABYTE


class NoFormInForce(Refusal):
    code = "no_form_in_force"
    message = "Per questa domanda non c'è un modulo in vigore: prima bisogna emetterlo."
    remedy = "Completi i dati, scarichi il modulo, lo faccia firmare, poi torni qui."


class FileTooLarge(Refusal):
    code = "file_too_large"
    message = "«{name}» supera i {most} MB."
    remedy = "Lo divida in più file, oppure scansioni a 300 dpi in scala di grigi o a colori compressi."


class TooManyFiles(Refusal):
    code = "too_many_files"
    message = "Ci sono già {count} file: il massimo è {most}."
    remedy = "Tolga quelli che non servono, oppure unisca le pagine in un solo PDF."


class NothingReceived(Refusal):
    code = "nothing_received"
    message = "Non è arrivato nessun file."
    remedy = "Scelga uno o più file e prema di nuovo «Carica»."


class UnknownAttachment(Refusal):
    code = "unknown_attachment"
    message = "L'avviso non prevede questo allegato."
    remedy = "Scelga dall'elenco che cosa sta caricando."


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file on its way in. ``attachment``: the notice's key, None for the form itself."""

    name: str
    data: bytes
    attachment: str | None = None
    origin: Origin = Origin.UPLOAD


def receive(
    service: Service,
    session: Session,
    person: Person,
    application_id: uuid.UUID,
    files: list[Incoming],
    *,
    at: datetime,
) -> list[ReturnedDocument]:
    """Keeps the files, owes the receipt and asks for the checks, all in the caller's transaction.

    The bytes are durable before any row names them. Raises ``NotFound``, ``NoFormInForce``, ``NothingReceived``,
    ``FileTooLarge``, ``TooManyFiles``, ``UnknownAttachment``. A file somebody else sent before is a file like any other.
    """
    if not files:
        raise NothingReceived
    for file in files:
        if len(file.data) > service.settings.largest_upload:
            raise FileTooLarge(name=file.name, most=service.settings.largest_upload // MEGABYTE)
    application_for(session, person, application_id)
    hashes = [service.store.put(file.data) for file in files]
    application = locked_application_for(session, person, application_id)
    form = application.current_form
    if form is None:
        raise NoFormInForce
    _check_keys(service, application, files)
    count = len(application.current_documents)
    if count + len(files) > service.settings.most_files:
        raise TooManyFiles(count=count, most=service.settings.most_files)
    received = [_document(application, person, file, sha256, at=at) for file, sha256 in zip(files, hashes, strict=True)]
    session.add_all(received)
    session.flush()
    for document in received:
        move(session, application, "document_received", actor=Actor.FILER, person=person, at=at, name=document.name)
    _owe_receipt(session, application, form, received, person, at=at)
    request_check(session, application, form, at=at)
    return received


def take_back(
    session: Session, person: Person, application_id: uuid.UUID, document_id: uuid.UUID, *, at: datetime
) -> None:
    """The sender takes a file out of the application; the bytes received stay. What the protocol office put there is not
    the sender's to take out. Raises ``NotFound``."""
    application = locked_application_for(session, person, application_id)
    document = next((each for each in application.current_documents if each.id == document_id), None)
    if document is None or document.origin is Origin.PAPER:
        raise NotFound
    move(session, application, "document_replaced", actor=Actor.FILER, person=person, at=at, name=document.name)
    document.replaced_at = at
    session.flush()
    if form := application.current_form:
        request_check(session, application, form, at=at)


def _check_keys(service: Service, application: Application, files: list[Incoming]) -> None:
    known = {attachment.key for attachment in service.pack_of(application.edition).attachments}
    if any(file.attachment is not None and file.attachment not in known for file in files):
        raise UnknownAttachment


def _document(
    application: Application, person: Person, file: Incoming, sha256: str, *, at: datetime
) -> ReturnedDocument:
    return ReturnedDocument(
        application_id=application.id,
        kind=DocumentKind.ATTACHMENT if file.attachment else DocumentKind.FORM,
        attachment_key=file.attachment,
        name=_plain_name(file.name),
        sha256=sha256,
        size=len(file.data),
        media_type=media_type_of(file.data),
        origin=file.origin,
        received_at=at,
        received_by=person.id,
    )


def _plain_name(name: str) -> str:
    """The last part of the sender's name, without control characters, short enough to show."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(each for each in last if each.isprintable())[-200:] or "senza nome"


def _owe_receipt(
    session: Session,
    application: Application,
    form: IssuedForm,
    received: list[ReturnedDocument],
    person: Person,
    *,
    at: datetime,
) -> None:
    receipt = Receipt(
        application_id=application.id,
        kind=ReceiptKind.RECEIVED,
        facts={
            "form": form.form,
            "applicant": form.data["employer"]["name"],
            "sent_by": person.full_name,
            "received_at": at.isoformat(),
            "files": [
                {"name": each.name, "size": each.size, "sha256": each.sha256, "media_type": each.media_type}
                for each in received
            ],
        },
        created_at=at,
    )
    session.add(receipt)
    session.flush()
    enqueue(session, MAKE_RECEIPT, receipt_id=str(receipt.id))
