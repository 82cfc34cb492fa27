"""What the pages mean for an application: ours or not, all there or not, altered or not."""

from __future__ import annotations

from intake.checks.finding import Finding
from intake.checks.severity import Severity
from ocr.results import Alteration, ReturnedReading

MOST_NAMED = 40
_BYTES = "contiene per intero, byte per byte, quello emesso"
_CODES = "lo dicono i codici delle pagine"


def reading_findings(reading: ReturnedReading, form: str, superseded: tuple[str, ...], *, exact: bool) -> list[Finding]:
    """``exact``: the issued bytes are an exact prefix of what came back, so print and data are those issued."""
    ours = [page for page in reading.pages if page.belongs == "ours"]
    if not ours and not exact:
        return [_not_ours(reading, superseded)]
    findings = [
        Finding(
            "form.ours",
            Severity.INFO,
            f"È il modulo {form}: {_BYTES if exact else _CODES}.",
        )
    ]
    findings += [_missing(page, reading) for page in reading.missing_pages if not exact]
    if reading.foreign_pages:
        named = ", ".join(f"{name}, pagina {number}" for name, number in reading.foreign_pages)
        findings.append(
            Finding(
                "pages.foreign",
                Severity.WARNING,
                f"Ci sono pagine che non fanno parte di questo modulo: {named}.",
                "Se sono allegati, li carichi al loro posto; altrimenti tolga il file e carichi solo il modulo.",
            )
        )
    if reading.doubled_pages:
        numbers = ", ".join(str(page) for page in reading.doubled_pages)
        findings.append(
            Finding("pages.doubled", Severity.INFO, f"Pagine arrivate due volte: {numbers}. Ne contiamo una sola.")
        )
    findings += [
        Finding(
            "pages.poor",
            Severity.WARNING,
            f"«{page.source_name}», pagina {page.number}: {page.problem}",
            "Se può, scansioni di nuovo la pagina a 300 dpi, piana, a colori.",
        )
        for page in reading.pages
        if page.problem
    ]
    altered = [_altered(alteration) for alteration in reading.alterations]
    doubtful = [cell for cell in reading.cells if cell.status == "doubtful"]
    findings += altered[:MOST_NAMED]
    if len(altered) > MOST_NAMED:
        findings.append(
            Finding(
                "cells.altered",
                Severity.WARNING,
                f"Altri {len(altered) - MOST_NAMED} dati stampati risultano diversi da quelli emessi.",
                "Riveda il documento pagina per pagina.",
            )
        )
    if doubtful:
        findings.append(
            Finding(
                "cells.doubtful",
                Severity.INFO,
                f"{len(doubtful)} dati si leggono male: li controllerà l'ufficio sull'immagine.",
            )
        )
    if not altered and not doubtful and reading.cells:
        findings.append(
            Finding(
                "cells.agree",
                Severity.INFO,
                f"Tutti i {len(reading.cells)} dati stampati corrispondono a quelli emessi.",
            )
        )
    return findings


def _not_ours(reading: ReturnedReading, superseded: tuple[str, ...]) -> Finding:
    codes = {page.code.code.form for page in reading.pages if page.code}
    if codes & set(superseded):
        return Finding(
            "form.superseded",
            Severity.ERROR,
            "Questo modulo non vale più: dopo la stampa i dati della domanda sono stati riaperti.",
            "Scarichi il modulo aggiornato, lo faccia firmare e carichi quello.",
        )
    if codes:
        return Finding(
            "form.other_application",
            Severity.ERROR,
            "Questo è il modulo di un'altra domanda.",
            "Scarichi il modulo da questa pagina, lo faccia firmare e carichi quello.",
        )
    return Finding(
        "form.not_ours",
        Severity.ERROR,
        "Nel file non troviamo il modulo emesso dal servizio: mancano i codici delle pagine.",
        "Carichi il modulo scaricato da qui, firmato. Se è una scansione, i codici negli angoli si devono vedere per intero.",
    )


def _missing(page: int, reading: ReturnedReading) -> Finding:
    total = max((seen.code.code.pages for seen in reading.pages if seen.code), default=page)
    return Finding(
        "pages.missing",
        Severity.ERROR,
        f"Manca la pagina {page} di {total}. Senza, l'ufficio non può leggere tutta la domanda.",
        f"Scansioni la pagina {page} e la aggiunga: non serve ricaricare le altre.",
        page=page,
    )


def _altered(alteration: Alteration) -> Finding:
    match alteration.kind:
        case "changed":
            seen = f"«{alteration.seen}»" if alteration.seen else "un altro valore"
            message = f"A pagina {alteration.page} si legge {seen} dove il modulo emesso dice «{alteration.issued}»."
        case "added":
            seen = f": «{alteration.seen}»" if alteration.seen else ""
            message = f"A pagina {alteration.page} è stato aggiunto qualcosa che il modulo emesso non ha{seen}."
        case "removed":
            message = f"A pagina {alteration.page} non si vede più «{alteration.issued}»."
    return Finding(
        "cells.altered",
        Severity.WARNING,
        message,
        "Se il dato è cambiato, riapra i dati, corregga e faccia firmare il nuovo modulo. Altrimenti può inviare: "
        "l'ufficio vedrà la differenza.",
        page=alteration.page,
        box=alteration.box,
        field=alteration.field or None,
    )
