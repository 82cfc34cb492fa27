"""How often somebody may try to sign in, or ask what costs work: counted for address and account, at each door."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter

from intake.people.models import Surface
from intake.people.sign_in import account_name
from intake.service import Service
from intake.web.frame import attempts
from intake.web.frame.signed_in import signed_in_person

PER_ADDRESS = "60 per 15 minutes"
"""An office or a consultant's studio comes from one address: the strict limit is that of one account tried from there."""
PER_ACCOUNT_AND_ADDRESS = "10 per 15 minutes"
"""Not of the account alone: anybody who knows its name could keep its holder out on the opening day."""
PER_ACCOUNT = "60 per 15 minutes"
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
    # Asked in this order until one refuses: what an address tries in vain beyond its own limits counts against no account.
    for allowed, key in (
        (PER_ACCOUNT_AND_ADDRESS, _account_and_address),
        (PER_ADDRESS, _address),
        (PER_ACCOUNT, _account),
    ):
        view = limiter.limit(allowed, key_func=key, methods=["POST"])(view)
    app.view_functions[sign_in] = view
    for endpoint in asked_by_person:
        asked: Any = app.view_functions[endpoint]
        app.view_functions[endpoint] = limiter.limit(PER_PERSON, key_func=_person, methods=["POST"])(asked)
    for endpoint in asked_by_anyone:
        public: Any = app.view_functions[endpoint]
        app.view_functions[endpoint] = limiter.limit(PER_STRANGER, methods=["POST"])(public)


def _address() -> str:
    """Of IPv6 the first 64 bits: whoever has one connection has every address below them."""
    written = request.remote_addr or "unknown"
    try:
        address = ip_address(written)
    except ValueError:
        return written
    if isinstance(address, IPv4Address) or address.ipv4_mapped:
        return written
    return str(IPv6Network((int(address), 64), strict=False))


def _person() -> str:
    return str(signed_in_person().id)


def _account() -> str:
    """The account tried, as a digest: the counter's storage learns no name."""
    tried = account_name(request.form.get("username", ""))
    return hashlib.sha256(tried.encode()).hexdigest()


def _account_and_address() -> str:
    return f"{_account()} {_address()}"
