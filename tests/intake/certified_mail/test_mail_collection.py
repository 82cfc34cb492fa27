"""The certified mailbox read by itself: kept before it is marked, each message once, none in the way of the others (T3)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from intake.arrivals.models import Arrival, ArrivalChannel, ArrivalState, Recognition
from intake.arrivals.recognition import recognise_arrival, recognised_forms
from intake.certified_mail import collection
from intake.certified_mail.collection import Round, collect_mail
from intake.certified_mail.desk import bring_to_desk, read_kept_mail
from intake.certified_mail.keeping import IncomingMail, first_of, keep_mail
from intake.certified_mail.mailbox import MailboxUnavailable, OpenMailbox, open_mailbox
from intake.certified_mail.models import MailBox, MailMessage, MailState
from intake.service import Service
from intake.settings import WrongSettings, read_settings
from intake.storage import StorageFull
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.certified_mail.certified_messages import (
    AT,
    daticert,
    envelope,
    knowing_the_provider,
    ordinary,
    original,
    provider,
    receipt,
    unsigned,
)
from tests.intake.certified_mail.imap_server import PASSWORD, Box, serving
from tests.intake.filings import SARDEGNA, issued

DELIVERED = datetime(2026, 11, 20, 10, 15, 33, tzinfo=UTC)


@pytest.fixture
def service(service: Service, tmp_path: Path) -> Service:
    """An installation that knows the synthetic provider."""
    return knowing_the_provider(service, tmp_path / "gestori")


def with_mailbox(service: Service, port: int, **changed: object) -> Service:
    with service.transaction() as session:
        code = rehearsal_of(session, SARDEGNA).register_code
    mailbox = {
        "mail_host": "127.0.0.1",
        "mail_port": port,
        "mail_security": "none",
        "mail_user": "protocollo",
        "mail_password": SecretStr(PASSWORD),
        "mail_register": code,
    }
    return replace(service, settings=service.settings.model_copy(update=mailbox | changed))


def counts(done: Round) -> tuple[int, int, set[int]]:
    return done.kept, done.copies, done.unreadable


def messages(service: Service) -> list[MailMessage]:
    with service.transaction() as session:
        return list(session.scalars(select(MailMessage).order_by(MailMessage.uid)))


def kept(service: Service, data: bytes, name: str = "messaggio.eml") -> uuid.UUID:
    with service.transaction() as session:
        edition, person = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        return keep_mail(service, session, edition, IncomingMail(name, data), person=person, at=service.clock()).id


def read(service: Service, data: bytes) -> tuple[MailMessage, Arrival | None]:
    mail_id = kept(service, data)
    read_kept_mail(service, mail_id)
    with service.transaction() as session:
        mail = session.get_one(MailMessage, mail_id)
        arrival = session.get(Arrival, mail.arrival_id) if mail.arrival_id else None
        if arrival:
            assert arrival.documents is not None
        return mail, arrival


def test_each_message_is_fetched_once_kept_as_it_is_and_then_marked(service: Service) -> None:
    mail = envelope(original())
    box = Box({3: mail, 5: receipt(), 9: mail})
    with serving(box) as port:
        service = with_mailbox(service, port)
        assert counts(collect_mail(service)) == (2, 1, set())
        assert counts(collect_mail(service)) == (0, 0, set())
        assert box.fetched == [3, 5, 9]
        assert box.seen == [3, 5, 9]
        box.messages[12] = original()
        assert counts(collect_mail(service)) == (1, 0, set())
    found = messages(service)
    assert [each.state for each in found] == [MailState.KEPT, MailState.KEPT, MailState.COPY, MailState.KEPT]
    assert service.store.get(found[0].sha256) == box.messages[3]
    assert found[0].delivered_at == DELIVERED
    with service.transaction() as session:
        assert first_of(session, found[2]).id == found[0].id


def test_numbered_anew_by_the_server_the_same_bytes_are_recognised(service: Service) -> None:
    box = Box({3: receipt()})
    with serving(box) as port:
        service = with_mailbox(service, port)
        collect_mail(service)
        box.validity = 8
        assert counts(collect_mail(service)) == (0, 1, set())


def test_a_message_refused_or_one_that_breaks_the_connection_does_not_stop_the_others(service: Service) -> None:
    box = Box({1: original(), 2: b"", 3: original(subject="Due"), 4: b"x", 5: receipt()}, refused={2}, fatal={4})
    with serving(box) as port:
        service = with_mailbox(service, port)
        assert counts(collect_mail(service)) == (3, 0, {2, 4})
        box.refused.clear()
        box.fatal.clear()
        assert counts(collect_mail(service)) == (2, 0, set())
    with service.transaction() as session:
        note = session.scalars(select(MailBox)).one()
        assert (note.problem, note.unreadable, note.read_at is not None) == (None, 0, True)


def test_a_mailbox_out_of_reach_is_told_and_the_next_round_tries_again(service: Service) -> None:
    box = Box({1: original()})
    with serving(box) as port:
        wrong = with_mailbox(service, port, mail_password=SecretStr("altra"))
        assert counts(collect_mail(wrong)) == (0, 0, set())
        with service.transaction() as session:
            note = session.scalars(select(MailBox)).one()
            assert note.problem is not None
            assert note.read_at is None
        assert counts(collect_mail(with_mailbox(service, port))) == (1, 0, set())
    with pytest.raises(MailboxUnavailable), open_mailbox(with_mailbox(service, port).settings):
        pass
    assert counts(collect_mail(service)) == (0, 0, set()), "without a mailbox there is nothing to do"


def test_b_a_full_disk_is_told_to_the_office_and_the_message_stays_in_the_box(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageFull

    box = Box({1: original()})
    with serving(box) as port:
        service = with_mailbox(service, port)
        with monkeypatch.context() as patched:
            patched.setattr(collection, "keep_mail", full)
            assert counts(collect_mail(service)) == (0, 0, set())
        with service.transaction() as session:
            assert StorageFull.message in (session.scalars(select(MailBox.problem)).one() or "")
        assert box.seen == []
        assert counts(collect_mail(service)) == (1, 0, set())


def test_kept_before_marked_a_crash_in_between_loses_and_doubles_nothing(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box({1: original()})
    with serving(box) as port:
        service = with_mailbox(service, port)

        def crash(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(OpenMailbox, "mark_seen", crash)
            with pytest.raises(KeyboardInterrupt):
                collect_mail(service)
        assert counts(collect_mail(service)) == (0, 0, set())
    assert len(messages(service)) == 1


def test_t3_a_certified_message_with_a_signed_form_finds_its_application(service: Service) -> None:
    application_id, pdf = issued(service)
    p7m = provider_p7m(pdf)
    mail, arrival = read(service, envelope(original(("domanda.pdf.p7m", p7m), ("nota.txt", b"una nota"))))
    assert arrival is not None
    assert (mail.state, arrival.state, arrival.channel) == (
        MailState.ARRIVAL,
        ArrivalState.RECEIVED,
        ArrivalChannel.PEC,
    )
    assert [each.name for each in arrival.documents] == ["messaggio.eml", "domanda.pdf.p7m", "nota.txt"]
    assert arrival.documents[0].sha256 == mail.sha256
    assert (arrival.sender_name, arrival.subject) == ("Alfa", "Domanda di cassa in deroga")
    recognise_arrival(service, arrival.id)
    with service.transaction() as session:
        arrival = session.get_one(Arrival, arrival.id)
        assert arrival.recognition is Recognition.DONE
        (form,) = recognised_forms(session, arrival)
        assert (form.issued.application_id, form.missing) == (application_id, ())


def provider_p7m(pdf: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    signer = provider()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(pdf).add_signer(signer.certificate, signer.key, SHA256())
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def test_s13_a_receipt_is_filed_and_only_a_person_makes_an_arrival_of_it(service: Service) -> None:
    mail, arrival = read(service, receipt())
    assert (mail.state, arrival, mail.reference) == (MailState.RECEIPT, None, "<m1@pec.example>")
    with service.transaction() as session:
        edition, person = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        made = bring_to_desk(session, person, edition, mail.id, at=service.clock())
        assert (made.state, made.entered_by) == (ArrivalState.RECEIVED, person.id)


def test_a_false_receipt_is_an_arrival_with_the_reason_beside_it(service: Service) -> None:
    mail, arrival = read(service, receipt(files=(("domanda.pdf", b"%PDF-1.7"),)))
    assert arrival is not None
    assert mail.reading is not None
    assert [each["code"] for each in mail.reading["remarks"]] == ["receipt.carries_files", "mail.instant_not_certified"]
    assert [each.name for each in arrival.documents] == ["messaggio.eml", "domanda.pdf"]


def test_sixty_megabytes_and_nonsense_are_kept_whole_and_the_rest_goes_on(service: Service) -> None:
    enormous = envelope(original()) + b"x" * (60 * 1024 * 1024)
    mail, arrival = read(service, enormous)
    assert arrival is not None
    assert mail.reading is not None
    assert mail.size == len(enormous)
    assert [each["code"] for each in mail.reading["remarks"]] == ["mail.too_large", "mail.instant_not_certified"]
    assert [each.size for each in arrival.documents] == [mail.size]
    nonsense, arrival = read(service, b"\x00\xff\x00")
    assert nonsense.reading is not None
    assert [each["code"] for each in nonsense.reading["remarks"]] == ["mail.unreadable", "mail.instant_not_certified"]
    assert arrival is not None
    assert arrival.subject == "(senza oggetto)"
    assert read(service, envelope(original()))[1] is not None


def test_t3_an_uploaded_message_arrives_when_the_seal_says_else_when_it_was_uploaded(service: Service) -> None:
    attested, arrival = read(service, envelope(original()))
    assert attested.reading is not None
    assert arrival is not None
    assert (arrival.arrived_at, attested.reading["remarks"]) == (AT, [])
    for data in (unsigned(envelope(original())), b"Date: Mon, 2 Mar 2026 10:00:00 +0100\r\n" + original()):
        mail, arrival = read(service, data)
        assert mail.reading is not None
        assert arrival is not None
        assert arrival.arrived_at == mail.received_at
        assert "mail.instant_not_certified" in [each["code"] for each in mail.reading["remarks"]]


def test_s8_an_envelope_delivered_to_somebody_else_gives_no_earlier_instant(service: Service) -> None:
    elsewhere = envelope(original(), data=daticert(recipient="alfa-archivio@pec.example"))
    mail, arrival = read(service, elsewhere)
    assert mail.reading is not None
    assert arrival is not None
    assert [each["code"] for each in mail.reading["remarks"]] == ["mail.other_recipient", "mail.instant_not_certified"]
    assert (arrival.arrived_at, mail.reading["certified_at"]) == (mail.received_at, None)
    settings = service.settings.model_copy(update={"mail_user": "Alfa-Archivio@pec.example"})
    assert read(replace(service, settings=settings), elsewhere.replace(b"<e1@", b"<e2@"))[1].arrived_at == AT
    another_office = daticert(recipient="Protocollo.Generale@PEC.regione.sardegna.example.it")
    assert read(service, envelope(original(), data=another_office))[1].arrived_at == AT


def test_identifiers_beyond_measure_are_kept(service: Service) -> None:
    identifiers = ["".join(map(chr, numbers)) for numbers in (range(0x4E00, 0x5E00), range(0x5E00, 0x6E00))]
    mail, arrival = read(
        service,
        envelope(original(), headers={"X-Riferimento-Message-ID": identifiers[0]}, message_id=identifiers[1]),
    )
    assert arrival is not None
    assert mail.message_id is not None
    assert mail.reference is not None


def test_s8_a_delivery_on_a_day_that_cannot_be_stops_no_round_and_ranks_nothing_first(service: Service) -> None:
    impossible = ("01-Jan-0000 00:00:00 +0000", "01-Foo-2026 00:00:00 +0000", "31-Dec-9999 23:59:59 -0900")
    message = envelope(original())
    for said in (*impossible, "01-Jan-1970 00:00:00 +0000"):
        with (
            serving(Box({1: message}, delivered=said)) as port,
            open_mailbox(with_mailbox(service, port).settings) as box,
        ):
            fetched = box.fetch(1)
        assert (fetched.delivered_at, fetched.data) == (None, message)


def test_b_a_subject_and_names_beyond_measure_are_kept_and_come_to_the_desk(service: Service) -> None:
    endless = " ".join(f"parola{place}" for place in range(80_000))
    mail, arrival = read(
        service, ordinary(sender=f'"{endless}" <beta@ditta.example>').replace(b"La nostra", endless.encode())
    )
    assert arrival is not None
    assert arrival.subject is not None
    assert arrival.subject.startswith("parola0 parola1")
    assert arrival.sender_name.startswith("parola0 parola1")
    assert service.store.get(mail.sha256).count(b"parola79999") == 2
    said = daticert(sender=f"{endless}@pec.example").replace(b"Domanda di cassa in deroga", b"")
    assert read(service, envelope(original(subject=""), data=said))[1] is not None


def test_another_message_with_the_same_identifier_is_told(service: Service) -> None:
    read(service, envelope(original()))
    mail, arrival = read(service, envelope(original(subject="Altro oggetto")))
    assert arrival is not None
    assert mail.reading is not None
    assert "mail.same_message_id" in [each["code"] for each in mail.reading["remarks"]]


def test_a_message_uploaded_twice_is_one(service: Service) -> None:
    first, second = kept(service, original()), kept(service, original(), "copia.eml")
    with service.transaction() as session:
        copy = session.get_one(MailMessage, second)
        assert (copy.state, first_of(session, copy).id) == (MailState.COPY, first)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"mail_host": "mail.example"}, "SPORTELLO_MAIL_REGISTER"),
        ({"mail_host": "mail.example", "mail_register": "X", "mail_security": "none"}, "SPORTELLO_MAIL_SECURITY"),
    ],
)
def test_a_mailbox_without_register_or_in_the_clear_stops_the_start(wrong: dict[str, str], named: str) -> None:
    with pytest.raises(WrongSettings, match=named):
        read_settings(**wrong)
