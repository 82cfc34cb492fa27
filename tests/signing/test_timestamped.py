"""C3: envelopes with time-stamps (TSD, M7M) and signed mail are opened, and what they prove serves the signatures inside."""

import base64
from datetime import UTC, datetime

import pytest
from asn1crypto import cms, core, tsp

from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as, trust_store
from tests.pki.evidence_records import Renewed, asn1_record, xml_record
from tests.pki.xml_signer import token
from tests.signing.documents import plain_pdf
from tests.signing.test_asic import container, with_cades

TRUST = trust_store()
THEN = datetime(2019, 6, 1, 10, tzinfo=UTC)
MODULE = plain_pdf()


def proofs(report: SignatureReport) -> list[tuple[str, bool, str | None]]:
    return [(one.covers[0], one.holds, one.problem) for one in report.time_proofs]


def inspected(data: bytes, *, name: str = "domanda.pdf.p7m.tsd", detached: bytes | None = None) -> SignatureReport:
    return inspect_signatures(data, name=name, trust=TRUST, at=AT, detached=detached)


def codes(report: SignatureReport) -> set[str]:
    return {one.code for one in report.problems} | {one.code for s in report.signatures for one in s.problems}


def stamped_data(
    content: bytes | None, tokens: list[bytes], *, metadata: dict[str, object] | None = None, ber: bool = False
) -> bytes:
    fields: dict[str, object] = {
        "version": "v1",
        "temporal_evidence": tsp.Evidence(
            "tst_evidence", [{"time_stamp": cms.EncapsulatedContentInfo.load(one)} for one in tokens]
        ),
    }
    fields |= {"content": content} if content is not None else {}
    fields |= {"meta_data": metadata} if metadata else {}
    message = cms.ContentInfo({"content_type": "timestamped_data", "content": tsp.TimeStampedData(fields)}).dump()
    return base64.b64encode(message) if ber else bytes(message)


def renewal_of(first: bytes) -> bytes:
    return bytes(tsp.TimeStampAndCRL({"time_stamp": cms.EncapsulatedContentInfo.load(first)}).dump())


@pytest.mark.parametrize("sign", [sign_pdf_as, sign_p7m_as])
def test_c3_a_time_stamp_around_a_signed_document_proves_when_it_was_signed(sign):
    signed = sign("expired", MODULE, at=THEN)
    assert inspected(signed).verdict is not Verdict.signed
    report = inspected(stamped_data(signed, [token(signed, THEN)]))
    (signature,) = report.signatures
    assert (report.container, report.verdict) == ("tsd", Verdict.signed)
    assert (signature.proven_time, signature.depth) == (THEN, 1)
    assert report.content is not None
    assert report.content.data == (signed if sign is sign_pdf_as else MODULE)
    assert report.nested[0].kind == "tsd"


def test_c3_a_time_stamp_of_other_bytes_proves_nothing():
    signed = sign_p7m_as("rossi", MODULE)
    report = inspected(stamped_data(signed, [token(b"altro")]))
    assert report.signatures[0].proven_time is None
    assert (report.verdict, codes(report)) == (Verdict.signed_with_reservations, {"timestamp_of_other_data"})


def test_c3_metadata_is_stamped_with_the_content_when_it_says_so():
    signed = sign_p7m_as("rossi", MODULE)
    metadata = {"hash_protected": True, "file_name": "../../modulo.pdf.p7m", "media_type": "application/pkcs7-mime"}
    over = tsp.MetaData(metadata).dump() + signed
    report = inspected(stamped_data(signed, [token(over)], metadata=metadata))
    assert (report.verdict, report.signatures[0].proven_time) == (Verdict.signed, AT)
    assert report.content is not None
    assert report.content.name == "modulo.pdf"
    other = inspected(stamped_data(signed, [token(over)], metadata={**metadata, "file_name": "altro.pdf"}))
    assert other.signatures[0].proven_time is None


def test_c3_a_renewed_time_stamp_must_cover_the_one_before():
    signed = sign_p7m_as("rossi", MODULE)
    first = token(signed, THEN)
    sound = inspected(stamped_data(signed, [first, token(renewal_of(first))]))
    assert (sound.verdict, sound.signatures[0].proven_time) == (Verdict.signed, THEN)
    assert proofs(sound) == [("domanda.pdf", True, None)] * 2
    unsound = inspected(stamped_data(signed, [first, token(b"altro")]))
    assert (unsound.verdict, "timestamp_of_other_data" in codes(unsound)) == (Verdict.signed_with_reservations, True)
    assert [each[1:] for each in proofs(unsound)] == [(True, None), (False, "timestamp_of_other_data")]


def test_c3_a_stamped_document_that_nobody_signed_is_not_signed():
    report = inspected(stamped_data(MODULE, [token(MODULE)]))
    assert (report.verdict, report.container) == (Verdict.not_signed, "tsd")


def test_c3_a_stamp_without_its_document_asks_for_it():
    signed = sign_p7m_as("rossi", MODULE)
    apart = stamped_data(None, [token(signed)])
    assert (inspected(apart).verdict, codes(inspected(apart))) == (Verdict.unverifiable, {"content_missing"})
    together = inspected(apart, detached=signed)
    assert (together.verdict, together.signatures[0].proven_time) == (Verdict.signed, AT)


