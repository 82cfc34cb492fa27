"""N2, C6: each day's register is made once, in order, sealed, chained, and handed to conservation with its index."""

from __future__ import annotations

import hashlib
import io
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from lxml import etree
from pypdfium2 import PdfDocument
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from intake.clock import ROME
from intake.notices.models import NoticeEdition
from intake.protocol.daily import DayEmpty, DayNotOver, DayOutOfOrder, close_days, make_day
from intake.protocol.models import DailyRegister
from intake.protocol.preservation import INDEX, folder_of
from intake.service import Service
from intake.storage import DocumentMissing
from intake.time_stamps import TimeStamps
from protocol_register.checkpoint import verify_checkpoint
from protocol_register.daily_xml import NAMESPACE
from protocol_register.entries import Channel, Direction, Document, Entry, NewEntry, Party, PartyKind
from protocol_register.preservation_index import SINCRO
from protocol_register.registration import annul, classify, register_document
from signing.seal import verify_seal
from signing.time_stamping import TimeStampAuthority
from tests.intake.applications_made import rehearsal_of
from tests.intake.filings import SARDEGNA
from tests.pki.time_stamp_server import time_stamp_server

XML, PINDEX = f"{{{NAMESPACE}}}", f"{{{SINCRO}}}"
APPLICATION = NewEntry(
    direction=Direction.IN,
    channel=Channel.ONLINE,
    sender=Party(kind=PartyKind.COMPANY, name="Panificio Verdi S.r.l.", tax_code="00000000000"),
    subject="Domanda di CIG in deroga – unità di Potenza",
    operator="desk:1",
    document=Document(name="domanda.pdf", sha256="ab" * 32, size=9, media_type="application/pdf"),
    attachments=(Document(name="accordo.pdf", sha256="cd" * 32, size=9, media_type="application/pdf"),),
)


@pytest.fixture
def edition(service: Service) -> NoticeEdition:
    with service.transaction() as session:
        return rehearsal_of(session, SARDEGNA)


def registered(service: Service, edition: NoticeEdition, subject: str = APPLICATION.subject) -> Entry:
    code = edition.register_code
    with service.transaction() as session:
        key = service.keys.register_key(code)
        return register_document(session.connection(), code, replace(APPLICATION, subject=subject), key=key)


def days_later(service: Service, days: int) -> Service:
    """The same installation some days on, at noon; the register's own clock is the database's."""
    noon = datetime.now(ROME).replace(hour=12) + timedelta(days=days)
    return replace(service, clock=lambda: noon.astimezone(UTC))


def made(service: Service) -> list[DailyRegister]:
    with service.transaction() as session:
        return list(session.scalars(select(DailyRegister)))


def test_c6_a_day_is_made_after_midnight_once_with_everything_it_did(service: Service, edition: NoticeEdition) -> None:
    first, second = registered(service, edition), registered(service, edition, "Seconda")
    code = edition.register_code
    with service.transaction() as session:
        connection = session.connection()
        classify(connection, code, first.year, first.number, operator="office:1", classification="VII.3")
        annul(
            connection,
            code,
            second.year,
            second.number,
            operator="office:1",
            act="Det. 3",
            reason="Doppia",
            key=service.keys.register_key(code),
        )
    assert close_days(days_later(service, 0)) == []
    tomorrow = days_later(service, 1)
    (daily,) = close_days(tomorrow)
    assert close_days(tomorrow) == []
    assert (daily.entries, daily.first_number, daily.last_number, daily.operations) == (2, 1, 2, 4)
    root = etree.fromstring(service.store.get(daily.xml_sha256))
    assert root.get("prova") == "true"
    assert [line.get("numero") for line in root.iter(f"{XML}Registrazione")] == ["0000001", "0000002"]
    assert [line.get("numero") for line in root.iter(f"{XML}Annullamento")] == ["0000002"]
    assert root.findtext(f".//{XML}Modifica/{XML}Classificazione") == "VII.3"
    assert root.findtext(f".//{XML}Documento/{XML}Impronta") == "ab" * 32
    assert root.findtext(f".//{XML}Allegato/{XML}Impronta") == "cd" * 32
    head = verify_checkpoint(root.findtext(f"{XML}StatoDelRegistro"), service.keys.register_key(code).public)
    assert head.size == 3
    pdf = service.store.get(*daily.pdf_sha256s)
    assert verify_seal(pdf, service.keys.seal_key(code).fingerprint, tomorrow.clock()).holds
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.attachments["registro.xml"].get_file().read_bytes() == service.store.get(daily.xml_sha256)


