"""What stands between an application and its transmission: one list, from the checks and from the notice's rules."""

from __future__ import annotations

import hashlib
import unicodedata
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select
from sqlalchemy.orm import Session

from intake.applications.models import Application, DocumentKind, State, Submission
from intake.checks.models import CheckRun, StoredFinding
from intake.checks.paper_examination import papers_in_the_form
from intake.checks.run import current_runs, given_up_finding, patience
from intake.checks.severity import Severity
from intake.checks.stamp_standing import StampStanding, standing_kept
from intake.notices.draft import rows_at
from intake.notices.outcomes import Effect, RuleProblem
from intake.notices.rules import (
    EarlierFiling,
    Period,
    application_problems,
    earlier_filing_problems,
    earliest_suspension,
    finding_effect,
    may_transmit,
    missing_documents,
    readable_periods,
    repeated_period_problems,
)
from intake.people.models import Person
from intake.service import Service
from protocol_register.entries import shown_number

Unit = tuple[uuid.UUID, uuid.UUID, str]
"""What no two running applications share: firm, edition and the unit's name as it is compared."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something found, with what it does here. ``key`` names it in a confirmation and stays the same while it stands."""

    key: str
    code: str
    effect: Effect
    severity: Severity
    message: str
    remedy: str
    law: str | None
    technical: str | None = None
    page: int | None = None
    finding: StoredFinding | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    """``pending``: checks still run. What refuses must be mended, what asks must be confirmed in words."""

    obstacles: tuple[Obstacle, ...]
    run: CheckRun | None
    pending: bool

    @property
    def refusing(self) -> tuple[Obstacle, ...]:
        return tuple(each for each in self.obstacles if each.effect == "refuses")

    @property
    def asking(self) -> tuple[Obstacle, ...]:
        return tuple(each for each in self.obstacles if each.effect == "asks")

    @property
    def informing(self) -> tuple[Obstacle, ...]:
        return tuple(each for each in self.obstacles if each.effect == "informs")

    @property
    def papers_in_form(self) -> set[str]:
        """Keys of the attachments that came in the form's own file, once its checks have ended."""
        return _papers_in_form(self.run)

    @property
    def can_transmit(self) -> bool:
        return not self.pending and not self.refusing


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of an application beside itself: the checks of its documents, earlier filings of the same unit."""

    run: CheckRun | None
    earlier: tuple[EarlierFiling, ...]


def circumstances_of(session: Session, applications: Sequence[Application]) -> dict[uuid.UUID, Circumstances]:
    """By application, with as many queries for a hundred as for one."""
    runs, earlier = current_runs(session, applications), earlier_filings(session, applications, with_periods=True)
    return {each.id: Circumstances(runs.get(each.id), earlier[each.id]) for each in applications}


def repeated_periods(
    service: Service, application: Application, earlier: Sequence[EarlierFiling], *, at: datetime
) -> tuple[RuleProblem, ...]:
    """What is asked of whoever files again for a unit, about days and weeks asked for before (see ``earlier_filings``)."""
    periods = readable_periods(rows_at(application.draft, "periods"))
    pack, today = service.pack_of(application.edition), application.edition.own_clock(at).date()
    return repeated_period_problems(pack, earlier, periods, today)


def readiness_of(
    service: Service,
    session: Session,
    application: Application,
    person: Person | None,
    *,
    at: datetime,
    window_at: datetime | None = None,
) -> Readiness:
    """Everything that bears on transmitting ``application`` now, by ``person``: see ``judge``."""
    found = circumstances_of(session, [application])[application.id]
    return judge(service, application, person, found, at=at, window_at=window_at)


def judge(
    service: Service,
    application: Application,
    person: Person | None,
    found: Circumstances,
    *,
    at: datetime,
    window_at: datetime | None = None,
) -> Readiness:
    """What stands between ``application`` and its transmission by ``person``. ``at``: the real instant.

    ``person`` None: it was brought to the protocol office, which asks nobody's accreditation. ``window_at``: the real
    instant that the window is judged by, where it is not ``at``.
    """
    run = found.run
    waited_for = run is None or (not run.ended and at - run.requested_at < patience(service))
    pending = waited_for and bool(application.current_documents)
    in_form = _papers_in_form(run)
    obstacles = [*_from_rules(service, application, person, found.earlier, in_form, at=window_at or at)]
    if _duty_is_settled(run):
        # The mark was seen on the form itself: a scan of its own adds nothing.
        obstacles = [each for each in obstacles if each.code != "stamp_duty.proof_missing"]
    if run and run.ended:
        obstacles += [_from_finding(service, application, finding) for finding in run.findings]
    elif run and not pending:
        obstacles.append(_given_up(service, application))
    if application.state is State.ISSUED and not _has_form(application):
        obstacles.append(_form_missing())
    return Readiness(tuple(obstacles), run, pending)


def _papers_in_form(run: CheckRun | None) -> set[str]:
    return papers_in_the_form((each.code, each.field) for each in run.findings) if run and run.ended else set()


def _duty_is_settled(run: CheckRun | None) -> bool:
    stamps = run.stamps if run and run.ended else None
    return stamps is not None and standing_kept(stamps) is StampStanding.IN_ORDER


def _from_rules(
    service: Service,
    application: Application,
    person: Person | None,
    earlier: Sequence[EarlierFiling],
    in_form: Collection[str],
    *,
    at: datetime,
) -> list[Obstacle]:
    """``in_form``: keys of the attachments that came in the form's own file."""
    edition, pack = application.edition, service.pack_of(application.edition)
    now = edition.own_clock(at)
    form = application.current_form
    data: dict[str, Any] = application.draft | ({"filed_by": form.data["filed_by"]} if form else {})
    problems: list[RuleProblem] = []
    admission = may_transmit(pack, now, earliest_suspension(data))
    if admission.problem:
        problems.append(admission.problem)
    else:
        # What refuses was judged when the form was issued; what asks is asked of whoever transmits.
        problems += [problem for problem in application_problems(pack, data, now) if problem.effect == "asks"]
    attached = {document.attachment_key for document in application.current_documents if document.attachment_key}
    problems += missing_documents(pack, data, attached | set(in_form))
    problems += repeated_periods(service, application, earlier, at=at)
    obstacles = [*map(_from_rule, problems), *earlier_obstacles(service, application, earlier, at=at)]
    if person is not None and person.accredited_at is None:
        obstacles.append(_not_accredited())
    return obstacles


