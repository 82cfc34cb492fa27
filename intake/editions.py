"""Loading notices as editions, each with its keys; and the registers, which only deliberate acts create."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from intake.notices.edition import Edition, is_over, live_edition, rehearsal_before_opening, rehearsal_edition
from intake.notices.models import NoticeEdition
from intake.notices.pack import NoticePack
from intake.protocol.rehearsal_end import wipe_retired_rehearsals
from intake.service import Service
from protocol_register.entries import RegisterKind
from protocol_register.errors import KeyUnreadable
from protocol_register.keys import RegisterKey, check_key
from protocol_register.registration import create_register
from protocol_register.tables import register as register_table


class RegisterKeyMissing(Exception):
    """A register stands in the database and its key is not at hand, or is another one: the service does not start."""


def load_editions(service: Service, *, at: datetime, rehearsals: bool = True) -> list[NoticeEdition]:
    """Makes the editions that are missing: each notice live, and its rehearsal if the current one is over or absent."""
    loaded = []
    for pack in service.packs.values():
        loaded.append(ensure_edition(service, pack, live_edition(pack), at=at))
        if rehearsals:
            loaded.append(ensure_rehearsal(service, pack, at=at))
    return loaded


def ensure_rehearsal(service: Service, pack: NoticePack, *, at: datetime) -> NoticeEdition:
    """The newest rehearsal in course; when the windows of all have passed, the next one, with a new register.

    What was done in the rehearsals that are over goes with them: stamp uses, register, arrivals.
    """
    with service.transaction() as session:
        standing = _standing_rehearsals(session, pack)
        over = [each for each in standing if is_over(pack, _as_edition(each), at)]
        for each in over:
            each.retired_at = at
        made = next((each for each in standing if each not in over), None)
        number = _next_number(session, pack)
    wipe_retired_rehearsals(service)
    edition = made or ensure_edition(service, pack, rehearsal_edition(pack, at, number), at=at)
    create_register_of(service, edition)
    return edition


def open_rehearsal_before_opening(
    service: Service, pack: NoticePack, before: timedelta, *, at: datetime
) -> NoticeEdition:
    """One more rehearsal, beside the one in course, whose clock stands ``before`` the opening."""
    with service.transaction() as session:
        number = _next_number(session, pack)
    edition = ensure_edition(service, pack, rehearsal_before_opening(pack, at, before, number), at=at)
    create_register_of(service, edition)
    return edition


def ensure_edition(service: Service, pack: NoticePack, edition: Edition, *, at: datetime) -> NoticeEdition:
    """The row and the keys of one edition; the digest follows the pack as it is now."""
    service.keys.make_edition_keys(
        edition.register_code,
        administration=pack.administration.name,
        rehearsal=edition.kind == "rehearsal",
        at=at,
    )
    with service.transaction() as session:
        found = session.scalar(select(NoticeEdition).where(NoticeEdition.register_code == edition.register_code))
        if found:
            found.pack_digest = pack.digest
            return found
        made = NoticeEdition(
            notice_id=pack.id,
            kind=edition.kind,
            number=edition.number,
            clock_offset=edition.offset,
            register_code=edition.register_code,
            pack_digest=pack.digest,
            loaded_at=at,
        )
        session.add(made)
        session.flush()
        return made


def create_register_of(service: Service, edition: NoticeEdition) -> bool:
    """Creates the register of an edition, with its key; False when it is there. The owner role does it, nobody else can."""
    pack = service.pack_of(edition)
    with service.database.owner_engine() as owner, owner.begin() as connection:
        if register_exists(connection, edition.register_code):
            return False
        create_register(
            connection,
            edition.register_code,
            kind=RegisterKind.REHEARSAL if edition.is_rehearsal else RegisterKind.LIVE,
            administration=pack.administration.code,
            aoo=pack.administration.aoo,
            key=_register_key(service, edition.register_code),
        )
        return True


def register_exists(connection: Connection, code: str) -> bool:
    return bool(connection.scalar(select(register_table.c.code).where(register_table.c.code == code)))


def check_register_keys(service: Service) -> None:
    """Refuses to go on beside a register whose key is not at hand. Raises ``WrongRegisterKey``, ``RegisterKeyMissing``."""
    with service.database.engine.connect() as connection:
        codes = list(connection.scalars(select(register_table.c.code).order_by(register_table.c.code)))
        for code in codes:
            try:
                key = service.keys.register_key(code)
            except KeyUnreadable as error:
                raise RegisterKeyMissing(str(error)) from error
            check_key(connection, code, key)


def _standing_rehearsals(session: Session, pack: NoticePack) -> list[NoticeEdition]:
    """Those not retired, the newest first: some may have been opened beside the others."""
    rehearsals = select(NoticeEdition).where(NoticeEdition.notice_id == pack.id, NoticeEdition.kind == "rehearsal")
    standing = rehearsals.where(NoticeEdition.retired_at.is_(None)).order_by(NoticeEdition.number.desc())
    return list(session.scalars(standing))


def _next_number(session: Session, pack: NoticePack) -> int:
    of_notice = NoticeEdition.notice_id == pack.id, NoticeEdition.kind == "rehearsal"
    return (session.scalar(select(func.max(NoticeEdition.number)).where(*of_notice)) or 0) + 1


def _register_key(service: Service, code: str) -> RegisterKey:
    """The key made for this register before, if the creation was cut short; else a new one."""
    try:
        return service.keys.register_key(code)
    except KeyUnreadable:
        key = RegisterKey.generate(code)
        key.save(service.keys.registers)
        return key


def _as_edition(row: NoticeEdition) -> Edition:
    return Edition(
        row.notice_id, "rehearsal" if row.is_rehearsal else "live", row.clock_offset, row.register_code, row.number
    )
