"""S22, N11: where demonstration people try the service, each rehearsal has its own signed act, worth nothing."""

from __future__ import annotations

from contextlib import nullcontext

import pypdfium2
import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

import intake.commands.notices as commands
from intake.cli import main
from intake.notices.models import NoticeEdition
from intake.people.models import Person
from intake.publication import examination
from intake.publication.models import SignedPublication
from intake.publication.rehearsal_act import NAME, owe_rehearsal_acts, publish_rehearsal_act
from intake.queue import PUBLISH_REHEARSAL_ACT
from intake.service import Service
from intake.typesetting.notice_act import NoticeActFacts, typeset_notice_act
from signing.rehearsal_signature import WITHOUT_VALUE
from signing.report import Verdict
from tests.pki.authority import AT


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a limited process would do is done here: much quicker."""
    monkeypatch.setattr(examination, "run_apart", lambda work, given, hear, **_: work(given, hear))


def owed(service: Service) -> list[str]:
    """The editions whose act somebody asked for, in order."""
    jobs = text("SELECT args ->> 'edition_id' FROM procrastinate_jobs WHERE task_name = :task ORDER BY id")
    with service.transaction() as session:
        return list(session.scalars(jobs, {"task": PUBLISH_REHEARSAL_ACT}))


def read(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join("".join(page.get_textpage().get_text_range() for page in document).split())


def test_s22_each_rehearsal_gets_its_signed_act_once(service: Service) -> None:
    owe_rehearsal_acts(service)
    asked = owed(service)
    with service.transaction() as session:
        rehearsals = session.scalars(select(NoticeEdition).where(NoticeEdition.kind == "rehearsal")).all()
    assert sorted(asked) == sorted(str(each.id) for each in rehearsals)
    edition = next(each for each in rehearsals if each.notice_id == "sardegna-2020")
    for _ in range(2):
        publish_rehearsal_act(service, edition.id)
    with service.transaction() as session:
        (made,) = session.scalars(select(SignedPublication)).all()
    assert (made.edition_id, made.name, made.verdict) == (edition.id, NAME, Verdict.signed)
    (signature,) = made.report["signatures"]
    assert (signature["signer"]["common_name"], signature["signer"]["organization"]) == ("GRECO ELENA", WITHOUT_VALUE)
    act = read(service.store.get(made.sha256))
    assert "Questa è una prova: l’atto non ha valore." in act
    assert service.packs["sardegna-2020"].title in act
    owe_rehearsal_acts(service)
    assert set(owed(service)[len(asked) :]) == {str(each.id) for each in rehearsals} - {str(edition.id)}


def test_s22_a_rehearsal_that_a_command_opens_is_owed_its_act_at_once(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "installation", lambda: nullcontext(service))
    folder = str(service.settings.notices / "sardegna-2020")
    done = CliRunner().invoke(main, ["notices", "load", folder, "--hours-to-opening", "2"])
    assert done.exit_code == 0, done.output
    with service.transaction() as session:
        opened = session.scalars(select(NoticeEdition).where(NoticeEdition.register_code == "SAR20-PROVA-2")).one()
    assert str(opened.id) in owed(service)


def test_s22_nothing_is_published_where_real_people_work(service: Service) -> None:
    with service.transaction() as session:
        for person in session.scalars(select(Person)):
            person.disabled_at = service.clock()
    owe_rehearsal_acts(service)
    assert owed(service) == []


def test_s22_a_live_notice_never_gets_an_act_made_here(service: Service) -> None:
    with service.transaction() as session:
        live = session.scalars(select(NoticeEdition).where(NoticeEdition.register_code == "SAR20")).one()
    publish_rehearsal_act(service, live.id)
    with service.transaction() as session:
        assert session.scalars(select(SignedPublication)).all() == []


def test_s22_headings_lists_and_bold_words_of_the_notice_are_on_paper() -> None:
    told = "# Chi\n\nI **datori** di lavoro\nprivati.\n\n1. Prima\n   - dentro\n2. Poi\n"
    facts = NoticeActFacts("Regione", "Ufficio", "Avviso", "In breve.", told, rehearsal=None)
    act = read(typeset_notice_act(facts, at=AT))
    for words in (
        "Regione Ufficio",
        "Avviso",
        "In breve.",
        "Chi I datori di lavoro privati.",
        "1. Prima",
        "– dentro",
        "2. Poi",
    ):
        assert words in act, (words, act)
    assert "prova" not in act
    assert typeset_notice_act(facts, at=AT) == typeset_notice_act(facts, at=AT)
