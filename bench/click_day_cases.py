"""A morning's applications, ready to be transmitted: one goes the whole way, its form is copied for other firms and units.

Copies share the first one's form and returned file: what is measured is the act of transmission, which looks at rows only.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from stdnum import luhn
from stdnum.it import codicefiscale

from intake.applications.draft import open_draft, save_draft
from intake.applications.issue import issue_form
from intake.applications.models import Application, IssuedForm, ReturnedDocument, State
from intake.applications.rehearsal import add_trial_signature
from intake.checks.models import CheckRun
from intake.checks.run import perform_check
from intake.notices.models import NoticeEdition
from intake.people.accounts import add_person, ensure_employer, give_mandate
from intake.people.models import Capacity, Employer, Person, Role
from intake.people.passwords import hash_password
from intake.service import Service

PASSWORD = "click-day-1-april"
_ADDRESS = {"street": "Via Roma 1", "postal_code": "09123", "city": "Cagliari", "province": "CA"}
_WORKER = {
    "surname": "ESPOSITO",
    "given_name": "MARIA LUCIA",
    "tax_code": "SPSMLC85A41B354E",
    "qualification": "blue_collar",
    "contract": "permanent",
    "category": "ordinary",
    "weekly_hours": "40",
    "hired_on": "2015-06-01",
    "requested_hours": "120",
    "exception": "",
}


@dataclass(frozen=True, slots=True)
class Consultant:
    """Who transmits, and the applications of the firms this person acts for."""

    username: str
    applications: tuple[uuid.UUID, ...]


def prepare_cases(service: Service, *, consultants: int, each: int) -> tuple[str, list[Consultant]]:
    """The register's code, and ``consultants`` people with ``each`` applications: a firm for every ten."""
    at = service.clock()
    first_id = _first_case(service, at)
    with service.transaction() as session:
        first = session.get_one(Application, first_id)
        password_hash = hash_password(PASSWORD)
        made = []
        for number in range(consultants):
            person = _person(session, number, at, password_hash)
            firms = [_firm(session, person, number * 1000 + firm, at) for firm in range((each + 9) // 10)]
            rows = list(_copies(first, firms, each))
            for table in (Application, IssuedForm, ReturnedDocument, CheckRun):
                session.execute(insert(table), [row[table] for row in rows])
            made.append(Consultant(person.username, tuple(row[Application]["id"] for row in rows)))
        return first.edition.register_code, made


def _first_case(service: Service, at: datetime) -> uuid.UUID:
    with service.transaction() as session:
        person = session.scalars(select(Person).where(Person.username == "datore")).one()
        firm = session.scalars(select(Employer).where(Employer.name == "ALFA SRL")).one()
        edition = session.scalars(
            select(NoticeEdition).where(NoticeEdition.notice_id == "sardegna-2020", NoticeEdition.kind == "rehearsal")
        ).one()
        application = open_draft(session, person, edition, firm.id, at=at)
        save_draft(session, person, application.id, _completed, version=None, at=at)
        issue_form(service, session, person, application.id, at=at)
        add_trial_signature(service, session, person, application.id, enveloped=False, at=at)
        application_id = application.id
        run_id = session.scalars(select(CheckRun.id).where(CheckRun.application_id == application_id)).one()
    perform_check(service, run_id)
    return application_id


def _completed(draft: dict[str, Any]) -> dict[str, Any]:
    employer = {
        "inps_number": "1234567860",
        "legal_form": "Società a responsabilità limitata",
        "kind": "craft",
        "sector": "Panifici",
        "ateco": "10.71.10",
        "collective_agreement": "Panificazione",
        "total_staff": "1",
        "regions_count": "1",
        "address": _ADDRESS,
        "email": "alfa@example.org",
    }
    return draft | {
        "employer": draft["employer"] | employer,
        "unit": {"name": "Forno", "address": _ADDRESS},
        "periods": [{"from": "2020-03-02", "to": "2020-04-03", "mode": "zero_hours"}],
        "workers": [_WORKER],
        "agreement": {"kind": "not_required", "date": "", "unions": ""},
        "declarations": dict.fromkeys(("other_schemes_first", "covid_cause", "truthfulness", "sr41_duty"), True),
        "consents": {"data_processing": True},
        "stamp_duty": {"way": "exempt", "identifier": ""},
    }


def _person(session: Session, number: int, at: datetime, password_hash: str) -> Person:
    return add_person(
        session,
        username=f"clic{number}",
        tax_code=_with_check(f"CLCPRV80A01H{number:03d}", codicefiscale.calc_check_digit),
        given_name="Prova",
        surname=f"Numero {number}",
        email=f"clic{number}@example.org",
        roles=(Role.FILER,),
        at=at,
        password_hash=password_hash,
        demo=True,
    )


def _firm(session: Session, person: Person, number: int, at: datetime) -> Employer:
    tax_code = _with_check(f"{number:07d}001", luhn.calc_check_digit)
    firm = ensure_employer(session, tax_code=tax_code, name=f"Ditta {number}", at=at)
    give_mandate(session, person, firm, Capacity.DELEGATE, at=at)
    session.flush()
    return firm


def _with_check(body: str, calculated: Callable[[str], str]) -> str:
    return body + calculated(body)


def _copies(first: Application, firms: list[Employer], count: int) -> Iterator[dict[type, dict[str, Any]]]:
    form, document = first.current_form, first.current_documents[0]
    assert form is not None
    for number in range(count):
        firm = firms[number // 10]
        change = {"unit": first.draft["unit"] | {"name": f"Unità {number}"}}
        application = _row(first, employer_id=firm.id, draft=deepcopy(first.draft) | change, state=State.ISSUED)
        own = {"application_id": application["id"]}
        copied = _columns(form) | own | {"form": f"CLIC-{application['id'].hex[:12]}", "data": form.data | change}
        file = _row(document, **own)
        run = {
            "id": uuid.uuid4(),
            "form": copied["form"],
            "documents": {"ids": [str(file["id"])]},
            "state": "done",
            "requested_at": document.received_at,
            "finished_at": document.received_at,
            "steps_done": 0,
            "steps_total": 0,
        }
        yield {Application: application, IssuedForm: copied, ReturnedDocument: file, CheckRun: run | own}


def _row(original: Any, **changes: Any) -> dict[str, Any]:
    return _columns(original) | {"id": uuid.uuid4()} | changes


def _columns(original: Any) -> dict[str, Any]:
    names: Iterable[str] = original.__mapper__.column_attrs.keys()
    return {name: getattr(original, name) for name in names}
