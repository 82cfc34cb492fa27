"""C6: after a resumption the day is told again, and what had been handed over of it before is not taken away."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import delete

from intake.clock import ROME
from intake.protocol.daily import close_days
from intake.protocol.models import DailyRegister
from intake.protocol.preservation import INDEX, folder_of
from intake.service import Service
from tests.intake.applications_made import rehearsal_of
from tests.intake.filings import SARDEGNA
from tests.intake.protocol.test_daily_register import PINDEX, days_later, registered
from tests.intake.protocol.test_heads import put_back

pytestmark = pytest.mark.own_installation


def test_c6_the_package_of_a_day_whose_acts_were_lost_stays_beside_the_one_made_after_the_resumption(
    service: Service,
) -> None:
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
    code, tomorrow = edition.register_code, days_later(service, 1)
    day = registered(service, edition, "Perduta").instant.astimezone(ROME).date()
    close_days(tomorrow)
    folder = folder_of(service, code, day)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with service.transaction() as session:
        session.get_one(DailyRegister, (code, day)).delivered_at = None
    close_days(tomorrow)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before, "the same says nothing new"
    put_back(service, code)
    with service.database.owner_engine() as owner, owner.begin() as connection:
        connection.execute(delete(DailyRegister).where(DailyRegister.register_code == code))
    registered(service, edition, "Dopo la ripresa")
    close_days(tomorrow)
    (aside,) = folder.parent.glob(f"{folder.name}.prima-della-ripresa-*")
    assert {path.name: path.read_bytes() for path in aside.iterdir()} == before
    assert identifier_of(folder).endswith(f"{day.isoformat()}/2")
    assert identifier_of(aside).endswith(day.isoformat())


def identifier_of(folder: Path) -> str:
    volume = etree.parse(folder / INDEX).getroot().find(f"{PINDEX}PVolume")
    return str(volume.findtext(f"{PINDEX}ID"))
