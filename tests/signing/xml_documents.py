"""Signed XML made by code, and how the tests of signatures in XML ask about it."""

from datetime import datetime

from signing.inspect import inspect_signatures
from signing.report import SignatureReport
from signing.trust import TrustStore
from tests.pki.authority import AT, trust_store
from tests.pki.xml_signer import ENVELOPED, EXCLUSIVE, canonical, reference, sign_xml_as, transform

TRUST = trust_store()
DATA = "<ore>40</ore>"
SIGNED_DATA = reference("", canonical(f"<domanda>{DATA}</domanda>"), ENVELOPED + transform(EXCLUSIVE))


def inspected(
    data: bytes | str, *, trust: TrustStore = TRUST, at: datetime = AT, detached: bytes | None = None
) -> SignatureReport:
    raw = data.encode() if isinstance(data, str) else data
    return inspect_signatures(raw, name="domanda.xml", trust=trust, at=at, detached=detached)


def codes(report: SignatureReport) -> set[str]:
    return {one.code for one in report.problems} | {one.code for s in report.signatures for one in s.problems}


def enveloped(signature: str, data: str = DATA) -> str:
    return f"<domanda>{data}{signature}</domanda>"


def good() -> str:
    return enveloped(sign_xml_as("rossi", SIGNED_DATA))
