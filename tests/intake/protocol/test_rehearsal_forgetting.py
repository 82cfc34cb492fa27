"""N11, S21: some time after its end nothing that people did in a rehearsal is left; nothing live is ever touched."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from intake.applications.models import Application, ApplicationEvent, IssuedForm, Receipt, ReturnedDocument, Submission
from intake.applications.receipts import make_receipt
from intake.arrivals.models import ArrivalChannel
from intake.arrivals.receiving import PaperArrival, Scan, receive_paper
from intake.certified_mail.collection import collect_mail
from intake.checks.models import CheckRun
from intake.editions import create_register_of, ensure_rehearsal
from intake.keys import KeyMissing
from intake.notices.models import NoticeEdition
from intake.people.models import Employer
from intake.protocol.rehearsal_forgetting import forget_ended_rehearsals, named_documents
from intake.service import Service
from intake.storage import DocumentMissing, LocalStore
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.filings import SARDEGNA, checked, issued, sent

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
    assert not service.store.remove(name, before=service.clock() - timedelta(hours=1))
    assert service.store.get(name) == b"due volte"
    aged(service)
    assert service.store.remove(name, before=service.clock() - timedelta(hours=1))
    assert not service.store.remove(name, before=service.clock()), "it is gone already"


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


def test_n11_every_column_that_names_a_document_is_looked_at(service: Service) -> None:
    looked_at = {(each.table.name, each.name) for each in named_documents()}
    assert {("returned_document", "sha256"), ("entry", "document_sha256"), ("mail_message", "sha256")} <= looked_at
    with service.database.engine.connect() as connection:
        columns = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE column_name LIKE '%%sha256' AND data_type IN ('text', 'character varying')"
        )
        assert {(table, column) for table, column in columns} == looked_at


def test_s13_the_mailbox_of_a_rehearsal_that_ended_is_read_no_more(service: Service) -> None:
    code = ended(service)
    named = replace(service, settings=service.settings.model_copy(update={"mail_register": code, "mail_host": "x"}))

    def never() -> None:
        raise AssertionError("nobody opens the box")

    assert collect_mail(named, never).kept == 0
