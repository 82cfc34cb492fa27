"""The signed cookie of a door, as Flask makes it; what signs it is put together once, and not twice a request."""

from __future__ import annotations

from functools import cache

from flask.sessions import SecureCookieSessionInterface


class SignedCookie(SecureCookieSessionInterface):
    """Flask's own session, under the key that the application has when it is first asked for."""

    def __init__(self) -> None:
        self.get_signing_serializer = cache(super().get_signing_serializer)  # type: ignore[method-assign]
