"""The time-stamping authority of the installation: asked when it answers, left alone for a while when it does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

import structlog

from intake.settings import Settings
from signing.time_stamping import TimeStamp, TimeStampAuthority, TimeStampUnavailable, stamp

PAUSE = timedelta(minutes=1)
"""After a failure nobody waits for the authority again until this has passed: receipts are many and cannot queue behind it."""

_LOG = structlog.get_logger()


def authority_of(settings: Settings) -> TimeStampAuthority | None:
    """The authority that the settings name."""
    if settings.tsa_url is None:
        return None
    password = settings.tsa_password.get_secret_value() if settings.tsa_password else None
    return TimeStampAuthority(settings.tsa_url, settings.tsa_user, password, settings.tsa_seconds)


class TimeStamps:
    """What is known of the authority, shared by the threads of one process."""

    def __init__(self, authority: TimeStampAuthority | None = None) -> None:
        self._authority = authority
        self._silent_until: datetime | None = None
        self._lock = Lock()

    @property
    def configured(self) -> bool:
        """Whether the installation has an authority at all."""
        return self._authority is not None

    def authority(self, at: datetime) -> TimeStampAuthority | None:
        """Whom to ask at ``at`` (aware): None where none is configured, or where it failed a moment ago."""
        with self._lock:
            if self._silent_until is not None and at < self._silent_until:
                return None
            return self._authority

    def failed(self, why: TimeStampUnavailable, at: datetime) -> None:
        """The authority gave no token at ``at``: it is left alone for ``PAUSE``, and the log says so."""
        with self._lock:
            self._silent_until = at + PAUSE
        _LOG.warning("time_stamp_missing", reason=str(why))

    def stamp(self, digest: bytes, *, at: datetime) -> TimeStamp | None:
        """A token over ``digest`` (as ``signing.time_stamping.stamp`` wants it), or None where there is none to be had now."""
        authority = self.authority(at)
        if authority is None:
            return None
        try:
            return stamp(digest, authority, at=at)
        except TimeStampUnavailable as why:
            self.failed(why, at)
            return None
