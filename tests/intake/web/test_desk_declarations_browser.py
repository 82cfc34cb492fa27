"""T5 on the screen: the declarations to download, what came back of each worker, readable on a telephone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from intake.applications.rehearsal import add_trial_attachment, add_trial_scan
from intake.service import Service
from tests.accessibility import assert_accessible
from tests.intake.applications_made import person_named
from tests.intake.checks.test_declaration_findings import issued_in_toscana
from tests.intake.web.test_desk_application_browser import work_apart
from tests.intake.web.test_web_browser import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.whole]


def test_t5_the_declarations_are_offered_and_what_came_back_is_told(
    page: Page,
    standing_service: Service,
) -> None:
    application_id, _ = issued_in_toscana(standing_service)
    with standing_service.transaction() as session:
        person, at = person_named(session, "consulente"), standing_service.clock()
        add_trial_scan(standing_service, session, person, application_id, at=at)
        for key in ("availability_declaration", "identity_document"):
            add_trial_attachment(standing_service, session, person, application_id, key, at=at)
    work_apart(standing_service)
    here = f"/domande/{application_id}"
    sign_in(page, standing_service, "consulente")
    page.goto(f"{here}/passo/6")
    link = page.get_by_role("link", name="Scarica le dichiarazioni da far firmare ai lavoratori (PDF)")
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    expect(page.locator("main")).to_contain_text("firmate tutte, 3 su 3")
    expect(page.locator("main")).to_contain_text("non riconosciamo che documento è")
    assert_accessible(page)
