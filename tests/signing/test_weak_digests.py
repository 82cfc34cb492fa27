"""C2: a document is bound to a signature by the weakest digest between them, and that is the one told."""

import base64
import hashlib
import re

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from signing.algorithms import weakest
from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as, trust_store
from tests.pki.xml_signer import SHA1, SHA256, private_key, token
from tests.signing.documents import plain_pdf
from tests.signing.test_asic import container, manifest

MODULE = plain_pdf()


def inspected(data: bytes) -> SignatureReport:
    return inspect_signatures(data, trust=trust_store(), at=AT)


def told(report: SignatureReport) -> tuple[Verdict, str, bool]:
    (signature,) = report.signatures
    return report.verdict, signature.digest, "weak_digest" in {one.code for one in signature.problems}


@pytest.mark.parametrize(("name", "digest"), [("sha1", hashes.SHA1()), ("md5", hashes.MD5())])
def test_c2_attributes_signed_over_a_weak_digest_are_told_whatever_digest_the_content_has(name, digest):
    message = cms.ContentInfo.load(sign_p7m_as("cns", b"testo"))
    info = message["content"]["signer_infos"][0]
    info["signature_algorithm"] = {"algorithm": f"{name}_rsa"}
    info["signature"] = private_key("cns").sign(info["signed_attrs"].untag().dump(), padding.PKCS1v15(), digest)
    assert told(inspected(message.dump(force=True))) == (Verdict.signed_with_reservations, name, True)


def test_c2_a_pdf_of_which_only_a_sha1_hash_was_signed_is_told():
    pdf = sign_pdf_as("rossi", MODULE).replace(b"/ETSI.CAdES.detached", b"/adbe.pkcs7.sha1    ")
    start, length, rest, size = map(int, re.findall(rb"/ByteRange \[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", pdf)[0])
    digest = hashlib.sha1(pdf[start:length] + pdf[rest : rest + size]).digest()
    value = sign_p7m_as("rossi", digest).hex().encode().ljust(rest - length - 2, b"0")
    signed = pdf[:length] + b"<" + value + b">" + pdf[rest:]
    assert told(inspected(signed)) == (Verdict.signed_with_reservations, "sha1", True)
    assert inspected(signed.replace(b"ore 40", b"ore 48")).verdict is Verdict.broken


def test_c2_a_manifest_that_lists_weak_digests_is_told():
    listed = manifest("META-INF/signature001.p7s", {"domanda.pdf": MODULE}).decode()
    strong, weak = (base64.b64encode(hashlib.new(name, MODULE).digest()).decode() for name in ("sha256", "sha1"))
    for said, verdict in ((listed, Verdict.signed), (listed.replace(SHA256, SHA1).replace(strong, weak), None)):
        signature = sign_p7m_as("rossi", said.encode(), detached=True)
        members = {"domanda.pdf": MODULE, "META-INF/ASiCManifest001.xml": said.encode()}
        report = inspected(container({**members, "META-INF/signature001.p7s": signature}))
        expected = (verdict, "sha256", False) if verdict else (Verdict.signed_with_reservations, "sha1", True)
        assert told(report) == expected


def test_c3_a_time_stamp_over_an_md5_hash_proves_nothing():
    message = cms.ContentInfo.load(sign_p7m_as("rossi", b"testo"))
    info = message["content"]["signer_infos"][0]
    for digest, problem in (("sha1", None), ("md5", "timestamp_unsupported")):
        stamp = cms.ContentInfo.load(token(info["signature"].native, digest=digest))
        info["unsigned_attrs"] = [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [stamp]})]
        report = inspected(message.dump(force=True))
        codes = {one.code for one in report.signatures[0].problems}
        assert (report.signatures[0].proven_time is None, codes) == (bool(problem), {problem} - {None})


def test_c2_the_weakest_of_several_digests_is_the_first_where_none_is_weak():
    assert weakest("sha256", "sha512") == "sha256"
    assert weakest("sha256", "sha1", "md5") == "md5"
