"""The desk: public pages, and the screens of employers and consultants."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext

from intake.applications.transmission_line import TransmissionLine
from intake.people.models import Role, Surface
from intake.service import Service
from intake.web import entrance
from intake.web.desk import (
    application_documents,
    application_downloads,
    application_form,
    application_list_proposal,
    application_steps,
    application_workers,
    applications,
    area,
    firms,
    notice_publications,
    notices,
    passwords,
    public_register,
    service_pages,
    signature_verification,
    verification,
)
from intake.web.frame.factory import create_door
from intake.web.frame.navigation import entry

SCREENS = (
    entrance.screens,
    notices.screens,
    notice_publications.screens,
    service_pages.screens,
    passwords.screens,
    area.screens,
    firms.screens,
    applications.screens,
    application_steps.screens,
    application_workers.screens,
    application_list_proposal.screens,
    application_form.screens,
    application_documents.screens,
    application_downloads.screens,
    verification.screens,
    signature_verification.screens,
    public_register.screens,
)
"""Every family of screens at this door: a new one is a module with a blueprint, added here."""

NAVIGATION = (
    entry("notices.notices", lazy_gettext("Avvisi")),
    entry("area.home", lazy_gettext("Area personale"), Role.FILER, Role.CPI_OPERATOR),
    entry("verification.verify_page", lazy_gettext("Verifica una ricevuta")),
    entry("signature_verification.verify_page", lazy_gettext("Verifica una firma")),
    entry("service_pages.help_page", lazy_gettext("Assistenza")),
)


def create_desk(service: Service) -> Flask:
    """The application at ``/``."""
    app = create_door(service, Surface.DESK, path="/", screens=SCREENS, navigation=NAVIGATION, first_page="area.home")
    app.extensions[TransmissionLine.__name__] = TransmissionLine(service)
    return app
