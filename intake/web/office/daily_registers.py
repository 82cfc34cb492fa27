"""The registri giornalieri of one register: which days are closed, their files, what reached conservation."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from intake.errors import NotFound
from intake.protocol.models import DailyRegister
from intake.web.desk.downloads import as_download
from intake.web.editions import page_facts, shown_edition
from intake.web.frame.access import Roles, route
from intake.web.frame.context import service, session
from intake.web.office.register import READERS

screens = Blueprint("daily_registers", __name__)

_ONE = "/registro/<code>/giornalieri/<day>"


@route(screens, "/registro/<code>/giornalieri", allow=Roles(*READERS))
def daily_registers(code: str) -> ResponseReturnValue:
    """Every closed day, the newest first."""
    shown = shown_edition(code)
    days = session().scalars(
        select(DailyRegister).where(DailyRegister.register_code == code).order_by(DailyRegister.day.desc())
    )
    return render_template("office/daily_registers.html", days=list(days), **page_facts(shown))


@route(screens, f"{_ONE}/volume/<int(max=999):volume>", allow=Roles(*READERS))
def daily_pdf(code: str, day: str, volume: int) -> Response:
    """One volume, the PDF as it was sealed."""
    daily = _daily(code, day)
    if not 1 <= volume <= len(daily.pdf_sha256s):
        raise NotFound
    suffix = f"-{volume}" if len(daily.pdf_sha256s) > 1 else ""
    return as_download(
        service().store.get(daily.pdf_sha256s[volume - 1]), f"{code}-{daily.day}{suffix}.pdf", "application/pdf"
    )


@route(screens, f"{_ONE}/xml", allow=Roles(*READERS))
def daily_xml(code: str, day: str) -> Response:
    """The XML as it was sealed."""
    daily = _daily(code, day)
    return as_download(service().store.get(daily.xml_sha256), f"{code}-{daily.day}.xml", "application/xml")


def _daily(code: str, day: str) -> DailyRegister:
    try:
        found = session().get(DailyRegister, (shown_edition(code).code, date.fromisoformat(day)))
    except ValueError as error:
        raise NotFound from error
    if found is None:
        raise NotFound
    return found
