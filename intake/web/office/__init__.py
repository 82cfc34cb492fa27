"""The office: protocol, examination, determinations, administration."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext

from intake.people.models import OFFICE_ROLES, Surface
from intake.service import Service
from intake.web import entrance
from intake.web.frame.factory import create_door
from intake.web.frame.navigation import entry
from intake.web.office import (
    accuracy,
    annulment,
    arrival,
    arrivals,
    balance,
    case_pages,
    daily_registers,
    emergency,
    evidence_pages,
    home,
    queue,
    register,
    review,
    stamp_duty,
)

SCREENS = (
    entrance.screens,
    home.screens,
    register.screens,
    arrivals.screens,
    arrival.screens,
    balance.screens,
    daily_registers.screens,
    emergency.screens,
    queue.screens,
    review.screens,
    annulment.screens,
    case_pages.screens,
    evidence_pages.screens,
    accuracy.screens,
    stamp_duty.screens,
)
"""Every family of screens at this door: a new one is a module with a blueprint, added here."""

NAVIGATION = (
    entry("home.home", lazy_gettext("Inizio"), *OFFICE_ROLES),
    entry("stamp_duty.stamp_duty_page", lazy_gettext("Bollo"), *stamp_duty.READERS),
    entry("accuracy.accuracy_page", lazy_gettext("Accuratezza"), *accuracy.READERS),
)


def create_office(service: Service) -> Flask:
    """The application at ``/ufficio``."""
    return create_door(
        service, Surface.OFFICE, path="/ufficio", screens=SCREENS, navigation=NAVIGATION, first_page="home.home"
    )
