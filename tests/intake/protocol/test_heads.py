"""S8, C6: an older database put back is recognised, and the register opens again only by an act, past every number given."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, func, make_url, select, text

from intake import queue
from intake.applications.transmission import RegisterStopped
from intake.applications.transmission import registered as registered_as_sent
from intake.jobs import queue_app
from intake.protocol.heads import check_heads, keep_heads, kept_head, resume
from intake.service import Service
from protocol_register import tables
from protocol_register.checkpoint import make_checkpoint
from protocol_register.entries import Entry
from protocol_register.errors import CheckpointUnreadable, InvalidResumption, RegisterBehind, RegisterRewritten
from protocol_register.keys import RegisterKey
from protocol_register.known_head import KnownHead
from protocol_register.registration import annul, register_document
from protocol_register.verification import verify_register
from tests.intake.applications_made import rehearsal_of
from tests.intake.filings import SARDEGNA
from tests.intake.protocol.test_daily_register import APPLICATION


def code_of(service: Service) -> str:
    with service.transaction() as session:
        return rehearsal_of(session, SARDEGNA).register_code


def registered(service: Service, code: str, subject: str = "Domanda") -> Entry:
    with service.transaction() as session:
        key = service.keys.register_key(code)
        return register_document(session.connection(), code, replace(APPLICATION, subject=subject), key=key)


def put_back(service: Service, code: str) -> None:
    """As if a copy from before every registration were restored."""
    with service.database.owner_engine() as owner, owner.begin() as connection:
        connection.execute(text("SELECT set_config('protocol_register.wiping', :code, true)"), {"code": code})
        for table in (tables.entry, tables.checkpoint, tables.tree_node):
            connection.execute(delete(table).where(table.c.register == code))
        connection.execute(
            text(
                "UPDATE protocol_register.register_head SET year = 0, last_number = 0, tree_size = 0, "
                "root = sha256(''), frontier = '{}', last_instant = NULL WHERE register = :code"
            ),
            {"code": code},
        )


def test_s8_a_register_that_only_grew_is_accepted_and_its_head_kept(service: Service) -> None:
    code = code_of(service)
    keep_heads(service)
    assert kept_head(service, code) is None
    for place in (1, 2):
        registered(service, code)
        keep_heads(service)
        check_heads(service)
        known = kept_head(service, code)
        assert known is not None
        assert (known.size, known.last_number) == (place, place)
    assert (service.settings.heads_folder / f"{code}.json").stat().st_mode & 0o077 == 0


def test_s8_an_older_copy_is_refused_until_it_resumes_past_every_number_given(service: Service) -> None:
    code = code_of(service)
    for place in range(3):
        registered(service, code, f"Domanda {place}")
    keep_heads(service)
    before = kept_head(service, code)
    put_back(service, code)
    registered(service, code, "Dopo il ripristino")
    with pytest.raises(RegisterBehind, match="ultimo numero noto 0000003"):
        check_heads(service)
    keep_heads(service)
    assert kept_head(service, code) == before
    with service.database.owner_engine() as owner, owner.connect() as connection:
        with pytest.raises(InvalidResumption):
            resume(service, connection, code, after=1, act="Det. 9", operator="admin")
        connection.rollback()
        aside = resume(service, connection, code, after=3, act="Det. 9", operator="admin")
    assert aside is not None
    assert KnownHead.from_json(aside.read_bytes()) == before
    check_heads(service)
    assert registered(service, code).number == 4
    keep_heads(service)
    with service.database.engine.begin() as connection:
        assert verify_register(connection, code).holds


def test_s8_a_resumption_cut_short_before_the_head_was_put_aside_is_ended_by_the_same_command(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would want a higher number, and the register have a hole that nothing was lost in."""
    code = code_of(service)
    for place in range(3):
        registered(service, code, f"Domanda {place}")
    keep_heads(service)
    before = kept_head(service, code)
    put_back(service, code)

    def cut(*_: object) -> None:
        raise InterruptedError

    asked = {"after": 3, "act": "Det. 9", "operator": "admin"}
    with service.database.owner_engine() as owner, owner.connect() as connection:
        monkeypatch.setattr(Path, "rename", cut)
        with pytest.raises(InterruptedError):
            resume(service, connection, code, **asked)
        monkeypatch.undo()
        with pytest.raises(RegisterBehind):
            check_heads(service)
        with pytest.raises(InvalidResumption):
            resume(service, connection, code, **asked | {"act": "Det. 10"})
        connection.rollback()
        aside = resume(service, connection, code, **asked)
        assert aside is not None
        assert KnownHead.from_json(aside.read_bytes()) == before
        with pytest.raises(InvalidResumption):
            resume(service, connection, code, **asked)
    check_heads(service)
    keep_heads(service)
    with service.database.owner_engine() as owner, owner.connect() as connection, pytest.raises(InvalidResumption):
        resume(service, connection, code, **asked)
    assert registered(service, code).number == 4
    with service.database.engine.begin() as connection:
        check = verify_register(connection, code)
    assert (check.holds, check.resumptions) == (True, 1)


