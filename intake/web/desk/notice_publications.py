"""A notice's signed documents for anyone: who signed them, with what outcome, as verified when; and the files to take away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from intake.errors import NotFound
from intake.publication.models import SignedPublication
from intake.web.desk.downloads import UNKNOWN, as_download
from intake.web.editions import shown_edition
from intake.web.frame.access import Public, route
from intake.web.frame.context import service, session
from intake.web.signature_for_anyone import for_anyone
from intake.web.signature_view import SignatureCard, signature_card

screens = Blueprint("notice_publications", __name__)

_TAKEN_AS_THEY_ARE = frozenset(
    {
        *("application/pdf", "application/pkcs7-mime", "application/pkcs7-signature", "application/xml", "text/xml"),
        *("application/vnd.etsi.asic-s+zip", "application/vnd.etsi.asic-e+zip", "application/timestamped-data"),
        *("image/png", "image/jpeg", "image/tiff"),
    }
)
"""Media types that a browser may be told of a published file; any other is only bytes to it."""


@dataclass(frozen=True, slots=True)
class ShownPublication:
    """A publication as its page shows it. ``signers``: whose names to say in a line.

    ``lists`` and ``oldest_days``: how many trusted lists it was verified with, and the age in days, then, of the oldest.
    """

    publication: SignedPublication
    card: SignatureCard
    signers: tuple[str, ...]
    lists: int
    oldest_days: int | None


def shown_publications(publications: Iterable[SignedPublication]) -> list[ShownPublication]:
    """As they may be shown to anyone: names, organisations and roles, nobody's tax code."""
    return [_shown(each) for each in publications]


@route(screens, "/avvisi/<code>/documenti/<key>/firmato/<uuid:publication>", allow=Public)
def signed_file(code: str, key: str, publication: UUID) -> ResponseReturnValue:
    """The file as the office published it, byte for byte."""
    found = _publication(code, key, publication)
    return as_download(service().store.get(found.sha256), found.name, _media_type(found.media_type))


@route(screens, "/avvisi/<code>/documenti/<key>/firmato/<uuid:publication>/contenuto", allow=Public)
def enclosed_file(code: str, key: str, publication: UUID) -> ResponseReturnValue:
    """The document inside the envelope, or the one that a separate signature goes with."""
    found = _publication(code, key, publication)
    if found.enclosed_sha256 is None or found.enclosed_name is None:
        raise NotFound
    return as_download(
        service().store.get(found.enclosed_sha256), found.enclosed_name, _media_type(found.enclosed_media_type)
    )


def _publication(code: str, key: str, publication: UUID) -> SignedPublication:
    """The one of this document of this edition: that of another is not there. Raises ``NotFound``."""
    edition = shown_edition(code).edition
    found = session().get(SignedPublication, publication)
    if found is None or (found.edition_id, found.document_key) != (edition.id, key):
        raise NotFound
    return found


def _media_type(found: str | None) -> str:
    return found if found in _TAKEN_AS_THEY_ARE else UNKNOWN


def _shown(publication: SignedPublication) -> ShownPublication:
    card = signature_card(for_anyone(publication.report))
    people = (
        each for each in card.blocks if not each.signature["own_seal"] and not each.signature["counter_signature"]
    )
    issued = [datetime.fromisoformat(each["issued_at"]) for each in card.trust["lists"]] if card.trust else []
    return ShownPublication(
        publication,
        card,
        signers=tuple(dict.fromkeys(each.name for each in people if each.name)),
        lists=len(issued),
        oldest_days=(publication.published_at - min(issued)).days if issued else None,
    )
