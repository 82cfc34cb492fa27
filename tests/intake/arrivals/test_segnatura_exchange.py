"""A segnatura that comes with a certified message is read, compared, and answered as AgID's allegato 6 asks (S13, T7)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from intake.arrivals.answer import AnswerText, answer_arrival
from intake.arrivals.models import Arrival
from intake.arrivals.recognition import recognise_arrival
from intake.arrivals.registered_anew import NotToRegisterAnew, register_anew
from intake.arrivals.registration import RegistrationFacts, Sender, register_arrival, reject_arrival
from intake.arrivals.segnatura_exchange import anomalies, answers_about, differences, registration_spoken_of
from intake.arrivals.segnatura_found import message_from_json, message_in, segnatura_in
from intake.arrivals.segnatura_reply import HandedOut, annulment_message, hand_out, reply_to
from intake.arrivals.segnatura_seal import seal_from_json
from intake.cases.annulment import annul_registration
from intake.certified_mail.desk import read_kept_mail
from intake.certified_mail.models import MailMessage
from intake.protocol.segnatura import xml_seal
from intake.service import Service
from protocol_register.entries import PartyKind
from protocol_register.search import entry_of, register_of
from protocol_register.segnatura import (
    Addressee,
    Correspondent,
    CorrespondentKind,
    DescribedFile,
    FilingCode,
    RegistrationId,
    Segnatura,
    identifier_of,
)
from protocol_register.segnatura_messages import MessageKind, ProtocolMessage, read_message, write_message
from protocol_register.segnatura_writing import write_segnatura
from signing.inspect import inspect_signatures
from signing.trust import TrustStore
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.certified_mail.certified_messages import envelope, original
from tests.intake.certified_mail.test_mail_collection import kept
from tests.intake.filings import SARDEGNA
from tests.protocol_register.test_register_segnatura import OLD

pytestmark = pytest.mark.shared_installation

PDF = b"%PDF-1.7 nota"
THEIRS = RegistrationId(
    administration="c_prova",
    administration_name="Comune di Prova",
    aoo="A9Z8Y7X",
    register="PG",
    number="0000815",
    day=date(2026, 11, 2),
)


def segnatura(service: Service, *, of: bytes = PDF, name: str = "nota.pdf") -> bytes:
    """What the Comune di Prova sends with its document; sealed with a key of ours, which nobody looks at."""
    import hashlib

    comune = Correspondent(kind=CorrespondentKind.ADMINISTRATION, name="Comune di Prova", code="c_prova", aoo="A9Z8Y7X")
    region = Correspondent(kind=CorrespondentKind.ADMINISTRATION, name="Regione", code="r_prova", aoo="A1B2C3D")
    made = Segnatura(
        identifier=THEIRS,
        subject="Richiesta di notizie",
        classification=FilingCode(name="Lavoro", code="4.2"),
        sender=comune,
        recipients=(Addressee(correspondent=region, confirmation_asked=True),),
        document=DescribedFile(name=name, media_type="application/pdf", digest=hashlib.sha256(of).digest()),
    )
    with service.transaction() as session:
        code = rehearsal_of(session, SARDEGNA).register_code
    return write_segnatura(made, xml_seal(service, code), at=datetime(2026, 11, 2, 9, tzinfo=UTC))


def came(service: Service, *files: tuple[str, bytes]) -> uuid.UUID:
    """An arrival by certified mail with these attachments, looked at."""
    mail_id = kept(service, envelope(original(*files)))
    read_kept_mail(service, mail_id)
    with service.transaction() as session:
        arrival_id = session.get_one(MailMessage, mail_id).arrival_id
    recognise_arrival(service, arrival_id)
    return arrival_id


def registered(service: Service, arrival_id: uuid.UUID) -> Arrival:
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        facts = RegistrationFacts(Sender("Comune di Prova", PartyKind.ADMINISTRATION), "Richiesta di notizie")
        return register_arrival(service, session, protocol, edition, arrival_id, facts, at=service.clock())


def replied(service: Service, arrival_id: uuid.UUID) -> ProtocolMessage | None:
    with service.transaction() as session:
        reply = reply_to(service, session, session.get_one(Arrival, arrival_id))
    if reply is None:
        return None
    message = read_message(reply.content)
    assert message.kind is reply.kind
    return message


def handed_out(service: Service, arrival_id: uuid.UUID) -> HandedOut:
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        return hand_out(service, session, protocol, edition, arrival_id, at=service.clock())


def annulled(service: Service, year: int, number: int) -> None:
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        facts = {"act": "Det. 3", "reason": "Registrata due volte", "at": service.clock()}
        annul_registration(service, session, protocol, edition, year, number, **facts)


def registered_again(service: Service, arrival_id: uuid.UUID, name: str = "Comune di Prova") -> Arrival:
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        facts = RegistrationFacts(Sender(name, PartyKind.ADMINISTRATION), "Richiesta di notizie")
        return register_anew(service, session, protocol, edition, arrival_id, facts)


def test_s13_a_registered_message_is_confirmed_with_both_registrations(service: Service) -> None:
    arrival_id = came(service, ("nota.pdf", PDF), ("Segnatura.xml", segnatura(service)))
    assert replied(service, arrival_id) is None, "nothing to confirm before it has a number"
    arrival = registered(service, arrival_id)
    message = replied(service, arrival_id)
    assert (message.kind, message.received) == (MessageKind.CONFIRMATION, THEIRS)
    with service.transaction() as session:
        register = register_of(session.connection(), arrival.register_code)
        assert differences(service, session.get_one(Arrival, arrival_id)) == ()
    assert (message.identifier.number, message.identifier.register) == (arrival.number_shown, register.code)
    annulled(service, arrival.year, arrival.number)
    told = replied(service, arrival_id)
    assert (told.kind, told.act, told.reason) == (MessageKind.ANNULMENT, "Det. 3", "Registrata due volte")


def test_s13_a_confirmed_number_that_is_replaced_is_updated_and_one_that_is_not_known_is_confirmed(
    service: Service,
) -> None:
    arrival_id = came(service, ("nota.pdf", PDF), ("Segnatura.xml", segnatura(service)))
    first = registered(service, arrival_id)
    with pytest.raises(NotToRegisterAnew):
        registered_again(service, arrival_id)
    given = handed_out(service, arrival_id)
    assert (given.name, given.sealed_name) == ("Conferma.xml", "Conferma.asics")
    assert handed_out(service, arrival_id) == given, "while nothing changes, the same files"
    annulled(service, first.year, first.number)
    second = registered_again(service, arrival_id, "Comune di Prova Nuova")
    assert second.number != first.number
    message = replied(service, arrival_id)
    assert (message.kind, message.identifier.number) == (MessageKind.UPDATE, second.number_shown)
    assert message.received == THEIRS
    annulled(service, second.year, second.number)
    told = replied(service, arrival_id)
    assert (told.kind, told.identifier.number) == (MessageKind.ANNULMENT, first.number_shown), "the number they know"
    third = registered_again(service, arrival_id)
    assert handed_out(service, arrival_id).name == "Aggiornamento.xml"
    message = replied(service, arrival_id)
    assert (message.kind, message.identifier.number) == (MessageKind.CONFIRMATION, third.number_shown)
    with service.transaction() as session:
        arrival, connection = session.get_one(Arrival, arrival_id), session.connection()
        entry = entry_of(connection, third.register_code, third.year, third.number)
        assert (entry.sender.name, entry.arrival_instant) == ("Comune di Prova", arrival.arrived_at)
        assert entry.document == entry_of(connection, first.register_code, first.year, first.number).document
        assert [each.name for each in arrival.events if each.name in {"registered_anew", "message_handed_out"}] == [
            "message_handed_out",
            "registered_anew",
            "registered_anew",
            "message_handed_out",
        ]


def test_c6_the_database_lets_a_number_go_only_with_its_annulment(service: Service) -> None:
    arrival = registered(service, came(service, ("nota.pdf", PDF)))
    changed = update(Arrival).where(Arrival.id == arrival.id)
    nothing = dict.fromkeys(("register_code", "year", "number", "registered_at"))
    with pytest.raises(DBAPIError, match="never changes"), service.transaction() as session:
        session.execute(changed.values(number=arrival.number + 1))
    annulled(service, arrival.year, arrival.number)
    with pytest.raises(DBAPIError, match="never changes"), service.transaction() as session:
        session.execute(changed.values(**nothing))


def test_s13_the_container_bears_the_same_message_and_a_seal_that_holds(service: Service) -> None:
    arrival_id = came(service, ("nota.pdf", PDF), ("Segnatura.xml", segnatura(service)))
    registered(service, arrival_id)
    given = handed_out(service, arrival_id)
    report = inspect_signatures(given.sealed, name=given.sealed_name, trust=TrustStore.empty(), at=service.clock())
    assert (report.container, report.content.data) == ("asic-s", given.content)
    (signature,) = report.signatures
    assert (signature.format, signature.intact, signature.covers) == ("XAdES", True, "whole_file")
    back = came(service, (given.name, given.content), (given.sealed_name, given.sealed))
    other = came(
        service, (given.name, given.content.replace(b"0000815", b"0000816")), (given.sealed_name, given.sealed)
    )
    with service.transaction() as session:
        assert seal_from_json(session.get_one(Arrival, back).found["seal"]).holds
        assert session.get_one(Arrival, other).found["seal"] is None, "that seal is around another message"


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        (lambda xml: xml.replace(b"Richiesta di notizie", b"Richiesta di denaro"), "non corrisponde alla segnatura"),
        (lambda xml: re.sub(rb"<ds:Signature.*</ds:Signature>", b"", xml, flags=re.DOTALL), "non porta il sigillo"),
    ],
)
def test_s13_a_segnatura_whose_seal_does_not_hold_is_answered_with_the_anomaly(
    service: Service, spoiled: Callable[[bytes], bytes], said: str
) -> None:
    arrival_id = came(service, ("nota.pdf", PDF), ("Segnatura.xml", spoiled(segnatura(service))))
    arrival = registered(service, arrival_id)
    message = replied(service, arrival_id)
    assert (message.kind, message.identifier.number) == (MessageKind.EXCEPTION, arrival.number_shown)
    assert message.reason.startswith("001_ValidazioneFirma: ")
    assert said in message.reason
    with service.transaction() as session:
        assert anomalies(service, session.get_one(Arrival, arrival_id)) == (message.reason,)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ((("nota.pdf", PDF + b" cambiata"),), "non è quella del file arrivato"),
        ((("altro.pdf", PDF),), "non è arrivato"),
    ],
)
def test_s13_files_that_are_not_the_described_ones_are_told_in_an_exception(
    service: Service, files: tuple[tuple[str, bytes], ...], said: str
) -> None:
    arrival_id = came(service, *files, ("segnatura.xml", segnatura(service)))
    registered(service, arrival_id)
    message = replied(service, arrival_id)
    assert (message.kind, message.received) == (MessageKind.EXCEPTION, THEIRS)
    assert said in message.reason
    assert message.reason.startswith("002_AnomaliaImpronte: ")
    assert message.identifier is not None


def test_s13_what_is_not_registered_is_told_with_its_reason_and_old_formats_by_description(service: Service) -> None:
    old = OLD.format(algorithm="SHA-1", digest="", register="").encode("iso-8859-1")
    arrival_id = came(service, ("Segnatura.xml", old))
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        reject_arrival(session, protocol, edition, arrival_id, "Non è per questo ufficio", at=service.clock())
    message = replied(service, arrival_id)
    assert (message.kind, message.identifier, message.received) == (MessageKind.EXCEPTION, None, None)
    assert message.reason == "000_Irricevibile: Non è per questo ufficio"
    assert "0000815" in message.received_description


def test_s13_a_confirmation_of_our_letter_is_told_beside_the_letter(service: Service) -> None:
    arrival_id = came(service, ("nota.pdf", PDF))
    assert replied(service, arrival_id) is None, "without a segnatura nobody waits for a message"
    registered(service, arrival_id)
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        answer = AnswerText("Risposta", "Ecco le notizie.")
        at = service.clock()
        letter = answer_arrival(service, session, protocol, edition, arrival_id, answer, answers_seen=0, at=at)
    with service.transaction() as session:
        register = register_of(session.connection(), letter.register)
        ours = identifier_of(register, entry_of(session.connection(), letter.register, letter.year, letter.number))
    confirmation = ProtocolMessage(kind=MessageKind.CONFIRMATION, identifier=THEIRS, received=ours)
    back = came(service, ("Conferma.xml", write_message(confirmation)))
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
        (answered,) = answers_about(session, edition, letter.year, letter.number)
        assert (answered.arrival.id, answered.message.own.number) == (back, THEIRS.number)
        assert answers_about(session, edition, letter.year, letter.number + 1) == []
        message = message_from_json(session.get_one(Arrival, back).found["message"])
        assert registration_spoken_of(session, edition, message) == (letter.year, letter.number)
        foreign, _ = message_in([write_message(ProtocolMessage(**{**vars(confirmation), "received": THEIRS}))])
        assert registration_spoken_of(session, edition, foreign) is None, "another register's number is not ours"
        place = (letter.register, letter.year, letter.number)
        assert annulment_message(service, session, edition, place) is None
    annulled(service, letter.year, letter.number)
    with service.transaction() as session:
        reply = annulment_message(service, session, rehearsal_of(session, SARDEGNA), place)
    message = read_message(reply.content)
    assert (message.kind, message.identifier.number) == (MessageKind.ANNULMENT, letter.shown_number)


@pytest.mark.parametrize(
    "hostile", [b"", b"<ConfermaRicezione/", b"<fattura/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>']
)
def test_b_xml_of_another_kind_says_nothing(hostile: bytes) -> None:
    assert message_in([hostile]) is None
    assert segnatura_in([hostile]) is None
