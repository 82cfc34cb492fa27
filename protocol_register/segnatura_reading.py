"""Reading the segnatura of others, in every format there has been, leniently: senders deviate from all of them.

Elements are looked for by their name, whatever the namespace, and attributes with or without a prefix. What is missing
is left empty rather than refused, except what identifies the registration. A signature is not judged here.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from lxml import etree

from protocol_register.errors import SegnaturaUnreadable
from protocol_register.segnatura import (
    NOT_CLASSIFIED,
    Addressee,
    Correspondent,
    CorrespondentKind,
    DescribedFile,
    FilingCode,
    Reference,
    RegistrationId,
    Segnatura,
    SegnaturaFormat,
)
from protocol_register.xml_text import local_name, read_foreign_xml

NAMESPACE_2013 = "http://www.digitPa.gov.it/protocollo/"
ROOTS = {"SegnaturaInformatica", "Segnatura"}
HOUR = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
DIGEST_BYTES = {20: "SHA-1", 28: "SHA-224", 32: "SHA-256", 48: "SHA-384", 64: "SHA-512"}
TRUE = {"true", "1", "si", "sì"}


def read_segnatura(data: bytes) -> Segnatura:
    """The segnatura of a message of any format. Raises ForeignXmlRefused and SegnaturaUnreadable."""
    root = read_foreign_xml(data)
    if local_name(root) not in ROOTS:
        raise SegnaturaUnreadable(reason=f"la radice è {local_name(root)}")
    heading, description = _child(root, "Intestazione"), _child(root, "Descrizione")
    if heading is None or description is None:
        raise SegnaturaUnreadable(reason="mancano Intestazione o Descrizione")
    documents = [*_children(description, "DocumentoPrimario"), *_children(description, "Documento")]
    return Segnatura(
        identifier=read_identifier(_child(heading, "Identificatore"), heading),
        first_registration=_first_registration(heading),
        subject=_text(heading, "Oggetto"),
        classification=_classification(heading),
        file=_file(heading),
        confidential=_text(heading, "Riservato").lower() in TRUE,
        reference=_reference(_child(root, "Riferimenti")),
        sender=_sender(heading, description),
        recipients=tuple(_recipients(heading, description)),
        document=_described(documents[0]) if documents else None,
        attachments=tuple(_described(each) for each in _attachments(description)),
        format=_format(root),
    )


def read_identifier(element: Any, heading: Any = None) -> RegistrationId:
    """An Identificatore; `heading` is where the old formats keep the hour. Raises SegnaturaUnreadable."""
    if element is None:
        raise SegnaturaUnreadable(reason="manca l’identificatore della registrazione")
    number, day = _text(element, "NumeroRegistrazione"), _text(element, "DataRegistrazione")
    administration = _child(element, "CodiceAmministrazione")
    try:
        registered_on = date.fromisoformat(day[:10])
    except ValueError as error:
        raise SegnaturaUnreadable(reason=f"la data di registrazione «{day}» non è una data") from error
    if not (number.isascii() and number.isdecimal()):
        raise SegnaturaUnreadable(reason=f"il numero di registrazione «{number}» non è un numero")
    return RegistrationId(
        administration=_text(element, "CodiceAmministrazione"),
        administration_name=_attribute(administration, "descrizione") or None,
        aoo=_text(element, "CodiceAOO"),
        register=_text(element, "CodiceRegistro") or None,
        number=number,
        day=registered_on,
        hour=_hour(_text(element, "OraRegistrazione") or _text(heading, "OraRegistrazione"), day),
    )


def _format(root: Any) -> SegnaturaFormat:
    if local_name(root) == "SegnaturaInformatica":
        return SegnaturaFormat.AGID_3
    if etree.QName(root).namespace == NAMESPACE_2013 or next(_descendants(root, "CodiceRegistro"), None) is not None:
        return SegnaturaFormat.CIRCULAR_2013
    algorithms = {_attribute(each, "algoritmo") for each in _descendants(root, "Impronta")}
    return SegnaturaFormat.AIPA_2009 if "SHA-256" in algorithms else SegnaturaFormat.AIPA_2001


def _hour(text: str, day: str) -> time | None:
    found = HOUR.match(text)
    if found is None:
        return None
    try:
        return datetime.fromisoformat(f"{day[:10]}T{text.replace(',', '.')}").timetz()
    except ValueError:
        hour, minute, second = (int(part or 0) for part in found.groups())
        return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _first_registration(heading: Any) -> RegistrationId | None:
    element = _child(heading, "PrimaRegistrazione")
    if element is None:
        return None
    inner = _child(element, "Identificatore")
    return read_identifier(element if inner is None else inner)


def _reference(element: Any) -> Reference | None:
    """Riferimenti of schema 3.0; the older ones list messages, of which the first that is identified counts."""
    found = next(_descendants(element, "Identificatore"), None) if element is not None else None
    if found is None:
        return None
    return Reference(
        identifier=read_identifier(found),
        subject=_text(element, "Oggetto"),
        classification=_classification(element),
    )


def _classification(parent: Any) -> FilingCode:
    element = _child(parent, "Classifica")
    if element is None:
        return FilingCode(name=NOT_CLASSIFIED, code="0")
    levels = ["".join(level.itertext()).strip() for level in _descendants(element, "Livello")]
    return FilingCode(
        name=_text(element, "Denominazione") or NOT_CLASSIFIED, code=_text(element, "CodiceFlat") or ".".join(levels)
    )


def _file(heading: Any) -> FilingCode | None:
    element = _child(heading, "Fascicolo")
    if element is None:
        return None
    return FilingCode(name=_text(element, "Denominazione"), code=_text(element, "CodiceFascicolo"))


def _sender(heading: Any, description: Any) -> Correspondent:
    element = _child(description, "Mittente")
    if element is None:
        element = _child(_child(heading, "Origine"), "Mittente")
    if element is None:
        raise SegnaturaUnreadable(reason="manca il mittente")
    return _correspondent(element)


def _recipients(heading: Any, description: Any) -> Iterator[Addressee]:
    for element in _children(description, "Destinatario"):
        yield Addressee(
            correspondent=_correspondent(element),
            confirmation_asked=_attribute(element, "confermaRicezione").lower() != "false",
            for_information=_attribute(element, "perConoscenza").lower() in TRUE,
        )
    for name in ("Destinazione", "PerConoscenza"):
        for destination in _children(heading, name):
            for element in _children(destination, "Destinatario"):
                yield Addressee(
                    correspondent=_correspondent(element),
                    confirmation_asked=_attribute(destination, "confermaRicezione").lower() in TRUE,
                    for_information=name == "PerConoscenza",
                )


def _correspondent(element: Any) -> Correspondent:
    administration = _child(element, "Amministrazione")
    foreign = _child(element, "AmministrazioneEstera")
    company = _child(element, "PersonaGiuridica")
    person = _child(element, "PersonaFisica")
    person = _child(element, "Persona") if person is None else person
    private = _child(element, "Privato")
    if foreign is not None:
        name = _text(foreign, "DenominazioneAmministrazione")
        return Correspondent(kind=CorrespondentKind.FOREIGN_ADMINISTRATION, name=name)
    if company is not None:
        name, code = _text(company, "Denominazione"), _text(company, "PIVAoCF") or None
        return Correspondent(kind=CorrespondentKind.COMPANY, name=name, tax_code=code)
    if administration is not None:
        return _administration(element, administration)
    if private is not None and _text(private, "DenominazioneImpresa"):
        name, code = _text(private, "DenominazioneImpresa"), _text(private, "PartitaIva") or None
        return Correspondent(kind=CorrespondentKind.COMPANY, name=name, tax_code=code)
    if person is not None or private is not None:
        return _person(person if person is not None else private)
    return Correspondent(kind=CorrespondentKind.COMPANY, name=_text(element, "Denominazione"))


def _administration(element: Any, administration: Any) -> Correspondent:
    area = _child(element, "AOO")
    return Correspondent(
        kind=CorrespondentKind.ADMINISTRATION,
        name=_text(administration, "DenominazioneAmministrazione") or _text(administration, "Denominazione"),
        code=_text(administration, "CodiceIPAAmministrazione")
        or _text(administration, "CodiceAmministrazione")
        or None,
        tax_code=_text(administration, "CFAmministrazione") or None,
        aoo=_text(administration, "CodiceIPAAOO") or _text(area, "CodiceAOO") or None,
    )


def _person(element: Any) -> Correspondent:
    given, surname = _text(element, "Nome"), _text(element, "Cognome")
    return Correspondent(
        kind=CorrespondentKind.PERSON,
        name=_text(element, "Denominazione") or f"{given} {surname}".strip(),
        given_name=given or None,
        surname=surname or None,
        tax_code=_text(element, "CodiceFiscale") or None,
    )


def _attachments(description: Any) -> Iterator[Any]:
    yield from _children(description, "Allegato")
    yield from _descendants(_child(description, "Allegati"), "Documento")


def _described(element: Any) -> DescribedFile:
    mark = _child(element, "Impronta")
    encoded = "".join("".join(mark.itertext()).split()) if mark is not None else ""
    try:
        digest = base64.b64decode(encoded, validate=True) or None
    except binascii.Error:
        digest = None
    stated = _attribute(mark, "algoritmo")
    return DescribedFile(
        name=_attribute(element, "nomeFile") or _attribute(element, "nome") or _text(element, "TitoloDocumento"),
        media_type=_attribute(element, "mimeType") or _attribute(element, "tipoMIME"),
        digest=digest,
        algorithm=DIGEST_BYTES.get(len(digest or b""), stated or "SHA-256"),
        description=_text(element, "Descrizione") or _text(element, "Oggetto") or None,
        signed=_child(element, "firmatoDigitalmente") is not None,
    )


def _children(parent: Any, name: str) -> Iterator[Any]:
    if parent is not None:
        yield from (child for child in parent if isinstance(child.tag, str) and local_name(child) == name)


def _child(parent: Any, name: str) -> Any:
    return next(_children(parent, name), None)


def _descendants(parent: Any, name: str) -> Iterator[Any]:
    if parent is not None:
        yield from (each for each in parent.iter(etree.Element) if local_name(each) == name)


def _text(parent: Any, name: str) -> str:
    element = _child(parent, name)
    return "".join(element.itertext()).strip() if element is not None else ""


def _attribute(element: Any, name: str) -> str:
    if element is None:
        return ""
    return next((str(value).strip() for key, value in element.attrib.items() if etree.QName(key).localname == name), "")
