"""One door put together: the frame around the screens it is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from flask import Blueprint, Flask
from flask_wtf.csrf import CSRFProtect

from intake.people.models import Surface
from intake.service import Service
from intake.settings import TEMPLATES
from intake.web.frame import (
    access,
    assets,
    context,
    errors,
    headers,
    language,
    limits,
    markdown,
    refused_forms,
    said,
    words,
)
from intake.web.frame import navigation as layout
from intake.web.frame.compiled_pages import COMPILED_PAGES
from intake.web.frame.cookies import SignedCookie
from intake.web.frame.navigation import Entry

_MOST_PARTS = 20_000
"""Fields of one form: a worker table has about ten a row."""
_ASKED_BY_PERSON = ("firms.add_delegation",)
_ASKED_BY_ANYONE = ("signature_verification.verify", "verification.verify", "verification.ask", "verification.proof")


def create_door(
    service: Service,
    surface: Surface,
    *,
    path: str,
    screens: Iterable[Blueprint],
    navigation: Sequence[Entry],
    first_page: str,
) -> Flask:
    """The Flask application of one door; ``first_page`` is the endpoint where a sign-in ends.

    Raises ``UndeclaredAccess`` when a screen does not say who may call it."""
    settings = service.settings
    app = Flask("intake.web", template_folder=str(TEMPLATES / "pages"), static_folder=None)
    app.config.update(
        SECRET_KEY=service.keys.cookie_secret(surface.value),
        SESSION_COOKIE_NAME=f"sportello_{surface.value}",
        SESSION_COOKIE_PATH=path,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        MAX_CONTENT_LENGTH=access.SMALL_BODY,
        MAX_FORM_MEMORY_SIZE=access.SMALL_BODY,
        MAX_FORM_PARTS=_MOST_PARTS,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the cookie it belongs to: no upload is slow enough to outlive it
    )
    app.session_interface = SignedCookie()
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "bytecode_cache": COMPILED_PAGES}
    headers.attach(app, over_tls=settings.secure_cookies)
    context.attach(app, service, surface)
    access.guard(app, settings.largest_upload)
    language.attach(app)
    CSRFProtect(app)
    errors.attach(app)
    words.attach(app)
    said.attach(app)
    refused_forms.attach(app)
    markdown.attach(app)
    assets.attach(app)
    layout.attach(app, navigation)
    app.extensions["first_page"] = first_page
    for family in screens:
        app.register_blueprint(family)
    limits.attach(
        app,
        service,
        surface,
        sign_in="entrance.sign_in",
        asked_by_person=[endpoint for endpoint in _ASKED_BY_PERSON if endpoint in app.view_functions],
        asked_by_anyone=[endpoint for endpoint in _ASKED_BY_ANYONE if endpoint in app.view_functions],
    )
    access.check_declarations(app)
    return app
