"""N11: what a rehearsal's register left is wiped with it; a live register never is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from intake.arrivals.models import Arrival, ArrivalDocument, ArrivalEvent
from intake.editions import create_register_of, ensure_rehearsal
from intake.notices.models import NoticeEdition
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


def test_n11_a_live_register_is_never_wiped(service: Service) -> None:
    with service.transaction() as session:
        statement = select(NoticeEdition).where(NoticeEdition.notice_id == SARDEGNA, NoticeEdition.kind == "live")
        live = session.scalars(statement).one()
    create_register_of(service, live)
    with pytest.raises(NotRehearsal):
        wipe_rehearsal_records(service, live.register_code)
