"""N11: what a rehearsal's register left is wiped with it; a live register never is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from intake.arrivals.models import Arrival, ArrivalDocument, ArrivalEvent
from intake.editions import create_register_of, ensure_rehearsal, open_rehearsal_before_opening
from intake.notices.models import NoticeEdition
from intake.notices.sourced import rome_instant
from intake.protocol.daily import close_days
from intake.protocol.emergency import import_file
from intake.protocol.heads import keep_heads
from intake.protocol.models import DailyRegister, EmergencyImport
from intake.protocol.rehearsal_end import wipe_rehearsal_records
from intake.service import Service
from protocol_register.errors import NotRehearsal, UnknownRegister
from protocol_register.search import register_of, registers
from tests.intake.applications_made import rehearsal_of
from tests.intake.arrivals.paper_desk import arrive
from tests.intake.filings import SARDEGNA
from tests.intake.protocol.test_daily_register import days_later, registered


def test_n11_everything_the_rehearsal_s_register_did_is_gone(service: Service) -> None:
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
    code = edition.register_code
    registered(service, edition)
    close_days(days_later(service, 1))
    keep_heads(service)
    import_file(service, code, "x.csv", b"x", operator="office:1", at=service.clock())
    wipe_rehearsal_records(service, code)
    with service.transaction() as session:
        for table in (DailyRegister, EmergencyImport):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        with pytest.raises(UnknownRegister):
            register_of(session.connection(), code)
    assert not (service.settings.conservation_folder / code).exists()
    assert not list(service.settings.heads_folder.glob("*.json"))


def test_n11_the_next_rehearsal_opens_and_nothing_of_the_one_before_is_left(service: Service) -> None:
    with service.transaction() as session:
        edition, other = rehearsal_of(session, SARDEGNA), rehearsal_of(session, "basilicata-2020")
    for each in (edition, other):
        registered(service, each)
    arrive(service, b"%PDF-1.7 lettera")
    at = service.clock() + timedelta(days=3650)
    made = [ensure_rehearsal(service, service.packs[SARDEGNA], at=at) for _ in range(2)]
    assert {each.register_code for each in made} != {edition.register_code}
    with service.transaction() as session:
        for table in (Arrival, ArrivalDocument, ArrivalEvent):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        standing = {each.code for each in registers(session.connection())}
    assert edition.register_code not in standing
    assert {made[0].register_code, other.register_code} <= standing
    with service.database.owner_engine() as owner, owner.begin() as connection:
        disabled = "SELECT count(*) FROM pg_trigger WHERE tgname = 'append_only' AND tgenabled = 'D'"
        assert connection.exec_driver_sql(disabled).scalar() == 0


def test_n11_one_opened_beside_another_is_retired_at_its_own_end(service: Service) -> None:
    """The one that stands before its opening ends later than the one it was opened beside, and each with its register."""
    pack, now = service.packs[SARDEGNA], service.clock()
    with service.transaction() as session:
        first = rehearsal_of(session, SARDEGNA)
    beside = open_rehearsal_before_opening(service, pack, timedelta(hours=48), at=now)
    window = rome_instant(pack.windows.closes_at.value) - rome_instant(pack.windows.opens_at.value)

    def standing_after(passed: timedelta) -> tuple[str, set[str], set[str]]:
        shown = ensure_rehearsal(service, pack, at=now + passed).register_code
        with service.transaction() as session:
            of_notice = select(NoticeEdition).where(NoticeEdition.notice_id == SARDEGNA)
            wanted = of_notice.where(NoticeEdition.kind == "rehearsal", NoticeEdition.retired_at.is_(None))
            editions = {each.register_code for each in session.scalars(wanted)}
            registered = {each.code for each in registers(session.connection())}
        return shown, editions, {code for code in registered if code.startswith(pack.register_code)}

    both = {first.register_code, beside.register_code}
    assert standing_after(timedelta(0)) == (beside.register_code, both, both)
    only = {beside.register_code}
    assert standing_after(window) == (beside.register_code, only, only)
    third = f"{pack.register_code}-PROVA-3"
    assert standing_after(window + timedelta(hours=48)) == (third, {third}, {third})


def test_n11_a_live_register_is_never_wiped(service: Service) -> None:
    with service.transaction() as session:
        statement = select(NoticeEdition).where(NoticeEdition.notice_id == SARDEGNA, NoticeEdition.kind == "live")
        live = session.scalars(statement).one()
    create_register_of(service, live)
    with pytest.raises(NotRehearsal):
        wipe_rehearsal_records(service, live.register_code)
