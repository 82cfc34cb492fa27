"""Publishing a notice's own signed document: its signatures are verified first, its bytes are durable before a row names them.

Only what is signed and intact is published (CAD, d.lgs. 82/2005, art. 20-24); what could not be established of it is told with
it. A later publication takes the place of the earlier one, which stays listed. Withdrawing one has a module of its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.checks.apart import ApartFailed
from intake.checks.finding import storable_value
from intake.checks.run import revocation_policy
from intake.notices.models import NoticeEdition
from intake.notices.pack import NoticePack
from intake.notices.papers import ReadingDocument
from intake.publication.examination import (
    DepositedFile,
    PublicationAnswer,
    PublicationQuestion,
    examine_publication,
)
from intake.publication.models import SignedPublication
from intake.publication.refusals import (
    REFUSED,
    PublicationOnTrial,
    PublicationTooLarge,
    PublicationUnreadable,
    UnknownDocument,
    UnknownEdition,
)
from intake.service import Service
from intake.settings import MEGABYTE
from signing.problems import printable

EXAMINATION_SECONDS = 60.0
_LONGEST_NAME = 200
_LOG = structlog.get_logger("sportello.notices")


def publish_document(
    service: Service,
    register_code: str,
    file: DepositedFile,
    *,
    document: DepositedFile | None = None,
    key: str | None = None,
    operator: str,
    at: datetime,
) -> SignedPublication:
    """Verifies ``file`` at the real instant ``at`` and publishes it as the document ``key`` of an edition, the notice itself
    unless told. ``document``: what a separate signature goes with.

    Raises ``UnknownEdition``, ``UnknownDocument``, ``PublicationTooLarge``, ``StorageFull`` and, for what must not be
    published, ``PublicationNotSigned``, ``PublicationAltered``, ``PublicationCertificateInvalid``,
    ``PublicationUnverifiable``, ``PublicationUnreadable``, ``PublicationOnTrial``; then nothing has changed.
    """
    with service.transaction() as session:
        edition = edition_in_course(service, session, register_code)
        published = document_of(service.pack_of(edition), edition, key).key
    file, document = _plain(service, file), _plain(service, document) if document else None
    answer = _examined(service, edition, file, document, at=at)
    sha256 = service.store.put(file.data)
    enclosed = answer.enclosed
    enclosed_sha256 = service.store.put(enclosed.data) if enclosed else None
    with service.transaction() as session:
        session.get_one(NoticeEdition, edition.id, with_for_update=True)
        made = SignedPublication(
            edition_id=edition.id,
            document_key=published,
            number=_last_number(session, edition, published) + 1,
            name=file.name,
            sha256=sha256,
            size=len(file.data),
            media_type=answer.media_type,
            enclosed_name=_plain_name(enclosed.name) if enclosed else None,
            enclosed_sha256=enclosed_sha256,
            enclosed_size=len(enclosed.data) if enclosed else None,
            enclosed_media_type=enclosed.media_type if enclosed else None,
            verdict=answer.verdict,
            report=storable_value(answer.report),
            published_at=at,
            operator=operator,
        )
        session.add(made)
        session.flush()
    _LOG.info("document_published", register=register_code, document=published, number=made.number, sha256=sha256)
    return made


def edition_in_course(service: Service, session: Session, register_code: str) -> NoticeEdition:
    """The edition, live or rehearsal, with that register. Raises ``UnknownEdition``."""
    current = session.scalars(
        select(NoticeEdition)
        .where(NoticeEdition.retired_at.is_(None), NoticeEdition.notice_id.in_(list(service.packs)))
        .order_by(NoticeEdition.register_code)
    ).all()
    found = next((each for each in current if each.register_code == register_code), None)
    if found is None:
        raise UnknownEdition(code=register_code, known=", ".join(each.register_code for each in current))
    return found


def document_of(pack: NoticePack, edition: NoticeEdition, key: str | None) -> ReadingDocument:
    """The document of that key; without one the notice itself, where the pack has exactly one document of that kind.

    Raises ``UnknownDocument``.
    """
    of_kind = [each for each in pack.documents if (each.key == key if key else each.kind == "notice")]
    if len(of_kind) != 1:
        known = ", ".join(each.key for each in pack.documents)
        raise UnknownDocument(code=edition.register_code, known=known)
    return of_kind[0]


def _examined(
    service: Service, edition: NoticeEdition, file: DepositedFile, document: DepositedFile | None, *, at: datetime
) -> PublicationAnswer:
    """What may be published, with its verdict; everything else is refused."""
    authority = service.keys.rehearsal_authority(edition.register_code) if edition.is_rehearsal else None
    question = PublicationQuestion(
        file=file,
        document=document,
        trust_folder=service.settings.trust_folder,
        own_anchor=authority.certificate.public_bytes(Encoding.DER) if authority else None,
        own_seals=frozenset(service.keys.seals(edition.register_code).known()),
        revocation=revocation_policy(service),
        at=at,
    )
    try:
        answer = examine_publication(question, seconds=EXAMINATION_SECONDS)
    except ApartFailed as failure:
        if failure.ours:
            raise
        _LOG.warning("publication_without_answer", reason=failure.reason)
        raise PublicationUnreadable(
            name=file.name, reason="Chiede più tempo o memoria di quanto gliene diamo."
        ) from failure
    if answer.verdict in REFUSED:
        raise REFUSED[answer.verdict](name=file.name, reason=answer.reason)
    if answer.on_trial and not edition.is_rehearsal:
        raise PublicationOnTrial(name=file.name)
    return answer


def _plain(service: Service, file: DepositedFile) -> DepositedFile:
    name, most = _plain_name(file.name), service.settings.largest_upload
    if len(file.data) > most:
        raise PublicationTooLarge(name=name, most=most // MEGABYTE)
    return replace(file, name=name)


def _plain_name(name: str) -> str:
    """The last part of a name, in a line and without marks that turn it around, short enough to show."""
    last = printable(name.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    return last[-_LONGEST_NAME:] or "senza nome"


def _last_number(session: Session, edition: NoticeEdition, key: str) -> int:
    asked = select(func.max(SignedPublication.number)).where(
        SignedPublication.edition_id == edition.id, SignedPublication.document_key == key
    )
    return session.scalar(asked) or 0
