"""Opening day: those who transmit at the same moment share a transaction, and none of them notices (C6, N10, S8, S9)."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from intake.applications import transmission_line
from intake.applications.models import Submission
from intake.applications.transmission import AlreadyTransmitted, CannotTransmit
from intake.applications.transmission_line import TransmissionLine
from intake.checks.severity import Severity
from intake.errors import NotFound
from intake.service import Service
from protocol_register.verification import verify_register
from tests.intake.applications_made import person_named
from tests.intake.filings import checked, copies, finding, issued


@pytest.fixture
def seed(service: Service) -> uuid.UUID:
    application_id, _ = issued(service)
    checked(service, application_id)
    return application_id


def in_one_turn(service: Service, asked: list[tuple[str, uuid.UUID]]) -> list[Submission | BaseException]:
    """What each is answered when all of them were in the line before anybody was served."""
    with service.transaction() as session:
        people = {name: person_named(session, name).id for name, _ in asked}
    turn = [transmission_line._Waiting(people[name], each, (), service.clock()) for name, each in asked]
    TransmissionLine(service)._serve(turn)
    return [each.answer.exception(timeout=0) or each.answer.result(timeout=0) for each in turn]


def test_fifty_in_one_turn_get_consecutive_numbers_in_one_commit(service: Service, seed: uuid.UUID) -> None:
    waiting = copies(service, seed, 50)
    commits: list[object] = []
    event.listen(service.database.engine, "commit", commits.append)
    outcomes = in_one_turn(service, [("consulente", each) for each in waiting])
    assert len(commits) == 2, "one to learn who they are, one for all fifty"
    submissions = [each for each in outcomes if isinstance(each, Submission)]
    assert [each.application_id for each in submissions] == waiting, "each is answered about its own"
    assert [each.number for each in submissions] == list(range(1, 51))
    instants = [each.registered_at for each in submissions]
    assert instants == sorted(set(instants)), "the order of numbers is the order of instants"


def test_fifty_at_once_get_consecutive_numbers_in_the_order_of_their_instants(
    service: Service, seed: uuid.UUID
) -> None:
    waiting, line = copies(service, seed, 50), TransmissionLine(service)
    with service.transaction() as session:
        person = person_named(session, "consulente").id
    with ThreadPoolExecutor(25) as threads:
        submissions = list(
            threads.map(lambda each: line.transmit(person, each, confirmed=(), at=service.clock()), waiting)
        )
    assert [each.application_id for each in submissions] == waiting
    by_number = sorted(submissions, key=lambda each: each.number)
    assert [each.number for each in by_number] == list(range(1, 51))
    instants = [each.registered_at for each in by_number]
    assert instants == sorted(set(instants))
    with service.database.engine.connect() as connection:
        assert verify_register(connection, by_number[0].register_code).holds


def test_after_a_turn_of_several_the_next_lets_them_come_again_until_they_are_enough(
    service: Service, seed: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = copies(service, seed, 3)
    with service.transaction() as session:
        person = person_named(session, "consulente").id
    line = TransmissionLine(service)
    line.transmit(person, first, confirmed=(), at=service.clock())
    assert line._gathering == 0.0, "whoever was alone lets nobody wait"
    monkeypatch.setattr(transmission_line, "MOST_TOGETHER", 2)
    line._gathering = 60.0
    commits: list[object] = []
    event.listen(service.database.engine, "commit", commits.append)
    with ThreadPoolExecutor(2) as threads:
        sent = list(threads.map(lambda each: line.transmit(person, each, confirmed=(), at=service.clock()), others))
    assert len(commits) == 1, "the second was waited for, and no longer than until it came"
    assert sorted(each.number for each in sent) == [2, 3]
    assert 0.0 < line._gathering <= transmission_line.LONGEST_GATHERING


def test_who_is_refused_takes_no_number_and_stops_nobody(service: Service, seed: uuid.UUID) -> None:
    one, two = copies(service, seed, 2)
    broken, _ = issued(service, unit="Altro forno")
    checked(service, broken, finding("signature.broken", Severity.ERROR))
    sent, refused, stranger, unknown, last = in_one_turn(
        service,
        [("consulente", one), ("consulente", broken), ("altra", two), ("datore", uuid.uuid4()), ("datore", two)],
    )
    assert isinstance(refused, CannotTransmit)
    assert isinstance(stranger, NotFound)
    assert isinstance(unknown, NotFound)
    assert {sent.number, last.number} == {1, 2}  # type: ignore[union-attr]


def test_pressing_twice_registers_once(service: Service, seed: uuid.UUID) -> None:
    outcomes = in_one_turn(service, [("consulente", seed), ("datore", seed), ("consulente", seed)])
    assert [each.number for each in outcomes if isinstance(each, Submission)] == [1]
    assert sum(isinstance(each, AlreadyTransmitted) for each in outcomes) == 2


def test_two_filings_of_one_unit_in_one_turn_give_one_number(service: Service, seed: uuid.UUID) -> None:
    twins = copies(service, seed, 2, unit="Forno", last_day="2020-12-31")
    [other] = copies(service, seed, 1)
    outcomes = in_one_turn(service, [("consulente", each) for each in (*twins, other)])
    assert isinstance(outcomes[2], Submission)
    [refusal] = [each for each in outcomes if isinstance(each, CannotTransmit)]
    assert [each.code for each in refusal.obstacles] == ["filing.earlier_period_running"]


def test_a_defect_is_told_to_who_met_it_and_the_others_are_served(
    service: Service, seed: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = copies(service, seed, 2)
    transmit_all = transmission_line.transmit_all

    def stumbling(service: Service, session: object, asked: list[transmission_line.Asked]) -> list[object]:
        outcomes = transmit_all(service, session, asked)  # type: ignore[arg-type]
        if any(each.application_id == bad for each in asked):
            raise ZeroDivisionError
        return list(outcomes)

    monkeypatch.setattr(transmission_line, "transmit_all", stumbling)
    told, sent = in_one_turn(service, [("consulente", bad), ("consulente", good)])
    assert isinstance(told, ZeroDivisionError)
    assert isinstance(sent, Submission)
    assert sent.number == 1, "what was rolled back left no gap"


def test_when_the_one_who_serves_is_ended_those_of_the_turn_are_told_and_the_next_is_called(
    service: Service, seed: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    [later] = copies(service, seed, 1)
    with service.transaction() as session:
        person = person_named(session, "consulente").id
    line, serve = TransmissionLine(service), TransmissionLine._serve
    turn, came_meanwhile = (transmission_line._Waiting(person, each, (), service.clock()) for each in (seed, later))

    def ended(line: TransmissionLine, turn: object) -> None:
        line._waiting.append(came_meanwhile)
        raise SystemExit

    line._waiting.append(turn)
    line._served = True
    monkeypatch.setattr(TransmissionLine, "_serve", ended)
    with pytest.raises(SystemExit):
        line._serve_those_who_wait()
    assert turn.called.is_set()
    assert isinstance(turn.answer.exception(timeout=0), transmission_line.LeftUnserved)
    assert came_meanwhile.called.is_set()
    assert not came_meanwhile.answer.done()
    monkeypatch.setattr(TransmissionLine, "_serve", serve)
    line._serve_those_who_wait()
    assert came_meanwhile.answer.result(timeout=0).number == 1
