"""Documents against each other, worker by worker: who is in each, what they say differently, with both places (N4, T5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.checks.reconciliation import AgreementRule, Mark, Reconciliation, reconcile
from intake.checks.reconciliation_matching import MatchedBy, match_workers
from intake.checks.reconciliation_witness import (
    Figure,
    Place,
    Span,
    Stated,
    Witness,
    WitnessKind,
    WorkerSeen,
    folded_name,
    plain_code,
)
from ocr.form_map import Box

RULE = AgreementRule(5, "Avviso, art. 5")


def on_form(row: int) -> Place:
    return Place(None, 2, Box(40, 100 + 20 * row, 560, 118 + 20 * row), on_form=True)


def on_list(row: int) -> Place:
    return Place("elenco", 1, Box(50, 200 + 15 * row, 500, 214 + 15 * row))


FILED = (
    WorkerSeen(1, on_form(1), "ESPOSITO", "MARIA LUCIA", "SPSMLC85A41B354E", Decimal(40), Decimal(120)),
    WorkerSeen(2, on_form(2), "DE LUCA", "ANTONIO", "DLCNTN79C15B354A", Decimal(40), Decimal(128)),
    WorkerSeen(3, on_form(3), "NICCOLÒ", "D'ANGELO", "NCCDGL90E20B354H", Decimal(20), Decimal(136)),
)


def application(*workers: WorkerSeen, **stated: object) -> Witness:
    return Witness(WitnessKind.APPLICATION, workers=workers or FILED, stated=Stated(**stated))  # type: ignore[arg-type]


def listed(*workers: WorkerSeen, kind: WitnessKind = WitnessKind.LIST) -> Witness:
    return Witness(kind, "elenco.pdf", "elenco", tuple(replace(w, place=on_list(w.row)) for w in workers))


def agreement(**stated: object) -> Witness:
    return Witness(WitnessKind.AGREEMENT, "accordo.pdf", "accordo", stated=Stated(**stated))  # type: ignore[arg-type]


def figure(value: int | str, place: Place | None = None) -> Figure:
    return Figure(Decimal(value), place or on_form(9))


def codes(found: Reconciliation) -> list[str]:
    return [each.code for each in found.discrepancies]


def marks(found: Reconciliation) -> list[list[Mark]]:
    return [[each.mark for each in row.sightings] for row in found.rows]


def test_n4_the_same_workers_in_another_order_and_another_hand_agree() -> None:
    again = (
        WorkerSeen(1, on_list(1), "Niccolo'", "Dangelo", "NCCDGL90E20B354H"),
        WorkerSeen(2, on_list(2), "De Luca Antonio", None, "dlcntn79c15b354a"),
        WorkerSeen(3, on_list(3), "ESPOSITO", "Maria Lucia", None),
    )
    found = reconcile(application(), [listed(*again)], None)
    assert marks(found) == [[Mark.PRESENT]] * 3
    assert codes(found) == []
    assert not any(row.needs_eyes for row in found.rows)


def test_n4_a_worker_missing_from_a_document_is_named_with_his_row_on_the_form() -> None:
    found = reconcile(application(), [listed(FILED[0], FILED[2])], None)
    assert marks(found) == [[Mark.PRESENT], [Mark.MISSING], [Mark.PRESENT]]
    (said,) = found.discrepancies
    assert said.code == "reconciliation.worker_missing"
    assert said.message == "DE LUCA ANTONIO è nella domanda, alla riga 2, ma non nell'elenco «elenco.pdf»."
    assert (said.ours, said.theirs.document, said.worker) == (on_form(2), "elenco", 2)


def test_n4_somebody_whom_only_a_document_names_is_a_row_of_his_own_once() -> None:
    other = WorkerSeen(4, on_list(4), "ROSSI", "MARIO", "RSSMRA68C02I452O")
    found = reconcile(application(), [listed(*FILED, other), listed(*FILED, other, kind=WitnessKind.INPS)], None)
    assert [row.in_application for row in found.rows] == [True, True, True, False]
    assert marks(found)[3] == [Mark.PRESENT, Mark.PRESENT]
    assert codes(found) == ["reconciliation.worker_not_filed"]
    assert found.discrepancies[0].theirs == on_list(4)


def test_n4_what_is_said_differently_is_said_with_both_values_and_both_places() -> None:
    changed = replace(FILED[1], requested_hours=Decimal("128.5"))
    found = reconcile(application(), [listed(FILED[0], changed, FILED[2])], None)
    assert found.rows[1].sightings[0].differing == ("requested_hours",)
    said = next(each for each in found.discrepancies if each.code == "reconciliation.worker_differs")
    assert "ore richieste «128,5» invece di «128»" in said.message
    assert (said.ours, said.theirs) == (on_form(2), on_list(2))


def test_n4_a_difference_read_with_doubt_is_for_a_person_and_blames_nobody() -> None:
    doubtful = replace(FILED[1], requested_hours=Decimal(120), unsure=frozenset({"requested_hours"}))
    found = reconcile(application(), [listed(FILED[0], doubtful, FILED[2])], None)
    assert found.rows[1].sightings[0].mark is Mark.UNSURE
    assert [(each.code, each.severity.value) for each in found.discrepancies] == [
        ("reconciliation.unsure_worker", "info")
    ]


@pytest.mark.parametrize(
    ("code", "by"),
    [
        ("DLCNTN79C15B354A", MatchedBy.CODE),
        ("DLCNTN79C15B35QT", MatchedBy.CODE),  # a letter for a digit: two people had the same code
        (None, MatchedBy.NAME),
        ("DLCNTN79C15B3S4A", MatchedBy.NAME),
    ],
)
def test_n4_a_person_is_known_by_code_before_name(code: str | None, by: MatchedBy) -> None:
    seen = replace(FILED[1], tax_code=code)
    (match,) = match_workers(FILED, [seen]).matches
    assert (match.known, match.by) == (1, by)


def test_n4_close_in_code_and_name_is_only_likeness_and_a_wrong_code_alone_is_nobody() -> None:
    near = replace(FILED[1], surname="DE LUCA", given_name="ANT0NIO", tax_code="DLCNTN79C15B3S4A")
    (match,) = match_workers(FILED, [near]).matches
    assert match.by is MatchedBy.LIKENESS
    far = replace(near, surname="BIANCHI", given_name="ADA")
    matching = match_workers(FILED, [far])
    assert (matching.matches, matching.strangers) == ((), (0,))


def test_n4_two_people_of_one_name_are_not_confused() -> None:
    twins = (replace(FILED[0], tax_code=None), replace(FILED[0], row=2, tax_code=None))
    matching = match_workers(twins, [replace(FILED[0], tax_code=None)])
    assert matching.matches == ()
    assert matching.strangers == (0,)


def test_n4_somebody_named_twice_counts_once() -> None:
    found = reconcile(application(), [listed(*FILED, replace(FILED[0], row=4))], None)
    assert len(found.rows) == 3
    assert codes(found) == ["reconciliation.worker_twice"]


def test_t5_declarations_missing_and_unsigned_are_told_with_the_law() -> None:
    stack = listed(replace(FILED[0], signed=True), replace(FILED[1], signed=False), kind=WitnessKind.DECLARATIONS)
    found = reconcile(application(), [stack], None)
    assert marks(found) == [[Mark.PRESENT], [Mark.UNSIGNED], [Mark.MISSING]]
    assert codes(found) == ["reconciliation.declaration_unsigned", "reconciliation.declaration_missing"]
    assert {each.law for each in found.discrepancies} == {"D.L. 185/2008, art. 19, c. 10"}


def test_n4_sums_of_hours_are_compared_where_every_row_bears_them() -> None:
    found = reconcile(application(requested_hours=figure(390)), [], None)
    assert codes(found) == ["reconciliation.hours_sum"]
    assert "390 ore, ma la somma delle righe è 384" in found.discrepancies[0].message
    ours = application(requested_hours=figure(384))
    assert codes(reconcile(ours, [listed(*FILED)], None)) == []
    more = replace(FILED[2], requested_hours=Decimal(140))
    assert "reconciliation.hours_differ" in codes(reconcile(ours, [listed(*FILED[:2], more)], None))
    silent = replace(FILED[2], requested_hours=None)
    assert codes(reconcile(ours, [listed(*FILED[:2], silent)], None)) == []


def test_s5_the_agreement_holds_number_weeks_staff_and_period() -> None:
    place = Place("accordo", 1, Box(1, 2, 3, 4))
    march = Span(date(2020, 3, 2), date(2020, 4, 3), on_form(8))
    ours = application(workers=figure(3), weeks=figure(5), total_staff=figure(8), periods=(march,))
    agreed = {"workers": figure(3, place), "weeks": figure(9, place), "total_staff": figure(8, place)}
    whole = Span(date(2020, 2, 23), date(2020, 4, 25), place)
    assert codes(reconcile(ours, [agreement(**agreed, periods=(whole,))], None)) == []
    less = {"workers": figure(2, place), "weeks": figure(4, place), "total_staff": figure(5, place)}
    short = Span(date(2020, 3, 9), date(2020, 4, 25), place)
    found = reconcile(ours, [agreement(**less, periods=(short,))], None)
    assert codes(found) == [
        "reconciliation.workers_over_agreement",
        "reconciliation.weeks_over_agreement",
        "reconciliation.staff_differs",
        "reconciliation.period_outside_agreement",
    ]
    assert {(each.ours.on_form, each.theirs) for each in found.discrepancies} == {(True, place)}
    more = reconcile(ours, [agreement(workers=figure(4, place))], None)
    assert [(each.code, each.severity.value) for each in more.discrepancies] == [
        ("reconciliation.workers_under_agreement", "info")
    ]


def test_s5_more_people_than_the_threshold_on_any_document_make_the_agreement_due() -> None:
    few = application(total_staff=figure(5))
    people = [WorkerSeen(row, on_list(row), f"COGNOME{row}", "NOME", None) for row in range(1, 7)]
    found = reconcile(few, [listed(*people, kind=WitnessKind.INPS)], RULE)
    due = next(each for each in found.discrepancies if each.code == "reconciliation.agreement_due")
    assert "Si contano 6 lavoratori nell'elenco dell'INPS" in due.message
    assert due.law == RULE.law
    for met in (replace(RULE, met=True), None):
        assert "reconciliation.agreement_due" not in codes(reconcile(few, [listed(*people)], met))
    assert codes(reconcile(application(total_staff=figure(6)), [], RULE)) == ["reconciliation.agreement_due"]


def test_n4_an_application_that_names_nobody_cannot_be_reconciled() -> None:
    with pytest.raises(ValueError, match="names its workers"):
        reconcile(Witness(WitnessKind.APPLICATION), [], None)


@pytest.mark.parametrize(
    ("one", "other"), [("NICCOLÒ", "Niccolo'"), ("D'Angelo", "DANGELO"), ("De  Luca", "DELUCA"), ("ÀÈÌÒÙ", "aeiou")]
)
def test_n4_names_are_compared_without_accents_apostrophes_and_spaces(one: str, other: str) -> None:
    assert folded_name(one) == folded_name(other)


def test_n4_codes_are_compared_without_spaces_and_without_letters_for_digits() -> None:
    assert plain_code("dlc ntn 79c15 b354a") == plain_code("DLCNTN79C15B35QT")
    assert plain_code("DLCNTN79C15B354A") != plain_code("DLCNTN79C16B354A")
    assert plain_code("123") == "123"


people = st.builds(
    WorkerSeen,
    row=st.integers(1, 99),
    place=st.just(on_list(1)),
    surname=st.sampled_from(["ROSSI", "BIANCHI", "VERDI", "DE LUCA", None]),
    given_name=st.sampled_from(["ANNA", "LUCA", "MARIA", None]),
    tax_code=st.sampled_from(["RSSMRA68C02I452O", "DLCNTN79C15B354A", "SPSMLC85A41B354E", None]),
)


@given(st.lists(people, max_size=6), st.lists(people, max_size=6))
def test_n4_everybody_whom_a_document_names_is_placed_once(known: list[WorkerSeen], seen: list[WorkerSeen]) -> None:
    matching = match_workers(known, seen)
    placed = [each.seen for each in matching.matches] + [*matching.strangers, *matching.repeated]
    assert sorted(placed) == list(range(len(seen)))
    assert len({each.known for each in matching.matches}) == len(matching.matches)
