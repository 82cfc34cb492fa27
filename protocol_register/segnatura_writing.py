"""Writing the segnatura (AgID, allegato 6, schema 3.0) and sealing it as XAdES baseline B (ETSI EN 319 132-1).

Elements and attributes are all qualified, as the schema asks. Postal addresses are left out: the schema wants a CAP of
six digits, so that no true address is valid, and the element is optional.
"""

from datetime import datetime
from typing import Any

from lxml import etree

from protocol_register.segnatura import (
    Addressee,
    Correspondent,
    CorrespondentKind,
    DescribedFile,
    FilingCode,
    RegistrationId,
    Segnatura,
    digest_text,
)
from protocol_register.xml_sealing import XmlSeal, sealed_xml
from protocol_register.xml_text import xml_text

PROT = "http://www.agid.gov.it/protocollo/"
VERSION = "3.0.0"
SEGNATURA_FILE = "Segnatura.xml"


def write_segnatura(segnatura: Segnatura, seal: XmlSeal, *, at: datetime) -> bytes:
    """The segnatura as sealed XML. `at` (aware) is the signing time it states.

    Raises ValueError when the message has no document, which the schema does not admit.
    """
    if segnatura.document is None:
        raise ValueError("a segnatura of schema 3.0 describes a document")
    root = etree.Element(_q("SegnaturaInformatica"), nsmap={"prot": PROT})
    _set(root, versione=VERSION, lang="it")
    _heading(root, segnatura)
    if segnatura.reference is not None:
        reference = _add(root, "Riferimenti")
        add_identifier(reference, segnatura.reference.identifier)
        _add(reference, "Oggetto", segnatura.reference.subject)
        _classification(reference, segnatura.reference.classification)
    description = _add(root, "Descrizione")
    _correspondent(_add(description, "Mittente"), segnatura.sender)
    for recipient in segnatura.recipients:
        _addressee(description, recipient)
    _described(description, "DocumentoPrimario", segnatura.document)
    for attachment in segnatura.attachments:
        _described(description, "Allegato", attachment)
    return sealed_xml(root, seal, at=at)


def add_identifier(parent: Any, identifier: RegistrationId, tag: str | None = None) -> None:
    """Adds an Identificatore; `tag` is the qualified name where the element belongs to another namespace."""
    element = etree.SubElement(parent, tag or _q("Identificatore"))
    administration = _add(element, "CodiceAmministrazione", identifier.administration)
    if identifier.administration_name:
        _set(administration, descrizione=identifier.administration_name)
    _add(element, "CodiceAOO", identifier.aoo)
    _add(element, "CodiceRegistro", identifier.register or "")
    _add(element, "NumeroRegistrazione", identifier.number)
    _add(element, "DataRegistrazione", identifier.day.isoformat())
    if identifier.hour is not None:
        _add(element, "OraRegistrazione", identifier.hour.isoformat(timespec="seconds"))


def _heading(root: Any, segnatura: Segnatura) -> None:
    heading = _add(root, "Intestazione")
    add_identifier(heading, segnatura.identifier)
    if segnatura.first_registration is not None:
        add_identifier(heading, segnatura.first_registration, _q("PrimaRegistrazione"))
    _add(heading, "Oggetto", segnatura.subject)
    _classification(heading, segnatura.classification)
    if segnatura.file is not None:
        file = _add(heading, "Fascicolo")
        _add(file, "Denominazione", segnatura.file.name)
        _add(file, "CodiceFascicolo", segnatura.file.code)
    if segnatura.confidential:
        _add(heading, "Riservato", "true")


def _classification(parent: Any, classification: FilingCode) -> None:
    element = _add(parent, "Classifica")
    _add(element, "Denominazione", classification.name)
    _add(element, "CodiceFlat", classification.code)


def _addressee(description: Any, recipient: Addressee) -> None:
    element = _add(description, "Destinatario")
    _set(
        element,
        confermaRicezione=str(recipient.confirmation_asked).lower(),
        perConoscenza=str(recipient.for_information).lower(),
    )
    _correspondent(element, recipient.correspondent)


def _correspondent(parent: Any, correspondent: Correspondent) -> None:
    element = _add(parent, correspondent.kind.value)
    match correspondent.kind:
        case CorrespondentKind.ADMINISTRATION:
            _add(element, "DenominazioneAmministrazione", correspondent.name)
            if correspondent.tax_code:
                _add(element, "CFAmministrazione", correspondent.tax_code)
            _add(element, "CodiceIPAAmministrazione", correspondent.code or "")
            if correspondent.aoo:
                _add(element, "CodiceIPAAOO", correspondent.aoo)
        case CorrespondentKind.COMPANY:
            _add(element, "Denominazione", correspondent.name)
            if correspondent.tax_code:
                _add(element, "PIVAoCF", correspondent.tax_code)
        case CorrespondentKind.PERSON:
            _add(element, "Nome", correspondent.given_name or "")
            _add(element, "Cognome", correspondent.surname or correspondent.name)
            if correspondent.tax_code:
                _add(element, "CodiceFiscale", correspondent.tax_code)
        case CorrespondentKind.FOREIGN_ADMINISTRATION:
            _add(element, "DenominazioneAmministrazione", correspondent.name)


def _described(parent: Any, name: str, file: DescribedFile) -> None:
    if file.digest is None:
        raise ValueError(f"{file.name} has no digest")
    element = _add(parent, name)
    _set(element, nomeFile=xml_text(file.name), mimeType=file.media_type)
    if file.description:
        _add(element, "Descrizione", file.description)
    _set(_add(element, "Impronta", digest_text(file.digest)), algoritmo=file.algorithm)
    if file.signed:
        _add(_add(element, "firmatoDigitalmente"), "UnDetached", "true")


def _q(name: str) -> str:
    return f"{{{PROT}}}{name}"


def _add(parent: Any, name: str, value: str | None = None) -> Any:
    element = etree.SubElement(parent, _q(name))
    if value is not None:
        element.text = xml_text(value)
    return element


def _set(element: Any, **attributes: str) -> None:
    for name, value in attributes.items():
        element.set(_q(name), xml_text(value))
