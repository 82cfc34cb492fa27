"""The messages that administrations answer each other with about a registration (AgID, allegato 6, appendix C).

They are not registered themselves. Written in the namespace of certified mail of schema 3.0; read in any format.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lxml import etree

from protocol_register.errors import SegnaturaUnreadable
from protocol_register.segnatura import RegistrationId
from protocol_register.segnatura_reading import read_identifier
from protocol_register.segnatura_writing import PROT, VERSION, add_identifier
from protocol_register.xml_text import local_name, read_foreign_xml, xml_text

PEC = "http://www.agid.gov.it/protocollo/pec/"


class MessageKind(StrEnum):
    """What a message says, by the name of its root element."""

    CONFIRMATION = "ConfermaRicezione"
    UPDATE = "AggiornamentoConferma"
    EXCEPTION = "NotificaEccezione"
    ANNULMENT = "AnnullamentoProtocollazione"


FILE_NAMES = {
    MessageKind.CONFIRMATION: "Conferma.xml",
    MessageKind.UPDATE: "Aggiornamento.xml",
    MessageKind.EXCEPTION: "Eccezione.xml",
    MessageKind.ANNULMENT: "Annullamento.xml",
}


@dataclass(frozen=True, kw_only=True)
class ProtocolMessage:
    """One service message.

    `identifier`: the registration of who writes (of the annulled entry, in an annulment); None only in an exception
    about what was not registered. `received`: the registration of the message spoken of, or `received_description`
    where it has none. `reason` is of exceptions and annulments, `act` of annulments.
    """

    kind: MessageKind
    identifier: RegistrationId | None = None
    received: RegistrationId | None = None
    received_description: str | None = None
    reason: str | None = None
    act: str | None = None


def write_message(message: ProtocolMessage) -> bytes:
    """The message as XML. Raises ValueError when it lacks what its kind must say."""
    _check(message)
    root = etree.Element(_q(message.kind.value), nsmap={"pec": PEC, "prot": PROT})
    root.set(_q("versione"), VERSION)
    root.set(_q("lang"), "it")
    if message.identifier is not None:
        add_identifier(root, message.identifier, _q("Identificatore"))
    if message.kind is not MessageKind.ANNULMENT:
        received = etree.SubElement(root, _q("MessaggioRicevuto"))
        if message.received is not None:
            add_identifier(received, message.received, _q("Identificatore"))
        else:
            _add(received, "DescrizioneMessaggio", message.received_description or "")
    if message.reason is not None:
        _add(root, "Motivo", message.reason)
    if message.act is not None:
        _add(root, "Provvedimento", message.act)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def read_message(data: bytes) -> ProtocolMessage:
    """The message that another administration sent. Raises ForeignXmlRefused and SegnaturaUnreadable."""
    root = read_foreign_xml(data)
    if local_name(root) not in set(MessageKind):
        raise SegnaturaUnreadable(reason=f"la radice è {local_name(root)}")
    received = _child(root, "MessaggioRicevuto")
    own, theirs = _child(root, "Identificatore"), _child(received, "Identificatore")
    return ProtocolMessage(
        kind=MessageKind(local_name(root)),
        identifier=read_identifier(own) if own is not None else None,
        received=read_identifier(theirs) if theirs is not None else None,
        received_description=_text(received, "DescrizioneMessaggio"),
        reason=_text(root, "Motivo"),
        act=_text(root, "Provvedimento"),
    )


def _check(message: ProtocolMessage) -> None:
    annulment = message.kind is MessageKind.ANNULMENT
    says_received = message.received is not None or bool(message.received_description)
    wrong = [
        ("identifier", message.identifier is None and message.kind is not MessageKind.EXCEPTION),
        ("received", says_received == annulment),
        ("reason", bool(message.reason) != (annulment or message.kind is MessageKind.EXCEPTION)),
        ("act", bool(message.act) != annulment),
    ]
    faults = [name for name, faulty in wrong if faulty]
    if faults:
        raise ValueError(f"a {message.kind.value} is wrong in {', '.join(faults)}")


def _q(name: str) -> str:
    return f"{{{PEC}}}{name}"


def _add(parent: Any, name: str, value: str) -> None:
    etree.SubElement(parent, _q(name)).text = xml_text(value)


def _child(parent: Any, name: str) -> Any:
    if parent is None:
        return None
    return next((each for each in parent if isinstance(each.tag, str) and local_name(each) == name), None)


def _text(parent: Any, name: str) -> str | None:
    element = _child(parent, name)
    return "".join(element.itertext()).strip() or None if element is not None else None
