"""The log lines of web and worker: what happened and where in the code, never to whom."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import structlog
from structlog.typing import EventDict, WrappedLogger

from intake.settings import PROJECT

PERSONAL = frozenset(
    {
        *("username", "password", "token", "tax_code", "codice_fiscale", "vat_number", "iban", "email", "pec"),
        *("name", "given_name", "surname", "full_name", "person", "address", "phone", "remote_addr", "ip"),
        *("cookie", "cookies", "headers", "form", "body", "query", "url", "path", "exception", "exc_info"),
    }
)
"""Keys that a log line may not carry. A path is among them: it may hold a password link."""


def configure_logging() -> None:
    """One JSON object a line on standard error. Doing it twice changes nothing."""
    structlog.configure(
        processors=[
            place_instead_of_traceback,
            withhold_personal_data,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def place_instead_of_traceback(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Kind and places of an exception: its message is left out, because it may quote what a person wrote."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["kind"] = f"{type(error).__module__}.{type(error).__qualname__}"
        event["places"] = [
            f"{_relative(frame.filename)}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-12:]
        ]
    return event


def withhold_personal_data(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Takes known keys out of a line and says which."""
    found = sorted(PERSONAL & event.keys())
    for key in found:
        del event[key]
    if found:
        event["withheld"] = found
    return event


def _relative(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else path.name
