"""The table of moves against the one the mission gives; nothing else can happen, and each move is told (house 5, S16)."""

from __future__ import annotations

import tomllib
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.applications.lifecycle import BY_EVENT, MOVES, Actor, MoveNotPossible, move, state_in_words
from intake.applications.models import Application, State
from intake.clock import system_clock
from intake.settings import TEMPLATES

S, A = State, Actor
FILER, OFFICER, DIRECTOR = {A.FILER}, {A.OFFICER}, {A.DIRECTOR}
EXPECTED = {
    # event: (from, to, who)
    "draft_opened": ((), S.DRAFT, FILER),
    "data_changed": ((S.DRAFT,), S.DRAFT, FILER),
    "form_issued": ((S.DRAFT,), S.ISSUED, FILER),
    "data_reopened": ((S.ISSUED,), S.DRAFT, FILER),
    "document_received": ((S.ISSUED,), S.ISSUED, {A.FILER, A.PROTOCOL_OFFICE}),
    "transmitted": ((S.ISSUED,), S.REGISTERED, {A.FILER, A.PROTOCOL_OFFICE}),
    "taken": ((S.REGISTERED,), S.EXAMINED, OFFICER),
    "integration_requested": ((S.EXAMINED,), S.INTEGRATION_AWAITED, OFFICER),
    "integration_given": ((S.INTEGRATION_AWAITED,), S.EXAMINED, FILER),
    "integration_term_passed": ((S.INTEGRATION_AWAITED,), S.TO_BE_DENIED, {A.SYSTEM}),
    "released": ((S.EXAMINED,), S.REGISTERED, OFFICER),
    "handed_over": ((S.EXAMINED,), S.EXAMINED, OFFICER),
    "rectified": ((S.REGISTERED, S.EXAMINED, S.INTEGRATION_AWAITED), None, FILER),
    "found_admissible": ((S.EXAMINED,), S.ADMISSIBLE, OFFICER),
    "found_not_admissible": ((S.EXAMINED,), S.NOT_ADMITTED, OFFICER),
    "counter_arguments_given": ((S.NOT_ADMITTED,), S.EXAMINED, FILER),
    "counter_term_passed": ((S.NOT_ADMITTED,), S.TO_BE_DENIED, {A.SYSTEM}),
    "counter_arguments_refused": ((S.NOT_ADMITTED,), S.TO_BE_DENIED, OFFICER),
    "authorised": ((S.ADMISSIBLE,), S.AUTHORISED, DIRECTOR),
    "denied": ((S.TO_BE_DENIED,), S.DENIED, DIRECTOR),
    "sent_to_inps": ((S.AUTHORISED,), S.SENT_TO_INPS, {A.SYSTEM, A.DIRECTOR}),
    "authorisation_number_received": ((S.SENT_TO_INPS,), S.CLOSED, {A.OFFICER, A.SYSTEM}),
    "appeal_filed": ((S.DENIED,), S.UNDER_APPEAL, FILER),
    "appeal_refused": ((S.UNDER_APPEAL,), S.DENIED, {A.DIRECTOR_GENERAL}),
    "appeal_accepted": ((S.UNDER_APPEAL,), S.EXAMINED, {A.DIRECTOR_GENERAL}),
    "revoked": ((S.AUTHORISED, S.SENT_TO_INPS, S.CLOSED), S.REVOKED, DIRECTOR),
    "registration_annulled": (
        tuple(set(S) - {S.DRAFT, S.ISSUED, S.DISCARDED, S.ANNULMENT_AWAITED, S.ANNULLED}),
        S.ANNULMENT_AWAITED,
        {A.PROTOCOL_OFFICE},
    ),
    "registered_anew": ((S.ANNULMENT_AWAITED,), None, {A.DIRECTOR_GENERAL}),
    "closed_with_annulment": ((S.ANNULMENT_AWAITED,), S.ANNULLED, {A.DIRECTOR_GENERAL}),
    "discarded": ((S.DRAFT, S.ISSUED), S.DISCARDED, FILER),
    "withdrawn": (
        (S.REGISTERED, S.EXAMINED, S.INTEGRATION_AWAITED, S.NOT_ADMITTED, S.ADMISSIBLE),
        S.WITHDRAWN,
        FILER,
    ),
}
KEEPS_THE_STATE = {"document_replaced", "checks_ended", "value_settled"}
"""Lines of the timeline that move nothing."""
TEXTS = tomllib.loads((TEMPLATES / "messages/timeline.toml").read_text())


@pytest.mark.parametrize("event", EXPECTED)
def test_every_move_of_the_mission_is_possible(event: str) -> None:
    sources, target, actors = EXPECTED[event]
    known = BY_EVENT[event]
    assert (known.sources, known.target) == (frozenset(sources), target)
    assert known.actors >= actors


def test_no_other_move_changes_a_state() -> None:
    others = [known for known in MOVES if known.event not in EXPECTED]
    assert {known.event for known in others} >= KEEPS_THE_STATE
    for known in others:
        assert known.target is None or known.sources == {known.target}, known.event
    assert len(MOVES) == len(BY_EVENT), "an event has one meaning"


@given(st.sampled_from(sorted(BY_EVENT)), st.sampled_from(State), st.sampled_from(Actor))
def test_a_move_not_in_the_table_is_refused_before_anything_is_written(event: str, state: State, actor: Actor) -> None:
    known = BY_EVENT[event]
    if actor in known.actors and (not known.sources or state in known.sources):
        return
    application = Application(state=state)
    with pytest.raises(MoveNotPossible) as refusal:
        move(None, application, event, actor=actor, person=None, at=system_clock())  # type: ignore[arg-type]
    assert application.state is state
    assert state_in_words(state) in refusal.value.sentence


@pytest.mark.parametrize("language", ["it", "en"])
def test_every_event_and_state_is_told_in_both_languages(language: str) -> None:
    for known in MOVES:
        assert TEXTS["timeline"][known.event][language].strip()
    for state in State:
        assert state_in_words(state, language).strip()


def test_both_languages_tell_the_same_facts() -> None:
    for event, texts in TEXTS["timeline"].items():
        facts = [{name for _, name, _, _ in Formatter().parse(texts[language]) if name} for language in ("it", "en")]
        assert facts[0] == facts[1], event
