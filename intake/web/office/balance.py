"""The balance of a day, by channel: what came, where it is, what waits longest."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from intake.cases.balance import balance_of
from intake.cases.balance_of_today import BalancesOfToday, CountedBalance
from intake.clock import ROME
from intake.notices.models import NoticeEdition
from intake.people.models import Role
from intake.web.editions import page_facts, shown_edition
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, service, session
from intake.web.office.arrival_typed import typed

screens = Blueprint("balance", __name__)

READERS = (Role.PROTOCOL_OFFICE, Role.DIRECTOR, Role.DIRECTOR_GENERAL, Role.AUDITOR, Role.ADMINISTRATOR)


@route(screens, "/registro/<code>/bilancio", allow=Roles(*READERS))
def balance_page(code: str) -> ResponseReturnValue:
    """One day, today unless another is asked for; each of its files is looked for in the store.

    A full day is counted once a minute, and with ``adesso`` at once.
    """
    shown = shown_edition(code)
    at = now()
    form, today = typed(request.args, "giorno"), at.astimezone(ROME).date()
    asked = form.day("giorno") or today
    day = min(max(asked, date(2000, 1, 1)), today)
    counted = _of_today(shown.edition, at) if day == today else _of_day(shown.edition, day, at)
    body = render_template(
        "office/balance.html",
        form=form,
        balance=counted.balance,
        counted_at=counted.at,
        counted_before=counted.at < at,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1) if day < today else None,
        **page_facts(shown),
    )
    return body, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _of_today(edition: NoticeEdition, at: datetime) -> CountedBalance:
    counted: BalancesOfToday = current_app.extensions.setdefault(
        "balances_of_today_with_files", BalancesOfToday(service().store)
    )
    return counted.of(session(), edition, at=at, anew="adesso" in request.args)


def _of_day(edition: NoticeEdition, day: date, at: datetime) -> CountedBalance:
    return CountedBalance(balance_of(session(), edition, day, store=service().store), at)


def balance_today(edition: NoticeEdition) -> CountedBalance:
    """The balance of today, as pages of other things show it."""
    counted: BalancesOfToday = current_app.extensions.setdefault("balances_of_today", BalancesOfToday())
    return counted.of(session(), edition, at=now())
