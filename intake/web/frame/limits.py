"""How often somebody may try to sign in, or ask what costs work: counted for the address and for the account, at each door."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter

from intake.people.models import Surface
from intake.people.sign_in import account_name
from intake.service import Service
from intake.web.frame import attempts
from intake.web.frame.signed_in import signed_in_person

PER_ADDRESS = "60 per 15 minutes"
"""An office or a consultant's studio comes from one address: the account's own limit is the strict one."""
PER_ACCOUNT = "10 per 15 minutes"
PER_PERSON = "20 per 15 minutes"
"""For what tells whether somebody else has an account: nobody tries a list of tax codes."""


PER_STRANGER = "60 per 15 minutes"
"""For what anybody may ask and costs the service some seconds of work."""


def attach(
    app: Flask,
    service: Service,
    surface: Surface,
    *,
    sign_in: str,
    asked_by_person: Iterable[str],
    asked_by_anyone: Iterable[str] = (),
) -> None:
    """Limits the POST of the sign-in, for each person that of ``asked_by_person``, for each address of ``asked_by_anyone``.

    Raises at start when the storage cannot be used."""
    elsewhere = service.settings.rate_limit_storage
    limiter = Limiter(
        _address,
        storage_uri=elsewhere or f"{attempts.SCHEME}://",
        storage_options={} if elsewhere else {"engine": service.database.engine},  # type: ignore[dict-item]
        key_prefix=f"sportello:{surface}",
        strategy="moving-window",
    )
    # Taken for an application it knows, it looks at the limited screens alone and not at every request.
    app.extensions["limiter"] = {limiter}
    limiter.init_app(app)
    view: Any = app.view_functions[sign_in]
    by_account: Any = limiter.limit(PER_ACCOUNT, key_func=_account, methods=["POST"])(view)
    app.view_functions[sign_in] = limiter.limit(PER_ADDRESS, methods=["POST"])(by_account)
    for endpoint in asked_by_person:
        asked: Any = app.view_functions[endpoint]
        app.view_functions[endpoint] = limiter.limit(PER_PERSON, key_func=_person, methods=["POST"])(asked)
    for endpoint in asked_by_anyone:
        public: Any = app.view_functions[endpoint]
        app.view_functions[endpoint] = limiter.limit(PER_STRANGER, methods=["POST"])(public)


def _address() -> str:
    return request.remote_addr or "unknown"


def _person() -> str:
    return str(signed_in_person().id)


def _account() -> str:
    """The account tried, as a digest: the counter's storage learns no name."""
    tried = account_name(request.form.get("username", ""))
    return hashlib.sha256(tried.encode()).hexdigest()
