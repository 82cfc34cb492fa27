"""Cross checks of a notice: what each table alone cannot see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain, pairwise

from intake.notices.pack import NoticeFile
from intake.notices.problems import Problem
from intake.notices.validation import NOTICE_FILE

REQUIRED_TERMS = ("integration", "counter_arguments", "inps_transmission", "appeal")

Check = Callable[[NoticeFile], Iterator[Problem]]


def inconsistencies(notice: NoticeFile) -> tuple[Problem, ...]:
    """Every contradiction between the rules of one notice."""
    return tuple(chain.from_iterable(check(notice) for check in _CHECKS))


def _wrong(key: str, message: str, remedy: str) -> Problem:
    return Problem(NOTICE_FILE, key, message, remedy)


def _windows(notice: NoticeFile) -> Iterator[Problem]:
    windows = notice.windows
    if windows.draft_from and windows.draft_from.value > windows.opens_at.value:
        yield _wrong("windows.draft_from", "viene dopo l'apertura.", "Lo anticipi, oppure sposti «windows.opens_at».")
    if windows.closes_at and windows.closes_at.value <= windows.opens_at.value:
        yield _wrong("windows.closes_at", "non viene dopo l'apertura.", "Lo sposti dopo «windows.opens_at».")
    if windows.days_from_start and windows.days_from_start.value < 1:
        yield _wrong("windows.days_from_start", "non è un numero di giorni.", "Scriva almeno 1, o tolga la chiave.")


def _weeks(notice: NoticeFile) -> Iterator[Problem]:
    weeks = notice.weeks
    if weeks.maximum.value < 1:
        yield _wrong("weeks.maximum", "non è un numero di settimane.", "Scriva almeno 1.")
    low, high = weeks.full_span_from_days, weeks.full_span_to_days
    if (low is None) != (high is None):
        yield _wrong("weeks.full_span_from_days", "la tolleranza ha un solo estremo.", "Indichi entrambi o nessuno.")
    if low and high and not low.value <= weeks.maximum.value * 7 <= high.value:
        yield _wrong(
            "weeks.full_span_from_days",
            f"la tolleranza {low.value}-{high.value} giorni non comprende {weeks.maximum.value} settimane.",
            "Corregga gli estremi o il massimo.",
        )


def _periods(notice: NoticeFile) -> Iterator[Problem]:
    periods = notice.periods
    if periods.last_day and periods.last_day.value < periods.first_day.value:
        yield _wrong("periods.last_day", "viene prima del primo giorno.", "Lo sposti dopo «periods.first_day».")


def _employment(notice: NoticeFile) -> Iterator[Problem]:
    employment = notice.employment
    categories = {category.key for category in notice.categories}
    for row, extension in enumerate(employment.extensions, start=1):
        key = f"employment.extensions.{row}"
        if employment.reference_date is None:
            yield _wrong(
                key, "estende una data che non c'è.", "Aggiunga «employment.reference_date» o tolga l'estensione."
            )
        elif not employment.reference_date.value < extension.hired_from <= extension.hired_to:
            yield _wrong(key, "non segue la data di riferimento.", "Corregga «hired_from» e «hired_to».")
    for row, exception in enumerate(employment.exceptions, start=1):
        yield from _unknown(f"employment.exceptions.{row}.categories", exception.categories, categories, "categoria")


def _employers(notice: NoticeFile) -> Iterator[Problem]:
    employers = notice.employers
    if not any(kind.admitted for kind in employers.kinds):
        yield _wrong("employers.kinds", "nessun datore di lavoro è ammesso.", "Metta admitted = true ad almeno uno.")
    if (employers.agreement_above is None) != (employers.up_to_threshold is None):
        yield _wrong(
            "employers.agreement_above",
            "e «up_to_threshold» vanno insieme.",
            "Indichi la soglia e ciò che serve fino alla soglia, oppure nessuno dei due.",
        )
    if employers.agreement_above and employers.agreement_above.value < 0:
        yield _wrong("employers.agreement_above", "non è un numero di dipendenti.", "Scriva 0 o più.")
    if employers.agreement_waivers and employers.agreement_above is None:
        yield _wrong(
            "employers.agreement_waivers",
            "dispensano da un accordo che non è chiesto.",
            "Li tolga, o indichi la soglia.",
        )
    if employers.other_schemes_declaration:
        known = {declaration.key for declaration in notice.declarations}
        wanted = (employers.other_schemes_declaration.value,)
        yield from _unknown("employers.other_schemes_declaration", wanted, known, "dichiarazione")


def _categories(notice: NoticeFile) -> Iterator[Problem]:
    for row, category in enumerate(notice.categories, start=1):
        kinds = {field.key: field.kind for field in category.fields}
        yield from _repeated(f"categories.{row}.fields", (field.key for field in category.fields))
        if category.hours_limit_field and kinds.get(category.hours_limit_field) != "number":
            yield _wrong(
                f"categories.{row}.hours_limit_field",
                f"indica «{category.hours_limit_field}», che non è un campo numerico della categoria.",
                'Aggiunga il campo con kind = "number", o corregga il nome.',
            )
        if category.contract_end_field and kinds.get(category.contract_end_field) != "date":
            yield _wrong(
                f"categories.{row}.contract_end_field",
                f"indica «{category.contract_end_field}», che non è un campo data della categoria.",
                'Aggiunga il campo con kind = "date", o corregga il nome.',
            )
        for number, field in enumerate(category.fields, start=1):
            if (field.kind == "choice") != bool(field.choices):
                yield _wrong(
                    f"categories.{row}.fields.{number}.choices",
                    "non va d'accordo con il tipo del campo.",
                    'Le scelte servono ai soli campi con kind = "choice".',
                )


def _attachments(notice: NoticeFile) -> Iterator[Problem]:
    conditions = {attachment.required_when for attachment in notice.attachments}
    for condition, key in _conditions_needed(notice):
        if condition not in conditions:
            yield _wrong(
                key,
                f'chiede un allegato che non c\'è: nessun allegato ha required_when = "{condition}".',
                "Aggiunga l'allegato in [[attachments]].",
            )
    for row, attachment in enumerate(notice.attachments, start=1):
        if attachment.required_when.startswith("staff_") and notice.employers.agreement_above is None:
            yield _wrong(
                f"attachments.{row}.required_when",
                "dipende da una soglia di dipendenti che non c'è.",
                "Aggiunga «employers.agreement_above» o cambi la condizione.",
            )
        if attachment.statement is not None and attachment.required_when != "each_worker":
            yield _wrong(
                f"attachments.{row}.statement",
                "è una dichiarazione di ciascun lavoratore, ma l'allegato non è chiesto a ciascuno.",
                'Metta required_when = "each_worker" o tolga «statement».',
            )
    if sum(attachment.statement is not None for attachment in notice.attachments) > 1:
        yield _wrong(
            "attachments",
            "più allegati hanno «statement»: il servizio stampa una sola pagina per lavoratore.",
            "Riunisca le dichiarazioni dei lavoratori in un solo allegato.",
        )


def _conditions_needed(notice: NoticeFile) -> Iterator[tuple[str, str]]:
    if notice.employers.agreement_above:
        yield "staff_above_threshold", "employers.agreement_above"
    if notice.employers.up_to_threshold and notice.employers.up_to_threshold.value == "prior_notice":
        yield "staff_up_to_threshold", "employers.up_to_threshold"
    if any(signature.way == "hand_with_identity_document" for signature in notice.signatures):
        yield "hand_signed", "signatures"


def _stamp_duty(notice: NoticeFile) -> Iterator[Problem]:
    regimes = notice.stamp_duty.regimes
    for row, regime in enumerate(regimes, start=1):
        key = f"stamp_duty.regimes.{row}"
        if regime.due and (regime.amount is None or regime.exemption):
            yield _wrong(f"{key}.amount", "l'imposta è dovuta ma l'importo non è chiaro.", "Indichi solo «amount».")
        if not regime.due and (regime.exemption is None or regime.amount):
            yield _wrong(
                f"{key}.exemption", "manca il motivo dell'esenzione.", "Indichi solo «exemption», con la norma."
            )
    for row, (before, after) in enumerate(pairwise(regimes), start=2):
        if after.from_day <= before.from_day:
            yield _wrong(
                f"stamp_duty.regimes.{row}.from_day", "non segue il regime precedente.", "Metta le date in ordine."
            )
    if regimes[0].from_day > notice.windows.opens_at.value.date():
        yield _wrong(
            "stamp_duty.regimes.1.from_day",
            "comincia dopo l'apertura: per i primi giorni non si sa se il bollo è dovuto.",
            "Aggiunga il regime in vigore all'apertura.",
        )
    ways = {way.way for way in notice.stamp_duty.ways}
    if any(not regime.due for regime in regimes) and "exempt" not in ways:
        yield _wrong("stamp_duty.ways", "un regime è esente, ma la via «exempt» non c'è.", 'Aggiunga way = "exempt".')
    for row, channel in enumerate(notice.channels, start=1):
        yield from _unknown(f"channels.{row}.stamp_ways", channel.stamp_ways, ways, "via di pagamento del bollo")


def _channels(notice: NoticeFile) -> Iterator[Problem]:
    if not any(channel.application for channel in notice.channels):
        yield _wrong("channels", "nessun canale riceve domande.", "Metta application = true almeno a «online».")


def _terms(notice: NoticeFile) -> Iterator[Problem]:
    for kind in REQUIRED_TERMS:
        if kind not in notice.terms:
            yield _wrong(f"terms.{kind}", "manca.", f"Aggiunga la tabella [terms.{kind}].")
    for row, duty in enumerate(notice.duties, start=1):
        yield from _unknown(f"duties.{row}.term", (duty.term,), set(notice.terms), "termine")
    if not notice.receipt.first_opening and notice.receipt.availability_after_days is None:
        yield _wrong(
            "receipt", "nessun evento vale come ricezione.", "Indichi first_opening o availability_after_days."
        )


def _uniqueness(notice: NoticeFile) -> Iterator[Problem]:
    yield from _repeated("attachments", (row.key for row in notice.attachments))
    yield from _repeated("declarations", (row.key for row in notice.declarations))
    yield from _repeated("consents", (row.key for row in notice.consents))
    yield from _repeated("categories", (row.key for row in notice.categories))
    yield from _repeated("employers.kinds", (row.key for row in notice.employers.kinds))
    yield from _repeated("employers.agreement_waivers", (row.key for row in notice.employers.agreement_waivers))
    yield from _repeated("employment.exceptions", (row.key for row in notice.employment.exceptions))
    yield from _repeated("channels", (row.key for row in notice.channels))
    yield from _repeated("stamp_duty.ways", (row.way for row in notice.stamp_duty.ways))
    yield from _repeated("signatures", (row.way for row in notice.signatures))
    yield from _repeated("documents", (row.key for row in notice.documents))
    yield from _repeated("help_desks", (row.key for row in notice.help_desks))
    yield from _repeated("findings", (row.pattern for row in notice.findings))
    yield from _repeated("field_help", (row.field for row in notice.field_help))
    yield from _repeated("messages", (row.key for row in notice.messages))


def _repeated(table: str, keys: Iterable[str]) -> Iterator[Problem]:
    for key, times in Counter(keys).items():
        if times > 1:
            yield _wrong(table, f"«{key}» compare {times} volte.", "Lasci una sola voce, o cambi nome alle altre.")


def _unknown(key: str, wanted: Iterable[str], known: Collection[str], what: str) -> Iterator[Problem]:
    for name in wanted:
        if name not in known:
            choices = ", ".join(sorted(known)) or "nessuna"
            yield _wrong(key, f"indica «{name}», che non esiste come {what}.", f"Usi una di queste: {choices}.")


_CHECKS: tuple[Check, ...] = (
    _windows,
    _weeks,
    _periods,
    _employment,
    _employers,
    _categories,
    _attachments,
    _stamp_duty,
    _channels,
    _terms,
    _uniqueness,
)
