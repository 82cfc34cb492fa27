"""C2: containers of documents and signatures are opened safely, and each document is covered or named as not covered."""

import hashlib
import io
import struct
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as, trust_store
from tests.pki.xml_signer import (
    DS,
    EXCLUSIVE,
    SHA256,
    canonical,
    encoded,
    filter2,
    reference,
    sign_xml_as,
    token,
    transform,
    xpath,
)
from tests.signing.documents import plain_pdf

TRUST = trust_store()
ASIC = "http://uri.etsi.org/02918/v1.2.1#"
MODULE = plain_pdf()
SIMPLE, EXTENDED = "application/vnd.etsi.asic-s+zip", "application/vnd.etsi.asic-e+zip"


def container(members: dict[str, bytes], *, mimetype: str | None = EXTENDED, comment: bytes = b"") -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as package:
        if mimetype:
            package.writestr("mimetype", mimetype, compress_type=zipfile.ZIP_STORED)
        for name, content in members.items():
            package.writestr(name, content)
        package.comment = comment
    return output.getvalue()


def inspected(data: bytes, *, at: datetime = AT) -> SignatureReport:
    return inspect_signatures(data, name="domanda.asice", trust=TRUST, at=at)


def codes(report: SignatureReport) -> set[str]:
    return {one.code for one in report.problems} | {one.code for s in report.signatures for one in s.problems}


def xml_signatures(*signatures: str) -> bytes:
    return f'<asic:XAdESSignatures xmlns:asic="{ASIC}">{"".join(signatures)}</asic:XAdESSignatures>'.encode()


def manifest(signature: str, documents: dict[str, bytes]) -> bytes:
    entries = "".join(
        f'<asic:DataObjectReference URI="{name}"><ds:DigestMethod Algorithm="{SHA256}"/>'
        f"<ds:DigestValue>{encoded(hashlib.sha256(content).digest())}</ds:DigestValue></asic:DataObjectReference>"
        for name, content in documents.items()
    )
    return (
        f'<asic:ASiCManifest xmlns:asic="{ASIC}" xmlns:ds="{DS}"><asic:SigReference URI="{signature}"/>{entries}'
        "</asic:ASiCManifest>"
    ).encode()


def with_xades(documents: dict[str, bytes], **others: bytes) -> dict[str, bytes]:
    over = "".join(reference(name, content) for name, content in documents.items())
    signed = xml_signatures(sign_xml_as("rossi", over))
    return {**documents, "META-INF/signatures0.xml": signed, **others}


def with_cades(documents: dict[str, bytes], who: str = "rossi", at: datetime = AT) -> dict[str, bytes]:
    listed = manifest("META-INF/signature001.p7s", documents)
    signed = sign_p7m_as(who, listed, detached=True, at=at)
    return {**documents, "META-INF/ASiCManifest001.xml": listed, "META-INF/signature001.p7s": signed}


