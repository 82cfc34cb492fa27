"""Received = registered + rejected + waiting + abandoned, by channel; annulled registrations vanish nowhere (N9, C6, T3)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from intake.applications.lifecycle import timeline_sentence
from intake.applications.models import Application
from intake.arrivals.models import Arrival, ArrivalChannel
from intake.arrivals.registration import RegistrationFacts, Sender, register_arrival, reject_arrival
from intake.cases.annulment import annul_registration, cases_awaiting_word
from intake.cases.balance import Balance, ChannelBalance, balance_of
from intake.cases.queue import ReasonCode, RegistrationAnnulled, first_ready, take_chosen, waiting_cases
from intake.certified_mail.desk import read_kept_mail
from intake.clock import ROME
from intake.commands.balance import balance
from intake.service import Service
from protocol_register.entries import Channel
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.arrivals.paper_desk import arrive
from tests.intake.certified_mail.certified_messages import envelope, original, provider, receipt
from tests.intake.certified_mail.test_mail_collection import kept
from tests.intake.filings import SARDEGNA, checked, issued, sent


def today(service: Service) -> Balance:
    with service.transaction() as session:
        day = service.clock().astimezone(ROME).date()
        return balance_of(session, rehearsal_of(session, SARDEGNA), day, store=service.store)


def of(found: Balance, channel: Channel) -> ChannelBalance:
    return next(each for each in found.channels if each.channel is channel)


def test_n9_letters_deliveries_and_messages_are_somewhere_at_every_step(service: Service) -> None:
    first, second = arrive(service, b"uno"), arrive(service, b"due")
    arrive(service, b"tre", channel=ArrivalChannel.COUNTER)
    mail = kept(service, envelope(original()))
    kept_receipt = kept(service, receipt())
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        facts = RegistrationFacts(Sender("Gamma"), "Nota")
        register_arrival(service, session, protocol, edition, first, facts, at=service.clock())
    with service.transaction() as session:
        reject_arrival(session, protocol, edition, second, "Pubblicità", at=service.clock())
    found = today(service)
    assert of(found, Channel.LETTER) == ChannelBalance(Channel.LETTER, received=2, registered=1, rejected=1)
    assert of(found, Channel.COUNTER) == ChannelBalance(Channel.COUNTER, received=1, waiting=1)
    assert of(found, Channel.PEC) == ChannelBalance(Channel.PEC, received=2, waiting=2), "not read yet: they wait"
    assert found.oldest is not None
    assert found.oldest.channel is Channel.COUNTER
    provider().trust_folder(service.settings.trust_target)
    for each in (mail, kept_receipt):
        read_kept_mail(service, each)
    found = today(service)
    assert of(found, Channel.PEC) == ChannelBalance(Channel.PEC, received=1, waiting=1), "a receipt is no arrival"
    assert found.holds


def test_n9_a_file_gone_from_the_store_or_a_number_the_register_lacks_is_told(service: Service) -> None:
    arrival_id = arrive(service, b"una lettera")
    assert today(service).holds
    with service.transaction() as session:
        arrival = session.get_one(Arrival, arrival_id)
        sha256 = arrival.documents[0].sha256
        arrival.register_code, arrival.year, arrival.number = "SAR20-PROVA-1", 2026, 999
        arrival.registered_at = service.clock()
    assert today(service).unaccounted == 1
    path = service.settings.documents / sha256[:2] / sha256
    path.chmod(0o600)
    path.write_bytes(b"una letter")
    found = today(service)
    assert (found.lost, found.holds) == (1, False)
    path.unlink()
    assert today(service).lost == 1


@given(st.lists(st.integers(0, 50), min_size=5, max_size=5), st.integers(1, 9))
def test_a_channel_is_even_only_when_the_parts_make_the_whole(parts: list[int], off: int) -> None:
    registered, rejected, taken_back, abandoned, waiting = parts
    whole = ChannelBalance(Channel.PEC, sum(parts), registered, rejected, taken_back, abandoned, waiting)
    assert whole.even
    assert not ChannelBalance(Channel.PEC, sum(parts) + off, *parts).even


def test_n9_the_command_gives_figures_and_fails_when_the_count_is_wrong(service: Service, tmp_path: Path) -> None:
    arrival_id = arrive(service, b"una lettera")

    def run(*arguments: str) -> tuple[int, str]:
        with patch("intake.commands.balance.installation") as opened, patch("intake.commands.balance.read_settings"):
            opened.return_value.__enter__.return_value = service
            answer = CliRunner().invoke(balance, list(arguments))
        return answer.exit_code, answer.stdout

    code, told = run("--json")
    figures = {each["register"]: each for each in json.loads(told)["registers"]}["SAR20-PROVA-1"]
    assert (code, figures["received"], figures["waiting"], figures["oldest_waiting_channel"]) == (0, 1, 1, "letter")
    assert figures["oldest_waiting_seconds"] >= 0
    assert "SAR20-PROVA-1: ricevuti 1, registrati 0" in run()[1]
    assert "ricevuti 0" in run("--day", "2020-04-08")[1]
    with service.transaction() as session:
        sha256 = session.get_one(Arrival, arrival_id).documents[0].sha256
    (service.settings.documents / sha256[:2] / sha256).unlink()
    code, told = run("--json")
    assert code == 1
    assert '"lost": 1' in told
    code, told = run("--openmetrics")
    metrics = {
        (sample.name, sample.labels.get("channel"), sample.labels.get("outcome")): sample.value
        for family in text_string_to_metric_families(told)  # type: ignore[no-untyped-call]
        for sample in family.samples
        if sample.labels["register"] == "SAR20-PROVA-1"
    }
    assert code == 1
    assert metrics["sportello_documents", "letter", "received"] == 1
    assert metrics["sportello_documents", "letter", "waiting"] == 1
    assert metrics["sportello_documents_lost", None, None] == 1
    assert metrics["sportello_balance_holds", None, None] == 0
    assert metrics["sportello_oldest_waiting_seconds", None, None] >= 0
    assert run("--json", "--openmetrics") == (2, "")


def test_c6_an_annulled_registration_keeps_its_case_which_nobody_takes_without_the_director_general(
    service: Service,
) -> None:
    application_id, _ = issued(service)
    checked(service, application_id)
    submission = sent(service, application_id)
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        facts = {"act": "Det. 12/2026", "reason": "Registrata due volte"}
        annul_registration(
            service, session, protocol, edition, submission.year, submission.number, at=service.clock(), **facts
        )
    with service.transaction() as session:
        edition, officer = rehearsal_of(session, SARDEGNA), person_named(session, "istruttore")
        assert waiting_cases(session, edition, at=service.clock(), patience=600) == []
        assert [each.application_id for each in cases_awaiting_word(session, edition)] == [application_id]
        assert first_ready(session, edition, at=service.clock() + timedelta(hours=1), patience=600) is None
        with pytest.raises(RegistrationAnnulled):
            take_chosen(
                session,
                officer,
                application_id,
                at=service.clock(),
                patience=600,
                reason_code=ReasonCode.OTHER,
                reason="Urgente",
            )
        told = timeline_sentence(session.get_one(Application, application_id).events[-1])
    assert "Det. 12/2026" in told
    assert "direttore generale" in told
