"""The balance of a day: where each document that came is, by channel, held against receipts, register and store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import String, and_, cast, exists, false, func, literal, or_, select, true, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from intake.applications.models import (
    Application,
    Origin,
    Receipt,
    ReceiptKind,
    ReturnedDocument,
    State,
    Submission,
)
from intake.arrivals.models import Arrival, ArrivalChannel, ArrivalDocument, ArrivalState
from intake.certified_mail.models import MailMessage, MailState
from intake.clock import ROME
from intake.notices.models import NoticeEdition
from intake.storage import DocumentStore
from protocol_register import tables
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


@dataclass(frozen=True, slots=True)
class _Day:
    """The instants of one day of Rome, the last one excluded."""

    since: datetime
    until: datetime


_ONLINE = ReturnedDocument.origin != Origin.PAPER
"""What the office brought is counted where it arrived, with its letter or message."""
_REGISTERED = and_(
    Submission.application_id.is_not(None),
    or_(ReturnedDocument.replaced_at.is_(None), ReturnedDocument.replaced_at > Submission.registered_at),
)
_TAKEN_BACK = and_(
    ReturnedDocument.replaced_at.is_not(None),
    or_(Submission.application_id.is_(None), ReturnedDocument.replaced_at <= Submission.registered_at),
)
_OPEN = and_(ReturnedDocument.replaced_at.is_(None), Submission.application_id.is_(None))
_ABANDONED = and_(_OPEN, Application.state == State.DISCARDED)
_NOT_SENT = (State.DRAFT, State.ISSUED)
_WAITING = and_(_OPEN, Application.state != State.DISCARDED)


def balance_of(session: Session, edition: NoticeEdition, day: date, *, store: DocumentStore | None = None) -> Balance:
    """The balance of one edition for one day of Rome. With ``store``, each file of the day is looked for there too."""
    bounds = _Day(datetime.combine(day, time.min, ROME), datetime.combine(day + timedelta(days=1), time.min, ROME))
    channels = (_online(session, edition, bounds), *_brought(session, edition, bounds))
    unaccounted = (
        _lost_after_receipt(session, edition, bounds)
        + _not_in_register(session, edition, bounds)
        + _arrivals_not_in_register(session, edition, bounds)
    )
    lost = _lost(store, _hashes(session, edition, bounds)) if store else 0
    return Balance(day, channels, _oldest(session, edition), unaccounted, lost)


def _online(session: Session, edition: NoticeEdition, day: _Day) -> ChannelBalance:
    counts = (
        session.execute(
            select(
                func.count().label("received"),
                func.count().filter(_REGISTERED).label("registered"),
                func.count().filter(_TAKEN_BACK).label("taken_back"),
                func.count().filter(_ABANDONED).label("abandoned"),
                func.count().filter(_WAITING).label("waiting"),
            )
            .select_from(ReturnedDocument)
            .join(Application, Application.id == ReturnedDocument.application_id)
            .outerjoin(Submission, Submission.application_id == Application.id)
            .where(
                Application.edition_id == edition.id,
                _ONLINE,
                ReturnedDocument.received_at >= day.since,
                ReturnedDocument.received_at < day.until,
            )
        )
        .mappings()
        .one()
    )
    return ChannelBalance(Channel.ONLINE, **counts)


def _brought(session: Session, edition: NoticeEdition, day: _Day) -> list[ChannelBalance]:
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


def _unread(session: Session, edition: NoticeEdition, day: _Day) -> int:
    wanted = select(func.count()).where(
        MailMessage.edition_id == edition.id,
        MailMessage.state == MailState.KEPT,
        MailMessage.received_at >= day.since,
        MailMessage.received_at < day.until,
    )
    return session.scalar(wanted) or 0


def _lost_after_receipt(session: Session, edition: NoticeEdition, day: _Day) -> int:
    """Files that a receipt of the day names and its application does not have."""
    file = func.jsonb_array_elements(Receipt.facts["files"]).table_valued("value", name="file").render_derived()
    sha256 = cast(file.c.value, JSONB)["sha256"].astext
    kept = exists().where(ReturnedDocument.application_id == Receipt.application_id, ReturnedDocument.sha256 == sha256)
    missing = (
        select(Receipt.application_id, sha256)
        .select_from(Receipt)
        .join(Application, Application.id == Receipt.application_id)
        .join(file, true())
        .where(
            Application.edition_id == edition.id,
            Receipt.kind == ReceiptKind.RECEIVED,
            Receipt.created_at >= day.since,
            Receipt.created_at < day.until,
            ~kept,
        )
        .distinct()
    )
    return session.scalar(select(func.count()).select_from(missing.subquery())) or 0


def _not_in_register(session: Session, edition: NoticeEdition, day: _Day) -> int:
    """Files counted as registered whose entry is missing, or does not carry them; what was attached later has its own.

    What an emergency's entry does not carry, a scan registered afterwards does.
    """
    entry, scan = tables.entry.c, tables.entry.alias().c
    named = func.jsonb_build_array(func.jsonb_build_object("sha256", ReturnedDocument.sha256))
    carried = or_(entry.document_sha256 == ReturnedDocument.sha256, entry.attachments.contains(named))
    scanned = exists().where(
        scan.register == Submission.register_code,
        or_(scan.document_sha256 == ReturnedDocument.sha256, scan.attachments.contains(named)),
    )
    wanted = (
        select(func.count())
        .select_from(ReturnedDocument)
        .join(Application, Application.id == ReturnedDocument.application_id)
        .join(Submission, Submission.application_id == Application.id)
        .outerjoin(
            tables.entry,
            and_(
                entry.register == Submission.register_code,
                entry.year == Submission.year,
                entry.number == Submission.number,
            ),
        )
        .where(
            Application.edition_id == edition.id,
            ReturnedDocument.received_at >= day.since,
            ReturnedDocument.received_at < day.until,
            _REGISTERED,
            ReturnedDocument.received_at <= Submission.registered_at,
            func.coalesce(carried, false()).is_(False),
            or_(entry.emergency_number.is_(None), ~scanned),
        )
    )
    return session.scalar(wanted) or 0


def _arrivals_not_in_register(session: Session, edition: NoticeEdition, day: _Day) -> int:
    """Arrivals with a number whose entry is missing, or does not carry their first file (an emergency's carries none)."""
    entry = tables.entry.c
    rows = session.execute(
        select(Arrival.id, ArrivalDocument.sha256, entry.document_sha256, entry.attachments)
        .join(ArrivalDocument, ArrivalDocument.arrival_id == Arrival.id)
        .outerjoin(
            tables.entry,
            and_(
                entry.register == Arrival.register_code,
                entry.year == Arrival.year,
                entry.number == Arrival.number,
            ),
        )
        .where(
            Arrival.edition_id == edition.id,
            Arrival.number.is_not(None),
            or_(Arrival.emergency_number.is_(None), entry.number.is_(None)),
            Arrival.entered_at >= day.since,
            Arrival.entered_at < day.until,
        )
    )
    carried: dict[object, bool] = {}
    for row in rows:
        carried[row.id] = carried.get(row.id, False) or _carries(row.document_sha256, row.attachments, row.sha256)
    return sum(not each for each in carried.values())


def _carries(main: str | None, attachments: Iterable[dict[str, str]] | None, sha256: str) -> bool:
    return sha256 in {main, *(each["sha256"] for each in attachments or ())}


def _hashes(session: Session, edition: NoticeEdition, day: _Day) -> list[tuple[str, int]]:
    """Hash and size of every file that came on the day."""
    returned = (
        select(ReturnedDocument.sha256, ReturnedDocument.size)
        .join(Application, Application.id == ReturnedDocument.application_id)
        .where(
            Application.edition_id == edition.id,
            ReturnedDocument.received_at >= day.since,
            ReturnedDocument.received_at < day.until,
        )
    )
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
    return [(sha256, size) for sha256, size in session.execute(returned.union(arrived, mailed))]


def _lost(store: DocumentStore, files: Iterable[tuple[str, int]]) -> int:
    return sum(not store.holds(sha256, size) for sha256, size in files)


def _oldest(session: Session, edition: NoticeEdition) -> WaitingItem | None:
    online = (
        select(literal(Channel.ONLINE.value), ReturnedDocument.received_at.label("at"))
        .join(Application, Application.id == ReturnedDocument.application_id)
        .outerjoin(Submission, Submission.application_id == Application.id)
        .where(Application.edition_id == edition.id, Application.state.in_(_NOT_SENT), _ONLINE, _WAITING)
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
