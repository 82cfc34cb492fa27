"""The web server: gunicorn with few processes and many threads, so that a slow upload holds nobody else back."""

from __future__ import annotations

import select
from collections import deque
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import TConn, ThreadWorker

from intake.loading import leave_alone_what_is_loaded
from intake.notices.civil_calendar import load_calendars
from intake.settings import Settings
from intake.start import open_service
from intake.web.server import build_wsgi

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


LINGERS_MS = 20
"""So long a thread waits for the next request of the browser it has answered, before it serves whoever else comes."""


class LingeringWorker(ThreadWorker):  # type: ignore[misc]
    """A browser that is answered often asks again at once: its thread goes on with it.

    Gunicorn's own way back, through the main thread, costs two changes of thread and eight calls of the system.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._waiting: deque[TConn] = deque()

    def enqueue_req(self, conn: TConn) -> None:
        """Called in the main thread: there is something to read, and perhaps no free thread."""
        self._waiting.append(conn)
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> object:
        """Called in a thread. True when the connection stays open, False when not; anything else is gunicorn's own."""
        self._waiting.popleft()
        stays = super().handle(conn)
        while stays is True and self._asks_again(conn):
            stays = super().handle(conn)
        return stays

    def _asks_again(self, conn: TConn) -> bool:
        if self._waiting or not self.alive:
            return False
        coming = select.poll()
        coming.register(conn.sock, select.POLLIN)
        return bool(coming.poll(LINGERS_MS))


class WebProcess(BaseApplication):  # type: ignore[misc]
    """The service inside gunicorn; the service is opened in the worker, after the fork."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.open = ExitStack()
        super().__init__()

    def load_config(self) -> None:
        """Gunicorn's own settings; everything else is in ``Settings``."""
        chosen: dict[str, Any] = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": self.settings.web_processes,
            "worker_class": LingeringWorker,
            "threads": self.settings.web_threads,
            "timeout": 120,
            "graceful_timeout": 20,
            "keepalive": 5,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": _loaded_whole,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """Called in the worker."""
        return build_wsgi(self.open.enter_context(open_service(self.settings)))


def _loaded_whole(_worker: ThreadWorker) -> None:
    load_calendars()
    leave_alone_what_is_loaded()


def run_web(settings: Settings) -> None:
    """Answers until the process is asked to end."""
    WebProcess(settings).run()