def test_c3_a_changed_document_inside_is_broken():
    signed = sign_pdf_as("rossi", MODULE)
    report = inspected(stamped_data(signed.replace(b"ore 40", b"ore 48"), [token(signed)]))
    assert (report.verdict, "timestamp_of_other_data" in codes(report)) == (Verdict.broken, True)


def test_c2_base64_around_the_envelope_changes_nothing():
    signed = sign_p7m_as("rossi", MODULE)
    assert inspected(stamped_data(signed, [token(signed)], ber=True)).verdict is Verdict.signed


def part(headers: str, body: bytes) -> bytes:
    return headers.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body


def mime(kind: str, *parts: bytes) -> bytes:
    head = f'MIME-Version: 1.0\r\nContent-Type: {kind}; boundary="xx"\r\n\r\n'.encode()
    return head + b"".join(b"--xx\r\n" + one + b"\r\n" for one in parts) + b"--xx--\r\n"


def bundle(envelope: bytes, stamp: bytes, *, binary: bool) -> bytes:
    encoding = "binary" if binary else "base64"
    written = (lambda data: data) if binary else base64.encodebytes
    name = 'Content-Disposition: attachment; filename="domanda.pdf.p7m"'
    return mime(
        "multipart/mixed",
        part(f"Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: {encoding}\n{name}", written(envelope)),
        part(f"Content-Type: application/timestamp-reply\nContent-Transfer-Encoding: {encoding}", written(stamp)),
    )


def answered(stamp: bytes) -> bytes:
    """The authority's whole answer around a token."""
    content = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(stamp)})
    return bytes(content.dump())


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("whole_answer", [True, False])
def test_c3_an_m7m_bundle_is_opened_and_its_stamp_proves_a_time(binary, whole_answer):
    signed = sign_p7m_as("expired", MODULE, at=THEN)
    stamp = token(signed, THEN)
    report = inspected(bundle(signed, answered(stamp) if whole_answer else stamp, binary=binary), name="domanda.m7m")
    assert (report.container, report.verdict) == ("m7m", Verdict.signed)
    assert report.signatures[0].proven_time == THEN
    assert report.content is not None
    assert (report.content.data, report.content.name) == (MODULE, "domanda.pdf")


def test_c3_an_m7m_bundle_without_a_sound_stamp_says_so():
    signed = sign_p7m_as("rossi", MODULE)
    none = inspected(bundle(signed, b"x", binary=False), name="domanda.m7m")
    assert (none.verdict, codes(none)) == (Verdict.signed_with_reservations, {"timestamp_missing"})
    other = inspected(bundle(signed, token(b"altro"), binary=False), name="domanda.m7m")
    assert (other.verdict, codes(other)) == (Verdict.signed_with_reservations, {"timestamp_of_other_data"})


def signed_mail(carried: bytes = MODULE, *, line_end: bytes = b"\r\n", text: bytes = b"ore 40") -> bytes:
    document = b'Content-Type: application/pdf; name="modulo.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    document += base64.encodebytes(carried).strip().replace(b"\n", b"\r\n")
    signature = base64.encodebytes(sign_p7m_as("rossi", document, detached=True))
    shown = document if text == b"ore 40" else document.replace(b"modulo.pdf", b"module.pdf")
    kind = 'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256'
    head = "Content-Type: application/pkcs7-signature\nContent-Transfer-Encoding: base64"
    return mime(kind, shown, part(head, signature)).replace(b"\r\n", line_end)


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_c2_a_signed_message_is_judged_and_gives_back_what_it_carries(line_end):
    report = inspected(signed_mail(line_end=line_end), name="messaggio.eml")
    (signature,) = report.signatures
    assert (report.container, report.verdict) == ("p7s", Verdict.signed)
    assert signature.signer.surname == "ROSSI"
    assert report.content is not None
    assert (report.content.name, report.content.data) == ("modulo.pdf", MODULE)


def test_c2_a_changed_signed_message_is_broken():
    assert inspected(signed_mail(text=b"ore 48")).verdict is Verdict.broken


def test_c2_the_signature_of_a_mail_is_not_that_of_its_documents():
    mail = b"From: posta-certificata@example.it\r\nReceived: " + b"x" * 2000 + b"\r\n" + signed_mail()
    report = inspected(mail, name="messaggio.eml")
    assert (report.container, report.verdict) == ("eml", Verdict.signed_with_reservations)
    assert codes(report) == {"signed_mail"}
    assert report.nested[0].kind == "eml"


def test_c3_a_time_stamp_in_a_file_of_its_own_is_nobody_s_signature():
    stamp = token(MODULE, THEN)
    alone = inspected(stamp, name="domanda.pdf.tst")
    assert (alone.verdict, alone.signatures, codes(alone)) == (Verdict.not_signed, (), {"timestamp_only"})
    beside = inspected(stamp, name="domanda.pdf.tst", detached=MODULE)
    assert (beside.verdict, codes(beside)) == (Verdict.not_signed, {"timestamp_only"})
    assert proofs(beside) == [("il documento", True, None)]
    other = inspected(stamp, name="domanda.pdf.tst", detached=plain_pdf("altro"))
    assert (other.verdict, codes(other)) == (Verdict.not_signed, {"timestamp_only", "timestamp_of_other_data"})