def test_s8_an_older_copy_under_a_running_service_gives_no_number(service: Service) -> None:
    code = code_of(service)
    for _ in range(2):
        registered(service, code)
    keep_heads(service)
    put_back(service, code)
    with pytest.raises(RegisterStopped), service.transaction() as session:
        registered_as_sent(service, session, code, APPLICATION)
    with service.database.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.entry)) == 0
    year, key, known = registered(service, code).year, service.keys.register_key(code), kept_head(service, code)
    why = {"operator": "office:1", "act": "Det. 1", "reason": "Doppia"}
    with pytest.raises(RegisterBehind), service.transaction() as session:
        annul(session.connection(), code, year, 1, **why, key=key, known=known)


def test_s8_another_history_of_the_same_length_is_refused(service: Service) -> None:
    code = code_of(service)
    registered(service, code, "Prima storia")
    keep_heads(service)
    put_back(service, code)
    registered(service, code, "Seconda storia")
    registered(service, code, "Seconda storia")
    with pytest.raises(RegisterRewritten):
        check_heads(service)
    with service.database.engine.begin() as connection:
        known = kept_head(service, code)
        assert known is not None
        check = verify_register(connection, code, published=[known.checkpoint])
    assert [problem.code for problem in check.problems] == ["published_root"]


def test_b_a_kept_head_that_is_not_the_register_s_is_refused(service: Service) -> None:
    code = code_of(service)
    registered(service, code)
    keep_heads(service)
    path = service.settings.heads_folder / f"{code}.json"
    facts = json.loads(path.read_bytes())
    stranger = make_checkpoint("x", 1, bytes(32), RegisterKey.generate(code).private)
    for wrong in (b"", b"[]", b"{}", json.dumps({**facts, "checkpoint": stranger}).encode()):
        path.write_bytes(wrong)
        with pytest.raises(CheckpointUnreadable):
            check_heads(service)


def test_s8_a_head_that_a_resumption_puts_aside_meanwhile_stops_no_registration(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = code_of(service)
    registered(service, code)
    keep_heads(service)
    read = Path.read_bytes

    def put_aside_meanwhile(path: Path) -> bytes:
        path.rename(path.with_suffix(".aside"))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", put_aside_meanwhile)
    assert kept_head(service, code) is None


@pytest.mark.parametrize(
    "task",
    [
        *(queue.KEEP_HEADS, queue.CLOSE_DAYS, queue.COLLECT_MAIL, queue.FORGET_REHEARSALS, queue.REFRESH_TRUST),
        queue.DROP_FAILED_TICKS,
    ],
)
def test_n2_two_workers_never_run_the_same_periodic_job_at_once(task: str) -> None:
    tasks = queue_app(make_url("postgresql://nobody@localhost/none")).tasks
    assert (tasks[task].lock, tasks[task].queueing_lock) == (task, task)
