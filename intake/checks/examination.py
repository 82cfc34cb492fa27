"""One look at everything returned for a form: signatures, pages, cells. Bytes in, frozen findings out, no side effect."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509 import load_der_x509_certificate

from intake.checks.agreement_examination import AgreementOutcome, AgreementPaper, examine_agreement
from intake.checks.agreement_question import AGREEMENT_PAPERS, AgreementQuestion
from intake.checks.consent import consent_findings
from intake.checks.finding import Examination, Finding
from intake.checks.form_signature import exact_documents, form_signature_findings
from intake.checks.issued_findings import issued_findings
from intake.checks.list_examination import ListPaper, examine_lists
from intake.checks.page_findings import reading_findings
from intake.checks.paper_examination import IDENTITY, PaperFile, PaperOutcome, PaperQuestion, examine_papers
from intake.checks.severity import Severity
from intake.checks.signature_findings import SignerNames, signature_counts, signature_findings, signed_by
from intake.checks.stamp_duty import StampOutcome
from intake.checks.stamp_examination import bears_a_stamp, examine_stamps
from intake.checks.stamp_marks import StampQuestion
from ocr.form_map import FormMap
from ocr.pages import open_pages
from ocr.papers.identity_document import Person
from ocr.reading import read_returned
from ocr.results import ReturnedReading
from ocr.unreadable import UnreadablePages
from signing.inspect import inspect_signatures
from signing.issued_prefix import compare_with_issued
from signing.report import SignatureReport
from signing.revocation import RevocationPolicy
from signing.trust import TrustStore
from signing.trust_used import trust_used

_FORM_SHARE = 0.6
_LEAST_SECONDS = 5.0

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file as received. ``attachment`` is the notice's key of an attachment, None for the form itself."""

    document: str
    name: str
    data: bytes
    attachment: str | None


@dataclass(frozen=True, slots=True)
class Request:
    """What to examine and against what. Everything pickles: the work is done in a process of its own.

    ``form_keys``: raw public keys of the page codes; ``own_anchor``: DER of the rehearsal's test authority, None when live;
    ``own_seals``: SHA-256 of the seals of this service, which are nobody's signature. ``consents``: titles of those on the
    form that only the legal representative gives; ``stamp_papers``: keys of the attachments that bear a mark of stamp duty.
    ``seconds``: within which every step ends; pages that are left are named, none is dropped.
    """

    files: tuple[ReceivedFile, ...]
    form: str
    issued_pdf: bytes
    form_map: bytes
    form_keys: tuple[bytes, ...]
    superseded_forms: tuple[str, ...]
    signers: SignerNames
    identified_strongly: bool
    trust_folder: Path | None
    own_anchor: bytes | None
    at: datetime
    most_pages: int
    read_pages: bool = True
    own_seals: frozenset[str] = frozenset()
    revocation: RevocationPolicy | None = None
    consents: tuple[str, ...] = ()
    stamps: StampQuestion | None = None
    stamp_papers: frozenset[str] = frozenset()
    papers: PaperQuestion | None = None
    agreement: AgreementQuestion | None = None
    seconds: float = 540.0


