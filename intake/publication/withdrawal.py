"""Withdrawing what was published by mistake: by an act and with a reason, and what was published stays listed as withdrawn.

Whoever relied on it can still read what it was, which act took it back and why.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from intake.clock import ROME
from intake.notices.models import NoticeEdition
from intake.publication.models import PublicationWithdrawal, SignedPublication, publications_of
from intake.publication.publishing import document_of, edition_in_course
from intake.publication.refusals import AlreadyWithdrawn, UnknownPublication, WithdrawalWithoutAct
from intake.service import Service
from intake.typed_text import visible

MOST_CHARACTERS = 500
_LOG = structlog.get_logger("sportello.notices")


def withdraw_publication(
    service: Service,
    register_code: str,
    number: int,
    *,
    act: str,
    reason: str,
    key: str | None = None,
    operator: str,
    at: datetime,
) -> SignedPublication:
    """Takes publication ``number`` of the document ``key`` of an edition out of force, the notice itself unless told.

    Those before it stay replaced: none comes back into force. Raises ``UnknownEdition``, ``UnknownDocument``,
    ``WithdrawalWithoutAct``, ``UnknownPublication`` and ``AlreadyWithdrawn``; then nothing has changed.
    """
    act, reason = visible(act), visible(reason)
    if not (0 < len(act) <= MOST_CHARACTERS and 0 < len(reason) <= MOST_CHARACTERS):
        raise WithdrawalWithoutAct(most=MOST_CHARACTERS)
    with service.transaction() as session:
        edition = edition_in_course(service, session, register_code)
        document = document_of(service.pack_of(edition), edition, key).key
        session.get_one(NoticeEdition, edition.id, with_for_update=True)
        published = publications_of(session, edition, document)
        found = next((each for each in published if each.number == number), None)
        if found is None:
            known = ", ".join(f"{each.number} «{each.name}»" for each in published) or "nessuna"
            raise UnknownPublication(key=document, code=register_code, number=number, known=known)
        if found.withdrawal is not None:
            day = found.withdrawal.withdrawn_at.astimezone(ROME)
            raise AlreadyWithdrawn(number=number, name=found.name, day=f"{day:%d/%m/%Y}", act=found.withdrawal.act)
        session.add(
            PublicationWithdrawal(publication_id=found.id, act=act, reason=reason, withdrawn_at=at, operator=operator)
        )
    _LOG.info("document_withdrawn", register=register_code, document=document, number=number, sha256=found.sha256)
    return found
