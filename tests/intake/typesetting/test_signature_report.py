"""N7: the report of a verification says on paper what the checks found, on which bytes, when and with what trust."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pikepdf
import pytest
from lxml import etree
from xsdata.formats.dataclass.parsers import XmlParser

from intake.typesetting.signature_report import (
    ETSI_ATTACHMENT,
    REPORT_ATTACHMENT,
    ReportFacts,
    typeset_signature_report,
)
from signing.inspect import inspect_signatures
from signing.seal import seal_pdf
from signing.seal_key import SealKey
from signing.trust import TrustStore
from signing.trust_used import trust_used
from signing.validation_report import validation_report
from tests.intake.typesetting.synthetic_application import PrintedText, without_spaces
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as, trust_store
from tests.signing.documents import plain_pdf


@cache
def signed_three_times() -> bytes:
    return sign_p7m_as("bianchi", sign_p7m_as("revoked", sign_pdf_as("rossi", plain_pdf(), stamped=True)))


def report_of(data: bytes, trust: TrustStore) -> dict[str, object]:
    found = inspect_signatures(data, name="domanda.pdf.p7m.p7m", trust=trust, at=AT)
    return {**found.as_json(), "trust": trust_used(trust, at=AT).as_json()}


def facts(data: bytes | None = None, trust: TrustStore | None = None) -> ReportFacts:
    data = signed_three_times() if data is None else data
    report = report_of(data, trust or trust_store())
    return ReportFacts(
        administration="Regione Esempio",
        office="Ufficio Ammortizzatori sociali",
        reference="Domanda n. 0000127/2020",
        name="domanda.pdf.p7m.p7m",
        size=len(data),
        sha256="a3" * 32,
        received_at=AT,
        asked_at=AT + timedelta(seconds=9),
        report=report,
    )


def shown(pdf: bytes) -> str:
    return without_spaces(PrintedText(pdf).everywhere())


@cache
def paper() -> bytes:
    told = facts()
    return typeset_signature_report(told, validation_report(told.report, at=AT), at=AT)


@pytest.mark.parametrize(
    "fact",
    ["Certificato non valido", "BIANCHI ANNA", "NERI SARA", "ROSSI MARIO", "RSSMRA80A01H501U", "a3" * 32,
     "8 aprile 2020, ore 09:00:12,000", "Momento provato da marca", "INDETERMINATE / REVOKED_NO_POE", "1. busta .p7m",
     "3. documento PDF", "Che cosa questo rapporto non prova", "2, il più recente del", "Domanda n. 0000127/2020"],
)  # fmt: skip
def test_n7_the_report_says_each_fact(fact: str) -> None:
    assert without_spaces(fact) in shown(paper())


def test_n7_the_report_travels_with_itself_for_programs() -> None:
    with pikepdf.open(io.BytesIO(paper())) as document:
        files = {name: document.attachments[name].get_file().read_bytes() for name in document.attachments}
    read = json.loads(files[REPORT_ATTACHMENT])
    assert (read["schema"], read["file"]["sha256"], read["report"]["verdict"]) == (1, "a3" * 32, "invalid_certificate")
    assert etree.fromstring(files[ETSI_ATTACHMENT]).tag.endswith("ValidationReport")


def test_a_file_without_signatures_and_one_with_no_trust_have_their_report_too() -> None:
    unsigned = shown(typeset_signature_report(facts(plain_pdf()), None, at=AT))
    assert "nonfirmato" in unsigned.lower()
    assert "nelfilenoncisonofirmedigitali" in unsigned.lower()
    nobody = shown(typeset_signature_report(facts(trust=TrustStore.empty()), None, at=AT))
    assert "nessuna" in nobody


def test_long_and_foreign_names_get_their_report() -> None:
    odd = replace(facts(), name="协议 " + "x" * 200 + ".pdf")
    assert "x" * 200 in shown(typeset_signature_report(odd, None, at=AT)).replace("-", "")


def test_n7_the_standards_own_xml_says_the_same_and_reads_back() -> None:
    from pyhanko.generated.etsi.ts_11910202 import ValidationReport

    report = facts().report
    read = XmlParser().from_bytes(validation_report(report, at=AT), ValidationReport)
    said = read.signature_validation_report
    assert [each.signer_information.signer for each in said] == ["BIANCHI ANNA", "NERI SARA", "ROSSI MARIO"]
    status = [each.signature_validation_status for each in said]
    assert [each.main_indication.rpartition(":")[2] for each in status] == [
        "total-passed", "indeterminate", "total-passed",
    ]  # fmt: skip
    assert [each.sub_indication for each in status][1] == ("urn:etsi:019102:subindication:REVOKED_NO_POE",)
    signed = [each.signers_document.digest_alg_and_value.digest_value.value.hex() for each in said]
    assert signed == [report["nested"][1]["sha256"], report["nested"][2]["sha256"], report["nested"][2]["sha256"]]
    known = {each.id for each in read.signature_validation_objects.validation_object}
    assert {each.signer_information.signer_certificate.voreference[0] for each in said} <= known
    with pytest.raises(ValueError, match="at least one"):
        validation_report(report_of(plain_pdf(), trust_store()), at=AT)


def test_n7_a_sealed_document_is_sealed_and_nobodys_signature() -> None:
    key = SealKey.create("ALFA SRL", "ALFA SRL", AT)
    told = facts(seal_pdf(plain_pdf(), key, at=AT, reason="Verbale", name="ALFA SRL"))
    page = shown(typeset_signature_report(told, None, at=AT))
    for words in ("Sigillato da ALFA SRL, con riserve", "Sigillo di ALFA SRL", "Non è la firma di una persona"):
        assert without_spaces(words) in page, words
    assert without_spaces("Esito Valido, con riserve") in page
    assert without_spaces("Firmato") not in page


def test_n7_a_seal_that_does_not_hold_is_not_valid() -> None:
    key = SealKey.create("ALFA SRL", "ALFA SRL", AT)
    sealed = seal_pdf(plain_pdf(), key, at=AT, reason="Verbale", name="ALFA SRL")
    page = shown(typeset_signature_report(facts(sealed.replace(b"ore 40", b"ore 48", 1)), None, at=AT))
    assert without_spaces("Esito Non valido") in page
