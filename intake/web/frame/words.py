"""Instants, amounts and sizes as people read them, for templates. Law's hours are those of Rome."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from flask import Flask
from flask_babel import format_currency, format_date, format_decimal, gettext
from markupsafe import Markup, escape

from intake.clock import ROME, instant_in_words
from intake.notices import wording
from intake.web.frame.language import language

_UNITS = ("kB", "MB", "GB")
_ELIDED = (8, 11)
"""Days whose name begins with a vowel: *dell'otto*, *dell'undici*."""
UNKNOWN_MEDIA = "application/octet-stream"
_MEDIA = {
    "application/pdf": "PDF",
    "application/pkcs7-mime": "P7M",
    "application/pkcs7-signature": "P7S",
    "application/xml": "XML",
    "text/xml": "XML",
    "text/csv": "CSV",
    "text/plain": "TXT",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/tiff": "TIFF",
    "message/rfc822": "EML",
    "application/zip": "ZIP",
    "application/vnd.etsi.asic-s+zip": "ASiC-S",
    "application/vnd.etsi.asic-e+zip": "ASiC-E",
}


def attach(app: Flask) -> None:
    """Adds the filters of this module to the templates of ``app``, each under its own name."""
    app.template_filter("day")(day)
    app.template_filter("moment")(moment)
    app.template_filter("by")(by)
    app.template_filter("instant")(instant)
    app.template_filter("of_instant")(of_instant)
    app.template_filter("euro")(euro)
    app.template_filter("size")(size)
    app.template_filter("media")(media)


def day(value: date | datetime) -> Markup:
    """``mercoledì 8 aprile 2020``."""
    local = value.astimezone(ROME).date() if isinstance(value, datetime) else value
    return _time(local.isoformat(), _day_in_words(local))


def moment(value: datetime) -> Markup:
    """``mercoledì 8 aprile 2020, ore 9:00``: a term or an opening."""
    local = value.astimezone(ROME)
    words = gettext("%(day)s, ore %(hour)s", day=_day_in_words(local.date()), hour=_hour(local))
    return _time(local.isoformat(timespec="seconds"), words)


def by(end: datetime) -> Markup:
    """``entro lunedì 4 gennaio 2027`` for a term whose first excluded instant is the midnight after; else the hour too."""
    local = end.astimezone(ROME)
    if local.time() == time.min:
        last = local.date() - timedelta(days=1)
        return _time(last.isoformat(), gettext("entro %(day)s", day=_day_in_words(last)))
    words = gettext("prima delle ore %(hour)s di %(day)s", hour=_hour(local), day=_day_in_words(local.date()))
    return _time(local.isoformat(timespec="seconds"), words)


def instant(value: datetime) -> Markup:
    """To the millisecond, because an order may depend on it."""
    local = value.astimezone(ROME)
    if language() == "it":
        return _time(local.isoformat(timespec="milliseconds"), instant_in_words(value))
    words = f"{format_date(local.date(), 'd MMMM y', rebase=False)}, {local:%H:%M:%S}.{local.microsecond // 1000:03d}"
    return _time(local.isoformat(timespec="milliseconds"), words)


def of_instant(value: datetime) -> Markup:
    """``dell'8 aprile 2020, ore 09:00:03,412``: the instant as it follows a number."""
    if language() == "it":
        article = "dell'" if value.astimezone(ROME).day in _ELIDED else "del "
        return Markup("{}{}").format(article, instant(value))
    return Markup("{} {}").format(gettext("del"), instant(value))


def euro(amount: Decimal) -> str:
    """``1.204.330,00 €``."""
    return str(format_currency(amount, "EUR"))


def size(count: int) -> str:
    """Bytes in words: ``182 kB``."""
    if count < 1000:
        return str(gettext("%(count)s byte", count=count))
    power = min((len(str(count)) - 1) // 3, len(_UNITS))
    scaled = Decimal(count) / 1000**power
    rounded = scaled.quantize(Decimal("0.1") if scaled < 10 else Decimal(1))
    return f"{format_decimal(rounded)} {_UNITS[power - 1]}"


def media(media_type: str) -> str:
    """The kind of a file as people call it: ``PDF``; the media type itself where there is no such name."""
    if media_type == UNKNOWN_MEDIA:
        return str(gettext("tipo non riconosciuto"))
    return _MEDIA.get(media_type, media_type)


def _hour(local: datetime) -> str:
    return f"{local.hour}:{local:%M}"


def _day_in_words(on: date) -> str:
    if language() == "it":
        return wording.day(on, weekday=True)
    return str(format_date(on, "EEEE d MMMM y", rebase=False))


def _time(machine: str, words: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(machine, escape(words))
