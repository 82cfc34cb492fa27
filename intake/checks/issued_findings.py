"""Issued against returned, for files: is it the very file that was issued, what was added to it, or was it made anew (N1)."""

from __future__ import annotations

from intake.checks.finding import Finding
from intake.checks.severity import Severity
from ocr.results import ReturnedReading
from signing.issued_additions import Additions, additions_after
from signing.issued_prefix import Relation, compare_with_issued
from signing.issued_rewriting import Rewriting, rewriting_of
from signing.issued_words import in_words


def issued_findings(
    issued: bytes, content: bytes, *, document: str, name: str, signed: bool, reading: ReturnedReading | None
) -> list[Finding]:
    """Findings for one returned form. ``content``: what its envelopes hold; ``signed``: it bears a digital signature.

    A scan that nobody signed digitally is the ordinary way on paper: nothing is said of it here.
    """
    relation = compare_with_issued(issued, content).relation
    if relation is Relation.identical:
        return []
    if relation is Relation.prefix:
        return [_added(additions_after(issued, content), document, name)]
    if not signed or reading is None or not _has_our_pages(reading, document):
        return []
    return [_made_anew(issued, content, document, name, reading)]


def _has_our_pages(reading: ReturnedReading, document: str) -> bool:
    return any(page.belongs == "ours" and page.source_name == document for page in reading.pages)


def _added(additions: Additions, document: str, name: str) -> Finding:
    if additions.explained and not additions.filled_fields:
        return Finding(
            "form.additions",
            Severity.INFO,
            f"«{name}» è il file emesso, byte per byte. Dopo, il programma di firma ha aggiunto: "
            f"{in_words(additions.found, signing_too=True) or 'nulla che si veda'}.",
            document=document,
        )
    if additions.explained:
        return Finding(
            "form.additions_filled",
            Severity.WARNING,
            f"Su «{name}» dopo l'emissione sono stati compilati dei campi: {', '.join(additions.filled_fields)}.",
            "Se li ha compilati Lei può inviare: l'ufficio li vedrà. Altrimenti scarichi di nuovo il modulo e firmi quello.",
            document=document,
        )
    what = in_words(additions.found, signing_too=False) or "qualcosa che nessuna regola spiega"
    return Finding(
        "form.additions_unexplained",
        Severity.WARNING,
        f"Sul modulo emesso «{name}» è stato aggiunto altro oltre alla firma: {what}.",
        "Se non l'ha aggiunto Lei, scarichi di nuovo il modulo, lo firmi e carichi quello. Altrimenti può inviare: "
        "l'ufficio guarderà l'aggiunta.",
        technical="SuspiciousModification",
        document=document,
    )


def _made_anew(issued: bytes, content: bytes, document: str, name: str, reading: ReturnedReading) -> Finding:
    rewritten = rewriting_of(issued, content)
    saved_again = rewritten.how is Rewriting.saved_again
    technical = rewritten.program or None
    how = "una sua copia salvata di nuovo da un programma" if saved_again else _kind(reading, document)
    if not _all_agree(reading):
        return Finding(
            "form.reprinted_differs",
            Severity.WARNING,
            f"«{name}» non è il file scaricato ma {how}, e non tutti i dati risultano uguali a quelli emessi.",
            "Firmi il file come lo scarica e carichi quello. Se non può, invii: l'ufficio confronterà i dati a uno a uno.",
            technical=technical,
            document=document,
        )
    return Finding(
        "form.saved_again" if saved_again else "form.reprinted",
        Severity.INFO,
        f"«{name}» non è il file scaricato ma {how}. Lo abbiamo letto: tutti i dati sono quelli emessi.",
        "Può inviare. La prossima volta firmi il file come lo scarica: il controllo è immediato e completo.",
        technical=technical,
        document=document,
    )


def _kind(reading: ReturnedReading, document: str) -> str:
    pages = [page for page in reading.pages if page.belongs == "ours" and page.source_name == document]
    image = all(page.text_from != "pdf" for page in pages)
    return "un'immagine del modulo" if image else "una ristampa del modulo in un altro PDF"


def _all_agree(reading: ReturnedReading) -> bool:
    cells = reading.cells
    settled = bool(cells) and all(cell.status in {"agrees", "empty"} for cell in cells)
    return settled and not reading.alterations and not reading.missing_pages