def test_c6_the_package_has_an_index_with_every_digest_and_is_made_again_when_it_is_gone(
    service: Service, edition: NoticeEdition
) -> None:
    entry = registered(service, edition)
    day = entry.instant.astimezone(ROME).date()
    tomorrow = days_later(service, 1)
    close_days(tomorrow)
    folder = folder_of(service, edition.register_code, day)
    kept = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != INDEX}
    assert {name.rpartition(".")[2] for name in kept} == {"pdf", "xml", "txt"}
    index = etree.parse(folder / INDEX).getroot()
    told = {file.findtext(f"{PINDEX}Path"): file.findtext(f"{PINDEX}Hash") for file in index.iter(f"{PINDEX}File")}
    assert told == {name: hashlib.sha256(content).hexdigest() for name, content in kept.items()}
    shutil.rmtree(folder)
    close_days(tomorrow)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name != INDEX} == kept


def two_days_pass(service: Service, code: str) -> None:
    """The register's next instant is of two days later: it never goes back, whatever the clock says."""
    with service.database.owner_engine() as owner, owner.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE protocol_register.register_head SET last_instant = last_instant + interval '2 days' "
            "WHERE register = %s",
            (code,),
        )
        connection.exec_driver_sql("SET CONSTRAINTS protocol_register.refuse_unfinished IMMEDIATE")


def test_c6_what_was_registered_in_a_day_already_made_is_told_with_the_next(
    service: Service, edition: NoticeEdition
) -> None:
    """The service's clock may be ahead of the database's, which gives the instants: no act may be in no daily register."""
    told = registered(service, edition, "Raccontata")
    (first,) = close_days(days_later(service, 1))
    late = registered(service, edition, "In ritardo")
    assert close_days(days_later(service, 1)) == []
    two_days_pass(service, edition.register_code)
    new = registered(service, edition, "Di due giorni dopo")
    (second,) = close_days(days_later(service, 5))
    assert (first.entries, first.log_size, second.entries, second.log_size) == (1, 1, 2, 3)
    xml = etree.fromstring(service.store.get(second.xml_sha256))
    assert [each.get("numero") for each in xml.iter(f"{XML}Registrazione")] == [late.shown_number, new.shown_number]
    text = "".join(
        page.get_textpage().get_text_range() for page in PdfDocument(service.store.get(second.pdf_sha256s[0]))
    )
    assert f"{late.instant.astimezone(ROME):%d/%m/%Y}" in text, "its own day stands beside its hour"
    assert told.shown_number not in text


def test_c6_days_missed_are_made_in_order_and_each_names_the_one_before(
    service: Service, edition: NoticeEdition
) -> None:
    code = edition.register_code
    entry = registered(service, edition)
    two_days_pass(service, code)
    later = registered(service, edition, "Due giorni dopo")
    first, last = (each.instant.astimezone(ROME).date() for each in (entry, later))
    then = days_later(service, 5)
    with pytest.raises(DayOutOfOrder):
        make_day(then, code, last)
    assert [daily.day for daily in close_days(then)] == [first, last]
    xml = etree.fromstring(service.store.get(made(service)[1].xml_sha256))
    before = xml.find(f".//{XML}RegistroPrecedente")
    assert (before.get("giorno"), before.get("sha256")) == (first.isoformat(), made(service)[0].xml_sha256)


