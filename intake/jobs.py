"""The worker: takes jobs from the queue, and takes over those of a worker that died."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from uuid import UUID

import structlog
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from sqlalchemy import URL

from intake import queue
from intake.applications.list_proposal import perform_reading
from intake.applications.receipts import make_receipt
from intake.arrivals.receipt import make_arrival_receipt
from intake.arrivals.recognition import recognise_arrival
from intake.certified_mail.collection import collect_mail
from intake.certified_mail.desk import read_kept_mail
from intake.checks.run import perform_check
from intake.log import configure_logging
from intake.protocol.daily import close_days
from intake.protocol.heads import keep_heads
from intake.protocol.rehearsal_forgetting import forget_ended_rehearsals
from intake.publication.rehearsal_act import publish_rehearsal_act
from intake.service import Service
from intake.trust_lists import refresh_trust

HEARTBEAT_SECONDS = 2.0
DEAD_AFTER_SECONDS = 10.0
_LONGEST_WAIT_SECONDS = 300
_DAY_OF_ATTEMPTS = 300
_BY_THE_CLOCK = "by_the_clock"
"""The queue of what comes by the clock, apart from what somebody asked for: that is never dropped unseen."""
_FAILED_KEPT_HOURS = 24
_NIGHTLY_HOURS = "20 0-4 * * *"
"""More than once a night, since one round may fail; never by day, since it holds up whoever writes meanwhile."""

log = structlog.get_logger("sportello.jobs")


class Patient(BaseRetryStrategy):
    """Tries again for about a day, fifteen seconds later each time and never more than five minutes."""

    most_attempts = _DAY_OF_ATTEMPTS

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to try again, None to give up; the failure goes to the log without what it quotes."""
        gives_up = job.attempts >= self.most_attempts
        log.error(
            "job_failed",
            job=job.id,
            task=job.task_name,
            attempt=job.attempts + 1,
            gives_up=gives_up,
            exc_info=exception,
        )
        wait = min(15 * (job.attempts + 1), _LONGEST_WAIT_SECONDS)
        return None if gives_up else RetryDecision(retry_in={"seconds": wait})


class UntilTheNextTick(Patient):
    """Never tries again what comes by the clock: the next one, perhaps waiting already, does the same work.

    Only one of them may wait at a time, so a second attempt could not be put back beside it.
    """

    most_attempts = 0


def run_worker(service: Service) -> None:
    """Works until the process is asked to end; running jobs are finished first."""
    configure_logging()
    logging.getLogger("procrastinate").addHandler(logging.NullHandler())
    logging.getLogger("procrastinate").propagate = False  # its lines quote the exception's own words; ours do not
    asyncio.run(_work(service))


async def _work(service: Service) -> None:
    app = queue_app(service.database.application_url)
    async with app.open_async():
        takeover = asyncio.create_task(_take_over_dead_workers_jobs(app))
        try:
            await app.run_worker_async(
                concurrency=service.settings.work_at_once,
                additional_context={"service": service},
                fetch_job_polling_interval=1.0,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=DEAD_AFTER_SECONDS,
                shutdown_graceful_timeout=20.0,
                delete_jobs="successful",
            )
        finally:
            takeover.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await takeover


def queue_app(url: URL) -> App:
    """The queue with its tasks, on a pool of its own."""
    conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=6))

    @app.task(name=queue.CHECK_RETURN, pass_context=True, retry=Patient())
    def check_return(context: JobContext, run_id: str) -> None:
        perform_check(_service(context), UUID(run_id))

    @app.task(name=queue.MAKE_RECEIPT, pass_context=True, retry=Patient())
    def make(context: JobContext, receipt_id: str) -> None:
        make_receipt(_service(context), UUID(receipt_id))

    @app.task(name=queue.MAKE_ARRIVAL_RECEIPT, pass_context=True, retry=Patient())
    def make_for_arrival(context: JobContext, receipt_id: str) -> None:
        make_arrival_receipt(_service(context), UUID(receipt_id))

    @app.task(name=queue.RECOGNISE_ARRIVAL, pass_context=True, retry=Patient())
    def recognise(context: JobContext, arrival_id: str) -> None:
        recognise_arrival(_service(context), UUID(arrival_id))

    @app.task(name=queue.READ_MAIL, pass_context=True, retry=Patient())
    def read_mail(context: JobContext, mail_id: str) -> None:
        read_kept_mail(_service(context), UUID(mail_id))

    @app.task(name=queue.READ_WORKER_LIST, pass_context=True, retry=Patient())
    def read_worker_list(context: JobContext, proposal_id: str) -> None:
        perform_reading(_service(context), UUID(proposal_id))

    _add_by_the_clock(app, queue.COLLECT_MAIL, "*/2 * * * *", collect_mail)
    _add_by_the_clock(app, queue.CLOSE_DAYS, "*/10 * * * *", close_days)
    _add_by_the_clock(app, queue.FORGET_REHEARSALS, _NIGHTLY_HOURS, _forget_rehearsals)
    _add_by_the_clock(app, queue.REFRESH_TRUST, "40 3 * * *", refresh_trust)
    _add_by_the_clock(app, queue.KEEP_HEADS, "* * * * *", keep_heads)
    _add_dropping(app)
    _add_rehearsal_tasks(app)
    return app


def _add_by_the_clock(app: App, name: str, cron: str, work: Callable[[Service], object]) -> None:
    """One runs at a time, and one waits: it does all there is to do by then."""

    @app.periodic(cron=cron)
    @app.task(
        name=name, queue=_BY_THE_CLOCK, pass_context=True, lock=name, queueing_lock=name, retry=UntilTheNextTick()
    )
    def at_its_time(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate's signature
        work(_service(context))


def _add_dropping(app: App) -> None:
    """What fails at every tick, as on a full disk, would leave a row a minute in the queue: each goes after a day."""
    name = queue.DROP_FAILED_TICKS

    @app.periodic(cron="50 * * * *")
    @app.task(
        name=name, queue=_BY_THE_CLOCK, pass_context=True, lock=name, queueing_lock=name, retry=UntilTheNextTick()
    )
    async def drop(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate's signature
        await context.app.job_manager.delete_old_jobs(_FAILED_KEPT_HOURS, queue=_BY_THE_CLOCK, include_failed=True)


def _forget_rehearsals(service: Service) -> None:
    forget_ended_rehearsals(service, at=service.clock())


def _add_rehearsal_tasks(app: App) -> None:
    """What only rehearsals need."""

    @app.task(name=queue.PUBLISH_REHEARSAL_ACT, pass_context=True, retry=Patient())
    def publish_act(context: JobContext, edition_id: str) -> None:
        publish_rehearsal_act(_service(context), UUID(edition_id))


async def _take_over_dead_workers_jobs(app: App) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        try:
            stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS)
        except ConnectorException as error:
            log.warning("take_over_failed", exc_info=error)
            continue
        for job in stalled:
            await _take_over(app, job)


async def _take_over(app: App, job: Job) -> None:
    """What comes by the clock may have a successor in the queue, which allows no second: that one does the work."""
    log.warning("job_taken_over", job=job.id, task=job.task_name)
    try:
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
    except ConnectorException as error:
        log.warning("take_over_failed", job=job.id, exc_info=error)


def _service(context: JobContext) -> Service:
    service = context.additional_context["service"]
    if not isinstance(service, Service):
        raise TypeError("the worker was started without its service")
    return service
