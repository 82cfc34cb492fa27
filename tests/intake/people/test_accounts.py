"""Signing in, acting for a firm, and the accounts of an existing system (B2, B3, S7, S25)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.applications.access import application_for, applications_of
from intake.applications.draft import open_draft
from intake.database import driver_of
from intake.errors import NotFound, Refusal
from intake.people.accounts import UnusableLink, import_people, make_password_link, set_password_by_link
from intake.people.demonstration import add_demo_people, demo_password
from intake.people.mandates import OnlyRepresentative, UnknownDelegate, delegate, employers_of, mandate_of, revoke
from intake.people.models import Employer, Mandate, Person, Role, Surface
from intake.people.passwords import PasswordTooShort
from intake.people.sign_in import WrongCredentials, WrongDoor, end_all_sign_ins, held_sign_in, sign_in, sign_out
from intake.service import Service
from tests.intake.applications_made import person_named, rehearsal_of

pytestmark = pytest.mark.shared_installation

HEADINGS = "username;tax_code;given_name;surname;email;role;firm_tax_code;firm_name;capacity"
NEW = "nuova;DLCNTN79C15B354A;Antonio;De Luca;a@example.org;filer;01234560108;ALFA SRL;delegate"


def test_who_knows_the_password_enters_by_the_right_door_only(service: Service) -> None:
    password, at = demo_password(service.keys.folder), service.clock()

    def enters(surface: Surface, username: str, typed: str = password) -> str:
        return sign_in(session, surface, username, typed, at=at, settings=service.settings)

    with service.transaction() as session:
        assert enters(Surface.DESK, " Consulente ")
        assert enters(Surface.OFFICE, "istruttore")
        with pytest.raises(WrongDoor):
            enters(Surface.OFFICE, "consulente")
        with pytest.raises(WrongDoor):
            enters(Surface.DESK, "istruttore")
        person_named(session, "altra").disabled_at = at
        session.flush()
        refused: list[Refusal] = []
        for username, typed in (
            ("consulente", "sbagliata-sbagliata"),
            ("nessuno", password),
            ("altra", password),
            ("consul\x00ente", password),
            ("", ""),
        ):
            with pytest.raises(WrongCredentials) as refusal:
                enters(Surface.DESK, username, typed)
            refused.append(refusal.value)
        assert len({(each.sentence, each.what_to_do) for each in refused}) == 1, "nobody learns which accounts exist"


def test_a_sign_in_ends_by_time_by_idleness_by_sign_out_and_with_its_account(service: Service) -> None:
    settings, password, at = service.settings, demo_password(service.keys.folder), service.clock()
    idle, life = timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)

    def opened(session: Session) -> str:
        return sign_in(session, Surface.DESK, "consulente", password, at=at, settings=settings)

    def holder(session: Session, token: str, after: timedelta, surface: Surface = Surface.DESK) -> str | None:
        session.flush()
        found = held_sign_in(driver_of(session), surface, token, at=at + after, settings=settings)
        return session.get_one(Person, found.person_id).username if found else None

    with service.transaction() as session:
        token = opened(session)
        assert holder(session, token, timedelta(0), Surface.OFFICE) is None, (
            "a sign-in at one door opens nothing at the other"
        )
        assert holder(session, token + "x", timedelta(0)) is None
        assert holder(session, token, idle) == "consulente"
        assert holder(session, token, 2 * idle) == "consulente", "being seen keeps it alive"
        assert holder(session, token, 3 * idle + timedelta(seconds=1)) is None
        kept_busy = opened(session)
        step = idle
        while step < life:
            assert holder(session, kept_busy, step) == "consulente"
            step += idle
        assert holder(session, kept_busy, life) is None, "however busy, it has a longest life"
        for end in ("sign_out", "revoked", "disabled", "role"):
            token = opened(session)
            person = person_named(session, "consulente")
            if end == "sign_out":
                sign_out(session, token, at=at)
            elif end == "revoked":
                end_all_sign_ins(session, person, at=at)
            elif end == "disabled":
                person.disabled_at = at
            else:
                person.roles[0].revoked_at = at
            session.flush()
            session.expire_all()
            assert holder(session, token, timedelta(seconds=1)) is None, end
            person.disabled_at = None
            session.flush()


@pytest.mark.own_installation
def test_only_the_representative_delegates_and_a_delegate_sees_only_those_firms(service: Service) -> None:
    at = service.clock()
    with service.transaction() as session:
        consultant, owner, stranger = (person_named(session, each) for each in ("consulente", "datore", "altra"))
        alfa, gamma = (
            session.scalars(select(Employer).where(Employer.name == n)).one() for n in ("ALFA SRL", "GAMMA SRL")
        )
        edition = rehearsal_of(session, "sardegna-2020")
        hers = open_draft(session, stranger, edition, gamma.id, at=at)
        with pytest.raises(NotFound):
            open_draft(session, consultant, edition, gamma.id, at=at)
        with pytest.raises(NotFound):
            application_for(session, consultant, hers.id)
        with pytest.raises(OnlyRepresentative):
            delegate(session, consultant, alfa.id, stranger.tax_code, at=at)
        with pytest.raises(NotFound):
            delegate(session, owner, gamma.id, owner.tax_code, at=at)
        with pytest.raises(UnknownDelegate):
            delegate(session, owner, alfa.id, "SPSMLC85A41B354E", at=at)
        given = delegate(session, stranger, gamma.id, f" {consultant.tax_code.lower()} ", at=at)
        session.flush()
        assert delegate(session, stranger, gamma.id, consultant.tax_code, at=at).id == given.id
        assert application_for(session, consultant, hers.id).id == hers.id
        assert "GAMMA SRL" in {firm.name for firm in employers_of(session, consultant)}
        with pytest.raises(NotFound):
            revoke(session, owner, given.id, at=at)
        own = mandate_of(session, owner, alfa.id)
        with pytest.raises(NotFound):
            revoke(session, owner, own.id, at=at)
        revoke(session, stranger, given.id, at=at)
        session.flush()
        assert applications_of(session, consultant) == []
        with pytest.raises(NotFound):
            application_for(session, consultant, hers.id)


@pytest.mark.own_installation
def test_a_password_link_works_once_within_its_days_and_ends_older_sign_ins(service: Service) -> None:
    at, new = service.clock(), "una frase nuova e lunga"
    with service.transaction() as session:
        person = person_named(session, "consulente")
        old = sign_in(
            session, Surface.DESK, person.username, demo_password(service.keys.folder), at=at, settings=service.settings
        )
        replaced, token = (make_password_link(session, person, at=at) for _ in range(2))
        session.flush()
        with pytest.raises(PasswordTooShort):
            set_password_by_link(session, token, "corta", at=at)
        for unusable, instant in ((replaced, at), (token, at + timedelta(days=7)), ("mai-dato", at)):
            with pytest.raises(UnusableLink):
                set_password_by_link(session, unusable, new, at=instant)
        set_password_by_link(session, token, new, at=at)
        session.flush()
        with pytest.raises(UnusableLink):
            set_password_by_link(session, token, new, at=at)
        session.expire_all()
        assert held_sign_in(driver_of(session), Surface.DESK, old, at=at, settings=service.settings) is None
        assert sign_in(session, Surface.DESK, person.username, new, at=at, settings=service.settings)


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (["nuova;SBAGLIATO;A;B;a@example.org;filer;;;"], [(2, "tax_code")]),
        ([NEW, "", NEW.replace("nuova;DLCNTN79C15B354A", ";SPSMLC85A41B354E")], [(4, "username")]),
        ([NEW.replace(";filer;", ";capo;")], [(2, "role")]),
        ([NEW.replace("ALFA SRL;delegate", ";amico")], [(2, "firm_name"), (2, "capacity")]),
        ([NEW, '"doppia";SPSMLC85A41B354E;"Maria\nLucia";;x;filer;;;'], [(4, "surname")]),
        ([NEW, NEW.replace("DLCNTN79C15B354A", "SPSMLC85A41B354E")], [(3, "username")]),
        ([NEW.replace("nuova", "Datore")], [(2, "username")]),
    ],
)
def test_an_import_with_a_wrong_cell_makes_nobody(
    service: Service, lines: list[str], named: list[tuple[int, str]]
) -> None:
    with service.transaction() as session:
        before = session.scalar(select(func.count()).select_from(Person))
        done = import_people(session, "\n".join([HEADINGS, *lines]), at=service.clock())
        assert [(problem.line, problem.column) for problem in done.problems] == named
        assert session.scalar(select(func.count()).select_from(Person)) == before


@pytest.mark.own_installation
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_an_import_brings_people_firms_and_mandates_once(service: Service, separator: str) -> None:
    second_role = NEW.replace("filer", "cpi_operator").replace("01234560108;ALFA SRL;delegate", ";;")
    text = "\ufeff" + "\r\n".join([HEADINGS, NEW, second_role]).replace(";", separator)
    with service.transaction() as session:
        done = import_people(session, text, at=service.clock())
        assert (done.people, done.firms, done.problems) == (1, 1, ())
        person = person_named(session, "nuova")
        assert person.has_role(Role.FILER)
        assert person.has_role(Role.CPI_OPERATOR), "a known account gains what is new"
        assert [firm.name for firm in employers_of(session, person)] == ["ALFA SRL"]
        [(username, token)] = done.links
        assert set_password_by_link(session, token, "una frase nuova e lunga", at=service.clock()).username == username
        assert import_people(session, text, at=service.clock()).people == 0
        mandates = select(func.count()).select_from(Mandate).where(Mandate.person_id == person.id)
        assert session.scalar(mandates) == 1


def test_missing_columns_are_named(service: Service) -> None:
    with service.transaction() as session:
        done = import_people(session, "username;email\na;b", at=service.clock())
        assert {problem.column for problem in done.problems} == {*HEADINGS.split(";")} - {"username", "email"}


def test_demonstration_people_enter_only_an_empty_installation(service: Service) -> None:
    with service.transaction() as session:
        assert add_demo_people(session, service.keys.folder, at=service.clock()) is False
        assert session.scalar(select(func.count()).select_from(Person).where(Person.username == "consulente")) == 1
