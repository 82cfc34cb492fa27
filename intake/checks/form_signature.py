"""Is the form itself signed: every page of it in a file that the right person signed, or by hand with an identity document."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from intake.checks.finding import Finding
from intake.checks.severity import Severity
from ocr.results import ReturnedReading, SignatureBox

_LAW = "CAD, art. 65"


def form_signature_findings(
    reading: ReturnedReading | None,
    pages: int,
    signed: Collection[str],
    *,
    identity_document: bool,
    identified_strongly: bool,
) -> list[Finding]:
    """``signed``: documents whose digital signature counts; ``pages``: how many the form has (CAD, art. 65, comma 1)."""
    covered = signed_pages(reading, signed)
    if covered >= set(range(1, pages + 1)):
        return []
    box = next((each for each in reading.signatures if each.present), None) if reading else None
    if box is None:
        return [_not_signed(reading, covered, pages, digital=bool(signed))]
    found = [
        Finding("signature.by_hand", Severity.INFO, "Il modulo è firmato a mano.", page=box.page, box=box.box),
    ]
    if not identity_document and not identified_strongly:
        found.append(identity_document_missing())
    return found


def identity_document_missing() -> Finding:
    """Of a form signed by hand (CAD, art. 65, comma 1, lettera c)."""
    return Finding(
        "filing.identity_document_missing",
        Severity.ERROR,
        "Il modulo è firmato a mano e manca la copia del documento d'identità di chi ha firmato.",
        "Carichi la copia del documento d'identità, oppure firmi il modulo con firma digitale.",
        law=f"{_LAW}, comma 1, lettera c",
    )


def signed_pages(reading: ReturnedReading | None, signed: Collection[str]) -> set[int]:
    """The form's pages that came inside a document of ``signed``."""
    if reading is None:
        return set()
    return {
        page.code.code.page
        for page in reading.pages
        if page.belongs == "ours" and page.code and page.source_name in signed
    }


def exact_documents(reading: ReturnedReading, relations: Mapping[str, str]) -> bool:
    """Whether every page of ours came in a document that holds the issued bytes whole."""
    ours = [page for page in reading.pages if page.belongs == "ours"]
    return bool(ours) and all(relations.get(page.source_name) in {"identical", "prefix"} for page in ours)


def _not_signed(reading: ReturnedReading | None, covered: set[int], pages: int, *, digital: bool) -> Finding:
    if digital:
        left = ", ".join(str(page) for page in range(1, pages + 1) if page not in covered)
        message = f"La firma digitale non riguarda tutto il modulo: restano fuori le pagine {left}."
        remedy = "Firmi il file del modulo intero, come lo ha scaricato, e carichi quello."
    else:
        message = "Il modulo non è firmato: non c'è una firma digitale e nel riquadro della firma non c'è inchiostro."
        remedy = (
            "Lo faccia firmare dal legale rappresentante, con firma digitale oppure a mano, poi lo carichi di nuovo."
        )
    box: SignatureBox | None = reading.signatures[0] if reading and reading.signatures else None
    return Finding(
        "signature.not_signed",
        Severity.ERROR,
        message,
        remedy,
        law=_LAW,
        page=box.page if box else None,
        box=box.box if box else None,
    )
