"""The service put together once: settings, database, documents, keys, notices. Whoever needs one is given it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from intake.clock import Clock, system_clock
from intake.database import Database
from intake.keys import Keys, token_of
from intake.notices.load import load_pack
from intake.notices.models import NoticeEdition
from intake.notices.pack import NoticePack
from intake.settings import Settings
from intake.storage import DocumentStore, open_store
from intake.time_stamps import TimeStamps, authority_of


@dataclass(frozen=True)
class Service:
    """Everything a request or a job works with. Immutable; safe to share between threads."""

    settings: Settings
    database: Database
    store: DocumentStore
    keys: Keys
    packs: dict[str, NoticePack]
    clock: Clock = system_clock
    time_stamps: TimeStamps = field(default_factory=TimeStamps)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One session, committed at the end of the block, rolled back when the block raises."""
        with self.database.sessions.begin() as session:
            yield session

    def pack_of(self, edition: NoticeEdition) -> NoticePack:
        """The rules of an edition. Raises ``KeyError`` when its folder is gone from ``templates/notices``."""
        return self.packs[edition.notice_id]


def build_service(settings: Settings, database: Database, clock: Clock = system_clock) -> Service:
    """Loads packs and keys. Raises ``PackProblems`` when a notice cannot be used."""
    folders = sorted(path.parent for path in settings.notices.glob("*/notice.toml"))
    packs = {pack.id: pack for pack in map(load_pack, folders)}
    keys = Keys(settings.keys, token_of(settings))
    time_stamps = TimeStamps(authority_of(settings))
    return Service(settings, database, open_store(settings), keys, packs, clock, time_stamps)
