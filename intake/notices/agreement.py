"""The union agreement: from how many employees, and which waiver an employer may claim on a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from intake.notices import wording
from intake.notices.draft import Data, day_at, rows_at, text_at, whole_number_at
from intake.notices.findings import rule_problem
from intake.notices.measure import AgreementWaiver
from intake.notices.outcomes import RuleProblem
from intake.notices.pack import NoticeFile


def agreement_waiver(pack: NoticeFile, data: Data, on: date | None) -> AgreementWaiver | None:
    """The waiver claimed in ``data["agreement"]["waiver"]``, if the notice has it on that day (any day without one)."""
    claimed = text_at(data, "agreement", "waiver")
    waiver = next((waiver for waiver in pack.employers.agreement_waivers if waiver.key == claimed), None)
    if waiver is None or on is None:
        return waiver
    in_force = waiver.for_applications_from <= on and (waiver.for_applications_to or on) >= on
    return waiver if in_force else None


def agreement_problems(pack: NoticeFile, data: Data, at: datetime) -> Iterator[RuleProblem]:
    """What is wrong with the staff count and the agreement's own data at ``at`` (notice's clock)."""
    threshold, staff = pack.employers.agreement_above, whole_number_at(data, "employer", "total_staff")
    field, today = "employer.total_staff", wording.in_rome(at).date()
    law = threshold.citation if threshold else pack.measure.citation
    if staff is None or staff < 0:
        message = "Manca il numero totale di dipendenti dell'azienda."
        yield rule_problem(pack, "data.missing", field, message, "Scriva il numero, non solo i sospesi.", law=law)
        return
    listed = len(rows_at(data, "workers"))
    if staff < listed:
        message = f"L'azienda ha {staff} dipendenti, ma l'elenco ne ha {listed}."
        remedy = "Corregga il numero di dipendenti o l'elenco; i somministrati non contano tra i dipendenti."
        yield rule_problem(pack, "agreement.staff_below_list", field, message, remedy, law=law)
    if threshold and staff > threshold.value:
        yield from _agreement_due(pack, data, today, staff)
    agreed = day_at(data, "agreement", "date")
    if agreed and agreed > today:
        message = f"L'accordo sindacale porta una data futura: {wording.day(agreed)}."
        yield rule_problem(pack, "agreement.date", "agreement.date", message, "Controlli la data.", law=law)


def _agreement_due(pack: NoticeFile, data: Data, today: date, staff: int) -> Iterator[RuleProblem]:
    threshold, field = pack.employers.agreement_above, "agreement.date"
    if threshold is None or day_at(data, "agreement", "date"):
        return
    waiver = agreement_waiver(pack, data, today)
    if waiver:
        message = f"Non allega l'accordo sindacale perché: {waiver.title.lower()}."
        remedy = "Lo confermi: l'ufficio lo controllerà."
        yield rule_problem(pack, "agreement.waiver_claimed", "agreement.waiver", message, remedy, law=waiver.citation)
        return
    message = f"Con {staff} dipendenti serve l'accordo sindacale, ma manca la sua data."
    yield rule_problem(pack, "data.missing", field, message, "Scriva la data dell'accordo.", law=threshold.citation)
