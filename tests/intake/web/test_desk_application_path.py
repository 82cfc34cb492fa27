"""The whole path at the desk without JavaScript: draft, form, signed return, findings, transmission (B3, T2, C1, S8, N3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from intake.applications.models import Application, Receipt, State
from intake.applications.receipts import make_receipt
from intake.checks.models import CheckRun, RunState
from intake.checks.run import perform_check
from intake.people.models import Employer
from intake.service import Service
from tests.intake.applications_made import complete_draft, rehearsal_of
from tests.intake.web.conftest import Browser


def flat(draft: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """A draft as the fields of its forms."""
    fields: dict[str, str] = {}
    for key, value in draft.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            fields |= flat(value, f"{name}.")
        elif isinstance(value, list):
            for number, row in enumerate(value, 1):
                fields |= flat(row, f"{name}.{number}.")
        elif value is True:
            fields[name] = "1"
        elif isinstance(value, str):
            fields[name] = value
    return fields


def start(browser: Browser, service: Service, firm: str = "ALFA SRL", *, code: str = "") -> str:
    """A new draft in the rehearsal of Sardegna 2020, or in the edition of ``code``; its address."""
    with service.transaction() as session:
        edition = code or rehearsal_of(session, "sardegna-2020").register_code
        employer = session.scalars(select(Employer).where(Employer.name == firm)).one().id
    opened = browser.post("/domande/nuova", {"edizione": edition, "azienda": str(employer)})
    assert opened.status_code == 303, opened.text
    return opened.location.removesuffix("/passo/1")


def type_everything(browser: Browser, service: Service, address: str) -> None:
    """Steps 1 to 4, each with the fields that its page shows."""
    with service.transaction() as session:
        application = session.get_one(Application, address.rsplit("/", 1)[-1])
        fields = flat(complete_draft(application.draft))
    for step in (1, 2, 3, 4):
        page = browser.get(f"{address}/passo/{step}")
        assert page.status_code == 200
        names = set(re.findall(r'name="([a-z_.0-9]+)"', page.text))
        typed = {name: value for name, value in fields.items() if name in names}
        assert typed, step
        version = re.search(r'name="version" id="versione" value="(\d+)"', page.text)
        assert version
        saved = browser.post(f"{address}/passo/{step}", {**typed, "version": version[1], "action": "continue"})
        assert saved.location == f"{address}/passo/{step + 1}", browser.get(saved.location).text


def issue(browser: Browser, address: str) -> None:
    assert browser.post(f"{address}/modulo").status_code == 303


def work(service: Service) -> None:
    """What the worker process does: the checks, then the receipts."""
    with service.transaction() as session:
        runs = list(session.scalars(select(CheckRun.id).where(CheckRun.state == RunState.WAITING)))
    for run in runs:
        perform_check(service, run)
    with service.transaction() as session:
        receipts = list(session.scalars(select(Receipt.id).where(Receipt.pdf_sha256.is_(None))))
    for receipt in receipts:
        make_receipt(service, receipt)


@pytest.fixture
def consultant(browser: Browser) -> Browser:
    assert browser.sign_in("consulente").status_code == 303
    return browser


def test_a_consultant_files_from_the_first_page_to_the_receipt(consultant: Browser, service: Service) -> None:
    address = start(consultant, service)
    type_everything(consultant, service, address)
    summary = consultant.get(f"{address}/passo/5").text
    assert "I dati ci sono tutti." in summary
    assert "FORNO" in summary.upper()
    issue(consultant, address)
    issued = consultant.get(f"{address}/passo/5").text
    assert "Che cosa fare adesso" in issued
    pdf = consultant.get(f"{address}/modulo.pdf")
    assert pdf.data.startswith(b"%PDF")

    signed = consultant.post(f"{address}/prova", {"what": "firma"})
    assert signed.location == f"{address}/passo/6"
    waiting = consultant.get(f"{address}/passo/6").text
    assert "manca l&#39;invio della domanda" in waiting or "manca l'invio della domanda" in waiting
    assert 'http-equiv="refresh"' in waiting
    assert "I controlli sono ancora in corso." in waiting
    assert "SHA-256" in waiting
    work(service)
    found = consultant.get(f"{address}/passo/6").text
    assert 'http-equiv="refresh"' not in found
    assert "Scarica la ricevuta" in found

    confirmed = re.findall(r'name="conferma" value="([^"]+)"', found)
    sent = consultant.post(f"{address}/invio", {"conferma": confirmed})
    assert sent.status_code == 303, sent.text
    page = consultant.get(address).text
    assert "Domanda n. 0000001" in page
    assert "prima in attesa di esame" in page
    assert "La registrazione prova l&#39;arrivo, non l&#39;accoglimento." in page or "non l'accoglimento" in page
    work(service)
    receipts = re.findall(r'href="(/domande/[^"]+/ricevute/[^"]+\.pdf)"', consultant.get(address).text)
    assert len(receipts) == 2
    assert all(consultant.get(receipt).data.startswith(b"%PDF") for receipt in receipts)
    with service.transaction() as session:
        application = session.scalars(select(Application)).one()
        assert application.state is State.REGISTERED
