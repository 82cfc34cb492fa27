"""The registro giornaliero: made for every day on which a register did something, sealed, handed to conservation.

A day closes at midnight in Rome. Days are made in their order, whenever the job runs, so that one missed is made at the
next run, and each names the one before it. Making and delivering are two steps: what was made and not delivered, or has
gone from the conservation folder, is delivered again from what is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from http import HTTPStatus

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.clock import ROME
from intake.errors import Refusal
from intake.notices.models import NoticeEdition
from intake.protocol.models import DailyRegister
from intake.protocol.preservation import Preserved, deliver, is_delivered
from intake.protocol.segnatura import xml_seal
from intake.sealing import seal_paper
from intake.service import Service
from intake.typesetting.daily_register import DailyFacts, typeset_daily_register, volumes_of
from intake.typesetting.finishing import Attachment
from intake.typesetting.rehearsal import rehearsal_mark
from protocol_register.daily import RegisterDay, day_of_register, days_with_operations, wait_for_commits
from protocol_register.daily_xml import PreviousDay, write_daily_xml
from protocol_register.search import registers

TITLE = "Registro giornaliero di protocollo"
SETTLING = timedelta(minutes=5)
"""How long after midnight a day is left alone, for what was being written as it ended."""

_LOG = structlog.get_logger("sportello.daily_register")


class DayNotOver(Refusal):
    code = "day_not_over"
    message = "Il giorno {day} non è ancora chiuso."
    remedy = "Il registro giornaliero si produce dopo la mezzanotte: ripeta domani."


class DayEmpty(Refusal):
    code = "day_empty"
    message = "Il {day} il registro {register} non ha avuto operazioni: non c'è un registro giornaliero da produrre."
    remedy = "Controlli il giorno e il codice del registro."
    status = HTTPStatus.NOT_FOUND


class DayOutOfOrder(Refusal):
    code = "day_out_of_order"
    message = "Prima del registro giornaliero del {day} va prodotto quello del {first}."
    remedy = "Produca prima quello: ogni registro giornaliero porta l'impronta del precedente."


def close_days(service: Service) -> list[DailyRegister]:
    """Makes every daily register that is missing, of every register, and delivers what is not delivered.

    Bears being run twice, and by two workers at once. A register that fails does not hold up the others: the first
    failure is raised when every register has had its turn.
    """
    with service.transaction() as session:
        codes = [register.code for register in registers(session.connection())]
    made: list[DailyRegister] = []
    failures: list[Exception] = []
    for code in codes:
        try:
            made.extend(_close(service, code))
            deliver_missing(service, code)
        except Exception as error:  # noqa: BLE001 - whatever stops one register, the days of the others are due
            _LOG.error("daily_register_failed", register=code, exc_info=error)
            failures.append(error)
    if failures:
        raise failures[0]
    return made


def make_day(service: Service, register_code: str, day: date) -> DailyRegister:
    """The daily register of one day, made now if it was not, and delivered.

    Raises ``DayNotOver``, ``DayEmpty``, ``DayOutOfOrder``, ``UnknownRegister``, ``KeyMissing``.
    """
    if day >= _first_open_day(service.clock()):
        raise DayNotOver(day=day.strftime("%d/%m/%Y"))
    with service.transaction() as session:
        found = session.get(DailyRegister, (register_code, day))
        missing = [] if found else _missing(session, register_code, _first_open_day(service.clock()))
    if found is None and day not in missing:
        raise DayEmpty(day=day.strftime("%d/%m/%Y"), register=register_code)
    if found is None and missing[0] != day:
        raise DayOutOfOrder(day=day.strftime("%d/%m/%Y"), first=missing[0].strftime("%d/%m/%Y"))
    made = found or _make(service, register_code, day)
    deliver_missing(service, register_code)
    return made


def deliver_missing(service: Service, register_code: str) -> None:
    """Hands to the conservation folder every daily register that is not there.

    Each day on its own: what was delivered stays so when a later day fails.
    """
    with service.transaction() as session:
        statement = select(DailyRegister.day).where(DailyRegister.register_code == register_code)
        days = list(session.scalars(statement.order_by(DailyRegister.day)))
    for day in days:
        _deliver_if_missing(service, register_code, day)


def _deliver_if_missing(service: Service, register_code: str, day: date) -> None:
    with service.transaction() as session:
        daily = session.get_one(DailyRegister, (register_code, day), with_for_update=True)
        if daily.delivered_at is not None and is_delivered(service, register_code, day):
            return
        pack = service.pack_of(_edition(session, register_code))
        deliver(service, pack.administration, _preserved(service, daily), at=service.clock())
        daily.delivered_at = service.clock()
    _LOG.info("daily_register_delivered", register=register_code, day=day.isoformat())


def _close(service: Service, register_code: str) -> Iterator[DailyRegister]:
    with service.transaction() as session:
        missing = _missing(session, register_code, _first_open_day(service.clock()))
    for day in missing:
        yield _make(service, register_code, day)


def _missing(session: Session, register_code: str, before: date) -> list[date]:
    newest = session.scalar(
        select(DailyRegister.day)
        .where(DailyRegister.register_code == register_code)
        .order_by(DailyRegister.day.desc())
        .limit(1)
    )
    return list(days_with_operations(session.connection(), register_code, after=newest, before=before))


def _make(service: Service, register_code: str, day: date) -> DailyRegister:
    with service.transaction() as session:
        wait_for_commits(session.connection(), register_code)
    with service.transaction() as session:
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"daily:{register_code}"))))
        found = session.get(DailyRegister, (register_code, day))
        if found is not None:
            return found
        previous = _day_before(session, register_code, day)
        told = previous.log_size if previous else None
        register_day = day_of_register(session.connection(), register_code, day, told=told)
        made = _made(service, session, register_day, previous)
        session.add(made)
    _LOG.info("daily_register_made", register=register_code, day=day.isoformat(), operations=made.operations)
    return made


def _day_before(session: Session, register_code: str, day: date) -> DailyRegister | None:
    earlier = select(DailyRegister).where(DailyRegister.register_code == register_code, DailyRegister.day < day)
    return session.scalar(earlier.order_by(DailyRegister.day.desc()).limit(1))


def _made(
    service: Service, session: Session, register_day: RegisterDay, previous: DailyRegister | None
) -> DailyRegister:
    code, at = register_day.register.code, service.clock()
    edition = _edition(session, code)
    administration = service.pack_of(edition).administration
    xml = write_daily_xml(
        register_day,
        xml_seal(service, code),
        administration_name=administration.name,
        previous=PreviousDay(previous.day, previous.xml_sha256) if previous else None,
        at=at,
    )
    facts = DailyFacts(
        administration=administration.name,
        office=administration.office,
        register_day=register_day,
        made_at=at,
        rehearsal=rehearsal_mark(edition, at),
    )
    xml_file = Attachment("registro.xml", xml, "Il registro giornaliero in XML sigillato", "application/xml")
    seal = partial(seal_paper, service, register_code=code, reason=TITLE, name=administration.name, at=at)
    pdfs = [
        service.store.put(seal(typeset_daily_register(volume, (xml_file,) if volume.volume == volume.volumes else ())))
        for volume in volumes_of(facts)
    ]
    entries = register_day.entries
    return DailyRegister(
        register_code=code,
        day=register_day.day,
        made_at=at,
        operations=register_day.operations,
        entries=len(entries),
        first_number=entries[0].number if entries else None,
        last_number=entries[-1].number if entries else None,
        log_size=register_day.log_size,
        head=register_day.checkpoint,
        pdf_sha256s=pdfs,
        xml_sha256=service.store.put(xml),
        token_sha256=_stamped(service, register_day.checkpoint, at),
        delivered_at=None,
    )


def _stamped(service: Service, head: str | None, at: datetime) -> str | None:
    """The time-stamp over the SHA-256 of the head's text, kept; None where no authority answers."""
    if head is None:
        return None
    token = service.time_stamps.stamp(hashlib.sha256(head.encode()).digest(), at=at)
    return service.store.put(token.token) if token else None


def _preserved(service: Service, daily: DailyRegister) -> Preserved:
    return Preserved(
        register_code=daily.register_code,
        day=daily.day,
        pdfs=tuple(service.store.get(sha256) for sha256 in daily.pdf_sha256s),
        xml=service.store.get(daily.xml_sha256),
        head=daily.head,
        token=service.store.get(daily.token_sha256) if daily.token_sha256 else None,
    )


def _edition(session: Session, register_code: str) -> NoticeEdition:
    return session.scalars(select(NoticeEdition).where(NoticeEdition.register_code == register_code)).one()


def _first_open_day(at: datetime) -> date:
    return (at - SETTLING).astimezone(ROME).date()