SHAPES = {
    "xades-s": (SIMPLE, with_xades({"domanda.pdf": MODULE})),
    "xades-e": (EXTENDED, with_xades({"domanda.pdf": MODULE})),
    "cades-s": (
        SIMPLE,
        {"domanda.pdf": MODULE, "META-INF/signature.p7s": sign_p7m_as("rossi", MODULE, detached=True)},
    ),
    "cades-e": (EXTENDED, with_cades({"domanda.pdf": MODULE})),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_c2_a_container_is_signed_and_gives_back_its_document(shape):
    mimetype, members = SHAPES[shape]
    report = inspected(container(members, mimetype=mimetype))
    (signature,) = report.signatures
    assert report.verdict is Verdict.signed
    assert report.container == f"asic-{shape[-1]}"
    assert (signature.format, signature.covers) == ("XAdES" if shape.startswith("x") else "CAdES", "whole_file")
    assert report.content is not None
    assert (report.content.name, report.content.data) == ("domanda.pdf", MODULE)
    assert not codes(report)


@pytest.mark.parametrize("shape", SHAPES)
def test_c2_a_changed_document_is_broken(shape):
    mimetype, members = SHAPES[shape]
    changed = {**members, "domanda.pdf": plain_pdf("ore 48")}
    assert inspected(container(changed, mimetype=mimetype)).verdict is Verdict.broken


@pytest.mark.parametrize("shape", SHAPES)
def test_c2_without_its_mimetype_a_container_is_still_known(shape):
    _, members = SHAPES[shape]
    assert inspected(container(members, mimetype=None)).verdict is Verdict.signed


@pytest.mark.parametrize("shape", ["xades-e", "cades-e"])
def test_c2_a_document_nobody_signed_is_named_and_not_given_back(shape):
    _, members = SHAPES[shape]
    report = inspected(container({**members, "allegato.pdf": plain_pdf("altro")}))
    assert report.verdict is Verdict.signed_with_reservations
    assert report.signatures[0].covers == "revision"
    (problem,) = report.problems
    assert (problem.code, "allegato.pdf" in problem.message) == ("asic_not_covered", True)
    assert report.content is not None
    assert report.content.data == MODULE


@pytest.mark.parametrize(
    "chosen",
    [xpath("not(ancestor-or-self::nota)"), filter2(("subtract", "/descendant::nota"))],
    ids=["xpath", "filter2"],
)
@pytest.mark.parametrize("before", ["", transform(EXCLUSIVE)], ids=["at once", "once canonical"])
def test_c2_a_document_signed_but_for_some_of_its_nodes_is_never_signed_whole(chosen, before):
    over = reference("domanda.xml", canonical("<domanda><ore>40</ore></domanda>"), before + chosen)
    members = {
        "domanda.xml": b"<domanda><ore>40</ore><nota>cambiata dopo la firma</nota></domanda>",
        "META-INF/signatures0.xml": xml_signatures(sign_xml_as("rossi", over)),
    }
    assert inspected(container(members)).verdict is Verdict.unverifiable


@pytest.mark.parametrize("shape", ["xades-e", "cades-e"])
def test_c2_a_document_that_is_gone_is_asked_for_and_one_in_its_place_is_refused(shape):
    make = with_xades if shape == "xades-e" else with_cades
    members = make({"domanda.pdf": MODULE, "accordo.pdf": b"accordo"})
    del members["domanda.pdf"]
    gone = inspected(container(members))
    assert (gone.verdict, "content_missing" in codes(gone)) == (Verdict.unverifiable, True)
    replaced = inspected(container({**members, "Domanda definitiva.pdf": MODULE}))
    assert (replaced.verdict, "asic_replaced" in codes(replaced)) == (Verdict.broken, True)


def test_c2_the_simple_form_has_one_document():
    mimetype, members = SHAPES["xades-s"]
    two = inspected(container({**members, "altro.pdf": b"x"}, mimetype=mimetype))
    assert (two.verdict, "asic_form" in codes(two)) == (Verdict.broken, True)


def test_c2_a_manifest_that_was_touched_is_broken():
    _, members = SHAPES["cades-e"]
    name = "META-INF/ASiCManifest001.xml"
    assert inspected(container({**members, name: members[name] + b" "})).verdict is Verdict.broken
    assert inspected(container({**members, name: b"abc"})).verdict is Verdict.broken


def test_c2_a_signature_that_cannot_be_read_is_not_passed_over():
    _, members = SHAPES["xades-e"]
    report = inspected(container({**members, "META-INF/signatures1.xml": b"<XAdESSignatures"}))
    assert (report.verdict, "asic_signature_unreadable" in codes(report)) == (Verdict.unverifiable, True)


def test_c2_several_signatures_of_several_files_are_all_judged():
    documents = {"domanda.pdf": MODULE, "accordo.pdf": b"accordo"}
    second = xml_signatures(sign_xml_as("bianchi", reference("domanda.pdf", MODULE)))
    report = inspected(container({**with_xades(documents), "META-INF/signatures1.xml": second}))
    assert [one.signer.surname for one in report.signatures] == ["ROSSI", "BIANCHI"]
    assert [one.covers for one in report.signatures] == ["whole_file", "revision"]
    assert (report.verdict, report.content) == (Verdict.signed, None)


def test_c2_a_signature_over_another_signature_holds():
    _, members = SHAPES["xades-e"]
    over = reference("domanda.pdf", MODULE) + reference("META-INF/signatures0.xml", members["META-INF/signatures0.xml"])
    report = inspected(container({**members, "META-INF/signatures1.xml": xml_signatures(sign_xml_as("bianchi", over))}))
    assert (report.verdict, len(report.signatures)) == (Verdict.signed, 2)


def test_c2_a_signed_document_inside_is_looked_into_when_it_is_the_only_one():
    signed = sign_pdf_as("bianchi", MODULE)
    report = inspected(container(with_xades({"domanda.pdf": signed})))
    assert [(one.format, one.depth) for one in report.signatures] == [("XAdES", 0), ("PAdES", 1)]
    spoilt = signed.replace(b"ore 40", b"ore 48")
    assert inspected(container(with_xades({"domanda.pdf": spoilt}))).verdict is Verdict.broken


def test_c3_a_time_stamp_alone_is_nobody_s_signature():
    report = inspected(container({"domanda.pdf": MODULE, "META-INF/timestamp.tst": token(MODULE)}, mimetype=SIMPLE))
    assert (report.verdict, codes(report)) == (Verdict.not_signed, {"timestamp_only"})
    assert report.content is not None


def test_c3_an_evidence_record_alone_is_nobody_s_signature():
    report = inspected(container({"domanda.pdf": MODULE, "META-INF/evidencerecord.ers": b"0\0"}, mimetype=SIMPLE))
    assert (report.verdict, codes(report)) == (Verdict.not_signed, {"evidence_record_only", "evidence_record_broken"})


def test_c3_a_time_stamp_over_the_document_proves_when_its_signature_existed():
    then = datetime(2019, 6, 1, 10, tzinfo=UTC)
    signed = sign_pdf_as("expired", MODULE, at=then)
    assert inspected(signed).verdict is not Verdict.signed
    report = inspected(
        container({"domanda.pdf": signed, "META-INF/timestamp.tst": token(signed, then)}, mimetype=SIMPLE)
    )
    assert report.signatures[0].proven_time == then
    assert (report.verdict, report.problems) == (Verdict.signed, ())


def test_c3_an_archive_time_stamp_proves_when_the_signatures_it_lists_existed():
    then = datetime(2019, 6, 1, 10, tzinfo=UTC)
    members = with_cades({"domanda.pdf": MODULE}, "expired", then)
    assert inspected(container(members)).verdict is Verdict.signed_with_reservations
    listed = manifest("META-INF/timestamp001.tst", members)
    stamped = {**members, "META-INF/ASiCArchiveManifest.xml": listed, "META-INF/timestamp001.tst": token(listed, then)}
    report = inspected(container(stamped))
    assert (report.verdict, report.signatures[0].proven_time) == (Verdict.signed, then)
    other = manifest("META-INF/timestamp001.tst", {**members, "domanda.pdf": b"altro"})
    false = {**members, "META-INF/ASiCArchiveManifest.xml": other, "META-INF/timestamp001.tst": token(other, then)}
    assert inspected(container(false)).signatures[0].proven_time is None


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(SHAPES)), st.integers(0), st.integers(1, 255))
def test_c2_no_changed_byte_of_a_document_or_of_its_manifest_is_clean(shape, position, flip):
    mimetype, members = SHAPES[shape]
    for name in ("domanda.pdf", "META-INF/ASiCManifest001.xml"):
        if name in members:
            changed = bytearray(members[name])
            changed[position % len(changed)] ^= flip
            assert not inspected(container({**members, name: bytes(changed)}, mimetype=mimetype)).verdict.is_clean


