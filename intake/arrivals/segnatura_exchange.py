"""What another administration sent, held against its segnatura; and what it says of our own letters.

AgID, allegato 6: whoever receives verifies the seal and every digest (3.1.1 B) and says what does not hold by the code of
the anomaly. What comes back about a letter of ours is told beside the letter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.orm import Session

from intake.arrivals.models import Arrival, ArrivalDocument
from intake.arrivals.segnatura_found import (
    FileFound,
    MessageFound,
    SegnaturaFound,
    message_from_json,
    segnatura_from_json,
)
from intake.arrivals.segnatura_seal import SealFound, seal_from_json
from intake.notices.models import NoticeEdition
from intake.service import Service
from protocol_register.entries import shown_number
from protocol_register.search import register_of
from protocol_register.segnatura_messages import MessageKind
from signing.report import Verdict

_WRONG_SEAL, _WRONG_FILES = "001_ValidazioneFirma", "002_AnomaliaImpronte"
_SEAL_FAULTS = {
    Verdict.changed: "La segnatura è stata modificata dopo il sigillo.",
    Verdict.broken: "Il sigillo non corrisponde alla segnatura.",
    Verdict.invalid_certificate: "Il certificato del sigillo non era valido.",
}
_DIGESTS = {"SHA-1": "sha1", "SHA-224": "sha224", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_LARGEST = 2**31 - 1
_SPEAKS_OF: ColumnElement[str] = literal_column("(arrival.found -> 'message' -> 'received' ->> 'number')")
"""As its index has it, word by word."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the recipient of a letter of ours said of it, and the arrival that brought it."""

    message: MessageFound
    arrival: Arrival


def differences(service: Service, arrival: Arrival) -> tuple[str, ...]:
    """Where the files that came are not those that the sender's segnatura describes, in sentences. Empty without one."""
    found = segnatura_from_json((arrival.found or {}).get("segnatura"))
    if found is None:
        return ()
    return tuple(said for each in found.files if (said := _difference(service, arrival.documents, each)))


def anomalies(service: Service, arrival: Arrival) -> tuple[str, ...]:
    """Why the segnatura that came cannot be confirmed, each with AgID's code before its sentence. Empty without one."""
    found = arrival.found or {}
    segnatura, seal = segnatura_from_json(found.get("segnatura")), seal_from_json(found.get("seal"))
    if segnatura is None:
        return ()
    wrong = [f"{_WRONG_FILES}: {each}" for each in differences(service, arrival)]
    return tuple([f"{_WRONG_SEAL}: {said}" for said in _seal_fault(segnatura, seal)] + wrong)


def registration_spoken_of(session: Session, edition: NoticeEdition, message: MessageFound) -> tuple[int, int] | None:
    """Year and number of the registration of ours that a message is about; None where it names none of this register."""
    named = message.received if message.kind != MessageKind.ANNULMENT else None
    register = register_of(session.connection(), edition.register_code)
    if named is None or named.register != register.code or named.administration != register.administration:
        return None
    number = int(named.number)
    return (int(named.day[:4]), number) if number <= _LARGEST else None


def answers_about(session: Session, edition: NoticeEdition, year: int, number: int) -> list[Answered]:
    """What came back, as a message of another administration, about an outgoing registration; the oldest first."""
    received = Arrival.found["message"]["received"]
    arrivals = session.scalars(
        select(Arrival)
        .where(
            Arrival.edition_id == edition.id,
            _SPEAKS_OF.in_([str(number), shown_number(number)]),
            received["register"].astext == edition.register_code,
        )
        .order_by(Arrival.arrived_at)
    )
    found = [(message_from_json((each.found or {}).get("message")), each) for each in arrivals]
    return [
        Answered(message, arrival)
        for message, arrival in found
        if message and registration_spoken_of(session, edition, message) == (year, number)
    ]


def _seal_fault(segnatura: SegnaturaFound, seal: SealFound | None) -> Iterable[str]:
    if seal is None or seal.holds:
        return ()
    if seal.verdict == Verdict.not_signed:
        return ("La segnatura non porta il sigillo che deve avere.",) if segnatura.must_be_sealed else ()
    return (_SEAL_FAULTS.get(Verdict(seal.verdict), "Il sigillo della segnatura non si può verificare."),)


def _difference(service: Service, documents: Iterable[ArrivalDocument], described: FileFound) -> str | None:
    came = [each for each in documents if each.name.casefold() == described.name.casefold()]
    if not came:
        return f"Il documento «{described.name}» descritto nella segnatura non è arrivato."
    if not described.digest:
        return None
    algorithm = _DIGESTS.get(described.algorithm)
    if algorithm is None:
        return f"L'impronta di «{described.name}» è in un algoritmo non previsto ({described.algorithm})."
    if any(_digest(service, each, algorithm) == described.digest for each in came):
        return None
    return f"L'impronta di «{described.name}» nella segnatura non è quella del file arrivato."


def _digest(service: Service, document: ArrivalDocument, algorithm: str) -> str:
    if algorithm == "sha256":
        return document.sha256
    return hashlib.new(algorithm, service.store.get(document.sha256), usedforsecurity=False).hexdigest()
