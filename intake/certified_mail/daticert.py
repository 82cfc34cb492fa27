"""``daticert.xml``, what a certified mail provider says of a message: read leniently, for real ones break their schema."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from lxml import etree

from intake.clock import ROME

LARGEST = 1024 * 1024
_ZONE = re.compile(r"([+-])(\d{2}):?(\d{2})")


@dataclass(frozen=True, slots=True)
class Daticert:
    """``kind`` (``postacert/@tipo``) and ``error`` stay free text: providers use words of their own.

    ``instant`` is None where day or hour cannot be read; ``mended`` says that the XML is malformed and was read anyway.
    """

    kind: str
    error: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    provider: str
    identifier: str
    message_id: str
    receipt_kind: str
    delivered_to: str
    error_detail: str
    instant: datetime | None
    mended: bool


def read_daticert(data: bytes) -> Daticert | None:
    """The facts of a ``daticert.xml``; None where there are none to read. Entities are never opened.

    Source of the fields: the annex to the decree of 2 November 2005 and RFC 6109, appendix A."""
    if len(data) > LARGEST:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None or not isinstance(root.tag, str) or etree.QName(root).localname != "postacert":
        return None
    if root.getroottree().docinfo.doctype:
        return None  # no provider writes one, and it can only name what is not here
    return Daticert(
        kind=(root.get("tipo") or "").strip().casefold(),
        error=(root.get("errore") or "").strip().casefold(),
        sender=_text(root, "mittente"),
        recipients=tuple(_texts(root, "destinatari")),
        subject=_text(root, "oggetto"),
        provider=_text(root, "gestore-emittente"),
        identifier=_text(root, "identificativo"),
        message_id=_text(root, "msgid"),
        receipt_kind=_attribute(root, "ricevuta", "tipo"),
        delivered_to=_text(root, "consegna"),
        error_detail=_text(root, "errore-esteso"),
        instant=_instant(_text(root, "giorno"), _text(root, "ora"), _attribute(root, "data", "zona")),
        mended=bool(parser.error_log),
    )


def _texts(root: etree._Element, name: str) -> list[str]:
    found = root.xpath("//*[local-name()=$name]", name=name)
    return [text for each in found if (text := " ".join("".join(each.itertext()).split()))]


def _text(root: etree._Element, name: str) -> str:
    return next(iter(_texts(root, name)), "")


def _attribute(root: etree._Element, name: str, attribute: str) -> str:
    found = root.xpath("//*[local-name()=$name]", name=name)
    return (found[0].get(attribute) or "").strip() if found else ""


def _instant(day: str, hour: str, zone: str) -> datetime | None:
    """``15/11/2024``, ``18:20:38``, ``+0100``; without a zone the hour is that of Rome."""
    try:
        local = datetime.strptime(f"{day} {hour}", "%d/%m/%Y %H:%M:%S")  # noqa: DTZ007 - the zone follows
    except ValueError:
        return None
    found = _ZONE.fullmatch(zone)
    if not found:
        return local.replace(tzinfo=ROME)
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if offset >= timedelta(hours=15):
        return local.replace(tzinfo=ROME)
    return local.replace(tzinfo=timezone(offset if found[1] == "+" else -offset))
