"""C2: what stands beside, before or in the place of what was signed is never passed off as signed."""

import base64
import io
import struct
import time
import zipfile

import pytest
from asn1crypto import cms

from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as, trust_store
from tests.pki.xml_signer import BASE64, DS, EXCLUSIVE, encoded, reference, sign_xml_as, transform
from tests.signing.documents import plain_pdf
from tests.signing.test_asic import EXTENDED, SIMPLE, container, manifest, with_cades, xml_signatures

TRUST = trust_store()
MODULE, OTHER = plain_pdf(), plain_pdf("Domanda di CIGD: ore 48")
ENVELOPE = sign_p7m_as("rossi", MODULE)


def inspected(data: bytes, **options: object) -> SignatureReport:
    return inspect_signatures(data, name="domanda", trust=TRUST, at=AT, **options)


def codes(report: SignatureReport) -> set[str]:
    return {one.code for one in report.problems} | {one.code for s in report.signatures for one in s.problems}


def test_c2_signed_attributes_put_in_the_place_of_the_content_are_no_content():
    signed = cms.ContentInfo.load(ENVELOPE)["content"]
    info = signed["signer_infos"][0]
    kept = ("version", "sid", "digest_algorithm", "signature_algorithm", "signature")
    forged = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": signed["digest_algorithms"],
            "encap_content_info": {"content_type": "data", "content": b"\x31" + info["signed_attrs"].dump()[1:]},
            "certificates": signed["certificates"],
            "signer_infos": [cms.SignerInfo({key: info[key] for key in kept})],
        }
    )
    report = inspected(cms.ContentInfo({"content_type": "signed_data", "content": forged}).dump())
    assert (report.verdict, codes(report)) == (Verdict.broken, {"signature_malformed"})


@pytest.mark.parametrize("file", [ENVELOPE, sign_pdf_as("rossi", MODULE)], ids=["p7m", "pdf"])
def test_c2_a_document_given_beside_a_file_that_holds_its_own_must_be_the_same(file):
    report = inspected(file, detached=OTHER)
    assert (report.verdict, codes(report)) == (Verdict.broken, {"detached_not_signed"})
    assert inspected(ENVELOPE, detached=MODULE).verdict is Verdict.signed


@pytest.mark.parametrize(
    ("around", "code"),
    [
        (lambda pem: b"Chiedo 48 ore.\n" + pem, "text_beside_envelope"),
        (lambda pem: pem + b"Chiedo 48 ore.\n", "text_beside_envelope"),
        (lambda pem: pem + pem, "text_beside_envelope"),
    ],
    ids=["before", "after", "twice"],
)
def test_c2_text_around_an_armoured_envelope_is_told(around, code):
    pem = b"-----BEGIN PKCS7-----\n" + base64.encodebytes(ENVELOPE) + b"-----END PKCS7-----\n"
    assert inspected(pem).verdict is Verdict.signed
    report = inspected(around(pem))
    assert (report.verdict, codes(report)) == (Verdict.signed_with_reservations, {code})


@pytest.mark.parametrize("head", [b'multipart/mixed; boundary="b"; x="pkcs7-mime"', b'multipart/mixed; boundary="b"'])
def test_c2_parts_of_a_message_beside_the_envelope_are_told(head):
    message = (
        b"MIME-Version: 1.0\r\nContent-Type: " + head + b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>ore 48\r\n"
        b"--b\r\nContent-Type: application/pkcs7-mime; name=domanda.pdf.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(ENVELOPE)
        + b"\r\n--b--\r\n"
    )
    report = inspected(message)
    (told,) = [one for one in report.problems if one.code == "parts_beside_envelope"]
    assert report.verdict is Verdict.signed_with_reservations
    assert "text/html" in told.message


@pytest.mark.parametrize(("form", "place"), [(SIMPLE, "signatures.xml"), (EXTENDED, "signatures0.xml")])
def test_c2_a_signature_of_something_else_put_beside_a_document_signs_nothing_of_it(form, place):
    own = f'<ds:Object xmlns:ds="{DS}" Id="o">{encoded(MODULE)}</ds:Object>'
    elsewhere = xml_signatures(sign_xml_as("rossi", reference("#o", MODULE, BASE64), objects=own))
    report = inspected(container({"domanda.pdf": OTHER, f"META-INF/{place}": elsewhere}, mimetype=form))
    assert (report.verdict, codes(report)) == (Verdict.broken, {"asic_nothing_covered", "signs_other_content"})


