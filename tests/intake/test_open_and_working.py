"""Who may reach the service, what its errors and its worker's log lines tell, how a failed job goes on (S25, N2, N3)."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
import time_machine
from click.testing import CliRunner
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from intake import jobs, queue
from intake.commands import running
from intake.database import Database
from intake.people.accounts import UsernameTaken, add_person
from intake.people.models import Role
from intake.service import Service
from intake.start import CannotStart, refuse_open_demonstration


@pytest.mark.parametrize("change", [{"host": "0.0.0.0"}, {"trusted_proxies": 1}])
def test_demonstration_people_are_never_open_to_others(
    service: Service, database: Database, change: dict[str, object]
) -> None:
    refuse_open_demonstration(service.settings, database)
    opened = service.settings.model_copy(update=change)
    with pytest.raises(CannotStart, match="people disable-demo"):
        refuse_open_demonstration(opened, database)
    with service.transaction() as session:
        session.execute(text("UPDATE person SET disabled_at = now() WHERE demo"))
    refuse_open_demonstration(opened, database)


def test_the_web_process_alone_refuses_too(
    service: Service, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "enter_data_folder", lambda _: None)
    environment = {
        "SPORTELLO_DATA": str(service.settings.data),
        "SPORTELLO_HOST": "0.0.0.0",
        "SPORTELLO_DATABASE_URL": database.application_url.render_as_string(hide_password=False),
        "SPORTELLO_DATABASE_OWNER_URL": database.owner_url.render_as_string(hide_password=False),
    }
    answer = CliRunner().invoke(running.serve, env=environment)
    assert answer.exit_code != 0
    assert "Le persone di prova ci sono ancora" in answer.output


def test_a_second_service_on_the_same_data_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "enter_data_folder", lambda _: None)
    with (tmp_path / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = CliRunner().invoke(running.up, ["--data", str(tmp_path)])
    assert (answer.exit_code, "già avviato" in answer.output) == (1, True)


def test_a_port_of_another_program_is_told_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "enter_data_folder", lambda _: None)
    monkeypatch.setattr(running, "PORT_SECONDS", 0)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        answer = CliRunner().invoke(running.up, ["--data", str(tmp_path), "--host", "127.0.0.1", "--port", port])
    assert (answer.exit_code, f"La porta {port} è di un altro programma" in answer.output) == (1, True)
    assert not (tmp_path / "database").exists()


def test_a_database_error_quotes_no_value(database: Database) -> None:
    statement = text("SELECT CAST(:value AS integer) FROM person WHERE tax_code = :code")
    with database.owner_engine() as owner:
        for engine in (database.engine, owner):
            with engine.connect() as connection, pytest.raises(DBAPIError) as raised:
                connection.execute(statement, {"value": "x", "code": "RSSMRA68C02I452O"})
            assert "RSSMRA68C02I452O" not in str(raised.value)


def test_a_taken_user_name_is_said(service: Service) -> None:
    with service.transaction() as session, pytest.raises(UsernameTaken, match="«datore»"):
        add_person(
            session,
            username=" Datore ",
            tax_code="RSSMRA68C02I452O",
            given_name="Mario",
            surname="Rossi",
            email="mario@example.org",
            roles=(Role.FILER,),
            at=service.clock(),
        )


def test_a_worker_logs_without_personal_data(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work(_: Service) -> None:
        structlog.get_logger().warning("fatto", username="datore")

    monkeypatch.setattr(jobs, "_work", work)
    jobs.run_worker(service)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["withheld"]) == ("fatto", ["username"])


def waiting_job() -> Job:
    return Job(
        id=7,
        queue="default",
        lock=None,
        queueing_lock=None,
        task_name="check_return",
        task_kwargs={"run_id": "nascosto"},
    )


def test_a_failed_job_is_logged_and_tried_again_within_five_minutes() -> None:
    job = waiting_job()
    waits = []
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with structlog.testing.capture_logs() as lines, time_machine.travel(now, tick=False):
        for attempts in (0, 1, 19, 299):
            decision = jobs.Patient().get_retry_decision(
                exception=ValueError("RSSMRA68C02I452O"), job=job.evolve(attempts=attempts)
            )
            assert decision is not None
            waits.append(decision.retry_at)
        gives_up = jobs.Patient().get_retry_decision(exception=ValueError(), job=job.evolve(attempts=300))
    assert gives_up is None
    assert [wait - now for wait in waits if wait] == [timedelta(seconds=each) for each in (15, 30, 300, 300)]
    assert [line["attempt"] for line in lines] == [1, 2, 20, 300, 301]
    assert "nascosto" not in str(lines)


def test_n2_what_comes_by_the_clock_is_never_tried_again_but_logged() -> None:
    app = jobs.queue_app(make_url("postgresql://nobody@localhost/none"))
    strategies = {task.name: task.retry_strategy for (_, task) in _periodic(app)}
    assert len(strategies) == 6
    for strategy in strategies.values():
        with structlog.testing.capture_logs() as lines:
            assert strategy.get_retry_decision(exception=ValueError(), job=waiting_job()) is None
        assert [line["gives_up"] for line in lines] == [True]


def _periodic(app: App) -> list[tuple[str, Any]]:
    return [(name, each.task) for (name, _), each in app.periodic_registry.periodic_tasks.items()]


def test_n2_the_job_of_a_dead_worker_goes_on_or_leaves_the_work_to_its_successor(database: Database) -> None:
    told = asyncio.run(_taken_over(database))
    assert told == [("check_return", "todo", 1), ("keep_heads", "todo", 0)]


async def _taken_over(database: Database) -> list[tuple[str, str, int]]:
    app = jobs.queue_app(database.application_url)
    async with app.open_async():
        keep = app.configure_task(queue.KEEP_HEADS, queueing_lock=queue.KEEP_HEADS, lock=queue.KEEP_HEADS)
        await keep.defer_async(timestamp=1)
        await app.configure_task(queue.CHECK_RETURN).defer_async(run_id="x")
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
        await keep.defer_async(timestamp=2)
        for job in sorted(
            await app.job_manager.list_jobs_async(status="doing"), key=lambda job: job.task_name != "keep_heads"
        ):
            await jobs._take_over(app, job)
        left = await app.job_manager.list_jobs_async()
    return sorted((job.task_name, job.status, job.attempts) for job in left)


def test_n2_a_failed_job_that_came_by_the_clock_goes_after_a_day_and_what_somebody_asked_for_stays(
    database: Database,
) -> None:
    left = asyncio.run(_left_after_a_day_of_failures(database))
    assert left == ["check_return", "collect_mail"]


async def _left_after_a_day_of_failures(database: Database) -> list[str]:
    app = jobs.queue_app(database.application_url)
    async with app.open_async():
        for task in (queue.KEEP_HEADS, queue.CLOSE_DAYS, queue.COLLECT_MAIL):
            await app.configure_task(task).defer_async(timestamp=1)
        await app.configure_task(queue.CHECK_RETURN).defer_async(run_id="x")
        for job in await app.job_manager.list_jobs_async():
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
        with database.engine.begin() as connection:
            older = (
                "at - interval '25 hours' WHERE job_id IN (SELECT id FROM procrastinate_jobs WHERE task_name <> :one)"
            )
            connection.execute(text(f"UPDATE procrastinate_events SET at = {older}"), {"one": queue.COLLECT_MAIL})
        context: Any = SimpleNamespace(app=app)
        await app.tasks[queue.DROP_FAILED_TICKS](context, timestamp=1)
        left = await app.job_manager.list_jobs_async()
    return sorted(job.task_name for job in left)


def test_taking_over_goes_on_after_a_database_error(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    async def stalled(**_: Any) -> list[Job]:
        asked.append(1)
        if len(asked) == 1:
            raise ConnectorException
        raise asyncio.CancelledError

    monkeypatch.setattr(jobs, "HEARTBEAT_SECONDS", 0)
    app: Any = SimpleNamespace(job_manager=SimpleNamespace(get_stalled_jobs=stalled))
    with structlog.testing.capture_logs() as lines, contextlib.suppress(asyncio.CancelledError):
        asyncio.run(jobs._take_over_dead_workers_jobs(app))
    assert [line["event"] for line in lines] == ["take_over_failed"]
    assert len(asked) == 2
