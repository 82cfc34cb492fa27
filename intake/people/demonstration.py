"""Synthetic people and firms for an empty installation that only this machine can reach."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.durable import write_private
from intake.people.accounts import add_person, ensure_employer, give_mandate
from intake.people.models import Capacity, Person, Role
from intake.people.passwords import hash_password

_WORDS = (
    *("ancora", "barca", "collina", "dogana", "estate", "faro", "grano", "isola", "lago", "mirto"),
    *("nuraghe", "olivo", "porto", "quercia", "rada", "sughero", "torre", "uva"),
)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    username: str
    given_name: str
    surname: str
    tax_code: str
    role: Role
    says: str


PEOPLE = (
    DemoPerson("consulente", "Giulia", "Ferrari", "FRRGLI79E54B354X", Role.FILER, "consulente delegata da ALFA e BETA"),
    DemoPerson("datore", "Mario", "Rossi", "RSSMRA68C02I452O", Role.FILER, "legale rappresentante di ALFA"),
    DemoPerson("altra", "Anna", "Bianchi", "BNCNNA75S61F979P", Role.FILER, "legale rappresentante di GAMMA"),
    DemoPerson("beta", "Luca", "Verdi", "VRDLCU82L09G113A", Role.FILER, "legale rappresentante di BETA"),
    DemoPerson("cpi", "Ada", "Serra", "SRRDAA85B57B354F", Role.CPI_OPERATOR, "operatrice del Centro per l'impiego"),
    DemoPerson("protocollo", "Paola", "Neri", "NREPLA71A70B354K", Role.PROTOCOL_OFFICE, "ufficio protocollo"),
    DemoPerson("istruttore", "Marco", "Conti", "CNTMRC66P12H501A", Role.OFFICER, "istruttore"),
    DemoPerson("istruttore2", "Bruno", "Sanna", "SNNBRN59R19G015K", Role.OFFICER, "istruttore"),
    DemoPerson("direttore", "Elena", "Greco", "GRCLNE63D65F839I", Role.DIRECTOR, "direttrice del servizio"),
    DemoPerson("generale", "Carlo", "Riva", "RVICRL60T03F205Y", Role.DIRECTOR_GENERAL, "direttore generale"),
    DemoPerson("amministratore", "Piero", "Melis", "MLSPRI77H06B354U", Role.ADMINISTRATOR, "amministratore"),
    DemoPerson("revisore", "Lia", "Pinna", "PNNLIA80A41B354I", Role.AUDITOR, "revisora"),
)
_FIRMS = (
    ("01234560108", "ALFA SRL", {"datore": Capacity.REPRESENTATIVE, "consulente": Capacity.DELEGATE}),
    ("02345670208", "BETA SNC", {"beta": Capacity.REPRESENTATIVE, "consulente": Capacity.DELEGATE}),
    ("03456780307", "GAMMA SRL", {"altra": Capacity.REPRESENTATIVE}),
)


def demo_password(keys: Path) -> str:
    """The password of all demonstration people of this installation, made at random at first use."""
    path = keys / "demo-password"
    if not path.exists():
        words = "-".join(secrets.choice(_WORDS) for _ in range(4))
        write_private(path, f"{words}-{secrets.randbelow(90) + 10}".encode())
    return path.read_text()


def add_demo_people(session: Session, keys: Path, *, at: datetime) -> bool:
    """Fills an installation that has no people at all. False when there are some."""
    if session.scalar(select(func.count()).select_from(Person)):
        return False
    password_hash = hash_password(demo_password(keys))
    made = {
        each.username: add_person(
            session,
            username=each.username,
            tax_code=each.tax_code,
            given_name=each.given_name,
            surname=each.surname,
            email=f"{each.username}@example.org",
            roles=(each.role,),
            at=at,
            password_hash=password_hash,
            demo=True,
        )
        for each in PEOPLE
    }
    for tax_code, name, mandates in _FIRMS:
        firm = ensure_employer(session, tax_code=tax_code, name=name, at=at)
        for username, capacity in mandates.items():
            give_mandate(session, made[username], firm, capacity, at=at)
    return True


def demo_people_exist(session: Session) -> bool:
    return bool(
        session.scalar(select(func.count()).select_from(Person).where(Person.demo, Person.disabled_at.is_(None)))
    )
