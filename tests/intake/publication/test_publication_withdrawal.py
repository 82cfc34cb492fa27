"""S22: an act published by mistake is withdrawn by an act and with a reason, and stays listed; nothing disappears."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from intake.cli import main
from intake.editions import ensure_rehearsal
from intake.notices.models import NoticeEdition
from intake.protocol.rehearsal_forgetting import forget_ended_rehearsals
from intake.publication import examination
from intake.publication.examination import DepositedFile
from intake.publication.models import SignedPublication, publications_in_force, publications_of
from intake.publication.publishing import publish_document
from intake.publication.refusals import AlreadyWithdrawn, UnknownPublication, WithdrawalWithoutAct
from intake.publication.withdrawal import MOST_CHARACTERS, withdraw_publication
from intake.service import Service
from tests.pki.authority import AT, sign_pdf_as
from tests.signing.documents import plain_pdf

pytestmark = pytest.mark.shared_installation

CODE, KEY = "SAR20", "notice"
WHY = {"act": "Det. 41/2020", "reason": "Era la bozza"}
SIGNED = sign_pdf_as("rossi", plain_pdf("Avviso pubblico"))


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a limited process would do is done here: much quicker. The process itself has tests of its own."""
    monkeypatch.setattr(examination, "run_apart", lambda work, given, hear, **_: work(given, hear))


def published(service: Service, code: str = CODE, key: str = KEY) -> SignedPublication:
    return publish_document(
        service, code, DepositedFile("avviso.pdf", SIGNED), key=key, operator="terminale:prova", at=AT
    )


def withdrawn(service: Service, number: int, code: str = CODE, **told: str) -> SignedPublication:
    at = AT + timedelta(days=1)
    return withdraw_publication(service, code, number, **{**WHY, **told}, operator="terminale:prova", at=at)  # type: ignore[arg-type]


def in_force(service: Service, code: str = CODE, key: str = KEY) -> list[int]:
    with service.transaction() as session:
        edition = session.scalars(select(NoticeEdition).where(NoticeEdition.register_code == code)).one()
        return [each.number for each in publications_in_force(session, edition) if each.document_key == key]


def listed(service: Service, code: str = CODE, key: str = KEY) -> list[tuple[int, str | None]]:
    """Every publication, with the act that withdrew it."""
    with service.transaction() as session:
        edition = session.scalars(select(NoticeEdition).where(NoticeEdition.register_code == code)).one()
        found = publications_of(session, edition, key)
        return [(each.number, each.withdrawal.act if each.withdrawal else None) for each in found]


@pytest.mark.own_installation
def test_s22_withdrawn_it_is_no_more_in_force_and_the_one_before_does_not_come_back(service: Service) -> None:
    first, second = published(service), published(service)
    assert in_force(service) == [2]
    withdrawn(service, second.number)
    assert in_force(service) == []
    assert listed(service) == [(2, "Det. 41/2020"), (1, None)]
    assert service.store.get(second.sha256) == SIGNED
    third = published(service)
    assert (third.number, in_force(service)) == (3, [3])
    withdrawn(service, first.number, act="Det. 42/2020")
    assert in_force(service) == [3], "one that was replaced can be withdrawn too"
    assert listed(service) == [(3, None), (2, "Det. 41/2020"), (1, "Det. 42/2020")]
    for change in ("UPDATE publication_withdrawal SET act = 'altro'", "DELETE FROM publication_withdrawal"):
        with pytest.raises(DBAPIError, match="permission denied"), service.database.engine.begin() as connection:
            connection.exec_driver_sql(change)
        with (
            service.database.owner_engine() as owner,
            pytest.raises(DBAPIError, match="only ever added"),
            owner.begin() as connection,
        ):
            connection.exec_driver_sql(change)


def test_s22_without_act_or_reason_or_twice_or_an_unknown_number_nothing_is_withdrawn(service: Service) -> None:
    made = published(service)
    before = listed(service)
    for told in ({"act": " \n"}, {"reason": ""}, {"reason": "a" * (MOST_CHARACTERS + 1)}):
        with pytest.raises(WithdrawalWithoutAct):
            withdrawn(service, made.number, **told)
    with pytest.raises(UnknownPublication) as unknown:
        withdrawn(service, made.number + 1)
    assert f"{made.number} «avviso.pdf»" in unknown.value.what_to_do
    with pytest.raises(UnknownPublication, match="framework_agreement"):
        withdrawn(service, 7, key="framework_agreement")
    assert listed(service) == before
    withdrawn(service, made.number)
    with pytest.raises(AlreadyWithdrawn, match=r"Det\. 41/2020"):
        withdrawn(service, made.number, act="Det. 43/2020")
    assert listed(service)[0] == (made.number, "Det. 41/2020")


@pytest.mark.own_installation
def test_s22_n11_what_a_rehearsal_withdrew_is_forgotten_with_it(service: Service) -> None:
    made = published(service, "SAR20-PROVA-1")
    withdrawn(service, made.number, "SAR20-PROVA-1")
    at = service.clock() + timedelta(days=3650)
    ensure_rehearsal(service, service.packs["sardegna-2020"], at=at)
    assert [each.register_code for each in forget_ended_rehearsals(service, at=at + timedelta(days=31))] == [
        "SAR20-PROVA-1"
    ]
    assert listed(service, "SAR20-PROVA-1") == []


def test_s22_the_command_withdraws_what_it_names(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    import intake.commands.notices as commands

    monkeypatch.setattr(commands, "installation", lambda: nullcontext(service))
    made = published(service)
    asked = ["notices", "withdraw-act", CODE, "--number", str(made.number), "--act", "Det. 44/2020"]
    assert CliRunner().invoke(main, asked).exit_code == 2, "without a reason"
    done = CliRunner().invoke(main, [*asked, "--reason", "Allegato sbagliato"])
    assert (done.exit_code, f"n. {made.number}, avviso.pdf" in done.output) == (0, True), done.output
    again = CliRunner().invoke(main, [*asked, "--reason", "Allegato sbagliato"])
    assert (again.exit_code, "è già ritirata" in again.output) == (1, True)
