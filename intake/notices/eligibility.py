"""Who may apply: kind of employer, place, size, declarations, consents; and all the rules of one application together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from intake.notices import wording
from intake.notices.agreement import agreement_problems
from intake.notices.draft import Data, rows_at, text_at, value_at, whole_number_at
from intake.notices.duty import stamp_duty_problems
from intake.notices.findings import rule_problem
from intake.notices.outcomes import RuleProblem
from intake.notices.pack import NoticeFile
from intake.notices.periods import period_problems, readable_periods
from intake.notices.workers import worker_problems

_REQUIRED = (
    (("employer", "name"), "il nome o la ragione sociale"),
    (("employer", "tax_code"), "il codice fiscale dell'azienda"),
    (("employer", "inps_number"), "la matricola INPS"),
    (("representative", "surname"), "il cognome del legale rappresentante"),
    (("representative", "given_name"), "il nome del legale rappresentante"),
    (("representative", "tax_code"), "il codice fiscale del legale rappresentante"),
    (("unit", "name"), "il nome dell'unità produttiva"),
    (("unit", "address", "city"), "il comune dell'unità produttiva"),
)


def eligibility_problems(pack: NoticeFile, data: Data, at: datetime) -> tuple[RuleProblem, ...]:
    """What stands against the employer, the unit, the agreement, the declarations and the consents, at ``at`` (notice's clock).

    Periods, workers, documents, stamp duty and window have functions of their own; :func:`application_problems` joins them.
    """
    return (
        *_missing(pack, data),
        *_employer_kind(pack, data),
        *_regions(pack, data),
        *_territory(pack, data),
        *agreement_problems(pack, data, at),
        *_declarations(pack, data),
        *_consents(pack, data),
        *_worker_list(pack, data),
    )


def application_problems(pack: NoticeFile, data: Data, at: datetime) -> tuple[RuleProblem, ...]:
    """Every rule on the application's data at ``at`` (notice's clock): employer, periods, workers, stamp duty."""
    periods = rows_at(data, "periods")
    readable = readable_periods(periods)
    workers = enumerate(rows_at(data, "workers"), start=1)
    return (
        *eligibility_problems(pack, data, at),
        *period_problems(pack, periods),
        *(problem for row, worker in workers for problem in worker_problems(pack, worker, row, at, readable)),
        *stamp_duty_problems(pack, data, wording.in_rome(at).date()),
    )


def _missing(pack: NoticeFile, data: Data) -> Iterator[RuleProblem]:
    for path, words in _REQUIRED:
        if text_at(data, *path) is None:
            yield rule_problem(
                pack, "data.missing", ".".join(path), f"Manca {words}.", "Completi il dato.", law=pack.measure.citation
            )


def _employer_kind(pack: NoticeFile, data: Data) -> Iterator[RuleProblem]:
    field, written = "employer.kind", text_at(data, "employer", "kind")
    if written is None:
        yield rule_problem(
            pack,
            "data.missing",
            field,
            "Manca il tipo di datore di lavoro.",
            "Scelga il tipo dall'elenco.",
            law=pack.measure.citation,
        )
        return
    kind = next((kind for kind in pack.employers.kinds if kind.key == written), None)
    if kind is None:
        message = f"Il tipo di datore di lavoro «{written}» non è tra quelli dell'avviso."
        yield rule_problem(
            pack, "eligibility.employer_kind", field, message, "Scelga il tipo dall'elenco.", law=pack.measure.citation
        )
    elif not kind.admitted:
        message = f"Questo trattamento non è per chi è «{kind.title.lower()}»."
        remedy = "Se il tipo è giusto, questa domanda non si può fare. Se è sbagliato, lo corregga."
        yield rule_problem(pack, "eligibility.employer_excluded", field, message, remedy, law=kind.citation)


def _regions(pack: NoticeFile, data: Data) -> Iterator[RuleProblem]:
    limit, field = pack.employers.ministry_from_regions, "employer.regions_count"
    if limit is None:
        return
    regions = whole_number_at(data, "employer", "regions_count")
    if regions is None or regions < 1:
        message = "Manca il numero di Regioni o Province autonome con unità coinvolte: da questo dipende chi riceve la domanda."
        yield rule_problem(pack, "data.missing", field, message, "Scriva il numero, almeno 1.", law=limit.citation)
    elif regions >= limit.value:
        message = f"Con unità in {regions} Regioni la domanda va al Ministero del lavoro, non a questo ufficio."
        remedy = f"La presenti al Ministero. Con unità in meno di {limit.value} Regioni, faccia una domanda a ciascuna."
        yield rule_problem(pack, "eligibility.ministry_competent", field, message, remedy, law=limit.citation)


def _territory(pack: NoticeFile, data: Data) -> Iterator[RuleProblem]:
    field, province = "unit.address.province", text_at(data, "unit", "address", "province")
    law = pack.territory.citation
    if province is None:
        message = "Manca la provincia dell'unità produttiva."
        yield rule_problem(pack, "data.missing", field, message, "Scriva la sigla della provincia.", law=law)
    elif province.upper() not in pack.territory.provinces:
        message = (
            f"L'unità produttiva è in provincia di {province.upper()}, fuori dalla Regione {pack.territory.region}."
        )
        remedy = "Faccia domanda alla Regione in cui si trova l'unità, oppure corregga la provincia."
        yield rule_problem(pack, "eligibility.outside_region", field, message, remedy, law=law)


def _declarations(pack: NoticeFile, data: Data) -> Iterator[RuleProblem]:
    for declaration in pack.declarations:
        if declaration.required and value_at(data, "declarations", declaration.key) is not True:
            message = f"Manca la dichiarazione «{declaration.title}» ({declaration.law})."
            field = f"declarations.{declaration.key}"
            remedy = "La legga e la confermi, se è vera: senza, la domanda non si può inviare."
            yield rule_problem(pack, "eligibility.declaration", field, message, remedy, law=declaration.citation)


def _consents(pack: NoticeFile, data: Data) -> Iterator[RuleProblem]:
    for consent in pack.consents:
        if consent.required and value_at(data, "consents", consent.key) is not True:
            message = f"Manca «{consent.title}», che dà il legale rappresentante. {consent.without_it}"
            field = f"consents.{consent.key}"
            remedy = "Il legale rappresentante legga l'informativa e lo confermi."
            yield rule_problem(pack, "eligibility.consent", field, message, remedy, law=consent.citation)


def _worker_list(pack: NoticeFile, data: Data) -> Iterator[RuleProblem]:
    workers = rows_at(data, "workers")
    if not workers:
        message = "L'elenco dei lavoratori è vuoto."
        yield rule_problem(
            pack, "data.missing", "workers", message, "Aggiunga almeno un lavoratore.", law=pack.measure.citation
        )
        return
    rows: dict[str, list[int]] = defaultdict(list)
    for row, worker in enumerate(workers, start=1):
        rows[(text_at(worker, "tax_code") or "").upper()].append(row)
    for tax_code, repeated in rows.items():
        if tax_code and len(repeated) > 1:
            places = ", ".join(map(str, repeated))
            message = f"Il codice fiscale {tax_code} compare nelle righe {places}."
            remedy = "Lasci una riga per lavoratore, o corregga il codice."
            field = f"workers.{repeated[-1]}.tax_code"
            yield rule_problem(pack, "worker.repeated", field, message, remedy, law=pack.measure.citation)
    yield from _only_with_others(pack, data, workers)


def _only_with_others(pack: NoticeFile, data: Data, workers: tuple[Data, ...]) -> Iterator[RuleProblem]:
    staff = whole_number_at(data, "employer", "total_staff")
    keys = {text_at(worker, "category") for worker in workers}
    for category in pack.categories:
        if category.only_with_others and keys == {category.key} and staff is not None and staff > len(workers):
            message = (
                f"L'elenco ha solo «{category.title.lower()}» ({len(workers)} su {staff} dipendenti). {category.limit}"
            )
            remedy = (
                "Aggiunga gli altri lavoratori sospesi, oppure confermi che in azienda non ci sono altri dipendenti."
            )
            yield rule_problem(pack, "eligibility.apprentices_only", "workers", message, remedy, law=category.citation)
