"""C2: digital signatures are checked on uploads, whatever their form; the answer is one of the contract's verdicts."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from stdnum.it import codicefiscale

from signing.inspect import inspect_signatures
from signing.report import Indication, SignatureReport, Verdict
from signing.trust import TrustStore
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as, trust_store
from tests.signing.documents import plain_pdf

TRUST = trust_store()


def inspected(data: bytes, *, trust: TrustStore = TRUST, at: datetime = AT, **options: object) -> SignatureReport:
    return inspect_signatures(data, trust=trust, at=at, **options)


def codes(report: SignatureReport) -> set[str]:
    return {one.code for one in report.problems} | {one.code for s in report.signatures for one in s.problems}


@pytest.mark.parametrize("sign", [sign_pdf_as, sign_p7m_as])
def test_c2_a_trusted_signature_is_signed_and_names_its_signer(sign):
    report = inspected(sign("rossi", plain_pdf()))
    (signature,) = report.signatures
    assert report.verdict is Verdict.signed
    assert signature.indication is Indication.total_passed
    assert (signature.signer.given_name, signature.signer.surname) == ("MARIO", "ROSSI")
    assert signature.signer.tax_code == "RSSMRA80A01H501U"
    assert codicefiscale.is_valid(signature.signer.tax_code)
    assert signature.signer.country == "IT"
    assert signature.claims.qualified
    assert signature.claims.qscd
    assert signature.claims.type == "esign"
    assert signature.claimed_time == AT
    assert signature.proven_time is None
    assert signature.digest == "sha256"
    assert "ROSSI MARIO" in report.sentence


@pytest.mark.parametrize("sign", [sign_pdf_as, sign_p7m_as])
def test_c2_the_older_layout_gives_the_tax_code_too(sign):
    assert inspected(sign("bianchi", plain_pdf())).signatures[0].signer.tax_code == "BNCNNA82B41F205V"


@pytest.mark.parametrize("sign", [sign_pdf_as, sign_p7m_as])
def test_c2_without_anchors_trust_is_a_reservation_in_plain_italian(sign):
    report = inspected(sign("rossi", plain_pdf()), trust=TrustStore.empty())
    (told,) = report.signatures[0].problems
    assert report.verdict is Verdict.signed_with_reservations
    assert told.message == "La firma è integra, ma non abbiamo potuto verificare chi ha rilasciato il certificato."
    assert told.remedy == "Può trasmettere: l'ufficio controllerà."
    assert told.technical == "NO_CERTIFICATE_CHAIN_FOUND"


def test_c2_without_revocation_lists_revocation_is_a_reservation():
    report = inspected(sign_p7m_as("rossi", b"testo"), trust=TrustStore(TRUST.anchors, TRUST.intermediates))
    assert report.verdict is Verdict.signed_with_reservations
    assert codes(report) == {"revocation_not_established"}


@pytest.mark.parametrize("stamped", [False, True])
@pytest.mark.parametrize("sign", [sign_pdf_as, sign_p7m_as])
def test_c2_a_certificate_revoked_by_then_signs_nothing(sign, stamped):
    report = inspected(sign("revoked", plain_pdf(), stamped=stamped))
    assert report.verdict is Verdict.invalid_certificate
    assert codes(report) == {"revoked"}
    assert "01/03/2020" in report.signatures[0].problems[0].message
    assert report.signatures[0].problems[0].law is not None
    assert report.signatures[0].sub_indication == ("REVOKED" if stamped else "REVOKED_NO_POE")


def test_c2_a_time_stamp_older_than_the_revocation_saves_the_signature():
    before = datetime(2020, 2, 20, 10, tzinfo=UTC)
    report = inspected(sign_p7m_as("revoked", b"testo", at=before, stamped=True))
    assert report.verdict is Verdict.signed
    assert report.signatures[0].proven_time == before


def test_c2_expired_at_the_proven_time_is_an_invalid_certificate():
    report = inspected(sign_p7m_as("expired", b"testo", stamped=True))
    assert report.verdict is Verdict.invalid_certificate
    assert report.signatures[0].indication is Indication.total_failed
    assert report.signatures[0].sub_indication == "EXPIRED"


def test_c2_expired_by_now_with_an_older_claimed_time_is_a_reservation():
    report = inspected(sign_pdf_as("expired", plain_pdf(), at=datetime(2019, 6, 1, tzinfo=UTC)))
    assert report.verdict is Verdict.signed_with_reservations
    assert codes(report) == {"expired_now"}
    assert report.signatures[0].sub_indication == "OUT_OF_BOUNDS_NO_POE"


def test_c2_expired_by_now_but_stamped_in_time_is_signed():
    report = inspected(sign_p7m_as("expired", b"testo", at=datetime(2019, 6, 1, tzinfo=UTC), stamped=True))
    assert report.verdict is Verdict.signed


def test_c8_a_card_signature_is_told_apart_and_not_called_invalid():
    report = inspected(sign_p7m_as("cns", plain_pdf()))
    (signature,) = report.signatures
    assert report.verdict is Verdict.signed
    assert signature.qualification == "cns_or_cie"
    assert signature.signer.tax_code == "GLLPLA75D10A944K"
    assert not signature.claims.qualified
    assert codes(report) == {"cns_or_cie"}


def test_c2_qualification_is_unknown_without_trusted_lists():
    assert inspected(sign_p7m_as("rossi", b"x")).signatures[0].qualification == "unknown"


def _wrapped(der: bytes) -> bytes:
    text = base64.b64encode(der)
    return b"\n".join(text[start : start + 63] for start in range(0, len(text), 63))


@pytest.mark.parametrize(
    "encode",
    [
        lambda der: der,
        base64.b64encode,
        _wrapped,
        lambda der: base64.b64encode(der).rstrip(b"="),
        lambda der: b"\xef\xbb\xbf" + _wrapped(der),
        lambda der: base64.encodebytes(_wrapped(der)),
        lambda der: b"-----BEGIN PKCS7-----\r\n" + base64.encodebytes(der) + b"-----END PKCS7-----\r\n",
        lambda der: (
            b"MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(der)
        ),
    ],
    ids=["der", "one line", "wrapped", "without padding", "after a mark", "twice", "pem", "s/mime"],
)
def test_c2_every_encoding_of_an_envelope_opens(encode):
    report = inspected(encode(sign_p7m_as("rossi", plain_pdf())), name="domanda.txt")
    assert (report.container, report.verdict) == ("p7m", Verdict.signed)
    assert report.content.data == plain_pdf()
    assert report.content.media_type == "application/pdf"
    assert report.content.sha256 == hashlib.sha256(plain_pdf()).hexdigest()


def test_c2_text_that_encodes_no_envelope_stays_a_document_however_often_it_can_be_decoded():
    text = b"testo"
    for _ in range(6):
        text = base64.b64encode(text)
    assert (inspected(text).container, inspected(text).verdict) == ("unknown", Verdict.not_signed)
    cut = base64.b64encode(sign_p7m_as("rossi", b"x"))[:-6]
    assert not inspected(cut).verdict.is_clean


def test_c2_envelopes_in_envelopes_name_every_signer_with_its_depth():
    report = inspected(
        sign_p7m_as("bianchi", sign_p7m_as("rossi", sign_pdf_as("cns", plain_pdf()))), name="a.pdf.p7m.p7m"
    )
    assert [(s.format, s.depth, s.signer.tax_code[:6]) for s in report.signatures] == [
        ("CAdES", 0, "BNCNNA"),
        ("CAdES", 1, "RSSMRA"),
        ("PAdES", 2, "GLLPLA"),
    ]
    assert report.content.name == "a.pdf"


@cache
def nested(levels: int) -> bytes:
    return sign_p7m_as("bianchi", nested(levels - 1)) if levels else b"testo"


@pytest.mark.parametrize(("levels", "verdict"), [(10, Verdict.signed), (11, Verdict.unreadable)])
def test_c2_envelopes_stop_at_the_documented_depth(levels, verdict):
    report = inspected(nested(levels))
    assert report.verdict is verdict
    assert ("too_many_envelopes" in codes(report)) == (verdict is Verdict.unreadable)


def test_c2_a_detached_signature_needs_its_document():
    signature = sign_p7m_as("rossi", plain_pdf(), detached=True)
    alone, beside, wrong = (
        inspected(signature),
        inspected(signature, detached=plain_pdf()),
        inspected(signature, detached=b"altro"),
    )
    assert alone.container == "p7s"
    assert (alone.verdict, codes(alone)) == (Verdict.unverifiable, {"content_missing"})
    assert alone.signatures[0].sub_indication == "SIGNED_DATA_NOT_FOUND"
    assert beside.verdict is Verdict.signed
    assert (wrong.verdict, wrong.signatures[0].sub_indication) == (Verdict.broken, "HASH_FAILURE")


def test_c2_an_old_digest_is_reported_and_does_not_crash():
    report = inspected(sign_p7m_as("rossi", b"testo del 2009", digest="sha1"))
    assert report.verdict is Verdict.signed_with_reservations
    assert codes(report) == {"weak_digest"}


def test_c2_an_unsigned_document_is_not_signed():
    report = inspected(plain_pdf())
    assert (report.container, report.verdict, report.signatures, report.problems) == ("pdf", Verdict.not_signed, (), ())


def test_c2_the_report_has_the_shape_of_the_contract_and_is_json():
    answer = json.loads(json.dumps(inspected(sign_p7m_as("rossi", plain_pdf()), name="domanda.pdf.p7m").as_json()))
    assert set(answer) >= {"container", "verdict", "signatures", "content", "findings"}
    assert [(one["depth"], one["kind"], one["size"]) for one in answer["nested"]][1:] == [(1, "pdf", len(plain_pdf()))]
    assert (answer["reason"], answer["remedy"]) == ("", "")
    assert answer["content"] == {
        "name": "domanda.pdf",
        "sha256": hashlib.sha256(plain_pdf()).hexdigest(),
        "media_type": "application/pdf",
    }
    assert set(answer["signatures"][0]) >= {
        "format", "depth", "indication", "sub_indication", "intact", "signer", "claimed_time", "proven_time", "digest",
        "covers", "changes_after", "claims", "qualification", "problems",
    }  # fmt: skip
    assert answer["signatures"][0]["claimed_time"] == AT.isoformat()


def test_c2_the_worst_signature_decides():
    assert list(Verdict) == sorted(Verdict, key=lambda verdict: verdict.rank)
    assert Verdict.worst([Verdict.signed, Verdict.changed, Verdict.unverifiable]) is Verdict.changed
    assert Verdict.worst([]) is Verdict.not_signed


def test_c2_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="aware"):
        inspect_signatures(b"x", trust=TRUST, at=datetime(2020, 4, 8))  # noqa: DTZ001


def test_c2_a_signature_from_before_its_certificate_is_no_signature():
    report = inspected(sign_p7m_as("rossi", b"x", at=datetime(2018, 1, 1, tzinfo=UTC), stamped=True))
    assert report.verdict is Verdict.invalid_certificate
    assert codes(report) == {"not_yet_valid"}


def test_c2_trust_is_asked_at_the_given_instant():
    late = AT + timedelta(days=366 * 25)
    assert inspected(sign_p7m_as("rossi", b"x"), at=late).verdict is Verdict.signed_with_reservations
