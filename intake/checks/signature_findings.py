"""What signatures mean for an application: intact or not, and whether the right person signed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from intake.checks.finding import Finding
from intake.checks.severity import Severity
from signing.rehearsal_signature import AUTHORITY_NAME
from signing.report import Problem, Signature, SignatureReport, Verdict

_SEVERITY = {
    Verdict.signed: Severity.INFO,
    Verdict.signed_with_reservations: Severity.INFO,
    Verdict.unverifiable: Severity.WARNING,
}

_GRAVEST_FIRST = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class SignerNames:
    """Who may sign: the representative, and the others who act for the firm, as (tax code, name)."""

    firm: str
    representative: tuple[str, str]
    others: tuple[tuple[str, str], ...]
    rehearsal: bool


def signature_findings(
    document: str,
    name: str,
    report: SignatureReport,
    signers: SignerNames,
    *,
    is_form: bool,
    pages_read: bool = True,
    trust_configured: bool = False,
) -> list[Finding]:
    """Findings for one file. A file without signatures gives none here: a scan may be signed by hand.

    A file that cannot be opened is named by whoever reads its pages; here only when nobody does (``pages_read``).
    ``trust_configured``: the office says whom it believes, so a certificate of anybody else only claims to be somebody's.
    """
    silent = {Verdict.not_signed, Verdict.unreadable} if pages_read else {Verdict.not_signed}
    acts = _active_content(document, name, report)
    if all(each.own_seal for each in report.signatures) and report.verdict in silent:
        return acts
    findings = [
        *acts,
        Finding(
            f"signature.{report.verdict.value}" if is_form else f"attachment_signature.{report.verdict.value}",
            _SEVERITY.get(report.verdict, Severity.ERROR if is_form else Severity.WARNING),
            f"«{name}»: {report.sentence}",
            _remedy(report),
            law=_law(report),
            technical=_technical(report),
            document=document,
        ),
    ]
    if is_form and (report.verdict.is_clean or report.verdict is Verdict.unverifiable):
        findings.append(_who_signed(document, report, signers, trust_configured=trust_configured))
    if not signers.rehearsal and any(each.signer.issuer == AUTHORITY_NAME for each in report.signatures):
        findings.append(
            Finding(
                "signature.rehearsal_on_live",
                Severity.ERROR,
                "La firma è stata fatta con un certificato di prova, che non ha valore fuori dalla prova.",
                "Firmi il modulo con la sua firma digitale, oppure a mano.",
                document=document,
            )
        )
    return findings


def signature_counts(report: SignatureReport, signers: SignerNames) -> bool:
    """Whether this signature can stand for the firm: intact, or not verifiable but naming somebody of the firm."""
    if report.verdict.is_clean:
        return bool(report.signatures)
    known = {signers.representative[0], *(code for code, _ in signers.others)}
    return report.verdict is Verdict.unverifiable and any(each.signer.tax_code in known for each in report.signatures)


def signed_by(report: SignatureReport, tax_codes: Collection[str]) -> bool:
    """Whether any signature of a file that may count names one of these people."""
    may_count = report.verdict.is_clean or report.verdict is Verdict.unverifiable
    return may_count and any(each.signer.tax_code in tax_codes for each in report.signatures)


def _who_signed(document: str, report: SignatureReport, signers: SignerNames, *, trust_configured: bool) -> Finding:
    codes = {each.signer.tax_code for each in report.signatures if each.signer.tax_code}
    names = ", ".join(each.signer.common_name for each in report.signatures) or "una persona non indicata"
    if signers.representative[0] in codes:
        doubt = _doubt_about_representative(document, report, signers) if trust_configured else None
        return doubt or Finding(
            "signer.representative",
            Severity.INFO,
            f"Ha firmato {signers.representative[1]}, legale rappresentante di {signers.firm}.",
            document=document,
        )
    other = next((person for person in signers.others if person[0] in codes), None)
    if other:
        return Finding(
            "signer.other_person",
            Severity.WARNING,
            f"Ha firmato {other[1]}, che agisce per {signers.firm} ma non ne è il legale rappresentante.",
            "Può inviare dichiarando che chi ha firmato ne ha il potere: l'ufficio controllerà.",
            document=document,
        )
    return Finding(
        "signer.stranger",
        Severity.ERROR,
        f"Il documento è firmato da {names}, che non risulta legale rappresentante né delegata di {signers.firm}.",
        "Faccia firmare il legale rappresentante, oppure aggiunga la delega.",
        law="CAD, art. 65",
        document=document,
    )


def _doubt_about_representative(document: str, report: SignatureReport, signers: SignerNames) -> Finding | None:
    """What is left to ask when the right name is on the signature, but nobody we believe put it there."""
    own = [each for each in report.signatures if each.signer.tax_code == signers.representative[0]]
    if all(_claimed(each) for each in own):
        return Finding(
            "signer.claimed",
            Severity.WARNING,
            f"La firma porta il nome di {signers.representative[1]}, ma chi ha rilasciato il certificato non è fra le "
            "autorità riconosciute: il nome non è provato.",
            "Se può, firmi con una firma digitale qualificata. Altrimenti confermi di chi è la firma: l'ufficio controllerà.",
            law="CAD, art. 65",
            document=document,
        )
    if all(_claimed(each) or each.qualification == "not_qualified" for each in own):
        return Finding(
            "signer.not_qualified",
            Severity.WARNING,
            f"Ha firmato {signers.representative[1]}, ma con un certificato che la lista di fiducia non dà per qualificato.",
            "Se può, firmi con una firma digitale qualificata. Altrimenti confermi di chi è la firma: l'ufficio controllerà.",
            law="CAD, art. 65",
            document=document,
        )
    return None


def _claimed(signature: Signature) -> bool:
    return any(each.code == "trust_not_established" for each in signature.problems)


def _active_content(document: str, name: str, report: SignatureReport) -> list[Finding]:
    """What in the file can change what it shows; links and attachments alone are no matter of a filing."""
    return [
        Finding(
            "document.active_content",
            Severity.WARNING,
            f"«{name}»: {each.message}",
            each.remedy,
            law=each.law,
            technical=each.code,
            document=document,
        )
        for each in report.problems
        if each.code.startswith("contains_") and each.severity != "info"
    ]


def _remedy(report: SignatureReport) -> str:
    first = next((each.remedy for each in _problems(report) if each.remedy and each.severity != "info"), "")
    if first:
        return first
    return "" if report.verdict.is_clean else "Firmi di nuovo il modulo scaricato, senza modificarlo, e lo carichi."


def _law(report: SignatureReport) -> str | None:
    return next((problem.law for problem in _problems(report) if problem.law), None)


def _technical(report: SignatureReport) -> str | None:
    codes = [_code(signature) for signature in report.signatures]
    codes += [problem.code for problem in _problems(report)]
    return " · ".join(dict.fromkeys(codes)) or None


def _code(signature: Signature) -> str:
    return f"{signature.indication.value}{f'/{signature.sub_indication}' if signature.sub_indication else ''}"


def _problems(report: SignatureReport) -> list[Problem]:
    """Of the file and of its signatures, the gravest first."""
    told = [*report.problems, *(each for signature in report.signatures for each in signature.problems)]
    return sorted(told, key=lambda each: _GRAVEST_FIRST.index(each.severity))
