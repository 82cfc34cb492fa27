"""How often somebody may try to sign in: counted for the address and for the account, at each door."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter

from intake.people.models import Surface
from intake.settings import Settings

PER_ADDRESS = "60 per 15 minutes"
"""An office or a consultant's studio comes from one address: the account's own limit is the strict one."""
PER_ACCOUNT = "10 per 15 minutes"


def attach(app: Flask, settings: Settings, surface: Surface, *endpoints: str) -> None:
    """Limits the POST of each of ``endpoints``. Raises at start when the storage cannot be used."""
    limiter = Limiter(
        _address,
        app=app,
        storage_uri=settings.rate_limit_storage,
        key_prefix=f"sportello:{surface}",
        strategy="moving-window",
    )
    for endpoint in endpoints:
        view: Any = app.view_functions[endpoint]
        by_account: Any = limiter.limit(PER_ACCOUNT, key_func=_account, methods=["POST"])(view)
        app.view_functions[endpoint] = limiter.limit(PER_ADDRESS, methods=["POST"])(by_account)


def _address() -> str:
    return request.remote_addr or "unknown"


def _account() -> str:
    """The account tried, as a digest: the counter's storage learns no name."""
    tried = request.form.get("username", "").strip().lower()
    return hashlib.sha256(tried.encode()).hexdigest()
