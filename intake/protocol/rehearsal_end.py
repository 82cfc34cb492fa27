"""A rehearsal's records end with it: register, daily registers, emergencies, stamp uses, packages, head, arrivals, messages,
and what was read in its documents."""

from __future__ import annotations

import shutil

from sqlalchemy import Connection, delete, null, select, update

from intake.applications.list_proposal_models import ListProposal
from intake.applications.models import Application
from intake.arrivals.models import Arrival, ArrivalDocument, ArrivalEvent, ArrivalReceipt
from intake.cases.annulment_models import AnnulmentWord
from intake.cases.models import ReviewedValue
from intake.certified_mail.models import MailMessage
from intake.checks.models import CheckRun, ExtractedValue
from intake.notices.models import NoticeEdition
from intake.protocol.models import DailyRegister, EmergencyImport
from intake.protocol.rehearsal_documents import note_documents
from intake.service import Service
from intake.stamp_ledger.models import StampUse
from protocol_register.keys import check_code
from protocol_register.registration import wipe_rehearsal_register
from protocol_register.search import registers

_ONLY_ADDED = ("arrival_document", "arrival_event", "emergency_import", "extracted_value", "reviewed_value")
_READ = ("reading", "declarations", "identity", "stack", "agreement", "worker_list")
"""Columns of a run of checks that hold what was read in the documents."""


def wipe_retired_rehearsals(service: Service) -> None:
    """Removes the records of every rehearsal that was retired and still has its register; done again, it does nothing."""
    with service.transaction() as session:
        standing = [register.code for register in registers(session.connection())]
        retired = session.scalars(
            select(NoticeEdition.register_code).where(
                NoticeEdition.kind == "rehearsal",
                NoticeEdition.retired_at.is_not(None),
                NoticeEdition.register_code.in_(standing),
            )
        ).all()
    for code in retired:
        wipe_rehearsal_records(service, code)


def wipe_rehearsal_records(service: Service, register_code: str) -> None:
    """Removes everything that was done in the register of a rehearsal; its key stays with the edition's others.

    The owner role does it, nobody else can. Packages and heads go before the rows are gone for good: cut short, it is done
    again. The documents that the rows name are noted, and go from the store once the rows are gone for good.
    Raises ``NotRehearsal`` for a live register, ``UnknownRegister``.
    """
    check_code(register_code)
    with service.database.owner_engine() as owner, owner.begin() as connection:
        for table in _ONLY_ADDED:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        note_documents(connection, register_code)
        wipe_rehearsal_register(connection, register_code)
        _wipe_rows(connection, register_code)
        for table in _ONLY_ADDED:
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER append_only")
        _remove_files(service, register_code)


def _wipe_rows(connection: Connection, register_code: str) -> None:
    edition = select(NoticeEdition.id).where(NoticeEdition.register_code == register_code)
    arrivals = select(Arrival.id).where(Arrival.edition_id.in_(edition))
    applications = select(Application.id).where(Application.edition_id.in_(edition))
    for statement in (
        delete(ListProposal).where(ListProposal.application_id.in_(applications)),
        delete(ReviewedValue).where(ReviewedValue.application_id.in_(applications)),
        delete(ExtractedValue).where(ExtractedValue.application_id.in_(applications)),
        update(CheckRun).where(CheckRun.application_id.in_(applications)).values(dict.fromkeys(_READ, null())),
        delete(AnnulmentWord).where(AnnulmentWord.register_code == register_code),
        delete(StampUse).where(StampUse.archive == register_code),
        delete(DailyRegister).where(DailyRegister.register_code == register_code),
        delete(EmergencyImport).where(EmergencyImport.register_code == register_code),
        delete(MailMessage).where(MailMessage.edition_id.in_(edition)),
        delete(ArrivalReceipt).where(ArrivalReceipt.arrival_id.in_(arrivals)),
        delete(ArrivalEvent).where(ArrivalEvent.arrival_id.in_(arrivals)),
        delete(ArrivalDocument).where(ArrivalDocument.arrival_id.in_(arrivals)),
        delete(Arrival).where(Arrival.edition_id.in_(edition)),
    ):
        connection.execute(statement)


def _remove_files(service: Service, register_code: str) -> None:
    packages = service.settings.conservation_folder / register_code
    if packages.exists():
        shutil.rmtree(packages)
    for head in service.settings.heads_folder.glob(f"{register_code}.*"):
        head.unlink()
