"""The balance of a day: where each document that came is, by channel, held against receipts, register and store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import String, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from intake.applications.models import Application, ReturnedDocument, State, Submission
from intake.arrivals.models import Arrival, ArrivalChannel, ArrivalDocument, ArrivalState
from intake.cases.balance_evidence import (
    ONLINE,
    WAITING,
    DayOfRome,
    FilesOfTheDay,
    arrivals_not_in_register,
    files_of_the_day,
    promised_and_gone,
)
from intake.certified_mail.models import MailMessage, MailState
from intake.clock import ROME
from intake.notices.models import NoticeEdition
from intake.storage import DocumentStore
from protocol_register.entries import Channel

COUNTS = ("received", "registered", "rejected", "taken_back", "abandoned", "waiting")
"""What came, and the places where it may be."""


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """What waits longest. Online the office learns no more of it before its sender transmits."""

    channel: Channel
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ChannelBalance:
    """What came by one channel: online each file, elsewhere each letter, delivery or message.

    ``taken_back``: the sender took the file out before transmitting. ``abandoned``: the sender discarded the application.
    ``rejected``: it could not be registered, and is kept with the reason.
    """

    channel: Channel
    received: int = 0
    registered: int = 0
    rejected: int = 0
    taken_back: int = 0
    abandoned: int = 0
    waiting: int = 0

    @property
    def even(self) -> bool:
        """Whether everything received is somewhere."""
        return self.received == self.registered + self.rejected + self.taken_back + self.abandoned + self.waiting


@dataclass(frozen=True, slots=True)
class Balance:
    """What came on ``day`` (Rome) for one edition, as it stands now, with what waits longest of any day.

    ``unaccounted``: files that the day's receipts name and no application has, and what is counted as registered though
    the register's entry does not carry it. ``lost``: files that no longer lie whole in the store.
    """

    day: date
    channels: tuple[ChannelBalance, ...]
    oldest: WaitingItem | None
    unaccounted: int
    lost: int

    @property
    def received(self) -> int:
        return sum(each.received for each in self.channels)

    @property
    def registered(self) -> int:
        return sum(each.registered for each in self.channels)

    @property
    def rejected(self) -> int:
        return sum(each.rejected for each in self.channels)

    @property
    def taken_back(self) -> int:
        return sum(each.taken_back for each in self.channels)

    @property
    def abandoned(self) -> int:
        return sum(each.abandoned for each in self.channels)

    @property
    def waiting(self) -> int:
        return sum(each.waiting for each in self.channels)

    @property
    def holds(self) -> bool:
        """Everything received is somewhere, as promised, registered where counted so, and its bytes are there."""
        return not self.unaccounted and not self.lost and all(each.even for each in self.channels)


_NOT_SENT = (State.DRAFT, State.ISSUED)


def balance_of(session: Session, edition: NoticeEdition, day: date, *, store: DocumentStore | None = None) -> Balance:
    """The balance of one edition for one day of Rome. With ``store``, each file of the day is looked for there too."""
    bounds = DayOfRome(datetime.combine(day, time.min, ROME), datetime.combine(day + timedelta(days=1), time.min, ROME))
    files = files_of_the_day(session, edition, bounds)
    channels = (_online(files), *_brought(session, edition, bounds))
    unaccounted = (
        promised_and_gone(session, edition, bounds)
        + files.not_in_register
        + arrivals_not_in_register(session, edition, bounds)
    )
    lost = store.lacking(files.kept | _brought_files(session, edition, bounds)) if store else 0
    return Balance(day, channels, _oldest(session, edition), unaccounted, lost)


def _online(files: FilesOfTheDay) -> ChannelBalance:
    return ChannelBalance(
        Channel.ONLINE,
        received=files.received,
        registered=files.registered,
        taken_back=files.taken_back,
        abandoned=files.abandoned,
        waiting=files.waiting,
    )


def _brought(session: Session, edition: NoticeEdition, day: DayOfRome) -> list[ChannelBalance]:
    """Letters, deliveries and messages by the day they came into the house; messages not read yet wait among them."""
    rows = session.execute(
        select(
            Arrival.channel,
            func.count(),
            func.count().filter(Arrival.number.is_not(None)),
            func.count().filter(Arrival.state == ArrivalState.REJECTED),
            func.count().filter(Arrival.state == ArrivalState.RECEIVED),
        )
        .where(Arrival.edition_id == edition.id, Arrival.entered_at >= day.since, Arrival.entered_at < day.until)
        .group_by(Arrival.channel)
    )
    found = {channel: counts for channel, *counts in rows}
    unread = _unread(session, edition, day)
    balances = []
    for channel in ArrivalChannel:
        received, registered, rejected, waiting = found.get(channel, (0, 0, 0, 0))
        more = unread if channel is ArrivalChannel.PEC else 0
        balances.append(
            ChannelBalance(
                Channel(channel.value),
                received=received + more,
                registered=registered,
                rejected=rejected,
                waiting=waiting + more,
            )
        )
    return balances


def _unread(session: Session, edition: NoticeEdition, day: DayOfRome) -> int:
    wanted = select(func.count()).where(
        MailMessage.edition_id == edition.id,
        MailMessage.state == MailState.KEPT,
        MailMessage.received_at >= day.since,
        MailMessage.received_at < day.until,
    )
    return session.scalar(wanted) or 0


def _brought_files(session: Session, edition: NoticeEdition, day: DayOfRome) -> set[tuple[str, int]]:
    """Hash and size of what letters, deliveries and messages of the day brought."""
    arrived = (
        select(ArrivalDocument.sha256, ArrivalDocument.size)
        .join(Arrival, Arrival.id == ArrivalDocument.arrival_id)
        .where(Arrival.edition_id == edition.id, Arrival.entered_at >= day.since, Arrival.entered_at < day.until)
    )
    mailed = select(MailMessage.sha256, MailMessage.size).where(
        MailMessage.edition_id == edition.id,
        MailMessage.received_at >= day.since,
        MailMessage.received_at < day.until,
    )
    return {(sha256, size) for sha256, size in session.execute(arrived.union(mailed))}


def _oldest(session: Session, edition: NoticeEdition) -> WaitingItem | None:
    online = (
        select(literal(Channel.ONLINE.value), ReturnedDocument.received_at.label("at"))
        .join(Application, Application.id == ReturnedDocument.application_id)
        .outerjoin(Submission, Submission.application_id == Application.id)
        .where(Application.edition_id == edition.id, Application.state.in_(_NOT_SENT), ONLINE, WAITING)
        .order_by(ReturnedDocument.received_at)
        .limit(1)
    )
    brought = (
        select(cast(Arrival.channel, String), Arrival.entered_at.label("at"))
        .where(Arrival.edition_id == edition.id, Arrival.state == ArrivalState.RECEIVED)
        .order_by(Arrival.entered_at)
        .limit(1)
    )
    unread = (
        select(literal(Channel.PEC.value), MailMessage.received_at.label("at"))
        .where(MailMessage.edition_id == edition.id, MailMessage.state == MailState.KEPT)
        .order_by(MailMessage.received_at)
        .limit(1)
    )
    row = session.execute(union_all(online, brought, unread).order_by("at").limit(1)).first()
    return WaitingItem(Channel(row[0]), row[1]) if row else None
