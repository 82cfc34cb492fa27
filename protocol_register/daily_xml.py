"""The registro giornaliero as sealed XML, for the conservation system: all of art. 53 for each entry, and the day's acts.

Element names are the law's. Each day names the digest of the day before it, so that one taken away is missed, and
carries the log's signed head, from which any receipt's place can be checked.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lxml import etree

from protocol_register.daily import RegisterDay
from protocol_register.entries import Document, Entry, Party, RegisterKind, shown_number
from protocol_register.facts import instant_text
from protocol_register.xml_sealing import XmlSeal, sealed_xml
from protocol_register.xml_text import xml_text

NAMESPACE = "urn:sportello:registro-giornaliero:1"
FLOWS = {"in": "E", "out": "U", "internal": "I"}


@dataclass(frozen=True)
class PreviousDay:
    """The daily register before this one: its day, and the SHA-256 (hexadecimal) of its XML."""

    day: date
    sha256: str


def write_daily_xml(
    register_day: RegisterDay, seal: XmlSeal, *, administration_name: str, previous: PreviousDay | None, at: datetime
) -> bytes:
    """The day as XML sealed with XAdES-B; `at` (aware) is when it is made."""
    register = register_day.register
    root = etree.Element(_q("RegistroGiornaliero"), nsmap={None: NAMESPACE})
    root.set("versione", "1")
    root.set("prova", str(register.kind is RegisterKind.REHEARSAL).lower())
    heading = _add(root, "Intestazione")
    _add(heading, "CodiceAmministrazione", register.administration, descrizione=administration_name)
    _add(heading, "CodiceAOO", register.aoo)
    _add(heading, "CodiceRegistro", register.code)
    _add(heading, "Giorno", register_day.day.isoformat())
    _add(heading, "ProdottoIl", instant_text(at))
    if register_day.entries:
        _add(heading, "PrimoNumero", register_day.entries[0].shown_number)
        _add(heading, "UltimoNumero", register_day.entries[-1].shown_number)
    _add(heading, "NumeroRegistrazioni", str(len(register_day.entries)))
    if previous is not None:
        _add(heading, "RegistroPrecedente", giorno=previous.day.isoformat(), sha256=previous.sha256)
    _acts(root, register_day)
    if register_day.checkpoint is not None:
        _add(root, "StatoDelRegistro", register_day.checkpoint, atti=str(register_day.log_size))
    return sealed_xml(root, seal, at=at)


def _acts(root: Any, register_day: RegisterDay) -> None:
    entries = _add(root, "Registrazioni")
    for entry in register_day.entries:
        _entry(entries, entry)
    annulments = _add(root, "Annullamenti")
    for each in register_day.annulments:
        act = _add(annulments, "Annullamento", numero=shown_number(each.number), anno=str(each.year))
        _add(act, "Istante", instant_text(each.instant))
        _add(act, "Operatore", each.operator)
        _add(act, "Provvedimento", each.act)
        _add(act, "Motivo", each.reason)
    changes = _add(root, "Modifiche")
    for change in register_day.classifications:
        line = _add(changes, "Modifica", numero=shown_number(change.number), anno=str(change.year))
        _add(line, "Istante", instant_text(change.instant))
        _add(line, "Operatore", change.operator)
        _maybe(line, "Classificazione", change.classification)
        _maybe(line, "Fascicolo", change.file_reference)
        _maybe(line, "Assegnatario", change.assigned_to)
    for resumption in register_day.resumptions:
        act = _add(root, "Ripresa", dopoIlNumero=shown_number(resumption.after), anno=str(resumption.year))
        _add(act, "Istante", instant_text(resumption.instant))
        _add(act, "Operatore", resumption.operator)
        _add(act, "Provvedimento", resumption.act)


def _entry(parent: Any, entry: Entry) -> None:
    line = _add(parent, "Registrazione", numero=entry.shown_number, anno=str(entry.year))
    _add(line, "Istante", instant_text(entry.instant))
    _add(line, "Flusso", FLOWS[entry.direction.value])
    _add(line, "Canale", entry.channel.value)
    if entry.sender is not None:
        _party(line, "Mittente", entry.sender)
    for recipient in entry.recipients:
        _party(line, "Destinatario", recipient)
    _add(line, "Oggetto", entry.subject)
    if entry.received_date or entry.received_protocol:
        received = _add(line, "DocumentoRicevuto")
        _maybe(received, "Data", entry.received_date.isoformat() if entry.received_date else None)
        _maybe(received, "Protocollo", entry.received_protocol)
    if entry.document is not None:
        _document(line, "Documento", entry.document)
    for attachment in entry.attachments:
        _document(line, "Allegato", attachment)
    _add(line, "Operatore", entry.operator)
    _add(line, "IstanteDiArrivo", instant_text(entry.arrival_instant))
    _add(line, "IstanteLegale", instant_text(entry.legal_instant))
    if entry.deferral_act is not None:
        deferral = _add(line, "Differimento")
        _maybe(deferral, "Motivo", entry.deferral_reason)
        _add(deferral, "Provvedimento", entry.deferral_act)
    _maybe(line, "NumeroDiEmergenza", entry.emergency_number)


def _party(parent: Any, name: str, party: Party) -> None:
    element = _add(parent, name, tipo=party.kind.value)
    _add(element, "Denominazione", party.name)
    _maybe(element, "CodiceFiscale", party.tax_code)


def _document(parent: Any, name: str, document: Document) -> None:
    element = _add(parent, name, nome=document.name, mime=document.media_type, byte=str(document.size))
    _add(element, "Impronta", document.sha256, algoritmo="SHA-256")


def _maybe(parent: Any, name: str, value: str | None) -> None:
    if value is not None:
        _add(parent, name, value)


def _add(parent: Any, name: str, value: str | None = None, **attributes: str) -> Any:
    element = etree.SubElement(parent, _q(name))
    if value is not None:
        element.text = xml_text(value)
    for key, text in attributes.items():
        element.set(key, xml_text(text))
    return element


def _q(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
