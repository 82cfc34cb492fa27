"""Complete synthetic applications, and the people who file them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.notices.models import NoticeEdition
from intake.people.models import Person

WORKERS = (
    ("ESPOSITO", "MARIA LUCIA", "SPSMLC85A41B354E"),
    ("DE LUCA", "ANTONIO", "DLCNTN79C15B354A"),
    ("NICCOLÒ", "D'ANGELO", "NCCDGL90E20B354H"),
)


def person_named(session: Session, username: str) -> Person:
    return session.scalars(select(Person).where(Person.username == username)).one()


def rehearsal_of(session: Session, notice: str) -> NoticeEdition:
    return session.scalars(
        select(NoticeEdition).where(NoticeEdition.notice_id == notice, NoticeEdition.kind == "rehearsal")
    ).one()


def complete_draft(draft: dict[str, Any]) -> dict[str, Any]:
    """A draft of *Sardegna 2020* that can be issued: three workers, five employees, no agreement due."""
    return draft | {
        "employer": draft["employer"]
        | {
            "inps_number": "1234567860",
            "legal_form": "Società a responsabilità limitata",
            "kind": "craft",
            "sector": "Panifici",
            "ateco": "10.71.10",
            "collective_agreement": "Panificazione",
            "total_staff": "5",
            "regions_count": "1",
            "address": {"street": "Via Roma 1", "postal_code": "09123", "city": "Cagliari", "province": "CA"},
            "email": "alfa@example.org",
        },
        "unit": {
            "name": "Forno di via Sonnino",
            "address": {"street": "Via Sonnino 5", "postal_code": "09125", "city": "Cagliari", "province": "CA"},
        },
        "periods": [{"from": "2020-03-02", "to": "2020-04-03", "mode": "zero_hours"}],
        "workers": [
            {
                "surname": surname,
                "given_name": given_name,
                "tax_code": tax_code,
                "qualification": "blue_collar",
                "contract": "permanent",
                "category": "ordinary",
                "weekly_hours": "40",
                "hired_on": "2015-06-01",
                "requested_hours": str(120 + 8 * row),
                "exception": "",
            }
            for row, (surname, given_name, tax_code) in enumerate(WORKERS)
        ],
        "agreement": {"kind": "not_required", "date": "", "unions": ""},
        "declarations": dict.fromkeys(("other_schemes_first", "covid_cause", "truthfulness", "sr41_duty"), True),
        "consents": {"data_processing": True},
        "stamp_duty": {"way": "exempt", "identifier": ""},
    }
