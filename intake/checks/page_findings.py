"""What the pages mean for an application: ours or not, all there or not, altered or not."""

from __future__ import annotations

from collections.abc import Mapping

from intake.checks.finding import Finding
from intake.checks.severity import Severity
from intake.checks.strange_pages import blank_form, false_form, strange_page_findings, unseen_page_findings
from ocr.form_map import FormMap
from ocr.results import Alteration, PageSeen, ReturnedReading

MOST_NAMED = 40
_BYTES = "contiene per intero, byte per byte, quello emesso"
_CODES = "lo dicono i codici delle pagine"


def reading_findings(
    reading: ReturnedReading,
    form_map: FormMap,
    superseded: tuple[str, ...],
    names: Mapping[str, str],
    *,
    exact: bool,
) -> list[Finding]:
    """``names``: how the sender called each document. ``exact``: the files hold the issued bytes whole.

    Exact bytes excuse nothing: what a reader sees may have been added after them, so every page must be there and read.
    """
    ours = [page for page in reading.pages if page.belongs == "ours"]
    if not ours or _codes(reading) & set(superseded):
        poor = [_poor(page, names) for page in reading.pages if page.problem and page.belongs == "unknown"]
        return [_not_ours(reading, superseded), *poor, *unseen_page_findings(reading.pages, names)]
    altered = [_altered(alteration) for alteration in reading.alterations]
    doubtful = [cell for cell in reading.cells if cell.status == "doubtful"]
    whole = not altered and not reading.missing_pages and len(reading.cells) == len(form_map.fields)
    findings = [
        Finding("form.ours", Severity.INFO, f"È il modulo {form_map.form}: {_BYTES if exact and whole else _CODES}.")
    ]
    findings += [_missing(page, form_map.pages) for page in reading.missing_pages]
    findings += [*strange_page_findings(reading.pages, form_map.form, names), *_unread(reading, form_map)]
    if reading.doubled_pages:
        numbers = ", ".join(str(page) for page in reading.doubled_pages)
        findings.append(
            Finding("pages.doubled", Severity.INFO, f"Pagine arrivate due volte: {numbers}. Ne contiamo una sola.")
        )
    seen = [page for page in reading.pages if page.problem and page.belongs not in ("unreadable", "not_looked_at")]
    findings += [_poor(page, names) for page in seen]
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
                "Un dato si legge male: lo controllerà l'ufficio sull'immagine."
                if len(doubtful) == 1
                else f"{len(doubtful)} dati si leggono male: li controllerà l'ufficio sull'immagine.",
            )
        )
    if whole and not doubtful:
        findings.append(
            Finding(
                "cells.agree",
                Severity.INFO,
                f"Tutti i dati stampati ({len(reading.cells)}) corrispondono a quelli emessi.",
            )
        )
    return findings


def _poor(page: PageSeen, names: Mapping[str, str]) -> Finding:
    return Finding(
        "pages.poor",
        Severity.WARNING,
        f"«{names.get(page.source_name, page.source_name)}», pagina {page.number}: {page.problem}",
        "Se può, scansioni di nuovo la pagina a 300 dpi, piana, a colori.",
    )


def _not_ours(reading: ReturnedReading, superseded: tuple[str, ...]) -> Finding:
    codes = _codes(reading)
    if codes & set(superseded):
        return Finding(
            "form.superseded",
            Severity.ERROR,
            "Questo modulo non vale più: dopo la stampa i dati della domanda sono stati riaperti.",
            "Tolga quello vecchio; scarichi il modulo aggiornato, lo faccia firmare e carichi solo quello.",
        )
    if plain := false_form(reading.pages) or blank_form(reading.pages):
        return plain
    if codes:
        return Finding(
            "form.other_application",
            Severity.ERROR,
            f"Questo è il modulo {', '.join(sorted(codes))}, di un'altra domanda.",
            "Scarichi il modulo da questa pagina, lo faccia firmare e carichi quello.",
        )
    return Finding(
        "form.not_ours",
        Severity.ERROR,
        "Nel file non troviamo il modulo emesso dal servizio: mancano i codici delle pagine.",
        "Carichi il modulo scaricato da qui, firmato. Se è una scansione, i codici negli angoli si devono vedere per intero.",
    )


def _unread(reading: ReturnedReading, form_map: FormMap) -> list[Finding]:
    """Pages of the form that are there and could not be compared at all."""
    read = {cell.page for cell in reading.cells}
    unread = sorted({field.page for field in form_map.fields} - read - set(reading.missing_pages))
    if not unread:
        return []
    numbers = ", ".join(str(page) for page in unread)
    return [
        Finding(
            "pages.unread",
            Severity.WARNING,
            f"I dati stampati a pagina {numbers} non si possono confrontare con quelli emessi.",
            "Se può, scansioni di nuovo la pagina a 300 dpi, piana e intera.",
        )
    ]


def _codes(reading: ReturnedReading) -> set[str]:
    return {page.code.code.form for page in reading.pages if page.code}


def _missing(page: int, total: int) -> Finding:
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
