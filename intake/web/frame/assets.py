"""Styles, scripts, fonts and icons: served by the service itself, under an address that changes when they do."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise

from intake.settings import ASSETS, TEMPLATES

PREFIX = "/risorse"
OWN = TEMPLATES / "static"
_YEAR = 365 * 24 * 3600
_LIBRARY = ASSETS / "bootstrap-italia" / "dist"
_SERVED = {
    "bootstrap-italia/css": _LIBRARY / "css",
    "bootstrap-italia/js": _LIBRARY / "js",
    "bootstrap-italia/svg": _LIBRARY / "svg",
    "bootstrap-italia/fonts": _LIBRARY / "fonts",
    "htmx": ASSETS / "htmx.org" / "dist",
    "sportello": OWN,
}


@cache
def stamp() -> str:
    """Names this set of files: the packages' versions and the bytes of our own."""
    digest = hashlib.sha256()
    for package in ("bootstrap-italia", "htmx.org"):
        digest.update(json.loads((ASSETS / package / "package.json").read_text("utf-8"))["version"].encode())
    for file in sorted(OWN.rglob("*")):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file, such as ``bootstrap-italia/js/bootstrap-italia.bundle.min.js``."""
    folder = next((root for prefix, root in _SERVED.items() if name.startswith(f"{prefix}/")), None)
    if folder is None:
        raise LookupError(f"no served folder holds {name}")
    return f"{PREFIX}/{stamp()}/{name}"


def attach(app: Flask) -> None:
    """Gives ``asset`` to the templates of ``app``."""
    app.add_template_global(asset)


def with_assets(application: WhiteNoise | object) -> WhiteNoise:
    """``application`` with the files in front of it; a browser keeps these, and only these, for a year."""
    served = WhiteNoise(
        application,
        max_age=_YEAR,
        allow_all_origins=False,
        immutable_file_test=lambda *_: True,
        add_headers_function=_add,
    )
    for prefix, root in _SERVED.items():
        served.add_files(str(Path(root)), prefix=f"{PREFIX.strip('/')}/{stamp()}/{prefix}")
    return served


def _add(headers: object, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"  # type: ignore[index]
