"""S21, C2, C8: whose signature it is, when a believed authority says so and when it only claims to be; whose consent."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from intake.checks.consent import consent_findings
from intake.checks.severity import Severity
from intake.checks.signature_findings import SignerNames, signature_findings, signed_by
from intake.notices.findings import finding_effect
from intake.notices.load import load_pack
from intake.settings import TEMPLATES
from ocr.form_map import Box
from ocr.page_codes import PageCode, ReadPageCode
from ocr.results import PageSeen, ReturnedReading, SignatureBox
from signing.inspect import inspect_signatures
from signing.rehearsal_signature import RehearsalAuthority
from signing.report import SignatureReport
from signing.trust import TrustStore
from signing.trusted_list_store import load_lists
from signing.trusted_list_update import update_lists
from tests.pki.authority import AT, certificate, revocation_list, sign_p7m_as, trust_store
from tests.pki.trusted_list import ITALY, LOTL, Listed, Term, list_of_lists, list_signer, national_list

ROSSI = ("RSSMRA80A01H501U", "Mario Rossi")
SIGNERS = SignerNames("ALFA SRL", ROSSI, (("BNCNNA82B41F205V", "Anna Bianchi"),), rehearsal=False)
FORM = b"modulo"
CONSENT = ("Assenso al trattamento dei dati",)


def report(data: bytes, trust: TrustStore) -> SignatureReport:
    return inspect_signatures(data, trust=trust, at=AT)


def codes(data: bytes, trust: TrustStore, *, configured: bool) -> list[str]:
    findings = signature_findings(
        "1", "modulo.p7m", report(data, trust), SIGNERS, is_form=True, trust_configured=configured
    )
    return [each.code for each in findings]


def believing_lists(folder: Path, status: str) -> TrustStore:
    europe, agency = list_signer("Gestore europeo"), list_signer("Gestore italiano")
    service = Listed(certificate("ca"), [Term(status, datetime(2016, 7, 1, tzinfo=UTC))])
    served = {LOTL: list_of_lists([("IT", ITALY, agency)], europe), ITALY: national_list([service], agency)}
    update_lists(folder, lambda _, location: served[location], pins=[europe.asn1], at=AT, location=LOTL)
    return TrustStore(crls=(revocation_list("ca"),), lists=load_lists(folder))


def test_c2_a_name_that_nobody_believed_vouches_for_is_asked_only_once_somebody_is_believed() -> None:
    forged = RehearsalAuthority.create(AT).sign_p7m(FORM, "Mario", "Rossi", ROSSI[0], AT)
    assert "signer.claimed" in codes(forged, trust_store(), configured=True)
    assert "signer.representative" in codes(forged, TrustStore.empty(), configured=False)
    assert "signer.representative" in codes(sign_p7m_as("rossi", FORM), trust_store(), configured=True)


def test_c2_a_second_believed_signature_of_the_same_person_settles_it() -> None:
    forged = RehearsalAuthority.create(AT).sign_p7m(sign_p7m_as("rossi", FORM), "Mario", "Rossi", ROSSI[0], AT)
    assert "signer.representative" in codes(forged, trust_store(), configured=True)


@pytest.mark.parametrize(
    ("status", "code"), [("granted", "signer.representative"), ("withdrawn", "signer.not_qualified")]
)
def test_c8_a_certificate_that_the_list_does_not_call_qualified_is_asked(
    tmp_path: Path, status: str, code: str
) -> None:
    assert code in codes(sign_p7m_as("rossi", FORM), believing_lists(tmp_path, status), configured=True)


def test_lifecycle_claimed_and_not_qualified_ask_and_a_consent_that_is_not_given_excludes_where_the_notice_says_so() -> (
    None
):
    packs = {each: load_pack(TEMPLATES / "notices" / each) for each in ("sardegna-2020", "basilicata-2020")}
    for code in ("signer.claimed", "signer.not_qualified", "signer.other_person"):
        assert finding_effect(packs["sardegna-2020"], code) == "asks"
    assert finding_effect(packs["sardegna-2020"], "consent.not_by_representative") == "refuses"
    assert finding_effect(packs["basilicata-2020"], "consent.not_by_representative") == "asks"


def test_signed_by_counts_only_signatures_that_may_count() -> None:
    data = sign_p7m_as("rossi", FORM)
    assert signed_by(report(data, trust_store()), {ROSSI[0]})
    assert not signed_by(report(data, trust_store()), {"BNCNNA82B41F205V"})
    assert not signed_by(report(data.replace(FORM, b"modula"), trust_store()), {ROSSI[0]})


def _reading(*documents: str, scanned: bool, ink: bool) -> ReturnedReading:
    """The two pages of a form in each document; the signature box is on the second."""
    pages = tuple(
        PageSeen(
            name,
            number,
            ReadPageCode(PageCode("SAR20-AAAAA-11111", number, 2), True),
            "ours",
            "ocr" if scanned else "pdf",
            0.0,
            0,
            1.0,
            None,
        )
        for name in documents
        for number in (1, 2)
    )
    box = SignatureBox("legal_representative", 2, Box(0, 0, 10, 10), 0.2 if ink else 0.0, ink, (documents[0], 2))
    return ReturnedReading(pages, (), (), (), (), (), (box,), 0.0)


def consent_codes(
    reading: ReturnedReading | None,
    *,
    representative: str = "",
    delegate: str = "",
    consents: tuple[str, ...] = CONSENT,
    identity_document: bool = False,
) -> list[str]:
    found = consent_findings(
        reading,
        2,
        consents,
        by_representative={representative} - {""},
        by_others={delegate} - {""},
        identity_document=identity_document,
        identified_strongly=False,
    )
    assert all(each.severity is Severity.ERROR for each in found)
    return [each.code for each in found]


def test_s21_a_delegate_alone_does_not_give_the_representatives_consent() -> None:
    typed = _reading("1", scanned=False, ink=False)
    assert consent_codes(typed, delegate="1") == ["consent.not_by_representative"]
    assert consent_codes(typed, delegate="1", representative="1") == []
    assert consent_codes(typed, representative="1") == []
    assert consent_codes(typed, delegate="1", consents=()) == []


def test_s21_what_a_program_draws_in_the_box_is_nobodys_hand() -> None:
    drawn = _reading("1", scanned=False, ink=True)
    assert consent_codes(drawn, delegate="1", identity_document=True) == ["consent.not_by_representative"]


def test_s21_the_representatives_hand_under_a_delegates_signature_gives_it_with_the_identity_document() -> None:
    scanned = _reading("1", scanned=True, ink=True)
    assert consent_codes(scanned, delegate="1", identity_document=True) == []
    assert consent_codes(scanned, delegate="1") == ["filing.identity_document_missing"]
    assert consent_codes(_reading("1", scanned=True, ink=False), delegate="1") == ["consent.not_by_representative"]


def test_s21_pages_that_nobody_signed_or_read_are_told_by_others() -> None:
    assert consent_codes(_reading("1", scanned=False, ink=False)) == []
    assert consent_codes(None, delegate="1") == []
