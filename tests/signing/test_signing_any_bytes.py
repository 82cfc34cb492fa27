"""C2: whatever bytes arrive, an answer comes back: never an exception or an internal error, never clean by chance."""

from io import BytesIO
from string import Formatter

import pikepdf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from signing.inspect import inspect_signatures
from signing.problems import KINDS, LONGEST_FACT, printable, problem
from signing.report import SignatureReport, Verdict
from signing.trust import TrustStore
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as, trust_store
from tests.signing.documents import plain_pdf

TRUST = trust_store()
SIGNED_PDF = sign_pdf_as("rossi", plain_pdf())
SIGNED_P7M = sign_p7m_as("rossi", plain_pdf())


def inspected(data: bytes, trust: TrustStore = TRUST) -> SignatureReport:
    report = inspect_signatures(data, trust=trust, at=AT)
    assert all(one.code != "internal" for one in report.problems), report.problems
    return report


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
@example(b"0")
@example(b"0\x80")
@example(b"%PDF-")
@example(b"%PDF-1.7\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF")
@example(b"PK\x03\x04")
@example(b"Content-Type: multipart/mixed; pkcs7-mime\r\n\r\n")
def test_c2_any_bytes_get_an_answer(data):
    assert not inspected(data).verdict.is_clean


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([SIGNED_PDF, SIGNED_P7M]), st.integers(0, 100_000), st.binary(min_size=1, max_size=40))
def test_c2_damaged_documents_get_an_answer(document, place, patch):
    place %= len(document)
    inspected(document[:place] + patch + document[place + len(patch) :])


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([SIGNED_PDF, SIGNED_P7M]), st.floats(0, 0.999))
def test_c2_truncated_documents_are_never_clean(document, share):
    assert not inspected(document[: int(len(document) * share)]).verdict.is_clean


def test_c2_packed_objects_whose_checksum_is_spoilt_get_an_answer():
    output = BytesIO()
    with pikepdf.open(BytesIO(plain_pdf())) as document:
        document.Root.AcroForm = document.make_indirect(pikepdf.Dictionary(Fields=pikepdf.Array([])))
        document.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    packed = output.getvalue()
    end = packed.index(b"endstream", packed.index(b"/ObjStm")) - 1
    last = end - 1 if packed[end : end + 1] in b"\r\n" else end
    report = inspected(packed[:last] + bytes([packed[last] ^ 1]) + packed[last + 1 :])
    assert (report.verdict, report.problems[0].code) == (Verdict.unreadable, "pdf_unreadable")


def test_c2_an_empty_file_is_unreadable():
    for data in (b"", b"\0" * 100):
        report = inspected(data)
        assert report.verdict is Verdict.unreadable
        assert report.problems[0].code == "empty_file"


def test_c2_a_pdf_behind_a_password_is_told_as_such(tmp_path):
    path = tmp_path / "protetto.pdf"
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(path, encryption=pikepdf.Encryption(user="segreto", owner="segreto"))
    report = inspected(path.read_bytes())
    assert (report.verdict, report.problems[0].code) == (Verdict.unreadable, "pdf_encrypted")


def test_c2_an_encryption_entry_of_null_is_no_password():
    document = plain_pdf().replace(b"trailer <<", b"trailer << /Encrypt null", 1)
    assert document != plain_pdf()
    assert inspected(document).verdict is Verdict.not_signed


@pytest.mark.parametrize(
    ("data", "kind", "verdict"),
    [
        (b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.etsi.asic-e+zip", "asic-e", Verdict.unreadable),
        (b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.etsi.asic-s+zip", "asic-s", Verdict.unreadable),
        (b'<a><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></a>', "xml", Verdict.broken),
        (b"<a/>", "xml", Verdict.not_signed),
        (b"0\x80\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x1f", "tsd", Verdict.unreadable),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "image", Verdict.not_signed),
        (b"From: a@example.it\r\nSubject: x\r\n\r\ntesto", "eml", Verdict.not_signed),
        (b"ciao", "unknown", Verdict.not_signed),
        (b"HTTP: 200\r\n\r\n" + SIGNED_PDF, "pdf", Verdict.unreadable),
    ],
    ids=["asic-e", "asic-s", "xml signed", "xml", "tsd", "image", "eml", "text", "pdf after a header"],
)
def test_c2_containers_are_told_by_content(data, kind, verdict):
    report = inspect_signatures(data, name="domanda.pdf", trust=TRUST, at=AT)
    assert (report.container, report.verdict) == (kind, verdict)


@pytest.mark.whole
def test_c2_a_file_of_five_thousand_pages_answers():
    many = sign_pdf_as("bianchi", sign_pdf_as("rossi", plain_pdf(pages=5_000)), field_name="Firma2")
    report = inspected(many)
    assert report.verdict is Verdict.signed
    assert report.signatures[0].changes_after == "permitted"


def test_every_problem_has_its_sentence_and_its_remedy():
    for code, kind in KINDS.items():
        places = [name for _, name, _, _ in Formatter().parse(kind.message) if name]
        told = problem(code, **dict.fromkeys(places, "x"))
        assert told.message.endswith("."), code
        assert told.remedy.endswith("."), code
        assert "{" not in told.message, code
        assert kind.severity in {"info", "warning", "error"}, code


def test_a_name_that_a_stranger_chose_neither_turns_nor_fills_a_sentence():
    told = problem("asic_not_covered", names="domanda\u202efdp.exe\n" + "x" * 70_000)
    assert "domandafdp.exe x" in told.message
    assert len(told.message) < 2 * LONGEST_FACT
    mailed = b"Content-Type: application/pdf; name*=utf-8''domanda%E2%80%AEfdp.exe\r\n\r\n" + plain_pdf()
    head = b"MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    report = inspected(head + sign_p7m_as("rossi", mailed))
    assert report.content is not None
    assert printable("Società\u00a0agricola, ore 1.05\u202fPM.pdf") == "Società agricola, ore 1.05 PM.pdf"
    assert (report.content.name, report.content.data) == ("domandafdp.exe", plain_pdf())


def test_a_defect_of_ours_is_reported_and_not_hidden(monkeypatch):
    monkeypatch.setattr("signing.inspect.open_container", lambda *_, **__: 1 / 0)
    report = inspect_signatures(b"x", trust=TRUST, at=AT)
    assert report.verdict is Verdict.unreadable
    assert report.problems[0].code == "internal"
