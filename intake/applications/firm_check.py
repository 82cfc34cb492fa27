"""Whether the firm and the legal representative that a draft names are those the service knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from intake.applications.draft import get
from intake.applications.draft_check import DraftProblem
from intake.applications.models import Application
from intake.people.mandates import active_mandates
from intake.people.models import Capacity, Person


def representatives_of(session: Session, application: Application) -> list[Person]:
    """The legal representatives of the application's firm whose mandate is in force; empty when none is known."""
    mandates = active_mandates(session, application.employer_id)
    return [mandate.person for mandate in mandates if mandate.capacity is Capacity.REPRESENTATIVE]


def firm_problems(session: Session, application: Application) -> tuple[DraftProblem, ...]:
    """What keeps the form from being issued because it speaks of another firm or another representative.

    A field still empty is not named here: ``draft_problems`` does.
    """
    return tuple(_problems(application, representatives_of(session, application)))


def _problems(application: Application, representatives: Sequence[Person]) -> Iterator[DraftProblem]:
    typed_firm = get(application.draft, "employer.tax_code")
    if typed_firm and typed_firm != application.employer.tax_code:
        yield DraftProblem(
            "data.other_firm",
            "employer.tax_code",
            f"Il codice fiscale {typed_firm} non è quello di {application.employer.name}, per cui ha aperto la domanda.",
            f"Scriva {application.employer.tax_code}, oppure apra una domanda per l'altra azienda.",
            None,
            "refuses",
        )
    typed_person = get(application.draft, "representative.tax_code")
    if typed_person and representatives and typed_person not in {person.tax_code for person in representatives}:
        yield DraftProblem(
            "data.other_representative",
            "representative.tax_code",
            "Il legale rappresentante indicato non è quello che risulta per questa azienda.",
            "Indichi il legale rappresentante in carica. Se è cambiato, chieda all'ufficio di aggiornare le deleghe.",
            None,
            "refuses",
        )
