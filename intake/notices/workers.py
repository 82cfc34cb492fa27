"""The rules of one worker: hired when, in which category, within which limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from intake.notices import wording
from intake.notices.draft import Data, day_at, number_at, text_at, value_at
from intake.notices.findings import rule_problem
from intake.notices.measure import Category, CategoryField
from intake.notices.outcomes import RuleProblem
from intake.notices.pack import NoticeFile
from intake.notices.periods import Period, count_weeks

_BASE_FIELDS = (
    ("surname", "il cognome"),
    ("given_name", "il nome"),
    ("tax_code", "il codice fiscale"),
    ("hired_on", "la data di assunzione"),
    ("weekly_hours", "l'orario settimanale"),
    ("requested_hours", "il numero di ore chieste"),
)


def worker_problems(
    pack: NoticeFile, worker: Data, row: int, at: datetime, periods: Sequence[Period] = ()
) -> tuple[RuleProblem, ...]:
    """What is wrong with the worker of row ``row`` (from 1) of an application judged at ``at`` (notice's clock).

    The extra data of a category are in ``worker["extra"]``. With ``periods`` the hours are compared with them.
    """
    category = next((c for c in pack.categories if c.key == text_at(worker, "category")), None)
    return (
        *_missing(pack, worker, row),
        *_category(pack, worker, row, category),
        *_hiring(pack, worker, row, at, category),
        *_hours(pack, worker, row, category, periods),
        *_contract_end(pack, worker, row, category, periods),
    )


def latest_hiring_day(pack: NoticeFile, at: datetime) -> date | None:
    """The last hiring day admitted for an application transmitted at ``at``; None where the notice sets none."""
    reference = pack.employment.reference_date
    if reference is None:
        return None
    today = wording.in_rome(at).date()
    extended = [e.hired_to for e in pack.employment.extensions if today >= e.for_applications_from]
    return max([reference.value, *extended])


def _missing(pack: NoticeFile, worker: Data, row: int) -> Iterator[RuleProblem]:
    readers = {"hired_on": day_at, "weekly_hours": number_at, "requested_hours": number_at}
    for name, words in _BASE_FIELDS:
        if readers.get(name, text_at)(worker, name) is None:
            message = f"Nella riga {row} manca {words}, o non è scritto bene."
            yield rule_problem(
                pack, "data.missing", _at(row, name), message, "Completi il dato.", law=pack.measure.citation
            )


def _category(pack: NoticeFile, worker: Data, row: int, category: Category | None) -> Iterator[RuleProblem]:
    if category is None:
        written = text_at(worker, "category")
        said = f"la categoria «{written}» non è tra quelle dell'avviso" if written else "manca la categoria"
        remedy = "Scelga la categoria del lavoratore."
        yield rule_problem(
            pack,
            "worker.category",
            _at(row, "category"),
            f"Nella riga {row} {said}.",
            remedy,
            law=pack.measure.citation,
        )
        return
    for field in category.fields:
        yield from _category_field(pack, worker, row, category, field)


def _category_field(
    pack: NoticeFile, worker: Data, row: int, category: Category, field: CategoryField
) -> Iterator[RuleProblem]:
    value = _written(worker, field)
    if value is None:
        blank = value_at(worker, "extra", field.key) is None
        if field.required or not blank:
            said = "manca" if blank else "non è scritto bene"
            message = f"Riga {row}, {category.title.lower()}: {said} «{field.label}»."
            remedy = field.help or f"Serve per il limite di questa categoria: {category.limit}"
            yield rule_problem(
                pack, "worker.field_missing", _at(row, f"extra.{field.key}"), message, remedy, law=category.citation
            )
    elif field.must_be_true and value is not True:
        message = f"Riga {row}, {category.title.lower()}: non è confermato «{field.label}»."
        remedy = f"Senza questa condizione il lavoratore non si può inserire. {category.limit}"
        yield rule_problem(
            pack, "worker.condition", _at(row, f"extra.{field.key}"), message, remedy, law=category.citation
        )


def _written(worker: Data, field: CategoryField) -> object | None:
    value = value_at(worker, "extra", field.key)
    match field.kind:
        case "number":
            return number_at(worker, "extra", field.key)
        case "date":
            return day_at(worker, "extra", field.key)
        case "boolean":
            return {"true": True, "false": False}.get(str(value).lower())
        case "choice":
            return value if value in field.choices else None
    return text_at(worker, "extra", field.key)


def _hiring(pack: NoticeFile, worker: Data, row: int, at: datetime, category: Category | None) -> Iterator[RuleProblem]:
    reference, hired = pack.employment.reference_date, day_at(worker, "hired_on")
    latest = latest_hiring_day(pack, at)
    if reference is None or latest is None or hired is None or hired <= latest:
        return
    if category is not None and not category.hiring_date_matters:
        return
    later = next((e for e in pack.employment.extensions if e.hired_from <= hired <= e.hired_to), None)
    message = f"{_name(worker, row)} è assunto dal {wording.day(hired)}: deve essere in forza {wording.to(latest)}."
    if later:
        message += f" È ammesso per le domande inviate {wording.since(later.for_applications_from)} ({later.citation})."
    claimed = text_at(worker, "exception")
    known = next((e for e in pack.employment.exceptions if e.key == claimed), None)
    if known and (not known.categories or (category and category.key in known.categories)):
        remedy = f"Ha indicato: {known.title}. Confermi e alleghi la prova: l'ufficio la controllerà."
        yield rule_problem(pack, "worker.hiring_exception", _at(row, "hired_on"), message, remedy, law=known.citation)
        return
    remedy = "Corregga la data di assunzione, indichi l'eccezione se c'è, oppure tolga il lavoratore."
    yield rule_problem(pack, "worker.hired_late", _at(row, "hired_on"), message, remedy, law=reference.citation)


def _hours(
    pack: NoticeFile, worker: Data, row: int, category: Category | None, periods: Sequence[Period]
) -> Iterator[RuleProblem]:
    asked, weekly = number_at(worker, "requested_hours"), number_at(worker, "weekly_hours")
    if weekly is not None and not 0 < weekly <= 60:
        message = f"Riga {row}: l'orario settimanale di {wording.number(weekly)} ore non è credibile."
        yield rule_problem(
            pack, "worker.weekly_hours", _at(row, "weekly_hours"), message, "Lo corregga.", law=pack.measure.citation
        )
    if asked is None:
        return
    if asked <= 0:
        message = f"Riga {row}: le ore chieste sono {wording.number(asked)}."
        remedy = "Scriva le ore di sospensione o riduzione, oppure tolga il lavoratore."
        yield rule_problem(
            pack, "worker.no_hours", _at(row, "requested_hours"), message, remedy, law=pack.measure.citation
        )
    limit = number_at(worker, "extra", category.hours_limit_field) if category and category.hours_limit_field else None
    if category and limit is not None and asked > limit:
        message = (
            f"Riga {row}: chiede {wording.number(asked)} ore, ma il limite della categoria è {wording.number(limit)}. "
            f"{category.limit}"
        )
        yield rule_problem(
            pack,
            "worker.hours_over_limit",
            _at(row, "requested_hours"),
            message,
            "Riduca le ore.",
            law=category.citation,
        )
    if weekly is not None and periods:
        most = weekly * count_weeks(pack, periods).calendar_weeks
        if asked > most:
            message = (
                f"Riga {row}: chiede {wording.number(asked)} ore, più delle {wording.number(most)} "
                "del suo orario in quei periodi."
            )
            remedy = "Controlli le ore e l'orario settimanale; se sono giuste, confermi."
            yield rule_problem(
                pack,
                "worker.hours_over_period",
                _at(row, "requested_hours"),
                message,
                remedy,
                law=pack.measure.citation,
            )


def _contract_end(
    pack: NoticeFile, worker: Data, row: int, category: Category | None, periods: Sequence[Period]
) -> Iterator[RuleProblem]:
    if category is None or category.contract_end_field is None or not periods:
        return
    end, last = day_at(worker, "extra", category.contract_end_field), max(period.last for period in periods)
    if end is not None and end < last:
        message = (
            f"Riga {row}: il contratto finisce {wording.the(end)}, prima dell'ultimo giorno chiesto "
            f"({wording.day(last)})."
        )
        remedy = f"Chieda le ore fino alla fine del contratto, poi confermi. {category.limit}"
        field = f"extra.{category.contract_end_field}"
        yield rule_problem(pack, "worker.contract_ends_before", _at(row, field), message, remedy, law=category.citation)


def _name(worker: Data, row: int) -> str:
    words = [name for part in ("given_name", "surname") if (name := text_at(worker, part))]
    return f"Riga {row}: {' '.join(words).upper()}" if words else f"Riga {row}: il lavoratore"


def _at(row: int, name: str) -> str:
    return f"workers.{row}.{name}"