def earlier_obstacles(
    service: Service, application: Application, earlier: Sequence[EarlierFiling], *, at: datetime
) -> tuple[Obstacle, ...]:
    """Earlier applications of the same unit whose period still runs. Asked again inside the register's lock."""
    pack, today = service.pack_of(application.edition), application.edition.own_clock(at).date()
    return tuple(map(_from_rule, earlier_filing_problems(pack, list(earlier), today)))


def repeated_obstacles(
    service: Service, session: Session, application: Application, *, at: datetime
) -> tuple[Obstacle, ...]:
    """What ``repeated_periods`` asks, by what is registered now. Asked again inside the register's lock."""
    earlier = earlier_filings(session, [application], with_periods=True)[application.id]
    return tuple(map(_from_rule, repeated_periods(service, application, earlier, at=at)))


def earlier_filings(
    session: Session, applications: Sequence[Application], *, with_periods: bool = False
) -> dict[uuid.UUID, tuple[EarlierFiling, ...]]:
    """For each, the registered applications of the same employer and unit for the same edition.

    ``with_periods``: the days they asked for too, which stand in their snapshots.
    """
    asked = {
        "employers": list({each.employer_id for each in applications}),
        "editions": list({each.edition_id for each in applications}),
    }
    by_unit: dict[Unit, dict[uuid.UUID, EarlierFiling]] = {}
    for found, employer, edition, unit, state, number, last_day in session.execute(_REGISTERED, asked):
        filing = EarlierFiling(shown_number(number), state.value, last_day)
        by_unit.setdefault((employer, edition, unit), {})[found] = filing
    earlier = {
        each.id: {found: filing for found, filing in by_unit.get(unit_of(each), {}).items() if found != each.id}
        for each in applications
    }
    if with_periods:
        periods = _periods_of(session, {found for filings in earlier.values() for found in filings})
        return {
            asking: tuple(replace(filing, periods=periods[found]) for found, filing in filings.items())
            for asking, filings in earlier.items()
        }
    return {asking: tuple(filings.values()) for asking, filings in earlier.items()}


