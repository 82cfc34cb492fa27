"""The editions of notices that people can see, with their rules and their window at this request's instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from intake.errors import NotFound
from intake.notices.models import NoticeEdition
from intake.notices.pack import NoticePack
from intake.notices.windows import WindowState, window_at
from intake.web.frame.context import now, service, session


@dataclass(frozen=True, slots=True)
class ShownEdition:
    """An edition as its pages need it; ``window`` is on the notice's own clock."""

    edition: NoticeEdition
    pack: NoticePack
    window: WindowState

    @property
    def code(self) -> str:
        return self.edition.register_code

    def real(self, own: datetime) -> datetime:
        """The real instant of one of the notice's own clock: when people must be there."""
        return own.astimezone(UTC) - self.edition.clock_offset


def shown_editions() -> list[ShownEdition]:
    """Every edition not retired whose rules are installed, live ones first."""
    rows = session().scalars(
        select(NoticeEdition)
        .where(NoticeEdition.retired_at.is_(None), NoticeEdition.notice_id.in_(list(service().packs)))
        .order_by(NoticeEdition.kind, NoticeEdition.notice_id, NoticeEdition.number)
    )
    return [_shown(edition) for edition in rows]


def shown_edition(code: str) -> ShownEdition:
    """The edition of a register code. Raises ``NotFound``."""
    found = session().scalar(
        select(NoticeEdition).where(NoticeEdition.register_code == code, NoticeEdition.retired_at.is_(None))
    )
    if found is None or found.notice_id not in service().packs:
        raise NotFound
    return _shown(found)


def page_facts(shown: ShownEdition) -> dict[str, object]:
    """What a page about one edition gives its template: whose header it wears, and the banner of a rehearsal."""
    edition = shown.edition
    return {
        "shown": shown,
        "edition": edition,
        "pack": shown.pack,
        "window": shown.window,
        "notice_administration": shown.pack.administration,
        "rehearsal": edition.is_rehearsal,
        "rehearsal_instant": edition.own_clock(now()),
        "forgotten_on": _forgotten_on(edition),
        "real_instant": now(),
    }


def _forgotten_on(edition: NoticeEdition) -> datetime | None:
    """From when what was done in an ended rehearsal goes; None while it is in course, and for live editions."""
    if not edition.is_rehearsal or edition.retired_at is None:
        return None
    return edition.retired_at + timedelta(days=service().settings.rehearsal_kept_days)


def _shown(edition: NoticeEdition) -> ShownEdition:
    pack = service().pack_of(edition)
    return ShownEdition(edition, pack, window_at(pack, edition.own_clock(now())))
