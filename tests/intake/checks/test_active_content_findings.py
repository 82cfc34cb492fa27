"""C2, N1: a returned file that can change what it shows is named to who files and to the office, and stops nobody alone."""

from __future__ import annotations

from intake.checks.severity import Severity
from intake.checks.signature_findings import SignerNames, signature_findings
from intake.notices.findings import finding_effect
from intake.notices.load import load_pack
from intake.settings import TEMPLATES
from signing.problems import problem
from signing.report import SignatureReport, Verdict

SIGNERS = SignerNames("ALFA SRL", ("RSSMRA68C02I452O", "Mario Rossi"), (), rehearsal=False)


def test_scripts_are_named_and_links_are_not() -> None:
    acts = (problem("contains_script", count=2, examples=""), problem("contains_link", count=1, examples=""))
    report = SignatureReport("pdf", Verdict.not_signed, problems=acts)
    (finding,) = signature_findings("1", "allegato.pdf", report, SIGNERS, is_form=False)
    assert (finding.code, finding.severity) == ("document.active_content", Severity.WARNING)
    assert "allegato.pdf" in finding.message
    assert "2 programmi JavaScript" in finding.message
    assert finding.law == "art. 4, comma 3, DPCM 22 febbraio 2013"
    pack = load_pack(TEMPLATES / "notices" / "sardegna-2020")
    assert finding_effect(pack, finding.code) == "informs"