@pytest.mark.parametrize("first", [True, False])
def test_c2_two_manifests_for_one_signature_are_refused(first):
    signed = with_cades({"domanda.pdf": MODULE})
    second = {"META-INF/ASiCManifest002.xml": manifest("META-INF/signature001.p7s", {"domanda.pdf": OTHER})}
    members = {**second, **signed} if first else {**signed, **second}
    assert inspected(container(members)).verdict is Verdict.broken


def test_c2_a_comment_put_into_a_text_of_a_signed_document_is_told():
    octets = b"<domanda><ore>40</ore></domanda>"
    signed = sign_xml_as("rossi", reference("domanda.xml", octets, transform(EXCLUSIVE)))
    report = inspected(
        container(
            {
                "domanda.xml": b"<domanda><ore>4<!-- 8 -->0</ore></domanda>",
                "META-INF/signatures0.xml": xml_signatures(signed),
            }
        )
    )
    assert (report.verdict, codes(report)) == (Verdict.signed_with_reservations, {"xml_text_cut"})


def test_c2_a_document_hidden_among_the_signatures_is_named():
    report = inspected(container({**with_cades({"domanda.pdf": MODULE}), "META-INF/domanda.pdf": OTHER}))
    assert (report.verdict, codes(report)) == (Verdict.signed_with_reservations, {"asic_not_covered"})


@pytest.mark.parametrize(
    "twin",
    [
        "modula\u0300.pdf",
        "./modul\u00e0.pdf",
        ".//modul\u00e0.pdf",
        "MODUL\u00c0.PDF",
        "modul\u00e0.pdf.",
        "modul\u00e0.pdf ",
    ],
)
def test_c2_names_that_look_alike_are_ambiguous(twin):
    signed = with_cades({"modul\u00e0.pdf": MODULE})
    assert inspected(container(signed)).verdict is Verdict.signed
    assert codes(inspected(container({twin: OTHER, **signed}))) == {"package_refused"}


def _hidden_member() -> bytes:
    """A whole member before the first of the directory's: who reads from the start of the file finds it first."""
    package = container(with_cades({"domanda.pdf": MODULE}))
    name = b"domanda.pdf"
    head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, len(OTHER), len(OTHER), len(name), 0)
    return head + name + OTHER + package


def _lying_header() -> bytes:
    package = bytearray(container(with_cades({"domanda.pdf": MODULE})))
    place = package.index(b"domanda.pdf") - 30
    struct.pack_into("<L", package, place + 18, 7)
    return bytes(package)


def _second_name() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as package:
        package.writestr("mimetype", EXTENDED)
        for name, content in with_cades({"domanda.pdf": MODULE}).items():
            member = zipfile.ZipInfo(name)
            if name == "domanda.pdf":
                spelt = b"\1\0\0\0\0altra.pdf"
                member.extra = struct.pack("<HH", 0x7075, len(spelt)) + spelt
            package.writestr(member, content)
    return output.getvalue()


@pytest.mark.parametrize("make", [_hidden_member, _lying_header, _second_name])
def test_c2_a_package_that_shows_other_members_to_other_readers_is_refused(make):
    assert codes(inspected(make())) == {"package_refused"}


def test_c2_a_package_written_as_a_stream_is_opened():
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    output = Pipe()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in {"mimetype": EXTENDED.encode(), **with_cades({"domanda.pdf": MODULE})}.items():
            package.writestr(name, content)
    assert inspected(output.getvalue()).verdict is Verdict.signed


def _crowded_directory() -> bytes:
    """Extra fields of many empty records, which zipfile takes the square of their number to read."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as package:
        package.writestr("mimetype", EXTENDED)
        for number in range(40):
            member = zipfile.ZipInfo(f"META-INF/signature{number}.p7s")
            member.extra = b"\0\0\0\0" * 15_000
            package.writestr(member, b"")
    return output.getvalue()


HOSTILE = {
    "a directory of crowded extra fields": _crowded_directory(),
    "armour that never ends": (b"-----BEGIN X-----\n" + b"A" * 64 + b"\n") * 12_000,
    "a message of very many parts": b"Content-Type: multipart/mixed; boundary=b; x=pkcs7-mime\r\n\r\n"
    + b"\r\n--b\r\n\r\n" * 90_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_c2_what_is_costly_to_read_is_given_up_at_once(kind):
    started = time.process_time()
    assert inspected(HOSTILE[kind]).verdict in {Verdict.unreadable, Verdict.not_signed}
    assert time.process_time() - started < 10, "seconds of a processor, of which it needs a tenth of one"
