"""The measure's rules: who, which workers, how long, when, at what price, with which terms."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from intake.notices.sourced import Euro, Key, NonEmpty, Rule, Sourced, Table, WallTime


class Windows(Table):
    """When drafts may be prepared and applications transmitted. Wall times of Europe/Rome.

    ``opens_at`` is the first instant included, ``closes_at`` the first instant excluded: with 31 August as the last day it
    is midnight between 31 August and 1 September. ``days_from_start`` counts from the earliest suspension day, excluded;
    ``move_if_holiday`` says whether that count, when it ends on a holiday, goes on to the next working day.
    """

    draft_from: Sourced[WallTime] | None = None
    opens_at: Sourced[WallTime]
    closes_at: Sourced[WallTime] | None = None
    days_from_start: Sourced[int] | None = None
    move_if_holiday: Sourced[bool] | None = None


class Weeks(Table):
    """How long: ``maximum`` weeks of seven days; a span within the tolerance counts as the maximum."""

    maximum: Sourced[int]
    full_span_from_days: Sourced[int] | None = None
    full_span_to_days: Sourced[int] | None = None
    discontinuous: Sourced[bool]


class PeriodBounds(Table):
    """First and last day that a suspension applied for may have."""

    first_day: Sourced[date]
    last_day: Sourced[date] | None = None


class HiringExtension(Rule):
    """From a day on, also workers hired between two days are admitted."""

    hired_from: date
    hired_to: date
    for_applications_from: date


class HiringException(Rule):
    """A reason that admits a worker hired later; the person claims it and the officer checks it."""

    key: Key
    title: NonEmpty
    categories: tuple[Key, ...] = ()


class Employment(Table):
    """In force at which day, with the dated extensions and the exceptions. No date: any day up to the suspension."""

    reference_date: Sourced[date] | None = None
    extensions: tuple[HiringExtension, ...] = ()
    exceptions: tuple[HiringException, ...] = ()


class AgreementWaiver(Rule):
    """A reason for which the union agreement is not due, for applications of stated days; the employer claims it."""

    key: Key
    title: NonEmpty
    for_applications_from: date
    for_applications_to: date | None = None


class EmployerKind(Rule):
    """A kind of employer, admitted or not."""

    key: Key
    title: NonEmpty
    admitted: bool


class Employers(Table):
    """Who may apply.

    ``agreement_above`` counts employees; without it the notice makes no difference by size. ``other_schemes_declaration`` is
    the key of the declaration by which the employer says that the ordinary schemes are used up or out of reach.
    """

    kinds: tuple[EmployerKind, ...] = Field(min_length=1)
    agreement_above: Sourced[int] | None = None
    up_to_threshold: Sourced[Literal["nothing", "prior_notice"]] | None = None
    agreement_waivers: tuple[AgreementWaiver, ...] = ()
    other_schemes_declaration: Sourced[Key] | None = None
    ministry_from_regions: Sourced[int] | None = None
    delegates_allowed: Sourced[bool]


class CategoryField(Table):
    """A datum that one category asks for; it lives in ``workers.N.extra.<key>``."""

    key: Key
    label: NonEmpty
    kind: Literal["number", "date", "text", "boolean", "choice"]
    required: bool = True
    must_be_true: bool = False
    choices: tuple[NonEmpty, ...] = ()
    help: str | None = None


class Category(Rule):
    """A category of workers with its own limit."""

    key: Key
    title: NonEmpty
    limit: NonEmpty
    fields: tuple[CategoryField, ...] = ()
    hours_limit_field: Key | None = None
    contract_end_field: Key | None = None
    only_with_others: bool = False
    hiring_date_matters: bool = True


class AdmittedStampWay(Rule):
    """A way to pay stamp duty, or to say why none is due."""

    way: Literal["contrassegno", "virtual", "digital", "f23", "exempt"]
    title: NonEmpty


class DutyPeriod(Rule):
    """What is due on an application from a day on."""

    from_day: date
    due: bool
    amount: Euro | None = None
    exemption: str | None = None


class StampDuty(Table):
    """Stamp duty: ways and dated regimes; each regime lasts until the day before the next."""

    ways: tuple[AdmittedStampWay, ...] = Field(min_length=1)
    regimes: tuple[DutyPeriod, ...] = Field(min_length=1)


class SignatureWay(Rule):
    """A way in which an application is formally valid (CAD, art. 65)."""

    way: Literal["digital", "spid_cie_cns", "hand_with_identity_document", "registered_domicile"]
    title: NonEmpty


ChannelKey = Literal["online", "pec", "letter", "counter"]


class Channel(Rule):
    """A channel by which things arrive, and whether what arrives there is an application."""

    key: ChannelKey
    title: NonEmpty
    application: bool
    stamp_ways: tuple[Literal["contrassegno", "virtual", "digital", "f23", "exempt"], ...] = ()
    legal_instant: Literal["transmission", "delivery_receipt", "arrival", "posting_day_end"]
    address: str | None = None
    explanation: NonEmpty


class TermRule(Rule):
    """A term: its length, what it counts from, what moves its end."""

    length: int = Field(ge=1)
    unit: Literal["working_days", "calendar_days", "months", "hours"]
    starts_from: NonEmpty
    saturday_is_working: bool = False
    patron_saint_is_holiday: bool = False
    move_if_holiday: bool = True
    move_if_saturday: bool = False
    when_passed: NonEmpty
    reminders_days_before: tuple[int, ...] = ()


class ReceiptEvent(Rule):
    """Which event counts as receipt of what the office sends inside the service."""

    first_opening: bool
    availability_after_days: int | None = Field(default=None, ge=0)
    explanation: NonEmpty


class BudgetShare(Rule):
    """A share of resources, by the act that assigned it."""

    amount: Euro
    act: NonEmpty
    day: date


class Money(Table):
    """Resources and the hourly rate by which a case's amount is estimated."""

    shares: tuple[BudgetShare, ...] = Field(min_length=1)
    hourly_rate: Sourced[Euro]


class Inps(Rule):
    """How adopted determinations reach INPS."""

    system: NonEmpty
    decree_number: str = Field(pattern=r"^\d{5}$")
    authorisation_digits: int = Field(default=12, ge=1)
    direct_payment_only: bool


class EmployerDuty(Rule):
    """A duty of the employer after the authorisation, told and reminded (SR41)."""

    key: Key
    title: NonEmpty
    text: NonEmpty
    term: Key


class Filing(Table):
    """When a new application may follow an earlier one of the same employer and unit."""

    wait_for_earlier_period: Sourced[bool]
    again_after: Sourced[tuple[Literal["denied", "withdrawn", "revoked"], ...]]
    rectification_keeps_rank: Sourced[bool]
    outcome_to_email: Sourced[bool]
    exchanges_only_inside: Sourced[bool]


class Order(Rule):
    """The rule of order, as written on every receipt."""

    rule: NonEmpty


class FindingRule(Rule):
    """What the findings whose code matches ``pattern`` do at transmission (``*`` stands for any text)."""

    pattern: str = Field(pattern=r"^[a-z0-9_.*\-]+$")
    effect: Literal["refuses", "asks", "informs"]
