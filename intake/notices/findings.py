"""What a finding does at transmission: the notice's own table first, then the defaults of the service."""

from __future__ import annotations

from fnmatch import fnmatchcase

from intake.notices.outcomes import Effect, RuleProblem
from intake.notices.pack import NoticeFile

DEFAULT_EFFECTS: tuple[tuple[str, Effect], ...] = (
    # out of the window, not eligible, not complete
    ("window.*", "refuses"),
    ("eligibility.apprentices_only", "asks"),
    ("eligibility.*", "refuses"),
    ("data.*", "refuses"),
    ("period.*", "refuses"),
    ("filing.days_asked_before", "asks"),
    ("filing.weeks_together", "asks"),
    ("filing.*", "refuses"),
    ("channel.*", "refuses"),
    ("document.missing", "refuses"),
    ("validity.*", "refuses"),
    # workers: an exception claimed is for the officer to judge
    ("worker.hiring_exception", "asks"),
    ("worker.contract_ends_before", "asks"),
    ("worker.hours_over_period", "asks"),
    ("worker.*", "refuses"),
    # the form that came back, and its pages
    ("form.ours", "informs"),
    ("form.additions", "informs"),
    ("form.additions_*", "asks"),
    ("form.saved_again", "informs"),
    ("form.reprinted", "informs"),
    ("form.reprinted_differs", "asks"),
    ("form.*", "refuses"),
    ("file.*", "refuses"),
    ("pages.missing", "refuses"),
    ("pages.unknown", "asks"),
    ("pages.unread", "asks"),
    ("pages.damaged", "asks"),
    ("pages.not_looked_at", "asks"),
    ("pages.false_code", "asks"),
    ("pages.codes_disagree", "asks"),
    ("pages.*", "informs"),
    ("cells.altered", "asks"),
    ("cells.*", "informs"),
    # signatures on the form; on attachments they only inform
    ("signature.signed", "informs"),
    ("signature.signed_with_reservations", "informs"),
    ("signature.by_hand", "informs"),
    ("signature.unverifiable", "asks"),
    ("signature.*", "refuses"),
    ("attachment_signature.*", "informs"),
    ("signer.representative", "informs"),
    ("signer.claimed", "asks"),
    ("signer.not_qualified", "asks"),
    ("signer.other_person", "asks"),
    ("signer.stranger", "refuses"),
    ("consent.*", "refuses"),
    # the papers that come with the form: what is read on them may ask, it never refuses
    ("declaration.missing", "asks"),
    ("declaration.unsigned", "asks"),
    ("declaration.*", "informs"),
    ("identity.expired", "asks"),
    ("identity.other_holder", "asks"),
    ("identity.*", "informs"),
    ("attachment.unreadable", "asks"),
    ("attachment.*", "informs"),
    # what the service says of its own work
    ("document.same_twice", "informs"),
    ("document.active_content", "informs"),
    ("checks.given_up", "asks"),
    ("checks.*", "informs"),
    # agreement, stamp duty, reading
    ("agreement.read", "informs"),
    ("agreement.unread_*", "informs"),
    ("agreement.*", "asks"),
    ("stamp_duty.*", "informs"),
    # documents against each other: what was read with doubt is for the office
    ("reconciliation.unsure_*", "informs"),
    ("reconciliation.worker_twice", "informs"),
    ("reconciliation.workers_under_agreement", "informs"),
    ("reconciliation.*", "asks"),
)

UNEXPLAINED: Effect = "asks"
"""A code that no rule names: it neither passes unseen nor stops anybody on its own."""


def finding_effect(pack: NoticeFile, finding_code: str) -> Effect:
    """What the finding does at transmission: the first pattern that matches, the notice's own before the defaults."""
    for rule in pack.findings:
        if fnmatchcase(finding_code, rule.pattern):
            return rule.effect
    return next((effect for pattern, effect in DEFAULT_EFFECTS if fnmatchcase(finding_code, pattern)), UNEXPLAINED)


def rule_problem(pack: NoticeFile, code: str, field: str, message: str, remedy: str, *, law: str) -> RuleProblem:
    """A problem with the effect that the notice gives to its code."""
    return RuleProblem(code, message, remedy, law, field, finding_effect(pack, code))
