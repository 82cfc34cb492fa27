"""Italian is written in the code; English comes from one catalogue, read as the translators keep it (.po)."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, request
from flask import session as cookie
from flask_babel import Babel, get_domain, get_locale

from intake.settings import TEMPLATES

LANGUAGES = {"it": "Italiano", "en": "English"}
CATALOGUES = TEMPLATES / "locale"


def attach(app: Flask) -> None:
    """Makes ``?lingua=en`` choose the language of this browser from now on."""
    Babel(
        app,
        default_locale="it",
        default_timezone="Europe/Rome",
        locale_selector=chosen_language,
    )
    with app.app_context():
        get_domain().cache.update(_catalogues())
    app.before_request(_remember)
    app.context_processor(lambda: {"language": language(), "languages": LANGUAGES, "other_language": _other_language})


def language() -> str:
    """``it`` or ``en``: the language of this response."""
    return str(get_locale() or "it")


def chosen_language() -> str:
    wanted = request.args.get("lingua") or cookie.get("lingua")
    return wanted if wanted in LANGUAGES else "it"


def catalogue_file(code: str) -> Path:
    return CATALOGUES / code / "LC_MESSAGES" / "messages.po"


def _remember() -> None:
    wanted = request.args.get("lingua")
    if wanted in LANGUAGES and cookie.get("lingua", "it") != wanted:
        cookie["lingua"] = wanted


def _other_language(code: str) -> str:
    """The address of this same page in another language."""
    kept = {key: value for key, value in request.args.items(multi=False) if key != "lingua"}
    pairs = [*kept.items(), ("lingua", code)]
    return f"{request.root_path.rstrip('/')}{request.path}?{urlencode(pairs)}"


def _catalogues() -> dict[tuple[str, str], Translations]:
    return {(code, "messages"): _compiled(catalogue_file(code)) for code in LANGUAGES if code != "it"}


def _is_complete(message: Message) -> bool:
    """A plural half translated would come out empty: then the Italian is better."""
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


@cache
def _compiled(file: Path) -> Translations:
    with file.open("rb") as source:
        catalogue = read_po(source)
    for message in [each for each in catalogue if each.id and not _is_complete(each)]:
        catalogue.delete(message.id, message.context)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
