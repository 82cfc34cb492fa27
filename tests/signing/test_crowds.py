"""C2, N3: crowds of signers and of time-stamps, however they are piled up, are given up early and never called signed."""

import io
import zipfile
from functools import cache

import pytest
from asn1crypto import cms, parser

from signing import inspect, pades, signed_data, xades
from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as, trust_store
from tests.pki.xml_signer import ENVELOPED, EXCLUSIVE, canonical, reference, sign_xml_as, stamped, token, transform
from tests.signing.documents import plain_pdf
from tests.signing.xml_documents import SIGNED_DATA, codes, enveloped

TRUST = trust_store()
MODULE = plain_pdf()
MOST = 6


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    for room in (signed_data, pades, inspect):
        monkeypatch.setattr(room, "MOST_SIGNERS", MOST)
    monkeypatch.setattr("signing.asic.MOST_SIGNERS", MOST)
    monkeypatch.setattr(xades, "MOST_SIGNATURES", MOST)


def inspected(data: bytes) -> SignatureReport:
    return inspect_signatures(data, trust=TRUST, at=AT)


def _counter_signed(signer: bytes, by: list[bytes]) -> bytes:
    """A SignerInfo without unsigned attributes and those that countersign it in octets: asn1crypto copies all at each level."""
    attribute = cms.CMSAttributeType("counter_signature").dump() + parser.emit(0, 1, 17, b"".join(by))
    contents = parser.parse(signer)[4]
    return bytes(parser.emit(0, 1, 16, contents + parser.emit(2, 1, 1, parser.emit(0, 1, 16, attribute))))


def crowd(signers: int, counter_signers: int, *, deep: bool = False) -> bytes:
    """An envelope of that many signers, each countersigned that often, side by side or one the other."""
    message = cms.ContentInfo.load(sign_p7m_as("rossi", MODULE))
    content = message["content"]
    (info,) = content["signer_infos"]
    beside = cms.ContentInfo.load(sign_p7m_as("rossi", info["signature"].native, detached=True))
    signer, counter = info.dump(), beside["content"]["signer_infos"][0].dump()
    if deep:
        last = counter
        for _ in range(counter_signers - 1):
            last = _counter_signed(counter, [last])
        signer = _counter_signed(signer, [last])
    elif counter_signers:
        signer = _counter_signed(signer, [counter] * counter_signers)
    content["signer_infos"] = cms.SignerInfos([cms.SignerInfo.load(signer)] * signers)
    return bytes(message.dump())


@cache
def contained(files: int, signers: int) -> bytes:
    output = io.BytesIO()
    listed = [f"META-INF/signature{number:03}.p7s" for number in range(files)]
    message = cms.ContentInfo.load(sign_p7m_as("rossi", MODULE, detached=True))
    message["content"]["signer_infos"] = cms.SignerInfos(list(message["content"]["signer_infos"]) * signers)
    signed = message.dump()
    with zipfile.ZipFile(output, "w") as package:
        package.writestr("mimetype", "application/vnd.etsi.asic-e+zip")
        package.writestr("domanda.pdf", MODULE)
        for name in listed:
            package.writestr(name, signed)
    return output.getvalue()


@pytest.mark.parametrize(
    ("signers", "counter_signers", "deep", "verdict"),
    [
        (MOST, 0, False, Verdict.signed),
        (2, 2, False, Verdict.signed),
        (MOST + 1, 0, False, Verdict.unverifiable),
        (2, 3, False, Verdict.unverifiable),
        (1, MOST, True, Verdict.unverifiable),
    ],
)
def test_c2_signers_of_an_envelope_and_those_who_countersigned_count_together(signers, counter_signers, deep, verdict):
    report = inspected(crowd(signers, counter_signers, deep=deep))
    assert (report.verdict, codes(report)) == (
        verdict,
        {"too_many_signatures"} if verdict is Verdict.unverifiable else set(),
    )


@pytest.mark.parametrize(("files", "signers", "clean"), [(2, 3, True), (4, 2, False), (MOST + 1, 1, False)])
def test_c2_signers_of_all_the_signatures_of_a_container_count_together(files, signers, clean):
    report = inspected(contained(files, signers))
    assert report.verdict is (Verdict.signed if clean else Verdict.unreadable)
    assert codes(report) == (set() if clean else {"too_many_signatures"})


def test_c2_signers_of_envelopes_one_in_the_other_count_together():
    message = MODULE
    for _ in range(MOST):
        message = sign_p7m_as("bianchi", message)
    assert inspected(message).verdict is Verdict.signed
    report = inspected(sign_p7m_as("bianchi", message))
    assert (report.verdict, codes(report)) == (Verdict.unreadable, {"too_many_signatures"})


def test_c2_signers_of_all_the_fields_of_a_document_count_together(monkeypatch):
    twice = sign_pdf_as("bianchi", sign_pdf_as("rossi", MODULE), field_name="Firma2")
    assert inspected(twice).verdict is Verdict.signed
    monkeypatch.setattr(pades, "MOST_SIGNERS", 2)
    real = pades.examine_signers
    monkeypatch.setattr(pades, "examine_signers", lambda *given: real(*given) * 2)
    report = inspected(twice)
    assert (report.verdict, codes(report)) == (Verdict.unreadable, {"too_many_signatures"})


def test_c2_counter_signatures_of_an_xml_document_count_as_its_signatures_do():
    signed = reference("", canonical("<domanda>40</domanda>"), ENVELOPED + transform(EXCLUSIVE))
    counter = sign_xml_as("rossi", reference("", b""), properties="")
    held = f"<xades:CounterSignature>{counter}</xades:CounterSignature>"
    document = "<domanda>40{}</domanda>"
    few = inspected(document.format(sign_xml_as("rossi", signed, unsigned=held * (MOST - 1))).encode())
    many = inspected(document.format(sign_xml_as("rossi", signed, unsigned=held * MOST)).encode())
    assert len(few.signatures) == MOST
    assert (many.verdict, codes(many), many.signatures) == (Verdict.unverifiable, {"xml_refused"}, ())


def test_c2_of_the_time_stamps_of_one_signature_only_the_first_are_examined():
    message = cms.ContentInfo.load(sign_p7m_as("rossi", MODULE))
    (info,) = message["content"]["signer_infos"]
    values = [cms.ContentInfo.load(token(b"altro"))] * (signed_data.MOST_TOKENS + 1)
    stamps = cms.CMSAttribute({"type": "signature_time_stamp_token", "values": values})
    info["unsigned_attrs"] = cms.CMSAttributes([stamps])
    read = signed_data.load_signed_data(message.dump())
    (facts,) = signed_data.examine_signers(read, MODULE)
    assert len(facts.timestamps) == signed_data.MOST_TOKENS


def test_c2_time_stamps_of_an_xml_signature_beyond_those_examined_are_told(monkeypatch):
    signed = stamped(sign_xml_as("rossi", SIGNED_DATA))
    start, end = "<xades:EncapsulatedTimeStamp>", "</xades:EncapsulatedTimeStamp>"
    held = signed[signed.index(start) : signed.index(end) + len(end)]
    document = enveloped(signed.replace(held, held * 3)).encode()
    assert codes(inspected(document)) == set()
    monkeypatch.setattr(xades, "MOST_TOKENS", 2)
    report = inspected(document)
    assert (report.verdict, codes(report)) == (Verdict.signed, {"timestamps_not_examined"})
    (told,) = report.signatures[0].problems
    assert "oltre le prime 2, e che il servizio non esamina: 1." in told.message