def test_c2_an_open_document_must_be_signed_whole():
    parts = {"content.xml": b"<a/>", "styles.xml": b"<b/>"}

    def document(signed: dict[str, bytes]) -> bytes:
        over = "".join(reference(name, content) for name, content in signed.items())
        inside = f"<document-signatures>{sign_xml_as('rossi', over)}</document-signatures>".encode()
        kind = "application/vnd.oasis.opendocument.text"
        return container({**parts, "META-INF/documentsignatures.xml": inside}, mimetype=kind)

    whole = inspected(document(parts))
    assert (whole.verdict, whole.content) == (Verdict.signed, None)
    partly = inspected(document({"styles.xml": b"<b/>"}))
    assert (partly.verdict, "open_document_not_covered" in codes(partly)) == (Verdict.changed, True)


def test_c2_a_signed_office_document_is_told_as_not_verifiable():
    report = inspected(container({"word/document.xml": b"<a/>", "_xmlsignatures/sig1.xml": b"<a/>"}, mimetype=None))
    assert (report.verdict, codes(report)) == (Verdict.unverifiable, {"container_not_supported"})


def test_a_package_without_signatures_is_not_signed():
    assert inspected(container({"a.txt": b"a"}, mimetype=None)).verdict is Verdict.not_signed
    assert (
        inspected(container({"META-INF/manifest.xml": b"<a/>", "a.txt": b"a"}, mimetype=None)).verdict
        is Verdict.not_signed
    )


