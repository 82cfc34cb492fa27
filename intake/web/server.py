"""The whole web process as one WSGI application: the desk at ``/``, the office at ``/ufficio``, files in front."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Request, Response

from intake.log import configure_logging
from intake.service import Service
from intake.web.desk import create_desk
from intake.web.frame.assets import with_assets
from intake.web.office import create_office

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OFFICE_PATH = "/ufficio"
HEALTH_PATH = "/salute"


def build_wsgi(service: Service) -> WSGIApplication:
    """Everything this process answers. Raises when a screen declares no access, or the rate limits' storage is away."""
    configure_logging()
    doors = DispatcherMiddleware(
        create_desk(service), {OFFICE_PATH: create_office(service), HEALTH_PATH: health(service)}
    )
    application = with_assets(doors)
    proxies = service.settings.trusted_proxies
    return ProxyFix(application, x_for=proxies, x_proto=proxies, x_host=proxies) if proxies else application


def health(service: Service) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """Answers whether the database can be reached: 200 or 503, as JSON, nothing about anybody."""

    @Request.application
    def answer(request: Request) -> Response:
        if request.path not in {"", "/"}:
            return Response(status=HTTPStatus.NOT_FOUND)
        reachable = _database_answers(service)
        body = json.dumps({"status": "ok" if reachable else "unavailable", "database": reachable})
        status = HTTPStatus.OK if reachable else HTTPStatus.SERVICE_UNAVAILABLE
        return Response(body, status, {"Cache-Control": "no-store"}, mimetype="application/json")

    return answer


def _database_answers(service: Service) -> bool:
    try:
        with service.database.engine.connect() as connection:
            return bool(connection.scalar(text("SELECT true")))
    except SQLAlchemyError:
        return False
