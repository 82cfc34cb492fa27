"""B2, B3, S25: an administrator gives a new link, closes and reopens an account, takes roles and firms away, at once."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, BrokenBarrierError

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import event, select, update

from intake.applications.models import Application
from intake.cases.models import Holding
from intake.cases.queue import count_waiting, waiting_cases
from intake.cli import main
from intake.database import driver_of
from intake.people import accounts
from intake.people.accounts import UnusableLink, set_password_by_link
from intake.people.demonstration import demo_password
from intake.people.mandates import employers_of
from intake.people.models import PasswordLink, Person, Role, SignIn, Surface
from intake.people.passwords import hash_password
from intake.people.sign_in import WrongCredentials, held_sign_in, sign_in
from intake.service import Service
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.filings import SARDEGNA, checked, copies, issued, sent
from tests.intake.taken_cases import take_next

LONG = "una frase nuova e lunga"
Run = Callable[..., Result]


@pytest.fixture
def run(service: Service, monkeypatch: pytest.MonkeyPatch) -> Run:
    import intake.commands.people as commands

    def invoke(*arguments: str, at: Service = service) -> Result:
        monkeypatch.setattr(commands, "installation", lambda: nullcontext(at))
        return CliRunner().invoke(main, ["people", *arguments])

    return invoke


def opened(service: Service, username: str, surface: Surface = Surface.DESK, password: str | None = None) -> str:
    typed = password or demo_password(service.keys.folder)
    with service.transaction() as session:
        return sign_in(session, surface, username, typed, at=service.clock(), settings=service.settings)


def roles_of(service: Service, token: str, surface: Surface = Surface.DESK) -> frozenset[Role] | None:
    with service.transaction() as session:
        at = service.clock()
        held = held_sign_in(driver_of(session), surface, token, at=at, settings=service.settings)
        return held.roles if held else None


def take(service: Service, officer: str) -> uuid.UUID:
    with service.transaction() as session:
        edition, person = rehearsal_of(session, SARDEGNA), person_named(session, officer)
        return take_next(session, person, edition, at=service.clock(), patience=600).id


def firms_of(service: Service, username: str) -> dict[str, str]:
    with service.transaction() as session:
        return {firm.name: firm.tax_code for firm in employers_of(session, person_named(session, username))}


def use(service: Service, link: str) -> Person:
    with service.transaction() as session:
        return set_password_by_link(session, link.strip().removeprefix("/password/"), LONG, at=service.clock())


def test_b2_only_the_newest_link_sets_a_password(service: Service, run: Run) -> None:
    first, second = (run("link", " Datore ").output for _ in range(2))
    kept = opened(service, "datore")
    with pytest.raises(UnusableLink):
        use(service, first)
    assert roles_of(service, kept), "a link not used ends nothing"
    assert use(service, second).username == "datore"
    assert roles_of(service, kept) is None
    assert opened(service, "datore", password=LONG)


def test_b2_of_links_used_at_the_same_instant_one_sets_the_password(
    service: Service, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_here = Barrier(2)

    def wait_for_the_other(password: str) -> str:
        with suppress(BrokenBarrierError):
            both_here.wait(0.3)
        return hash_password(password)

    monkeypatch.setattr(accounts, "hash_password", wait_for_the_other)
    links = [run("link", "datore").output for _ in range(2)]
    with service.transaction() as session:
        session.execute(update(PasswordLink).values(used_at=None))

    def sets_it(link: str) -> bool:
        try:
            use(service, link)
        except UnusableLink:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(sets_it, links)) == 1


def test_b2_a_disabled_person_is_out_until_enabled_and_no_older_sign_in_or_link_revives(
    service: Service, run: Run
) -> None:
    token, link = opened(service, "datore"), run("link", "datore").output
    with service.transaction() as session:
        at, holder = service.clock(), person_named(session, "datore")
        late = SignIn(
            token_sha256=b"opened while the account was being closed",
            surface=Surface.DESK,
            person_id=holder.id,
            created_at=at,
            last_seen_at=at,
            expires_at=at + timedelta(hours=1),
        )
    assert run("disable", "datore").exit_code == 0
    with service.transaction() as session:
        session.add(late)
    assert roles_of(service, token) is None
    with pytest.raises(WrongCredentials):
        opened(service, "datore")
    refused = run("link", "datore")
    assert refused.exit_code == 1
    assert "people enable datore" in refused.output
    assert run("enable", "datore").exit_code == 0
    assert roles_of(service, token) is None
    with service.transaction() as session:
        assert session.scalars(select(SignIn).where(SignIn.ended_at.is_(None))).all() == []
    with pytest.raises(UnusableLink):
        use(service, link)
    again = opened(service, "datore")
    assert run("enable", "datore").exit_code == 0
    assert roles_of(service, again), "who is enabled already stays signed in"


def test_s25_a_demonstration_person_is_not_enabled_where_others_come(service: Service, run: Run) -> None:
    assert "persone di prova disattivate" in run("disable-demo").output
    outside = replace(service, settings=service.settings.model_copy(update={"host": "0.0.0.0"}))
    refused = run("enable", "datore", at=outside)
    assert refused.exit_code == 1
    assert "persona di prova" in refused.output
    with pytest.raises(WrongCredentials):
        opened(service, "datore")


def test_b2_a_role_taken_away_counts_at_the_next_request(service: Service, run: Run) -> None:
    token = opened(service, "istruttore", Surface.OFFICE)
    assert roles_of(service, token, Surface.OFFICE) == {Role.OFFICER}
    assert run("revoke", "istruttore", "--role", "officer").exit_code == 0
    assert roles_of(service, token, Surface.OFFICE) is None
    again = run("revoke", "istruttore", "--role", "officer")
    assert again.exit_code == 1
    assert "non è cambiato niente" in again.output


def test_b3_the_mandate_of_a_representative_ends_and_who_still_acts_is_said(service: Service, run: Run) -> None:
    alfa = firms_of(service, "datore")["ALFA SRL"]
    done = run("revoke", "datore", "--firm", f" {alfa} ")
    assert done.exit_code == 0
    assert "non agisce più per ALFA SRL. Agiscono ancora: " in done.output
    assert "consulente" in done.output.partition("Agiscono ancora:")[2]
    assert "ALFA SRL" not in firms_of(service, "datore")
    assert "ALFA SRL" in firms_of(service, "consulente"), "what the firm delegated goes on"


def test_b3_a_revocation_is_whole_or_nothing(service: Service, run: Run) -> None:
    before = firms_of(service, "consulente")
    refused = run("revoke", "consulente", "--role", "filer", "--firm", "00000000000")
    assert refused.exit_code == 1
    assert "non ha più" not in refused.output
    assert all(f"{tax_code} {name}" in refused.output for name, tax_code in before.items())
    assert opened(service, "consulente"), "the role stands"
    assert run("revoke", "consulente").exit_code == 2
    assert run("revoke", "nessuno", "--role", "filer").exit_code == 1


@pytest.mark.parametrize("asked", [("disable", "datore"), ("enable", "datore"), ("link", "datore"), ("disable-demo",)])
def test_s25_nothing_is_told_that_was_not_kept(service: Service, run: Run, asked: tuple[str, ...]) -> None:
    def refuse(_: object) -> None:
        raise InterruptedError

    event.listen(service.database.sessions, "before_commit", refuse)
    try:
        answered = run(*asked)
    finally:
        event.remove(service.database.sessions, "before_commit", refuse)
    assert isinstance(answered.exception, InterruptedError)
    assert answered.stdout == ""
    assert opened(service, "datore")


def test_s8_the_cases_of_who_may_examine_no_more_go_back_to_their_places(service: Service, run: Run) -> None:
    seed, _ = issued(service)
    checked(service, seed)
    made = copies(service, seed, 3)
    for each in made:
        sent(service, each)
    held = [take(service, officer) for officer in ("istruttore", "istruttore", "istruttore2")]
    assert held == made
    done = run("disable", "istruttore")
    assert [f"La domanda n. {number:07d}/" in done.output for number in (1, 2, 3)] == [True, True, False]
    logged = json.loads(done.stderr)
    assert (logged["event"], logged["operator"][:10], logged["cases"]) == ("account_disabled", "terminale:", 2)
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
        waiting = waiting_cases(session, edition, at=service.clock(), patience=600)
        assert [each.application.id for each in waiting] == made[:2]
        told = session.get_one(Application, made[0]).events[-1]
        assert (told.name, told.person_id, told.detail["operator"]) == ("released", None, logged["operator"])
    assert "è tornata in coda" not in run("disable", "istruttore").output
    assert take(service, "istruttore2") == made[0]
    revoked = run("revoke", "istruttore2", "--role", "officer")
    assert [f"La domanda n. {number:07d}/" in revoked.output for number in (1, 2, 3)] == [True, False, True]
    with service.transaction() as session:
        assert count_waiting(session, edition) == 3
        assert session.scalars(select(Holding).where(Holding.released_at.is_(None))).all() == []