def test_c6_a_busy_day_is_several_volumes_each_sealed(
    service: Service, edition: NoticeEdition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.typesetting.daily_register.ENTRIES_OF_A_VOLUME", 2)
    entries = [registered(service, edition, f"Domanda {place}") for place in range(3)]
    tomorrow = days_later(service, 1)
    (daily,) = close_days(tomorrow)
    fingerprint = service.keys.seal_key(edition.register_code).fingerprint
    pdfs = [service.store.get(sha256) for sha256 in daily.pdf_sha256s]
    assert [verify_seal(pdf, fingerprint, tomorrow.clock()).holds for pdf in pdfs] == [True, True]
    texts = ["".join(page.get_textpage().get_text_range() for page in PdfDocument(pdf)) for pdf in pdfs]
    assert [entry.shown_number in texts[0] for entry in entries] == [True, True, False]
    assert [entry.shown_number in texts[1] for entry in entries] == [False, False, True]
    assert [("Stato del registro" in text) for text in texts] == [False, True]
    folder = folder_of(service, edition.register_code, daily.day)
    assert len(list(folder.glob("*-volume-?.pdf"))) == 2


def test_c6_two_workers_at_once_make_a_day_once(service: Service, edition: NoticeEdition) -> None:
    registered(service, edition)
    tomorrow = days_later(service, 1)
    with ThreadPoolExecutor(2) as workers:
        days = [run.result() for run in [workers.submit(close_days, tomorrow) for _ in range(2)]]
    assert len({each.xml_sha256 for found in days for each in found}) == 1
    assert len(made(service)) == 1


def test_n2_the_head_is_time_stamped_where_there_is_an_authority(service: Service, edition: NoticeEdition) -> None:
    registered(service, edition)
    tomorrow = days_later(service, 1)
    with time_stamp_server() as server:
        server.at = tomorrow.clock()
        (daily,) = close_days(replace(tomorrow, time_stamps=TimeStamps(TimeStampAuthority(server.url, seconds=60.0))))
        assert hashlib.sha256((daily.head or "").encode()).digest() in server.digests
    token = folder_of(service, edition.register_code, daily.day) / "testa.tst"
    assert token.read_bytes() == service.store.get(daily.token_sha256 or "")


def test_c6_a_day_that_could_not_be_delivered_is_delivered_at_the_next_run(
    service: Service, edition: NoticeEdition, tmp_path: Path
) -> None:
    registered(service, edition)
    (tmp_path / "file").write_text("")
    blocked = service.settings.model_copy(update={"conservation": tmp_path / "file"})
    tomorrow = days_later(service, 1)
    with pytest.raises(OSError, match="file"):
        close_days(replace(tomorrow, settings=blocked))
    assert [daily.delivered_at for daily in made(service)] == [None]
    assert close_days(tomorrow) == []
    (daily,) = made(service)
    assert daily.delivered_at == tomorrow.clock()
    assert (folder_of(service, edition.register_code, daily.day) / INDEX).exists()


def test_c6_a_register_that_fails_does_not_hold_up_the_others(service: Service, edition: NoticeEdition) -> None:
    with service.transaction() as session:
        other = session.scalars(
            select(NoticeEdition).where(NoticeEdition.kind == "rehearsal", NoticeEdition.id != edition.id)
        ).first()
    assert other is not None
    first, second = sorted((edition, other), key=lambda each: each.register_code)
    for each in (first, second):
        registered(service, each)
    tomorrow = days_later(service, 1)
    blocked = service.settings.conservation_folder / first.register_code
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("a file where the folder should be")
    with pytest.raises(OSError, match=first.register_code):
        close_days(tomorrow)
    told = {daily.register_code: daily.delivered_at for daily in made(service)}
    assert told == {first.register_code: None, second.register_code: tomorrow.clock()}


def test_c6_what_was_delivered_stays_so_when_a_later_day_fails(service: Service, edition: NoticeEdition) -> None:
    code = edition.register_code
    registered(service, edition)
    tomorrow = days_later(service, 1)
    close_days(tomorrow)
    (daily,) = made(service)
    facts = {column.key: getattr(daily, column.key) for column in DailyRegister.__table__.columns}
    later = facts | {"day": daily.day + timedelta(days=1), "xml_sha256": "0" * 64, "delivered_at": None}
    with service.transaction() as session:
        session.add(DailyRegister(**later))
    shutil.rmtree(folder_of(service, code, daily.day))
    with pytest.raises(DocumentMissing):
        close_days(after := days_later(service, 3))
    told = {each.day: each.delivered_at for each in made(service)}
    assert told == {daily.day: after.clock(), later["day"]: None}


def test_c6_a_day_that_is_not_over_or_had_nothing_is_refused(service: Service, edition: NoticeEdition) -> None:
    registered(service, edition)
    with pytest.raises(DayNotOver):
        make_day(days_later(service, 0), edition.register_code, datetime.now(ROME).date())
    with pytest.raises(DayEmpty):
        make_day(service, edition.register_code, date(2020, 1, 1))


def test_c6_the_application_cannot_change_a_daily_register(service: Service, edition: NoticeEdition) -> None:
    registered(service, edition)
    close_days(days_later(service, 1))
    for statement in ("UPDATE daily_register SET xml_sha256 = ''", "DELETE FROM daily_register"):
        with service.database.engine.begin() as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.exec_driver_sql(statement)