class Trusting(Protocol):
    """A question about signatures that says whom to believe, as ``Request`` does."""

    @property
    def trust_folder(self) -> Path | None: ...

    @property
    def own_anchor(self) -> bytes | None: ...

    @property
    def own_seals(self) -> frozenset[str]: ...

    @property
    def revocation(self) -> RevocationPolicy | None: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A file with its signatures looked at; ``content`` is what is inside the envelope, or the file itself."""

    file: ReceivedFile
    report: SignatureReport
    content: bytes


def examine(request: Request, progress: Progress) -> Examination:
    """Looks at every file once. Raises nothing for bad input: what is wrong with it is a finding."""
    until = time.monotonic() + request.seconds
    trust = trust_of(request)
    total = len(request.files) + 1
    opened = []
    for number, file in enumerate(request.files):
        progress(f"firme di {file.name}", number, total)
        opened.append(_open(file, trust, request))
    signable = [each for each in opened if not bears_a_stamp(each.file.data)]
    forms = [each for each in signable if each.file.attachment is None]
    findings = [*_repeated(request.files)]
    for each in signable:
        findings += signature_findings(
            each.file.document,
            each.file.name,
            each.report,
            request.signers,
            is_form=each in forms,
            pages_read=request.read_pages,
            trust_configured=request.trust_folder is not None,
        )
    if not forms:
        findings.append(_form_missing())
    reading, papers = None, PaperOutcome((), None)
    if request.read_pages and forms:
        reading, unreadable = _read(
            request, forms, lambda done, pages: progress(f"pagina {done} di {pages}", total - 1, total)
        )
        findings += unreadable
    if request.read_pages:
        papers = _papers(
            request,
            signable,
            reading,
            lambda done, pages: progress(f"allegati, {done} di {pages}", total - 1, total),
            seconds=_left(until),
        )
        reading = papers.reading
        findings += papers.findings
    if request.read_pages and forms:
        findings += _form_findings(request, forms, reading, identity_document=_identity_document(request, papers))
        findings += _issued_findings(request, forms, reading)
    marks = None
    if request.read_pages and request.stamps:
        progress("imposta di bollo", total - 1, total)
        outcome = _stamp_duty(request, request.stamps, opened, reading, trust)
        findings += outcome.findings
        marks = outcome.as_json(request.stamps)
    agreement = None
    if request.read_pages and request.agreement:
        progress("accordo sindacale", total - 1, total)
        papers_sent = _agreement_papers(signable, papers)
        agreement = examine_agreement(
            papers_sent, request.agreement, most_pages=request.most_pages, texts=papers.texts, seconds=_left(until)
        )
        findings += agreement.findings if agreement else ()
    lists = None
    if request.read_pages:
        progress("elenchi di lavoratori", total - 1, total)
        lists = _lists(request, signable, papers, agreement, seconds=_left(until))
    used = trust_used(trust, at=request.at).as_json()
    verdicts = {each.file.document: {**each.report.as_json(), "trust": used} for each in signable}
    progress("fine", total, total)
    return Examination(
        tuple(findings),
        verdicts,
        asdict(reading) if reading else None,
        marks,
        agreement=agreement.reading if agreement else None,
        declarations=papers.declarations.as_json() if papers.declarations else None,
        identity=papers.identity_json(),
        stack=papers.stack.as_json() if papers.stack else None,
        worker_list=lists,
    )


def trust_of(request: Trusting) -> TrustStore:
    """What this installation trusts and may ask, and in a rehearsal its own test authority beside it."""
    trust = TrustStore.from_folder(request.trust_folder) if request.trust_folder else TrustStore.empty()
    trust = trust.asking_online(request.revocation) if request.revocation else trust
    for fingerprint in request.own_seals:
        trust = trust.with_seal(fingerprint)
    return trust.with_anchor(load_der_x509_certificate(request.own_anchor)) if request.own_anchor else trust


def _open(file: ReceivedFile, trust: TrustStore, request: Request) -> Opened:
    report = inspect_signatures(file.data, name=file.name, issued=request.issued_pdf, trust=trust, at=request.at)
    return Opened(file, report, report.content.data if report.content else file.data)


def _repeated(files: tuple[ReceivedFile, ...]) -> list[Finding]:
    seen: dict[bytes, str] = {}
    findings = []
    for file in files:
        if file.data in seen:
            findings.append(
                Finding(
                    "document.same_twice",
                    Severity.INFO,
                    f"«{file.name}» è uguale, byte per byte, a «{seen[file.data]}» già caricato.",
                    "Non serve fare nulla: lo contiamo una volta sola.",
                    document=file.document,
                )
            )
        seen.setdefault(file.data, file.name)
    return findings


def _read(
    request: Request, forms: list[Opened], progress: Callable[[int, int], None]
) -> tuple[ReturnedReading | None, list[Finding]]:
    """Reads the pages of all files that can be opened; each that cannot is named."""
    readable, findings, seen = [], [], set()
    for each in forms:
        if each.content in seen:
            continue
        seen.add(each.content)
        try:
            open_pages(each.content, name=each.file.name, most_pages=request.most_pages)
        except UnreadablePages as problem:
            findings.append(
                Finding(
                    f"file.{problem.code}", Severity.ERROR, problem.message, problem.remedy, document=each.file.document
                )
            )
            continue
        readable.append((each.file.document, each.content))
    if not readable:
        return None, findings
    keys = tuple(Ed25519PublicKey.from_public_bytes(raw) for raw in request.form_keys)
    form_map = FormMap.from_json(request.form_map)
    seconds = _FORM_SHARE * request.seconds
    reading = read_returned(readable, form_map, keys, issued_pdf=request.issued_pdf, progress=progress, seconds=seconds)
    return reading, findings


def _left(until: float) -> float:
    """Seconds that are left for the next step; a short paper is looked at even when there are none."""
    return max(_LEAST_SECONDS, until - time.monotonic())


def _agreement_papers(opened: list[Opened], papers: PaperOutcome) -> list[AgreementPaper]:
    """What was sent as the agreement, and the pages of other files that are an agreement's."""
    sent = [
        AgreementPaper(each.file.document, each.file.name, each.content, signed=bool(each.report.signatures))
        for each in opened
        if each.file.attachment in AGREEMENT_PAPERS
    ]
    found = [
        AgreementPaper(each.file.document, each.file.name, each.content, bool(each.report.signatures), pages)
        for each in opened
        if each.file.attachment not in AGREEMENT_PAPERS
        and (pages := papers.pages_of("union_agreement", each.file.document))
    ]
    return [*sent, *found]


