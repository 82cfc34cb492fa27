"""S22: the notice's own document is published signed, with its signatures verified; nothing else is published."""

from __future__ import annotations

import io
import os
import zipfile
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from intake.checks.apart import ApartFailed
from intake.cli import main
from intake.editions import ensure_rehearsal
from intake.errors import Refusal, refusals
from intake.notices.models import NoticeEdition
from intake.protocol.rehearsal_forgetting import forget_ended_rehearsals
from intake.publication import examination, publishing
from intake.publication.examination import DepositedFile
from intake.publication.models import SignedPublication, publications_of
from intake.publication.publishing import publish_document
from intake.publication.refusals import (
    PublicationCertificateInvalid,
    PublicationOnTrial,
    PublicationTooLarge,
    PublicationUnreadable,
    UnknownDocument,
    UnknownEdition,
)
from intake.service import Service
from intake.storage import LocalStore
from signing.report import Verdict
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as, trust_folder
from tests.signing.documents import plain_pdf

pytestmark = pytest.mark.shared_installation

CODE = "SAR20"
ACT = plain_pdf("Avviso pubblico")
SIGNED = sign_pdf_as("rossi", ACT)
ENVELOPED = sign_p7m_as("rossi", ACT)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a limited process would do is done here: much quicker. The process itself has tests of its own."""
    monkeypatch.setattr(examination, "run_apart", lambda work, given, hear, **_: work(given, hear))


def published(service: Service, data: bytes, name: str = "avviso.pdf", **told: object) -> SignedPublication:
    facts = {"code": CODE, "at": AT, "operator": "terminale:prova", **told}
    code, at, operator = facts.pop("code"), facts.pop("at"), facts.pop("operator")
    return publish_document(service, code, DepositedFile(name, data), operator=operator, at=at, **facts)  # type: ignore[arg-type]


def rows(service: Service, code: str = CODE, key: str = "notice") -> list[SignedPublication]:
    with service.transaction() as session:
        edition = session.scalars(select(NoticeEdition).where(NoticeEdition.register_code == code)).one()
        return publications_of(session, edition, key)


def trusting(service: Service, folder: Path) -> Service:
    return replace(service, settings=service.settings.model_copy(update={"trust": trust_folder(folder / "trust")}))


def test_s22_a_signed_pdf_is_kept_as_it_came_with_what_was_verified(service: Service, tmp_path: Path) -> None:
    made = published(trusting(service, tmp_path), SIGNED)
    assert (made.verdict, made.media_type, made.size) == (Verdict.signed, "application/pdf", len(SIGNED))
    assert service.store.get(made.sha256) == SIGNED
    assert made.enclosed_sha256 is None, "a PDF is its own document"
    assert made.report["trust"]["anchors"] == 1
    assert made.report["trust"]["asked_at"] == AT.isoformat()
    assert [each["signer"]["common_name"] for each in made.report["signatures"]] == ["ROSSI MARIO"]


def test_s22_the_document_inside_an_envelope_and_beside_a_signature_is_kept_too(service: Service) -> None:
    inside = published(service, ENVELOPED, "avviso.pdf.p7m")
    assert inside.media_type == "application/pkcs7-mime"
    assert service.store.get(inside.enclosed_sha256 or "") == ACT
    assert (inside.enclosed_name, inside.enclosed_media_type) == ("avviso.pdf", "application/pdf")
    separate = sign_p7m_as("rossi", ACT, detached=True)
    beside = published(service, separate, "avviso.p7s", document=DepositedFile("avviso-2020.pdf", ACT))
    assert (beside.enclosed_name, beside.enclosed_size) == ("avviso-2020.pdf", len(ACT))
    container = io.BytesIO()
    with zipfile.ZipFile(container, "w") as package:
        package.writestr("mimetype", "application/vnd.etsi.asic-s+zip")
        package.writestr("avviso.pdf", ACT)
        package.writestr("META-INF/signature.p7s", separate)
    packed = published(service, container.getvalue(), "avviso.asics")
    assert service.store.get(packed.enclosed_sha256 or "") == ACT
    assert packed.media_type == "application/vnd.etsi.asic-s+zip"


def test_s22_what_could_not_be_established_is_published_with_its_reservation(service: Service) -> None:
    made = published(service, SIGNED)
    assert made.verdict is Verdict.signed_with_reservations
    assert "non abbiamo potuto verificare chi ha rilasciato il certificato" in made.report["reason"]
    assert made.report["trust"]["lists"] == []


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("avviso.pdf", ACT, "publication_not_signed"),
        ("avviso.txt", b"Avviso pubblico", "publication_not_signed"),
        ("avviso.pdf", SIGNED.replace(b"Avviso pubblico", b"Avviso privato!"), "publication_altered"),
        ("avviso.pdf", SIGNED + b"\n% aggiunto dopo la firma\n", "publication_altered"),
        ("avviso.pdf", b"", "publication_unreadable"),
        ("avviso.p7m", ENVELOPED[: len(ENVELOPED) // 2], "publication_unreadable"),
        ("avviso.p7s", sign_p7m_as("rossi", ACT, detached=True), "publication_unverifiable"),
    ],
)
def test_s22_what_is_not_signed_and_intact_is_refused_and_nothing_of_it_stays(
    service: Service, name: str, data: bytes, code: str
) -> None:
    before = rows(service)
    with pytest.raises(Refusal) as refused:
        published(service, data, name)
    assert (refused.value.code, name in refused.value.sentence) == (code, True)
    assert "82/2005" in (refused.value.law or "")
    assert refused.value.what_to_do
    assert "{" not in refused.value.sentence
    assert [each.id for each in rows(service)] == [each.id for each in before]


def test_s22_a_revoked_certificate_has_signed_nothing(service: Service, tmp_path: Path) -> None:
    with pytest.raises(PublicationCertificateInvalid) as refused:
        published(trusting(service, tmp_path), sign_pdf_as("revoked", ACT))
    assert "24, comma 4-bis" in (refused.value.law or "")


def test_s22_each_refusal_of_a_publication_has_a_remedy() -> None:
    told = [each for each in refusals() if each.code.startswith("publication_")]
    assert len(told) == 12
    assert all(each.message and each.remedy for each in told)


def test_s22_n11_a_trial_signature_counts_in_its_rehearsal_and_nowhere_else(service: Service) -> None:
    at = service.clock()
    authority = service.keys.rehearsal_authority("SAR20-PROVA-1")
    signed = authority.sign_pdf(ACT, "Elena", "Greco", "GRCLNE63D65F839I", at)
    assert published(service, signed, code="SAR20-PROVA-1", at=at).verdict is Verdict.signed
    with pytest.raises(PublicationOnTrial):
        published(service, signed, at=at)


def test_s22_the_office_names_a_notice_in_course_and_a_document_that_it_has(service: Service) -> None:
    with pytest.raises(UnknownEdition) as stranger:
        published(service, SIGNED, code="SAR99")
    assert "SAR20, SAR20-PROVA-1" in stranger.value.what_to_do
    with pytest.raises(UnknownDocument) as unknown:
        published(service, SIGNED, key="accordo")
    assert "framework_agreement" in unknown.value.what_to_do
    assert published(service, SIGNED, key="framework_agreement").document_key == "framework_agreement"
    small = replace(service, settings=service.settings.model_copy(update={"largest_upload": 1000}))
    with pytest.raises(PublicationTooLarge):
        published(small, SIGNED)


def test_s22_a_file_that_asks_too_much_is_refused_too(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def given_up(*_: object, **limits: object) -> None:
        assert limits == {"seconds": publishing.EXAMINATION_SECONDS, "resident": examination.MOST_MEMORY}
        raise ApartFailed("too much memory")

    monkeypatch.setattr(examination, "run_apart", given_up)
    with pytest.raises(PublicationUnreadable, match="più tempo o memoria"):
        published(service, SIGNED)


def test_s22_names_are_made_safe(service: Service) -> None:
    made = published(service, SIGNED, "..\\altrove/\u202egnp.avviso\x00\ud800\n.pdf")
    assert made.name == "gnp.avviso .pdf"


@pytest.mark.own_installation
def test_s22_a_later_publication_takes_the_place_and_the_earlier_stays(service: Service) -> None:
    first = published(service, SIGNED)
    second = published(service, ENVELOPED, "avviso-corretto.pdf.p7m", at=AT + timedelta(days=1))
    assert [(each.id, each.number) for each in rows(service)] == [(second.id, 2), (first.id, 1)]
    for change in ("UPDATE signed_publication SET name = 'altro'", "DELETE FROM signed_publication"):
        with pytest.raises(DBAPIError, match="permission denied"), service.database.engine.begin() as connection:
            connection.exec_driver_sql(change)
        with (
            service.database.owner_engine() as owner,
            pytest.raises(DBAPIError, match="only ever added"),
            owner.begin() as connection,
        ):
            connection.exec_driver_sql(change)


@pytest.mark.own_installation
def test_s22_n11_what_was_published_for_a_rehearsal_goes_with_it_and_the_notices_own_stays(service: Service) -> None:
    live = published(service, SIGNED)
    trial = published(service, ENVELOPED, "avviso.pdf.p7m", code="SAR20-PROVA-1")
    assert isinstance(service.store, LocalStore)
    for path in service.store.folder.glob("*/*"):
        os.utime(path, (0, 0))
    at = service.clock() + timedelta(days=3650)
    ensure_rehearsal(service, service.packs["sardegna-2020"], at=at)
    (done,) = forget_ended_rehearsals(service, at=at + timedelta(days=31))
    assert (done.register_code, done.files, done.spared) == ("SAR20-PROVA-1", 2, 0)
    assert rows(service, "SAR20-PROVA-1") == []
    assert not service.store.holds(trial.sha256, trial.size)
    assert [each.id for each in rows(service)] == [live.id]
    assert service.store.get(live.sha256) == SIGNED


def test_s22_the_bytes_are_durable_before_a_row_names_them(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    with service.transaction() as session:
        before = session.scalar(select(func.count()).select_from(SignedPublication))
    monkeypatch.setattr(LocalStore, "put", full)
    with pytest.raises(OSError, match="No space"):
        published(service, SIGNED)
    with service.transaction() as session:
        assert session.scalar(select(func.count()).select_from(SignedPublication)) == before


def test_s22_the_command_publishes_and_says_what_was_found(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import intake.commands.notices as commands

    monkeypatch.setattr(commands, "installation", lambda: nullcontext(service))
    (tmp_path / "avviso.pdf.p7m").write_bytes(ENVELOPED)
    (tmp_path / "avviso.pdf").write_bytes(ACT)
    done = CliRunner().invoke(main, ["notices", "publish", CODE, str(tmp_path / "avviso.pdf.p7m")])
    assert done.exit_code == 0, done.output
    assert "Firmato da ROSSI MARIO: la firma è integra, con riserve da leggere." in done.output
    refused = CliRunner().invoke(main, ["notices", "publish", CODE, str(tmp_path / "avviso.pdf")])
    assert refused.exit_code == 1
    assert "non è firmato digitalmente" in refused.output
    assert rows(service)[0].name == "avviso.pdf.p7m"
    assert rows(service)[0].operator.startswith("terminale:")