@pytest.mark.parametrize("sign", [sign_pdf_as, sign_p7m_as])
def test_c3_a_time_stamp_in_a_file_of_its_own_proves_when_the_signed_document_beside_it_existed(sign):
    signed = sign("rossi", MODULE, at=THEN)
    report = inspected(token(signed, THEN), detached=signed)
    assert (report.verdict, codes(report)) == (Verdict.signed, set())
    assert [one.proven_time for one in report.signatures] == [THEN]


@pytest.mark.parametrize("armour", [b"", b"-----BEGIN PKCS7-----\n"])
def test_c3_a_time_stamp_in_text_form_is_told_and_proves_as_the_binary_one_does(armour):
    text = armour + base64.encodebytes(token(MODULE, THEN)) + armour.replace(b"BEGIN", b"END")
    alone = inspected(text, name="domanda.pdf.tst")
    assert (alone.verdict, alone.signatures, codes(alone)) == (Verdict.not_signed, (), {"timestamp_only"})
    assert proofs(inspected(text, detached=MODULE)) == [("il documento", True, None)]


def answer(stamp: bytes) -> bytes:
    granted = tsp.PKIStatusInfo({"status": "granted", "status_string": ["richiesta accolta"]})
    return bytes(tsp.TimeStampResp({"status": granted, "time_stamp_token": cms.ContentInfo.load(stamp)}).dump())


@pytest.mark.parametrize("sign", [sign_pdf_as, sign_p7m_as])
def test_c3_the_answer_of_a_time_stamping_authority_is_told_and_proves_when_the_document_beside_it_existed(sign):
    signed = sign("rossi", MODULE, at=THEN)
    alone = inspected(answer(token(signed, THEN)), name="domanda.pdf.tsr")
    assert (alone.verdict, alone.signatures, codes(alone)) == (Verdict.not_signed, (), {"timestamp_answer_only"})
    beside = inspected(answer(token(signed, THEN)), name="domanda.pdf.tsr", detached=signed)
    assert (beside.verdict, codes(beside)) == (Verdict.signed, set())
    assert [one.proven_time for one in beside.signatures] == [THEN]
    assert proofs(beside) == [("il documento", True, None)]
    other = inspected(answer(token(b"altro", THEN)), detached=signed)
    assert codes(other) == {"timestamp_of_other_data"}
    assert other.signatures[0].proven_time is None


def test_c3_an_answer_without_a_time_stamp_proves_nothing_and_is_not_signed():
    refused = core.SequenceOf([tsp.PKIStatusInfo({"status": "rejection"})], spec=tsp.PKIStatusInfo).dump()
    granted = answer(sign_p7m_as("rossi", MODULE))
    for one in (refused, granted):
        report = inspected(one, name="domanda.pdf.tsr")
        assert not report.verdict.is_clean
        assert not report.time_proofs


def test_c3_a_signed_time_stamp_is_signed():
    report = inspected(sign_p7m_as("rossi", token(MODULE, THEN)))
    assert (report.verdict, codes(report), len(report.signatures)) == (Verdict.signed, set(), 1)


AROUND = {
    "p7m": lambda proof: sign_p7m_as("rossi", proof),
    "p7m around a TSD": lambda proof: sign_p7m_as("rossi", stamped_data(proof, [token(proof, THEN)])),
    "ASiC": lambda proof: container(with_cades({"marca.tst": proof})),
    "mail": signed_mail,
}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("stamped", [MODULE, b"altro"])
@pytest.mark.parametrize("form", ["token", "in text", "answer", "tsd", "evidence", "evidence in XML"])
def test_c3_who_signed_a_time_stamp_did_not_sign_the_document_given_beside_it(form, stamped, around):
    stamp = token(stamped, THEN)
    record = ([stamped], [Renewed("sha256", (THEN,))])
    proof = {
        "token": stamp,
        "in text": base64.encodebytes(stamp),
        "answer": answer(stamp),
        "tsd": stamped_data(None, [stamp]),
        "evidence": asn1_record(*record),
        "evidence in XML": xml_record(*record),
    }[form]
    report = inspected(AROUND[around](proof), name="marca", detached=MODULE)
    assert report.verdict is Verdict.broken
    assert "detached_not_signed" in codes(report)
    assert report.content is not None
    assert report.content.data == proof


def test_c3_an_answer_of_indefinite_length_is_read_as_any_other():
    whole = answer(token(MODULE, THEN))
    length = {0x81: 1, 0x82: 2}[whole[1]]
    report = inspected(b"\x30\x80" + whole[2 + length :] + b"\0\0", name="domanda.pdf.tsr", detached=MODULE)
    assert (report.verdict, codes(report)) == (Verdict.not_signed, {"timestamp_answer_only"})
    assert proofs(report) == [("il documento", True, None)]
