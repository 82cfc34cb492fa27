"""The act of a rehearsal: demonstration people find a signed document published, as people do in a live notice.

Its text is what the notice tells people, marked PROVA; who signs it is the demonstration's director, with the rehearsal's own
test authority, which counts nowhere else.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.notices.models import NoticeEdition
from intake.people.demonstration import PEOPLE, demo_people_exist
from intake.people.models import Role
from intake.publication.models import publications_of
from intake.queue import PUBLISH_REHEARSAL_ACT, enqueue
from intake.service import Service

NAME = "avviso-PROVA.pdf"
OPERATOR = "prova"


def owe_rehearsal_acts(service: Service) -> None:
    """Asks for the act of each rehearsal in course that has none, where demonstration people are at work."""
    with service.transaction() as session:
        if not demo_people_exist(session):
            return
        for edition in _rehearsals(session):
            if _has_place(service, edition) and not publications_of(session, edition):
                enqueue(session, PUBLISH_REHEARSAL_ACT, lock=str(edition.id), edition_id=str(edition.id))


def publish_rehearsal_act(service: Service, edition_id: UUID) -> None:
    """Typesets, signs and publishes the act of a rehearsal; done again, or for one that ended, it does nothing."""
    from intake.publication.examination import DepositedFile
    from intake.publication.publishing import publish_document
    from intake.typesetting.notice_act import NoticeActFacts, typeset_notice_act
    from intake.typesetting.rehearsal import rehearsal_mark

    at = service.clock()
    with service.transaction() as session:
        edition = next((each for each in _rehearsals(session) if each.id == edition_id), None)
        if edition is None or not _has_place(service, edition) or publications_of(session, edition):
            return
    pack = service.pack_of(edition)
    facts = NoticeActFacts(
        administration=pack.administration.name,
        office=pack.administration.office,
        title=pack.title,
        summary=pack.summary,
        text=pack.markdown(pack.texts.vademecum),
        rehearsal=rehearsal_mark(edition, at),
    )
    director = next(each for each in PEOPLE if each.role is Role.DIRECTOR)
    authority = service.keys.rehearsal_authority(edition.register_code)
    pdf = typeset_notice_act(facts, at=at)
    signed = authority.sign_pdf(pdf, director.given_name, director.surname, director.tax_code, at)
    publish_document(service, edition.register_code, DepositedFile(NAME, signed), operator=OPERATOR, at=at)


def _rehearsals(session: Session) -> list[NoticeEdition]:
    in_course = select(NoticeEdition).where(NoticeEdition.kind == "rehearsal", NoticeEdition.retired_at.is_(None))
    return list(session.scalars(in_course.order_by(NoticeEdition.register_code)))


def _has_place(service: Service, edition: NoticeEdition) -> bool:
    """Whether its rules are installed and have one document that is the notice itself."""
    pack = service.packs.get(edition.notice_id)
    return pack is not None and sum(each.kind == "notice" for each in pack.documents) == 1
