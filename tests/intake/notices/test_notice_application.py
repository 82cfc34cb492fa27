"""The rules on the application's data: S1 to S5, S9, S15, S17, S21, B5, B6, T5."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.notices.measure import FindingRule
from intake.notices.pack import NoticePack
from intake.notices.rules import (
    EarlierFiling,
    RuleProblem,
    application_problems,
    estimated_amount,
    finding_effect,
    legal_instant,
    missing_documents,
    readable_periods,
    repeated_period_problems,
    required_documents,
    worker_problems,
)
from intake.notices.sourced import ROME

AT = datetime(2020, 4, 20, 10, tzinfo=ROME)
ON_OPENING_DAY = datetime(2020, 4, 8, 10, tzinfo=ROME)

Spoil = Callable[[dict[str, Any]], object]


def codes(problems: tuple[RuleProblem, ...]) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in problems]


def test_a_complete_application_breaks_no_rule(sardegna: NoticePack, application: dict[str, Any]) -> None:
    assert application_problems(sardegna, application, AT) == ()
    assert missing_documents(sardegna, application, {"union_agreement"}) == ()


SPOILT: dict[str, tuple[Spoil, str, str, str]] = {
    "S1 domestic employer": (
        lambda a: a["employer"].update(kind="domestic"), "eligibility.employer_excluded", "employer.kind", "refuses",
    ),
    "S1 unit elsewhere": (
        lambda a: a["unit"]["address"].update(province="RM"), "eligibility.outside_region", "unit.address.province", "refuses",
    ),
    "S1 unknown kind": (
        lambda a: a["employer"].update(kind="circus"), "eligibility.employer_kind", "employer.kind", "refuses",
    ),
    "S2 other schemes not declared": (
        lambda a: a["declarations"].pop("other_schemes_first"), "eligibility.declaration",
        "declarations.other_schemes_first", "refuses",
    ),
    "S5 agreement without date": (
        lambda a: a["agreement"].pop("date"), "data.missing", "agreement.date", "refuses",
    ),
    "S5 agreement of the future": (
        lambda a: a["agreement"].update(date="2020-05-01"), "agreement.date", "agreement.date", "asks",
    ),
    "S17 five Regions": (
        lambda a: a["employer"].update(regions_count="5"), "eligibility.ministry_competent", "employer.regions_count",
        "refuses",
    ),
    "S21 no consent": (
        lambda a: a["consents"].update(data_processing=False), "eligibility.consent", "consents.data_processing", "refuses",
    ),
    "S3 apprentices alone": (
        lambda a: a["workers"][0].update(category="apprentice"), "eligibility.apprentices_only", "workers", "asks",
    ),
    "a worker twice": (
        lambda a: a["workers"].append(copy.deepcopy(a["workers"][0])), "worker.repeated", "workers.2.tax_code", "refuses",
    ),
    "more workers than staff": (
        lambda a: a["employer"].update(total_staff=0), "agreement.staff_below_list", "employer.total_staff", "asks",
    ),
    "nobody in the list": (lambda a: a["workers"].clear(), "data.missing", "workers", "refuses"),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "code", "field", "effect"), SPOILT.values(), ids=SPOILT.keys())
def test_each_rule_is_seen_alone(
    *, sardegna: NoticePack, application: dict[str, Any], spoil: Spoil, code: str, field: str, effect: str
) -> None:
    spoil(application)
    (problem,) = application_problems(sardegna, application, AT)
    assert (problem.code, problem.field, problem.effect) == (code, field, effect)
    assert problem.message
    assert problem.remedy
    assert problem.law


def test_s17_four_regions_may_apply_here(sardegna: NoticePack, application: dict[str, Any]) -> None:
    application["employer"]["regions_count"] = 4
    assert application_problems(sardegna, application, AT) == ()


def test_s3_only_apprentices_in_the_firm_is_admitted(sardegna: NoticePack, application: dict[str, Any]) -> None:
    application["employer"]["total_staff"] = 1
    application["workers"][0]["category"] = "apprentice"
    assert application_problems(sardegna, application, AT) == ()


def test_s5_up_to_five_employees_need_no_agreement(sardegna: NoticePack, application: dict[str, Any]) -> None:
    application["agreement"] = {}
    application["employer"]["total_staff"] = 5
    assert application_problems(sardegna, application, AT) == ()
    application["employer"]["total_staff"] = 6
    assert codes(application_problems(sardegna, application, AT)) == [("data.missing", "agreement.date")]


# S4, B5: in force at 23 February 2020, with the dated extensions


@pytest.mark.parametrize(
    ("hired", "at", "admitted"),
    [
        ("2020-02-23", ON_OPENING_DAY, True),
        ("2020-02-24", ON_OPENING_DAY, False),
        ("2020-02-24", datetime(2020, 4, 9, tzinfo=ROME), True),
        ("2020-03-17", AT, True),
        ("2020-03-18", AT, False),
        ("2020-03-25", datetime(2020, 5, 18, 23, 59, tzinfo=ROME), False),
        ("2020-03-25", datetime(2020, 5, 19, tzinfo=ROME), True),
        ("2020-03-26", datetime(2020, 8, 1, tzinfo=ROME), False),
    ],
)
@pytest.mark.parametrize("name", ["sardegna", "basilicata"])
def test_hiring_date_is_a_dated_rule(
    *, name: str, request: pytest.FixtureRequest, application: dict[str, Any], hired: str, at: datetime, admitted: bool
) -> None:
    worker = application["workers"][0] | {"hired_on": hired}
    found = worker_problems(request.getfixturevalue(name), worker, 1, at)
    assert codes(found) == ([] if admitted else [("worker.hired_late", "workers.1.hired_on")])
    assert all(problem.effect == "refuses" for problem in found)


def test_a_worker_hired_too_late_is_told_when_he_would_be_admitted(
    sardegna: NoticePack, application: dict[str, Any]
) -> None:
    worker = application["workers"][0] | {"hired_on": "2020-03-10"}
    (problem,) = worker_problems(sardegna, worker, 3, ON_OPENING_DAY)
    assert "Riga 3: ANNA VERDI è assunto dal 10 marzo 2020" in problem.message
    assert "dal 9 aprile 2020 (D.L. 8 aprile 2020, n. 23, art. 41)" in problem.message


def test_s3_a_change_of_contractor_later_than_23_february_asks(
    sardegna: NoticePack, application: dict[str, Any]
) -> None:
    late = {"hired_on": "2020-05-01", "exception": "contractor_change"}
    worker = application["workers"][0] | late | {"category": "cooperative_and_contractor"}
    (problem,) = worker_problems(sardegna, worker, 1, AT)
    assert (problem.code, problem.effect) == ("worker.hiring_exception", "asks")
    of_another_category = worker | {"category": "ordinary"}
    assert codes(worker_problems(sardegna, of_another_category, 1, AT)) == [("worker.hired_late", "workers.1.hired_on")]


def test_toscana_2009_sets_no_hiring_date(toscana: NoticePack, application: dict[str, Any]) -> None:
    worker = application["workers"][0] | {"hired_on": "2009-07-01"}
    assert worker_problems(toscana, worker, 1, datetime(2009, 7, 25, tzinfo=ROME)) == ()


# S3: each category with its own limit


def test_a_category_asks_for_its_own_data(sardegna: NoticePack, application: dict[str, Any]) -> None:
    worker = application["workers"][0] | {"category": "intermittent"}
    assert {problem.field for problem in worker_problems(sardegna, worker, 1, AT)} == {
        "workers.1.extra.limit_rule",
        "workers.1.extra.limit_hours",
    }


def test_hours_beyond_the_limit_of_the_category_are_refused(sardegna: NoticePack, application: dict[str, Any]) -> None:
    extra = {"limit_rule": "giornate previste nel contratto e non lavorate", "limit_hours": "80,5"}
    worker = application["workers"][0] | {"category": "intermittent", "extra": extra, "requested_hours": "81"}
    (problem,) = worker_problems(sardegna, worker, 1, AT)
    assert problem.code == "worker.hours_over_limit"
    assert "80,5" in problem.message
    assert worker_problems(sardegna, worker | {"requested_hours": "80.5"}, 1, AT) == ()


def test_agency_workers_only_once_the_sector_fund_is_used_up(sardegna: NoticePack, application: dict[str, Any]) -> None:
    extra = {"borne_by": "impresa utilizzatrice", "sector_fund_exhausted": False, "user_company_supported": True}
    worker = application["workers"][0] | {"category": "agency_worker", "extra": extra}
    (problem,) = worker_problems(sardegna, worker, 1, AT)
    assert (problem.code, problem.field) == ("worker.condition", "workers.1.extra.sector_fund_exhausted")


def test_a_fixed_term_that_ends_within_the_period_asks(sardegna: NoticePack, application: dict[str, Any]) -> None:
    worker = application["workers"][0] | {"category": "fixed_term", "extra": {"contract_end": "2020-04-30"}}
    (problem,) = worker_problems(sardegna, worker, 1, AT, readable_periods(application["periods"]))
    assert (problem.code, problem.effect) == ("worker.contract_ends_before", "asks")


def test_more_hours_than_the_contract_holds_asks(sardegna: NoticePack, application: dict[str, Any]) -> None:
    worker = application["workers"][0] | {"requested_hours": "361"}
    (problem,) = worker_problems(sardegna, worker, 1, AT, readable_periods(application["periods"]))
    assert (problem.code, problem.effect) == ("worker.hours_over_period", "asks")


# documents


def statuses(pack: NoticePack, data: dict[str, Any]) -> dict[str, str]:
    return {document.key: document.status for document in required_documents(pack, data)}


def test_s5_b6_the_agreement_above_five_employees(
    sardegna: NoticePack, basilicata: NoticePack, application: dict[str, Any]
) -> None:
    application["employer"]["total_staff"] = 6
    assert statuses(sardegna, application)["union_agreement"] == "required"
    application["employer"]["total_staff"] = "5"
    assert "union_agreement" not in statuses(sardegna, application)
    assert statuses(basilicata, application)["prior_notice"] == "required"
    assert "union_agreement" not in statuses(basilicata, application)


def test_closed_by_order_needs_no_agreement_once_the_law_says_so(
    sardegna: NoticePack, application: dict[str, Any]
) -> None:
    """The waiver came with the conversion law, in force from 30 April 2020; the person confirms it in words."""
    application["agreement"] = {"waiver": "closed_by_order"}
    before, after = datetime(2020, 4, 29, 12, tzinfo=ROME), datetime(2020, 4, 30, tzinfo=ROME)
    assert codes(application_problems(sardegna, application, before)) == [("data.missing", "agreement.date")]
    assert codes(missing_documents(sardegna, application, set(), before)) == [
        ("document.missing", "documents.union_agreement")
    ]
    (problem,) = application_problems(sardegna, application, after)
    assert (problem.code, problem.effect) == ("agreement.waiver_claimed", "asks")
    assert missing_documents(sardegna, application, set(), after) == ()


def test_t5_one_declaration_of_availability_for_each_worker(toscana: NoticePack, application: dict[str, Any]) -> None:
    application["workers"].append({"surname": "NERI"})
    availability = next(d for d in required_documents(toscana, application) if d.key == "availability_declaration")
    assert (availability.status, availability.for_workers, availability.signed) == ("required", (1, 2), True)


def test_c8_a_signature_by_hand_needs_the_identity_document(sardegna: NoticePack, application: dict[str, Any]) -> None:
    application["signature"] = {"way": "hand_with_identity_document"}
    (problem,) = missing_documents(sardegna, application, {"union_agreement"})
    assert (problem.code, problem.field, problem.effect) == (
        "document.missing",
        "documents.identity_document",
        "refuses",
    )


def test_an_exception_claimed_brings_its_proof(sardegna: NoticePack, application: dict[str, Any]) -> None:
    assert "exception_proof" not in statuses(sardegna, application)
    application["workers"][0]["exception"] = "business_transfer"
    assert statuses(sardegna, application)["exception_proof"] == "required"


def test_s6_a_notice_may_ask_delegates_for_the_delegation(sardegna: NoticePack, application: dict[str, Any]) -> None:
    asked = [
        attachment.model_copy(update={"required_when": "filed_by_delegate"})
        if attachment.key == "delegation"
        else attachment
        for attachment in sardegna.attachments
    ]
    pack = sardegna.model_copy(update={"attachments": tuple(asked)})
    assert "delegation" not in statuses(pack, application)
    application["filed_by"]["capacity"] = "consultant"
    assert statuses(pack, application)["delegation"] == "required"


def test_what_cannot_be_decided_yet_says_on_what_it_depends(sardegna: NoticePack) -> None:
    unknown = {d.key: d.depends_on for d in required_documents(sardegna, {}) if d.status == "unknown"}
    assert unknown["union_agreement"] == "employer.total_staff"
    assert unknown["identity_document"] == "signature.way"


# drafts: any part may be missing or malformed


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PARTS = [
    "employer",
    "representative",
    "unit",
    "periods",
    "workers",
    "agreement",
    "declarations",
    "consents",
    "stamp_duty",
]


@given(data=st.dictionaries(st.sampled_from(PARTS), JUNK))
def test_no_draft_makes_the_rules_fail(sardegna: NoticePack, toscana: NoticePack, data: dict[str, Any]) -> None:
    for pack, at in ((sardegna, AT), (toscana, datetime(2009, 8, 1, tzinfo=ROME))):
        found = application_problems(pack, data, at)
        assert any(problem.effect == "refuses" for problem in found)
        assert required_documents(pack, data)


@given(worker=st.dictionaries(st.sampled_from(["surname", "hired_on", "requested_hours", "category", "extra"]), JUNK))
def test_no_worker_makes_the_rules_fail(sardegna: NoticePack, worker: dict[str, Any]) -> None:
    assert worker_problems(sardegna, worker, 1, AT)


def test_an_empty_draft_names_what_is_missing(sardegna: NoticePack) -> None:
    missing = {problem.field for problem in application_problems(sardegna, {}, AT)}
    assert {"employer.name", "employer.total_staff", "periods", "workers", "consents.data_processing"} <= missing


# findings, rank, money


@pytest.mark.parametrize(
    ("code", "effect"),
    [
        ("form.superseded", "refuses"),
        ("form.missing", "refuses"),
        ("pages.missing", "refuses"),
        ("file.unreadable", "refuses"),
        ("signature.broken", "refuses"),
        ("document.missing", "refuses"),
        ("window.closed", "refuses"),
        ("signer.other_person", "asks"),
        ("signature.unverifiable", "asks"),
        ("cells.altered", "asks"),
        ("agreement.staff_below_list", "asks"),
        ("worker.hiring_exception", "asks"),
        ("signature.signed_with_reservations", "informs"),
        ("attachment_signature.broken", "informs"),
        ("stamp_duty.reused", "informs"),
        ("something.never_seen", "asks"),
    ],
)
def test_what_a_finding_does_by_default(sardegna: NoticePack, code: str, effect: str) -> None:
    assert finding_effect(sardegna, code) == effect


def test_the_notice_s_own_table_comes_first(sardegna: NoticePack) -> None:
    own = FindingRule(pattern="stamp_duty.*", effect="asks", basis="assumed", source="prova")
    assert finding_effect(sardegna.model_copy(update={"findings": (own,)}), "stamp_duty.reused") == "asks"


def test_the_legal_instant_of_a_letter_follows_the_notice(toscana: NoticePack) -> None:
    arrived = datetime(2009, 7, 27, 9, 30, tzinfo=ROME)
    assert legal_instant(toscana, "letter", arrived) == arrived
    by_posting = tuple(
        channel.model_copy(update={"legal_instant": "posting_day_end"}) if channel.key == "letter" else channel
        for channel in toscana.channels
    )
    pack = toscana.model_copy(update={"channels": by_posting})
    posted = legal_instant(pack, "letter", arrived, date(2009, 7, 23))
    assert posted == datetime(2009, 7, 23, 23, 59, 59, 999999, tzinfo=ROME)
    with pytest.raises(ValueError, match="posting"):
        legal_instant(pack, "letter", arrived)


def test_an_amount_is_hours_times_the_rate(sardegna: NoticePack) -> None:
    assert estimated_amount(sardegna, Decimal("360.5")) == Decimal("2920.05")


def test_s9_days_that_an_ended_application_asked_for_are_asked_about_not_refused(sardegna: NoticePack) -> None:
    before = readable_periods([{"from": "2020-03-02", "to": "2020-03-15"}, {"from": "2020-04-06", "to": "2020-04-12"}])
    ended, again = EarlierFiling("0000127", "admissible", date(2020, 4, 12), before), date(2020, 4, 13)

    def asked(first: str, last: str, earlier: EarlierFiling = ended, on: date = again) -> list[tuple[str, str]]:
        periods = readable_periods([{"from": first, "to": last}])
        return [(each.code, each.effect) for each in repeated_period_problems(sardegna, [earlier], periods, on)]

    assert asked("2020-03-15", "2020-03-20") == [("filing.days_asked_before", "asks")]
    assert asked("2020-03-16", "2020-04-05") == [], "between the two it asked for nothing"
    assert asked("2020-04-13", "2020-05-03") == []
    assert asked("2020-03-15", "2020-03-20", on=date(2020, 4, 12)) == [], "that is refused, for its period still runs"
    assert asked("2020-03-15", "2020-03-20", replace(ended, state="withdrawn")) == []
    periods = readable_periods([{"from": "2020-03-10", "to": "2020-04-06"}])
    (problem,) = repeated_period_problems(sardegna, [ended], periods, again)
    assert "n. 0000127" in problem.message
    assert "7, tra il 10/03/2020 e il 06/04/2020" in problem.message


def test_s2_weeks_that_pass_the_maximum_with_an_earlier_application_are_asked_about(sardegna: NoticePack) -> None:
    before = readable_periods([{"from": "2020-03-02", "to": "2020-04-05"}])
    ended = EarlierFiling("0000127", "registered", date(2020, 4, 5), before)

    def asked(last: str, earlier: tuple[EarlierFiling, ...] = (ended,)) -> list[str]:
        periods = readable_periods([{"from": "2020-05-04", "to": last}])
        found = repeated_period_problems(sardegna, earlier, periods, date(2020, 5, 4))
        assert all(each.effect == "asks" for each in found)
        return [each.code for each in found]

    assert asked("2020-06-02") == [], "65 days are nine weeks"
    assert asked("2020-06-03") == ["filing.weeks_together"]
    assert asked("2020-06-03", ()) == []
    assert asked("2020-08-30") == [], "alone it passes them already: that is refused by itself"
    assert repeated_period_problems(sardegna, [ended], (), date(2020, 5, 4)) == ()


def test_where_a_notice_lets_file_at_any_time_shared_days_are_asked_about_at_once(toscana: NoticePack) -> None:
    before = readable_periods([{"from": "2009-05-04", "to": "2009-05-31"}])
    running = EarlierFiling("0000127", "registered", date(2009, 5, 31), before)
    (problem,) = repeated_period_problems(toscana, [running], before, date(2009, 5, 10))
    assert (problem.code, problem.effect) == ("filing.days_asked_before", "asks")
