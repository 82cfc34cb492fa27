"""What every response tells the browser: nothing from elsewhere, nothing framed, nothing personal kept."""

from __future__ import annotations

from flask import Flask, Response
from flask import session as cookie
from secure import Secure
from secure.headers import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)


def attach(app: Flask, *, over_tls: bool) -> None:
    """Adds the headers to every response of ``app`` that does not bring its own, and empties those that only lead elsewhere."""
    always = list(_policy(over_tls=over_tls).headers.items())

    @app.after_request
    def add(response: Response) -> Response:
        own = {name.lower() for name, _ in response.headers}
        response.headers.extend(pair for pair in always if pair[0].lower() not in own)
        if response.location:
            response.set_data(b"")
        if cookie:
            response.headers["Cache-Control"] = "no-store"
            response.headers["Pragma"] = "no-cache"
        else:
            response.headers.setdefault("Cache-Control", "no-cache")
        return response


def _policy(*, over_tls: bool) -> Secure:
    content = (
        ContentSecurityPolicy()
        .default_src("'self'")
        .img_src("'self'", "data:")
        .font_src("'self'", "data:")  # the design system's stylesheet holds one small icon font in itself
        .object_src("'none'")
        .base_uri("'self'")
        .form_action("'self'")
        .frame_ancestors("'none'")
    )
    return Secure(
        csp=content,
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        hsts=StrictTransportSecurity().max_age(63072000).include_subdomains() if over_tls else None,
        permissions=PermissionsPolicy().geolocation().microphone().camera().payment().usb(),
        referrer=ReferrerPolicy().same_origin(),
        xcto=XContentTypeOptions().nosniff(),
        xfo=XFrameOptions().deny(),
    )