def twice(name: str) -> bytes:
    """A package with two members of one name: which of them is read depends on who reads."""
    _, members = SHAPES["xades-e"]
    data = container({**members, "X" * len(name): b"falso"})
    return data.replace(b"X" * len(name), name.encode())


def lying(size: int) -> bytes:
    """A bomb whose directory and header declare one byte."""
    declared = struct.pack("<I", size)
    return container({"META-INF/signatures.xml": b"\0" * size}).replace(declared, struct.pack("<I", 1))


@pytest.mark.parametrize(
    "made",
    [
        lambda: twice("domanda.pdf"),
        lambda: twice("DOMANDA.pdf"),
        lambda: twice("../a"),
        lambda: twice("/tmp/a"),
        lambda: twice("a\\..\\b"),
        lambda: container(SHAPES["xades-e"][1])[:-40],
        lambda: container(with_xades({"zeri.bin": b"\0" * 135_000_000})),
        lambda: lying(20_000_000),
        lambda: container({**SHAPES["xades-e"][1], **{f"META-INF/signatures{n}.xml": b"<a/>" for n in range(1, 300)}}),
        lambda: container({**SHAPES["xades-e"][1], **{f"{n}.txt": b"" for n in range(6_000)}}),
    ],
    ids=[
        "same-name",
        "same-name-in-other-case",
        "parent",
        "absolute",
        "backslash",
        "cut",
        "bomb",
        "lying-bomb",
        "many-signatures",
        "many",
    ],
)
def test_c2_hostile_packages_are_not_opened(made):
    report = inspected(made())
    assert (report.verdict, "package_refused" in codes(report)) == (Verdict.unreadable, True)


def test_c2_a_comment_that_looks_like_a_directory_is_only_a_comment():
    _, members = SHAPES["xades-e"]
    report = inspected(container(members, comment=b"PK\x05\x06" + b"\xff" * 18))
    assert (report.verdict, codes(report)) == (Verdict.signed_with_reservations, {"text_beside_envelope"})
    assert inspected(container(members, comment=f"mimetype={EXTENDED}".encode())).verdict is Verdict.signed


@pytest.mark.parametrize(("after", "refused"), [(plain_pdf("ore 48"), True), (b"\r\n", False)], ids=["pdf", "line"])
def test_c2_bytes_after_a_container_may_be_another_document(after, refused):
    report = inspected(container(SHAPES["xades-e"][1]) + after)
    assert ("package_refused" in codes(report), report.verdict is Verdict.signed) == (refused, not refused)


def test_c2_two_directories_are_ambiguous():
    good = container(SHAPES["xades-e"][1])
    start = good.rindex(b"PK\x05\x06")
    size, offset = struct.unpack("<II", good[start + 12 : start + 20])
    directory = good[offset : offset + size]
    inner_end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, size, start + 22, 0)
    comment = directory + inner_end
    outer = good[:start] + good[start : start + 20] + struct.pack("<H", len(comment)) + comment
    report = inspected(outer)
    assert (report.verdict, "package_refused" in codes(report)) == (Verdict.unreadable, True)


def test_c2_names_in_utf8_are_read_without_the_flag_that_says_so():
    members = with_cades({"società.pdf": MODULE})
    flagged = container(members)
    plain = bytearray(flagged)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = plain.find(mark)
        while start >= 0:
            flags = int.from_bytes(plain[start + place : start + place + 2], "little") & ~0x800
            plain[start + place : start + place + 2] = flags.to_bytes(2, "little")
            start = plain.find(mark, start + 4)
    assert bytes(plain) != flagged
    report = inspected(bytes(plain))
    assert report.verdict is Verdict.signed
    assert report.content is not None
    assert report.content.name == "società.pdf"
