"""Pages of the returned files that are none of the form's, or that nobody could look at: each named, with what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from intake.checks.finding import Finding
from intake.checks.severity import Severity
from ocr.page_codes import ReadPageCode
from ocr.results import PageSeen

Names = Mapping[str, str]
"""How the sender called each file, by the name that the reading knows it by."""

_MOST_NAMED = 20


def strange_page_findings(pages: Sequence[PageSeen], form: str, names: Names) -> list[Finding]:
    """What to say of the pages of ``form``'s files that are not read as its pages, and of codes that contradict."""
    return [
        *_of_other_forms(pages, form, names),
        *_false_codes([page for page in pages if _is_false(page.code)], names),
        *(_codes_disagree(page, names) for page in pages if page.other_codes),
        *_without_a_code([page for page in pages if page.belongs == "unknown"], names),
        *unseen_page_findings(pages, names),
    ]


def page_findings_without_a_form(pages: Sequence[PageSeen], names: Names) -> list[Finding]:
    """The same where nobody says which form the pages should be of: what is wrong with them whatever they are."""
    return [
        *_false_codes([page for page in pages if _is_false(page.code)], names),
        *(_codes_disagree(page, names) for page in pages if page.other_codes),
        *unseen_page_findings(pages, names),
    ]


def unseen_page_findings(pages: Sequence[PageSeen], names: Names) -> list[Finding]:
    """Pages without anything on them, damaged ones, and those that there was no time for."""
    blank = [page for page in pages if page.belongs == "blank"]
    damaged = [page for page in pages if page.belongs == "unreadable"]
    late = [page for page in pages if page.belongs == "not_looked_at"]
    findings = []
    if blank:
        findings.append(
            Finding(
                "pages.blank",
                Severity.INFO,
                f"Pagine senza nulla di scritto: {_named(blank, names)}.",
                "Se sono il retro dei fogli non serve fare nulla; altrimenti le scansioni di nuovo.",
            )
        )
    findings += [
        Finding(
            "pages.damaged",
            Severity.WARNING,
            f"Non si può vedere {_named([page], names)}. {_problem(page, names)}",
            "Scansioni di nuovo questa pagina a 300 dpi in formato A4 e la aggiunga: non serve ricaricare le altre.",
        )
        for page in damaged[:_MOST_NAMED]
    ]
    if len(damaged) > _MOST_NAMED:
        findings.append(
            Finding(
                "pages.damaged",
                Severity.WARNING,
                f"Non si possono vedere nemmeno: {_named(damaged[_MOST_NAMED:], names)}.",
                "Scansioni di nuovo queste pagine a 300 dpi in formato A4.",
            )
        )
    if late:
        findings.append(
            Finding(
                "pages.not_looked_at",
                Severity.WARNING,
                f"Non abbiamo fatto in tempo a guardare {len(late)} pagine: {_named(late, names)}.",
                "Tolga dal file le pagine che non sono del modulo. Altrimenti può inviare: le guarderà una persona.",
            )
        )
    return findings


def false_form(pages: Sequence[PageSeen]) -> Finding | None:
    """Where every code on the pages bears a signature that is not ours: whatever form they name, we did not print it."""
    codes = [page.code for page in pages if page.code]
    if not codes or not all(_is_false(code) for code in codes):
        return None
    named = ", ".join(sorted({code.code.form for code in codes}))
    return Finding(
        "form.false_code",
        Severity.ERROR,
        f"I codici delle pagine dicono «modulo {named}», ma non li ha stampati il servizio: la loro firma non corrisponde.",
        "Scarichi il modulo da questa pagina, lo faccia firmare e carichi quello.",
    )


def blank_form(pages: Sequence[PageSeen]) -> Finding | None:
    """Where nothing at all stands on the pages."""
    if not pages or any(page.belongs != "blank" for page in pages):
        return None
    return Finding(
        "form.blank",
        Severity.ERROR,
        "Le pagine caricate sono bianche: non c'è scritto nulla.",
        "Controlli che nello scanner il foglio non fosse a rovescio, scansioni di nuovo il modulo firmato e carichi quello.",
    )


def _of_other_forms(pages: Sequence[PageSeen], form: str, names: Names) -> list[Finding]:
    """One finding for each form whose pages got into the files."""
    strange = [page for page in pages if page.belongs == "foreign" and page.code and not _is_false(page.code)]
    by_form: dict[str, list[PageSeen]] = {}
    for page in strange:
        assert page.code is not None
        by_form.setdefault(page.code.code.form, []).append(page)
    return [
        Finding(
            "pages.foreign",
            Severity.WARNING,
            f"Ci sono pagine che non fanno parte di questo modulo: {_named(found, names)}, {_whose(other, form)}.",
            "Tolga quelle pagine e carichi solo il modulo di questa domanda.",
        )
        for other, found in by_form.items()
    ]


def _whose(other: str, form: str) -> str:
    return (
        "di una sua stampa con un altro numero di pagine"
        if other == form
        else f"del modulo {other}, di un'altra domanda"
    )


def _false_codes(pages: Sequence[PageSeen], names: Names) -> list[Finding]:
    if not pages:
        return []
    return [
        Finding(
            "pages.false_code",
            Severity.WARNING,
            f"Il codice di queste pagine non l'ha stampato il servizio: {_named(pages, names)}. La sua firma non corrisponde.",
            "Stampi il modulo come lo scarica e scansioni quelle pagine. Altrimenti può inviare: l'ufficio le guarderà.",
        )
    ]


def _codes_disagree(page: PageSeen, names: Names) -> Finding:
    codes = [code for code in (page.code, *page.other_codes) if code]
    said = "; ".join(f"modulo {each.code.form}, pagina {each.code.page} di {each.code.pages}" for each in codes)
    return Finding(
        "pages.codes_disagree",
        Severity.WARNING,
        f"I codici agli angoli di {_named([page], names)} non dicono la stessa cosa: {said}.",
        "Scansioni la pagina come il servizio l'ha stampata, senza nulla di incollato. Altrimenti può inviare: l'ufficio la "
        "guarderà.",
        page=page.code.code.page if page.code and page.belongs == "ours" else None,
    )


def _without_a_code(pages: Sequence[PageSeen], names: Names) -> list[Finding]:
    if not pages:
        return []
    return [
        Finding(
            "pages.unknown",
            Severity.WARNING,
            f"Ci sono pagine senza il codice del modulo: {_named(pages, names)}.",
            "Se sono del modulo, le scansioni di nuovo con i codici interi; se sono allegati, li carichi al loro posto.",
        )
    ]


def _problem(page: PageSeen, names: Names) -> str:
    return (page.problem or "").replace(page.source_name, names.get(page.source_name, page.source_name))


def _is_false(code: ReadPageCode | None) -> bool:
    return code is not None and code.valid is False


def _named(pages: Sequence[PageSeen], names: Names) -> str:
    """Each file with its pages, runs of them in short: «a.pdf», pagine 3-5, 9."""
    numbers: dict[str, list[int]] = {}
    for page in pages:
        numbers.setdefault(page.source_name, []).append(page.number)
    return "; ".join(f"«{names.get(name, name)}», {_counted(sorted(set(found)))}" for name, found in numbers.items())


def _counted(numbers: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    written = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
    return f"pagina {written}" if len(numbers) == 1 else f"pagine {written}"
