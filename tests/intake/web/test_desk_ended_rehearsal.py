"""N11, S21: who tried is told, on the page of an ended rehearsal's application, from when it will be gone."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from intake.clock import ROME
from intake.editions import ensure_rehearsal
from intake.notices.models import NoticeEdition
from intake.protocol.rehearsal_forgetting import forget_ended_rehearsals
from intake.service import Service
from tests.intake.filings import SARDEGNA, issued
from tests.intake.web.conftest import Browser


def test_n11_the_end_of_a_rehearsal_is_told_and_afterwards_the_page_is_gone(service: Service, browser: Browser) -> None:
    application_id, _ = issued(service)
    browser.sign_in("consulente")
    page = f"/domande/{application_id}"
    assert "La prova è finita" not in browser.get(page, follow_redirects=True).text
    ensure_rehearsal(service, service.packs[SARDEGNA], at=service.clock() + timedelta(days=3650))
    with service.transaction() as session:
        ended = session.scalars(select(NoticeEdition).where(NoticeEdition.retired_at.is_not(None))).one()
    last = (ended.retired_at + timedelta(days=30)).astimezone(ROME).date()
    told = browser.get(page, follow_redirects=True).text
    assert "La prova è finita" in told
    assert f'datetime="{last.isoformat()}"' in told
    forget_ended_rehearsals(service, at=ended.retired_at + timedelta(days=31))
    assert browser.get(page).status_code == 404