def _periods_of(session: Session, registered: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[Period, ...]]:
    if not registered:
        return {}
    wanted = select(Submission.application_id, Submission.snapshot["data"]["periods"]).where(
        Submission.application_id.in_(registered)
    )
    return {found: readable_periods(rows) for found, rows in session.execute(wanted)}


_REGISTERED = (
    select(
        Application.id,
        Application.employer_id,
        Application.edition_id,
        Submission.unit,
        Application.state,
        Submission.number,
        Submission.last_day,
    )
    .join(Submission, Submission.application_id == Application.id)
    .where(
        Application.employer_id == any_(bindparam("employers", type_=ARRAY(Uuid))),
        Application.edition_id == any_(bindparam("editions", type_=ARRAY(Uuid))),
        Application.state != State.ANNULLED,
    )
)
"""Put together once, with arrays: it is asked inside the register's lock. From a firm's applications to their submissions
by their keys: a plan made while there were few submissions, and kept, must not read them all."""


def unit_of(application: Application) -> Unit:
    return application.employer_id, application.edition_id, unit_name(application.draft)


def unit_name(data: dict[str, Any]) -> str:
    """The unit's name as it is compared: whatever its capitals, its blanks and how a keyboard composed its accents."""
    name = unicodedata.normalize("NFKC", str(data.get("unit", {}).get("name", ""))).casefold()
    return " ".join(name.split())


def _from_rule(problem: RuleProblem) -> Obstacle:
    severity = Severity.ERROR if problem.effect == "refuses" else Severity.WARNING
    said = hashlib.sha256(problem.message.encode()).hexdigest()[:12]
    key = f"{problem.code}:{problem.field}:{said}"
    return Obstacle(key, problem.code, problem.effect, severity, problem.message, problem.remedy, problem.law)


def _from_finding(service: Service, application: Application, finding: StoredFinding) -> Obstacle:
    return Obstacle(
        key=str(finding.id),
        code=finding.code,
        effect=finding_effect(service.pack_of(application.edition), finding.code),
        severity=finding.severity,
        message=finding.message,
        remedy=finding.remedy,
        law=finding.law,
        technical=finding.technical,
        page=finding.page,
        finding=finding,
    )


def _has_form(application: Application) -> bool:
    return any(document.kind is DocumentKind.FORM for document in application.current_documents)


def _given_up(service: Service, application: Application) -> Obstacle:
    said = given_up_finding()
    effect = finding_effect(service.pack_of(application.edition), said.code)
    return Obstacle(said.code, said.code, effect, said.severity, said.message, said.remedy, said.law)


def _not_accredited() -> Obstacle:
    return Obstacle(
        "filing.not_accredited",
        "filing.not_accredited",
        "refuses",
        Severity.ERROR,
        "Il suo accreditamento non è ancora stato certificato.",
        "Si rivolga al Centro per l'impiego: trova gli indirizzi nella pagina dell'avviso. La bozza resta qui.",
        "Avviso, art. 3: accreditamento al sistema delle Comunicazioni Obbligatorie",
    )


def _form_missing() -> Obstacle:
    return Obstacle(
        "form.missing",
        "form.missing",
        "refuses",
        Severity.ERROR,
        "Manca il modulo firmato.",
        "Scarichi il modulo, lo faccia firmare e lo carichi qui.",
        None,
    )
