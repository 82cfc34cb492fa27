"""The worker: takes jobs from the queue, and takes over those of a worker that died."""

from __future__ import annotations

import asyncio
import contextlib
from uuid import UUID

import structlog
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.jobs import Job
from sqlalchemy import URL

from intake import queue
from intake.applications.receipts import make_receipt
from intake.checks.run import perform_check
from intake.service import Service

HEARTBEAT_SECONDS = 2.0
DEAD_AFTER_SECONDS = 10.0
_PATIENT = RetryStrategy(max_attempts=20, exponential_wait=2)

log = structlog.get_logger()


def run_worker(service: Service) -> None:
    """Works until the process is asked to end; running jobs are finished first."""
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

    @app.task(name=queue.CHECK_RETURN, pass_context=True, retry=_PATIENT)
    def check_return(context: JobContext, run_id: str) -> None:
        perform_check(_service(context), UUID(run_id))

    @app.task(name=queue.MAKE_RECEIPT, pass_context=True, retry=_PATIENT)
    def make(context: JobContext, receipt_id: str) -> None:
        make_receipt(_service(context), UUID(receipt_id))

    return app


async def _take_over_dead_workers_jobs(app: App) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS)
        for job in stalled:
            await _take_over(app, job)


async def _take_over(app: App, job: Job) -> None:
    log.warning("job_taken_over", job=job.id, task=job.task_name)
    await app.job_manager.retry_job(job)


def _service(context: JobContext) -> Service:
    service = context.additional_context["service"]
    if not isinstance(service, Service):
        raise TypeError("the worker was started without its service")
    return service
