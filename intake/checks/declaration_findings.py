"""What the declarations of availability mean for an application: each worker signed one, or is named (T5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from intake.checks.finding import Finding
from intake.checks.severity import Severity
from ocr.papers.declaration_results import DeclarationsReading, WorkerDeclaration

MOST_NAMED = 20


def declaration_findings(
    reading: DeclarationsReading, names: Mapping[str, str], *, title: str, law: str | None
) -> list[Finding]:
    """``names``: how the sender called each document; ``title`` and ``law``: those of the notice's attachment."""
    signed, missing = reading.standing("signed"), reading.standing("missing")
    unsigned, doubtful = reading.standing("unsigned"), reading.standing("to_look_at")
    findings = []
    if len(signed) == len(reading.workers):
        findings.append(
            Finding(
                "declaration.all_signed",
                Severity.INFO,
                f"{title}: firmate tutte, {len(signed)} su {len(reading.workers)}.",
            )
        )
    else:
        findings.append(
            Finding(
                "declaration.count",
                Severity.INFO,
                f"{title}: firmate {len(signed)} su {len(reading.workers)}; senza firma {len(unsigned)}, "
                f"da guardare {len(doubtful)}, mancanti {len(missing)}.",
            )
        )
    if missing:
        findings.append(_missing(missing, title, law))
    findings += [_unsigned(each, names, law) for each in unsigned[:MOST_NAMED]]
    if len(unsigned) > MOST_NAMED:
        findings.append(_more_unsigned(unsigned[MOST_NAMED:], law))
    findings += [_doubtful(each, names) for each in doubtful[:MOST_NAMED]]
    findings += [
        Finding(
            "declaration.stray",
            Severity.INFO,
            f"«{names.get(each.place[0], each.place[0])}», pagina {each.place[1]}: la dichiarazione {each.why}.",
            "Se il lavoratore è della domanda, lo aggiunga all'elenco; altrimenti tolga la pagina.",
            document=each.place[0],
            page=each.place[1],
        )
        for each in reading.stray[:MOST_NAMED]
    ]
    return findings


def _missing(missing: Sequence[WorkerDeclaration], title: str, law: str | None) -> Finding:
    return Finding(
        "declaration.missing",
        Severity.WARNING,
        f"{title}: non troviamo quella di {_named(missing)}.",
        "Faccia firmare le pagine che mancano, le scansioni e le aggiunga: non serve ricaricare le altre. Se le ha caricate "
        "e non le abbiamo riconosciute, può inviare: l'ufficio le guarderà.",
        law=law,
    )


def _unsigned(each: WorkerDeclaration, names: Mapping[str, str], law: str | None) -> Finding:
    source, page = each.place or ("", 0)
    return Finding(
        "declaration.unsigned",
        Severity.WARNING,
        f"La dichiarazione di {each.given_name} {each.surname} non risulta firmata («{names.get(source, source)}», "
        f"pagina {page}): {each.why}.",
        "La faccia firmare e scansioni di nuovo quella pagina.",
        law=law,
        document=source or None,
        page=page or None,
        box=each.box,
        field=f"workers.{each.row}.declaration",
    )


def _more_unsigned(rest: Sequence[WorkerDeclaration], law: str | None) -> Finding:
    return Finding(
        "declaration.unsigned",
        Severity.WARNING,
        f"Non risultano firmate nemmeno le dichiarazioni di {_named(rest)}.",
        "Le faccia firmare e scansioni di nuovo quelle pagine.",
        law=law,
    )


def _doubtful(each: WorkerDeclaration, names: Mapping[str, str]) -> Finding:
    source, page = each.place or ("", 0)
    return Finding(
        "declaration.to_look_at",
        Severity.INFO,
        f"La dichiarazione di {each.given_name} {each.surname} è da guardare («{names.get(source, source)}», pagina {page}): "
        f"{each.why}.",
        "Non serve fare nulla: la guarderà l'ufficio.",
        document=source or None,
        page=page or None,
        box=each.box,
        field=f"workers.{each.row}.declaration",
    )


def _named(workers: Sequence[WorkerDeclaration]) -> str:
    shown = ", ".join(f"{each.given_name} {each.surname}" for each in workers[:MOST_NAMED])
    rest = len(workers) - MOST_NAMED
    return shown if rest <= 0 else f"{shown} e di altri {rest}"
