"""What a request works with: the service, its instant, its one database session."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask import Flask, Response, current_app, g
from sqlalchemy.orm import Session

from intake.people.models import Surface
from intake.service import Service


def attach(app: Flask, service: Service, surface: Surface) -> None:
    """Gives ``app`` its service and door, and the life of a request's database session."""
    app.extensions["sportello"] = (service, surface)
    app.after_request(commit)
    app.teardown_appcontext(_close)


def service() -> Service:
    """The service of this application."""
    return cast("Service", current_app.extensions["sportello"][0])


def surface() -> Surface:
    """The door of this application."""
    return cast("Surface", current_app.extensions["sportello"][1])


def now() -> datetime:
    """The instant of this request: one and the same from its first line to its last."""
    if "now" not in g:
        g.now = service().clock()
    return cast("datetime", g.now)


def session() -> Session:
    """The request's database session, opened at first use. Committed before the response goes out: what a person
    is told is durable. An error, or a refusal, rolls it back. A streamed response must not use it."""
    if "database_session" not in g:
        g.database_session = service().database.sessions()
    return cast("Session", g.database_session)


def commit(response: Response) -> Response:
    """Makes the request's work durable, once, before its response leaves."""
    if "database_session" in g:
        g.database_session.commit()
    return response


def roll_back() -> None:
    """Drops what the request wrote: nothing of a refused request stays."""
    if "database_session" in g:
        g.database_session.rollback()


def _close(_: BaseException | None) -> None:
    if "database_session" in g:
        g.database_session.close()