def _lists(
    request: Request, opened: list[Opened], papers: PaperOutcome, agreement: AgreementOutcome | None, *, seconds: float
) -> dict[str, Any] | None:
    """Lists under any heading, in the form's own file and annexed to the agreement, but not on papers that name people for
    another reason."""
    others = {IDENTITY, request.papers.declarations_key if request.papers else None, None}
    files = [
        ListPaper(
            each.file.document,
            each.content,
            papers.pages_of("worker_list", each.file.document)
            | (agreement.annexed_lists(each.file.document) if agreement else frozenset()),
            look_for_more=each.file.attachment not in others,
        )
        for each in opened
    ]
    return examine_lists(files, seconds=seconds)


def _papers(
    request: Request,
    opened: list[Opened],
    reading: ReturnedReading | None,
    progress: Callable[[int, int], None],
    *,
    seconds: float,
) -> PaperOutcome:
    """Looks at the papers that come with the form, and at the pages of its files that are none of the form's."""
    files = tuple(
        PaperFile(each.file.document, each.file.name, each.file.attachment, each.content, _signers(each.report))
        for each in opened
    )
    (code, name), others = request.signers.representative, request.signers.others
    people = [Person(name, code), *(Person(other, other_code) for other_code, other in others if other_code != code)]
    return examine_papers(
        request.papers or PaperQuestion(),
        files,
        reading,
        FormMap.from_json(request.form_map),
        request.form_keys,
        people,
        by_hand=reading is not None and any(each.present for each in reading.signatures),
        at=request.at,
        most_pages=request.most_pages,
        progress=progress,
        seconds=seconds,
    )


def _signers(report: SignatureReport) -> frozenset[str]:
    """Tax codes of those whose signature on a file may count."""
    codes = {each.signer.tax_code for each in report.signatures if each.signer.tax_code}
    return frozenset(code.upper() for code in codes if signed_by(report, {code}))


def _identity_document(request: Request, papers: PaperOutcome) -> bool:
    return bool(papers.identity) or any(file.attachment == IDENTITY for file in request.files)


def _stamp_duty(
    request: Request, question: StampQuestion, opened: list[Opened], reading: ReturnedReading | None, trust: TrustStore
) -> StampOutcome:
    """Looks for marks on the form and on the papers that bear them; a digital stamp is one whatever it is called."""
    forms, papers = {}, {}
    for each in opened:
        if bears_a_stamp(each.file.data) or each.file.attachment in request.stamp_papers:
            papers[each.file.document] = each.file.data
        elif each.file.attachment is None:
            forms[each.file.document] = each.file.data
    names = {each.file.document: each.file.name for each in opened}
    issued = request.issued_pdf
    return examine_stamps(question, forms, papers, issued=issued, reading=reading, trust=trust, names=names)


def _form_findings(
    request: Request, forms: list[Opened], reading: ReturnedReading | None, *, identity_document: bool
) -> list[Finding]:
    form_map = FormMap.from_json(request.form_map)
    findings = []
    if reading:
        relations = {
            each.file.document: compare_with_issued(request.issued_pdf, each.content).relation for each in forms
        }
        names = {each.file.document: each.file.name for each in forms}
        findings += reading_findings(
            reading, form_map, request.superseded_forms, names, exact=exact_documents(reading, relations)
        )
    findings += form_signature_findings(
        reading,
        form_map.pages,
        {each.file.document for each in forms if signature_counts(each.report, request.signers)},
        identity_document=identity_document,
        identified_strongly=request.identified_strongly,
    )
    others = {code for code, _ in request.signers.others} - {request.signers.representative[0]}
    findings += consent_findings(
        reading,
        form_map.pages,
        request.consents,
        by_representative=_signed_by(forms, {request.signers.representative[0]}),
        by_others=_signed_by(forms, others),
        identity_document=identity_document,
        identified_strongly=request.identified_strongly,
    )
    return findings


def _signed_by(forms: list[Opened], tax_codes: set[str]) -> set[str]:
    return {each.file.document for each in forms if signed_by(each.report, tax_codes)}


def _issued_findings(request: Request, forms: list[Opened], reading: ReturnedReading | None) -> list[Finding]:
    return [
        finding
        for each in forms
        for finding in issued_findings(
            request.issued_pdf,
            each.content,
            document=each.file.document,
            name=each.file.name,
            signed=bool(each.report.signatures),
            reading=reading,
        )
    ]


def _form_missing() -> Finding:
    return Finding(
        "form.missing",
        Severity.ERROR,
        "Manca il modulo firmato.",
        "Scarichi il modulo, lo firmi e lo carichi qui.",
    )
