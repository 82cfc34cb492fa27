"""The web process of the product with one more screen: whoever is signed in adds one row, committed. The ceiling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect
from sqlalchemy import text

from intake.people.models import Role
from intake.settings import read_settings
from intake.start import enter_data_folder, open_service
from intake.web import desk
from intake.web.frame.access import Roles, route
from intake.web.frame.context import session
from intake.web.frame.signed_in import signed_in_person
from intake.web.gunicorn_server import WebProcess
from intake.web.server import build_wsgi

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

TABLE = "CREATE TABLE IF NOT EXISTS bench_ceiling (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person uuid)"
screens = Blueprint("bench_ceiling", __name__)


@route(screens, "/soffitto", methods=["POST"], allow=Roles(Role.FILER))
def add_one() -> object:
    """One INSERT, one commit, one redirect."""
    session().execute(text("INSERT INTO bench_ceiling (person) VALUES (:person)"), {"person": signed_in_person().id})
    return redirect("/", 303)


class MeasuredWeb(WebProcess):
    """The product's own web process; only the list of screens is longer."""

    def load(self) -> WSGIApplication:
        desk.SCREENS = (*desk.SCREENS, screens)
        return build_wsgi(self.open.enter_context(open_service(self.settings)))


if __name__ == "__main__":
    settings = read_settings()
    enter_data_folder(settings)
    MeasuredWeb(settings).run()
