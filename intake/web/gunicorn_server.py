"""The web server: gunicorn with few processes and many threads, so that a slow upload holds nobody else back."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from intake.settings import Settings
from intake.start import open_service
from intake.web.server import build_wsgi

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


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
            "worker_class": "gthread",
            "threads": self.settings.web_threads,
            "timeout": 120,
            "graceful_timeout": 20,
            "keepalive": 5,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """Called in the worker."""
        return build_wsgi(self.open.enter_context(open_service(self.settings)))


def run_web(settings: Settings) -> None:
    """Answers until the process is asked to end."""
    WebProcess(settings).run()
