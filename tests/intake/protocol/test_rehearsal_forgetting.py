"""N11, S21: some time after its end nothing that people did in a rehearsal is left; nothing live is ever touched."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.event import listen, remove
from sqlalchemy.exc import DBAPIError

from intake.applications.draft import open_draft
from intake.applications.list_proposal_models import ListProposal, ProposalState
from intake.applications.models import Application, ApplicationEvent, IssuedForm, Receipt, ReturnedDocument, Submission
from intake.applications.receipts import make_receipt
from intake.arrivals.models import ArrivalChannel, ArrivalState
from intake.arrivals.moves import lock_arrival, move_arrival
from intake.arrivals.receiving import PaperArrival, Scan, receive_paper
from intake.certified_mail.collection import collect_mail
from intake.certified_mail.keeping import IncomingMail, keep_mail
from intake.checks.models import CheckRun
from intake.editions import create_register_of, ensure_rehearsal
from intake.keys import KeyMissing
from intake.notices.models import NoticeEdition
from intake.people.models import Employer
from intake.protocol.daily import close_days
from intake.protocol.emergency import import_file
from intake.protocol.models import DocumentToRemove
from intake.protocol.outgoing import Communication, OutgoingFile, send_registered
from intake.protocol.rehearsal_documents import named_documents
from intake.protocol.rehearsal_forgetting import forget_ended_rehearsals
from intake.service import Service
from intake.storage import DocumentMissing, LocalStore, Removal
from protocol_register.entries import Party, PartyKind
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.arrivals.paper_desk import arrive
from tests.intake.filings import SARDEGNA, checked, issued, sent
from tests.intake.protocol.test_daily_register import days_later

KEPT = timedelta(days=30)
OLD = timedelta(hours=3)


def done_in_the_rehearsal(service: Service) -> tuple[uuid.UUID, set[str]]:
    """A transmitted application with its receipt, in a rehearsal; the hashes of everything stored for it."""
    application_id, _ = issued(service)
    checked(service, application_id)
    sent(service, application_id)
    with service.transaction() as session:
        receipt_id = session.scalars(select(Receipt.id).where(Receipt.application_id == application_id)).first()
    make_receipt(service, receipt_id)
    with service.transaction() as session:
        form = session.scalars(select(IssuedForm.pdf_sha256)).one()
        documents = session.scalars(select(ReturnedDocument.sha256)).all()
        return application_id, {form, *documents, session.get_one(Receipt, receipt_id).pdf_sha256}


def aged(service: Service) -> None:
    """What lies in the store was put there hours ago."""
    assert isinstance(service.store, LocalStore)
    then = (service.clock() - OLD).timestamp()
    for path in service.store.folder.glob("*/*"):
        os.utime(path, (then, then))


def ended(service: Service) -> str:
    """The next rehearsal opens; the code of the one that ended with it."""
    with service.transaction() as session:
        code = rehearsal_of(session, SARDEGNA).register_code
    ensure_rehearsal(service, service.packs[SARDEGNA], at=service.clock() + timedelta(days=3650))
    return code


def kept_in_store(service: Service, hashes: set[str]) -> set[str]:
    found = set()
    for each in hashes:
        try:
            service.store.get(each)
        except DocumentMissing:
            continue
        found.add(each)
    return found


def test_n11_after_its_time_nothing_of_the_rehearsal_is_left_but_its_code(service: Service) -> None:
    _, hashes = done_in_the_rehearsal(service)
    aged(service)
    code = ended(service)
    retired = service.clock() + timedelta(days=3650)
    assert forget_ended_rehearsals(service, at=retired + timedelta(days=29)) == [], "people may still read it"
    assert kept_in_store(service, hashes) == hashes
    (gone,) = forget_ended_rehearsals(service, at=retired + KEPT)
    assert (gone.register_code, gone.applications, gone.files, gone.spared) == (code, 1, len(hashes), 0)
    assert kept_in_store(service, hashes) == set()
    with service.transaction() as session:
        for table in (Application, ApplicationEvent, IssuedForm, ReturnedDocument, Submission, Receipt, CheckRun):
            assert session.scalar(select(func.count()).select_from(table)) == 0, table
        assert session.scalar(select(func.count()).select_from(Employer)), "firms are not the rehearsal's"
        edition = session.scalars(select(NoticeEdition).where(NoticeEdition.register_code == code)).one()
        assert edition.forgotten_at is not None, "the code stays, so that it is never given again"
    with pytest.raises(KeyMissing):
        service.keys.form_key(code)
    assert forget_ended_rehearsals(service, at=retired + 2 * KEPT) == [], "done again, it does nothing"
    with service.database.owner_engine() as owner, owner.begin() as connection:
        disabled = "SELECT count(*) FROM pg_trigger WHERE tgname = 'append_only' AND tgenabled = 'D'"
        assert connection.exec_driver_sql(disabled).scalar() == 0


def test_n11_a_file_that_is_needed_elsewhere_stays(service: Service) -> None:
    _, hashes = done_in_the_rehearsal(service)
    with service.transaction() as session:
        shared = session.scalars(select(ReturnedDocument.sha256)).one()
    aged(service)
    ended(service)
    with service.transaction() as session:
        elsewhere, protocol = rehearsal_of(session, "basilicata-2020"), person_named(session, "protocollo")
        paper, scans = PaperArrival(ArrivalChannel.COUNTER, service.clock()), [Scan("a.pdf", service.store.get(shared))]
        receive_paper(service, session, protocol, elsewhere, paper, scans, at=service.clock())
    (gone,) = forget_ended_rehearsals(service, at=service.clock() + timedelta(days=9000), kept=timedelta(0))
    assert (gone.files, gone.spared) == (len(hashes) - 1, 1)
    assert kept_in_store(service, hashes) == {shared}


def test_n11_what_was_stored_again_a_moment_ago_is_not_removed(service: Service) -> None:
    name = service.store.put(b"due volte")
    aged(service)
    service.store.put(b"due volte")
    assert service.store.remove(name, before=service.clock() - timedelta(hours=1)) is Removal.TOO_RECENT
    assert service.store.get(name) == b"due volte"
    aged(service)
    assert service.store.remove(name, before=service.clock() - timedelta(hours=1)) is Removal.REMOVED
    assert service.store.remove(name, before=service.clock()) is Removal.ABSENT, "it is gone already"


def test_n11_a_live_edition_and_a_rehearsal_in_course_are_never_forgotten(service: Service) -> None:
    done_in_the_rehearsal(service)
    with service.transaction() as session:
        live = session.scalars(
            select(NoticeEdition).where(NoticeEdition.notice_id == SARDEGNA, NoticeEdition.kind == "live")
        ).one()
    create_register_of(service, live)
    assert forget_ended_rehearsals(service, at=service.clock() + timedelta(days=90000), kept=timedelta(0)) == []
    with service.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Application)) == 1
    assert service.keys.form_key(live.register_code)
    with (
        pytest.raises(DBAPIError, match="forgotten"),
        service.database.owner_engine() as owner,
        owner.begin() as connection,
    ):
        connection.exec_driver_sql("UPDATE notice_edition SET forgotten_at = now() WHERE kind = 'live'")


REPEATED = {
    ("arrival_receipt", "facts"): "files of the arrival",
    ("check_run", "documents"): "returned documents",
    ("receipt", "facts"): "returned documents",
    ("submission", "snapshot"): "the issued form and the returned documents",
}
"""Columns with hashes of documents that other rows of the same application or arrival name too, which go no earlier."""
WITHOUT_DOCUMENTS = {
    *{("application", "draft"), ("arrival", "found"), ("arrival", "sender"), ("mail_message", "reading")},
    *{("issued_form", "data"), ("issued_form", "form_map"), ("list_proposal", "reading"), ("finding", "box")},
    *{("extracted_value", "box"), ("extracted_value", "rules"), ("signed_publication", "report")},
    *{("emergency_import", "numbers"), ("emergency_import", "problems"), ("emergency_period", "operations")},
    *{("entry", "sender"), ("entry", "recipients"), ("register_head", "frontier")},
    *(
        ("check_run", name)
        for name in ("verdicts", "reading", "stamps", "declarations", "identity", "stack", "agreement", "worker_list")
    ),
}


def test_n11_every_column_that_names_a_document_is_looked_at(service: Service) -> None:
    """A new column of hashes, or a new array or JSON, is known to the forgetting or said here to name no document."""
    looked_at = {(each.table.name, each.name) for each in named_documents()}
    assert {("returned_document", "sha256"), ("entry", "document_sha256"), ("mail_message", "sha256")} <= looked_at
    with service.database.engine.connect() as connection:
        columns = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns WHERE "
            "table_schema IN ('public', 'protocol_register') AND table_name NOT LIKE 'procrastinate%%' AND "
            "(column_name LIKE '%%sha256' AND data_type IN ('text', 'character varying') OR data_type IN ('jsonb', 'ARRAY'))"
        )
        assert {(table, column) for table, column in columns} == looked_at | set(REPEATED) | WITHOUT_DOCUMENTS


def a_day_of_the_desk(service: Service) -> None:
    """In a rehearsal: a letter answered, an uploaded message, a list of workers, a sheet of the emergency, the day closed."""
    arrival_id, firm = arrive(service, b"%PDF-1.7 lettera"), Party(kind=PartyKind.COMPANY, name="ALFA SRL")
    with service.transaction() as session:
        edition, person = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        application = open_draft(
            session,
            person_named(session, "consulente"),
            edition,
            session.scalars(select(Employer.id).where(Employer.name == "ALFA SRL")).one(),
            at=service.clock(),
        )
        files = [{"name": "elenco.csv", "sha256": service.store.put(b"elenco"), "size": 6}]
        session.add(
            ListProposal(
                application_id=application.id,
                files=files,
                state=ProposalState.READ,
                requested_at=service.clock(),
                requested_by=person.id,
                reading={"rows": []},
            )
        )
        mail = IncomingMail("messaggio.eml", b"Subject: prova\r\n\r\nprova")
        keep_mail(service, session, edition, mail, person=person, at=service.clock())
        arrival = lock_arrival(session, arrival_id)
        arrival.state = ArrivalState.REGISTERED
        letter = Communication(
            subject="Risposta",
            recipients=(firm,),
            main=OutgoingFile("risposta.pdf", b"%PDF-1.7 risposta"),
            attachments=(OutgoingFile("allegato.pdf", b"%PDF-1.7 allegato"),),
        )
        answer = send_registered(service, session, edition, letter, operator="office:1")
        told = {"number": answer.entry.shown_number, "segnatura_sha256": answer.segnatura_sha256}
        move_arrival(session, arrival, "answered", person=person, at=service.clock(), **told)
    import_file(service, edition.register_code, "emergenza.csv", b"x", operator="office:1", at=service.clock())
    close_days(days_later(service, 1))


def stored(service: Service) -> set[str]:
    assert isinstance(service.store, LocalStore)
    return {path.name for path in service.store.folder.glob("*/*")}


def test_n11_of_a_day_of_the_desk_no_file_is_left_in_the_store(service: Service) -> None:
    """Scans, messages, lists, sheets, letters with their segnatura, daily registers."""
    before = stored(service)
    a_day_of_the_desk(service)
    assert len(stored(service) - before) >= 9
    aged(service)
    code = ended(service)
    still = service.clock() + timedelta(days=3650)
    drawn = service.settings.data / "page-images" / "ab" / "abcd"
    drawn.parent.mkdir(parents=True, exist_ok=True)
    drawn.write_bytes(b"una pagina della lettera")
    assert forget_ended_rehearsals(service, at=still) == [], "the application is kept for its time"
    assert stored(service) == before
    assert not drawn.exists(), "pictures of its pages go with a scan"
    (gone,) = forget_ended_rehearsals(service, at=still + KEPT)
    assert (gone.register_code, gone.applications, gone.files) == (code, 1, 0)


@dataclass(frozen=True)
class CutShort(LocalStore):
    """A store whose machine loses power at its first removal."""

    def remove(self, sha256: str, *, before: datetime) -> Removal:
        raise ConnectionError(sha256, before)


def test_n11_cut_short_between_the_rows_and_the_files_the_next_round_removes_them(service: Service) -> None:
    _, hashes = done_in_the_rehearsal(service)
    aged(service)
    ended(service)
    later = service.clock() + timedelta(days=3650) + KEPT
    assert isinstance(service.store, LocalStore)
    with pytest.raises(ConnectionError):
        forget_ended_rehearsals(replace(service, store=CutShort(service.store.folder)), at=later)
    with service.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Application)) == 0
    assert hashes <= stored(service)
    assert forget_ended_rehearsals(service, at=later) == [], "the rehearsal was forgotten, its files were not"
    assert kept_in_store(service, hashes) == set()
    with service.database.owner_engine() as owner, owner.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(DocumentToRemove)) == 0


def test_n11_a_document_noted_while_another_round_looks_is_not_removed_unlooked_at(service: Service) -> None:
    """Another rehearsal is wiped between the look at what is named and the look at what is noted."""
    arrive(service, b"%PDF-1.7 una lettera che serve")
    aged(service)
    (needed,) = stored(service)
    done: list[str] = []

    def noted_meanwhile(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("DELETE FROM document_to_remove") and not done:
            done.append(statement)
            note(needed)

    def note(document: str) -> None:
        with service.database.owner_engine() as owner, owner.begin() as connection:
            connection.execute(insert(DocumentToRemove).values(register_code="PROVA-9-SAR20", document=document))

    note("0" * 64)
    listen(Engine, "after_cursor_execute", noted_meanwhile)
    try:
        forget_ended_rehearsals(service, at=service.clock())
    finally:
        remove(Engine, "after_cursor_execute", noted_meanwhile)
    assert len(done) == 1
    assert stored(service) == {needed}


def test_n11_what_was_stored_a_moment_ago_waits_for_the_next_round(service: Service) -> None:
    arrive(service, b"%PDF-1.7 appena arrivata")
    ended(service)
    (fresh,) = stored(service)
    forget_ended_rehearsals(service, at=service.clock())
    assert stored(service) == {fresh}
    forget_ended_rehearsals(service, at=service.clock() + OLD)
    assert stored(service) == set()


def test_s13_the_mailbox_of_a_rehearsal_that_ended_is_read_no_more(service: Service) -> None:
    code = ended(service)
    named = replace(service, settings=service.settings.model_copy(update={"mail_register": code, "mail_host": "x"}))

    def never() -> None:
        raise AssertionError("nobody opens the box")

    assert collect_mail(named, never).kept == 0
