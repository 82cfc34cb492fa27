"""The rules of a notice, in one place to import from: pure functions that explain what they answer."""

from intake.notices.agreement import agreement_problems, agreement_waiver
from intake.notices.documents import RequiredDocument, missing_documents, required_documents
from intake.notices.duty import DutyRule, stamp_duty_due, stamp_duty_problems
from intake.notices.eligibility import application_problems, eligibility_problems
from intake.notices.filing import (
    EarlierFiling,
    budget,
    channel_of,
    channel_problems,
    earlier_filing_problems,
    estimated_amount,
    legal_instant,
    repeated_period_problems,
)
from intake.notices.findings import finding_effect
from intake.notices.outcomes import Effect, RuleProblem
from intake.notices.periods import (
    Period,
    WeekCount,
    calendar_weeks,
    count_weeks,
    earliest_suspension,
    period_problems,
    readable_periods,
)
from intake.notices.terms import Pause, Receipt, Term, TermDay, calendar_of, receipt_of, term
from intake.notices.windows import Admission, LastDay, WindowState, last_day_for, may_transmit, window_at
from intake.notices.workers import latest_hiring_day, worker_problems

__all__ = [
    "Admission",
    "DutyRule",
    "EarlierFiling",
    "Effect",
    "LastDay",
    "Pause",
    "Period",
    "Receipt",
    "RequiredDocument",
    "RuleProblem",
    "Term",
    "TermDay",
    "WeekCount",
    "WindowState",
    "agreement_problems",
    "agreement_waiver",
    "application_problems",
    "budget",
    "calendar_of",
    "calendar_weeks",
    "channel_of",
    "channel_problems",
    "count_weeks",
    "earlier_filing_problems",
    "earliest_suspension",
    "eligibility_problems",
    "estimated_amount",
    "finding_effect",
    "last_day_for",
    "latest_hiring_day",
    "legal_instant",
    "may_transmit",
    "missing_documents",
    "period_problems",
    "readable_periods",
    "receipt_of",
    "repeated_period_problems",
    "required_documents",
    "stamp_duty_due",
    "stamp_duty_problems",
    "term",
    "window_at",
    "worker_problems",
]
