"""B2, B3, S25: an administrator gives a new link, closes and reopens an account, takes roles and firms away, at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, BrokenBarrierError

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

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
from tests.intake.applications_made import person_named

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
