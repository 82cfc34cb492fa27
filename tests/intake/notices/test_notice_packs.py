"""The three notices as data: B1 to B9, T1 to T7, S1 to S25."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from intake.notices.load import check_packs, load_pack, pack_digest, render_report
from intake.notices.pack import NoticePack, rules_in
from intake.notices.rules import budget, window_at
from intake.notices.sourced import Rule, Text

PACKS = Path(__file__).parents[3] / "templates" / "notices"


def test_the_three_packs_hold_and_the_report_says_so() -> None:
    report = check_packs(PACKS)
    assert report.ok, render_report(report)
    assert [checked.folder for checked in report.packs] == ["basilicata-2020", "sardegna-2020", "toscana-2009"]
    assert render_report(report).count("✔") == 3


def test_a_fourth_region_is_a_folder_and_no_python(tmp_path: Path) -> None:
    folder = tmp_path / "molise-2020"
    shutil.copytree(PACKS / "sardegna-2020", folder)
    written = (folder / "notice.toml").read_text("utf-8")
    written = written.replace('id = "sardegna-2020"', 'id = "molise-2020"').replace('"SAR20"', '"MOL20"')
    written = written.replace('provinces = ["CA", "NU", "OR", "SS", "SU"]', 'provinces = ["CB", "IS"]')
    (folder / "notice.toml").write_text(written, "utf-8")
    assert load_pack(folder).territory.provinces == ("CB", "IS")


@pytest.mark.parametrize("name", ["sardegna", "basilicata", "toscana"])
def test_every_rule_says_its_source_and_every_text_is_read(name: str, request: pytest.FixtureRequest) -> None:
    pack: NoticePack = request.getfixturevalue(name)
    rules = [table for _, table in rules_in(pack) if isinstance(table, Rule)]
    assert {rule.basis for rule in rules} == {"seed", "law", "assumed"}
    assert all(rule.source for rule in rules)
    assert all(pack.markdown(table).strip() for _, table in rules_in(pack) if isinstance(table, Text))


def test_what_is_assumed_is_never_cited_as_an_act(basilicata: NoticePack) -> None:
    integration = basilicata.terms["integration"]
    assert integration.basis == "assumed"
    assert integration.citation == "regola stabilita dall'ufficio"


@pytest.mark.parametrize("name", ["sardegna", "basilicata", "toscana"])
def test_live_notices_are_closed_today_and_say_when_they_closed(name: str, request: pytest.FixtureRequest) -> None:
    state = window_at(request.getfixturevalue(name), datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert state.phase == "closed"
    assert not state.transmission_allowed
    assert not state.drafts_allowed
    assert "è scaduto" in state.message
    assert "20" in state.message


def test_b2_credentials_are_available_from_a_stated_instant(basilicata: NoticePack) -> None:
    assert basilicata.accreditation.available_from == datetime(2020, 3, 30, 16)  # noqa: DTZ001 - a wall time of the pack


def test_s3_sardegna_has_seven_groups_of_categories_each_with_its_limit(sardegna: NoticePack) -> None:
    points = {category.source for category in sardegna.categories if "punto" in category.source}
    assert points == {f"art. 1, punto {number}, dell'avviso" for number in range(1, 8)}
    assert all(category.limit for category in sardegna.categories)


def test_s18_the_first_share_of_the_resources(sardegna: NoticePack) -> None:
    assert budget(sardegna) == Decimal("32847280.00")


def test_s21_s25_privacy_and_employment_centres(sardegna: NoticePack) -> None:
    assert sardegna.privacy.kept_years == 10
    assert sardegna.consents[0].given_by == "legal_representative"
    assert {centre.basis for centre in sardegna.employment_centres} == {"assumed"}
    assert len({centre.email for centre in sardegna.employment_centres}) == len(sardegna.employment_centres) >= 5


def test_s23_the_four_attachments_are_there_to_read(sardegna: NoticePack) -> None:
    attached = [document for document in sardegna.documents if document.source == "allegati dell'avviso"]
    assert len(attached) == 4
    assert attached[-1].prefilled


def test_t6_two_help_services_with_numbers_and_hours(toscana: NoticePack) -> None:
    technical = next(desk for desk in toscana.help_desks if desk.subject == "technical")
    assert technical.phones == ("800 199727",)
    assert technical.hours is not None
    assert "8:00-19:30" in technical.hours
    assert len(next(desk for desk in toscana.help_desks if desk.subject == "filling_in").phones) == 3


def test_t7_the_letter_carries_its_own_data(toscana: NoticePack) -> None:
    assert {field.key for field in toscana.correspondence} >= {"protocol_number", "date", "reply_to_letter"}


def test_a_pack_cannot_be_changed_after_loading(sardegna: NoticePack) -> None:
    with pytest.raises(ValueError, match="frozen"):
        sardegna.weeks.maximum.value = 13


def test_the_digest_changes_with_any_byte_of_any_file(spoilt: Callable[..., Path]) -> None:
    folder = spoilt()
    before = pack_digest(folder)
    assert before == load_pack(folder).digest == pack_digest(PACKS / "sardegna-2020")
    guide = folder / "guide.md"
    guide.write_text(guide.read_text("utf-8") + "\n", "utf-8")
    assert pack_digest(folder) != before


def test_dates_of_the_acts_are_those_of_the_notice(sardegna: NoticePack) -> None:
    assert [act.day for act in sardegna.acts] == [
        date(2020, 3, 17),
        date(2020, 3, 24),
        date(2020, 3, 26),
        date(2020, 3, 28),
    ]
