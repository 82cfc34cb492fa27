"""N2: receipts are sealed and, where an authority answers, time-stamped; a seal that is replaced stays recognised."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner
from lxml import etree

from intake.cases.receipt_verification import PublishedKeys, ReceiptOrder, VerifiedReceipt, published_keys, verify_order
from intake.commands import seal as commands
from intake.keys import KeyMissing
from intake.protocol.segnatura import xml_seal
from intake.sealing import replace_seal, seal_paper
from intake.service import Service
from intake.settings import WrongSettings, read_settings
from intake.time_stamps import PAUSE, TimeStamps, authority_of
from intake.typesetting.receipts import typeset_received_receipt
from protocol_register.receipt import Outcome
from protocol_register.xml_sealing import sealed_xml
from signing.inspect import inspect_signatures
from signing.seal import verify_seal
from signing.seal_pkcs11 import Token, TokenUnavailable
from signing.time_stamping import TimeStampAuthority
from signing.trust import TrustStore
from tests.intake.applications_made import rehearsal_of
from tests.intake.typesetting.synthetic_receipts import RECEIVED
from tests.pki.time_stamp_server import time_stamp_server

pytestmark = pytest.mark.shared_installation

PAPER = typeset_received_receipt(RECEIVED)


@pytest.fixture
def code(service: Service) -> str:
    with service.transaction() as session:
        return rehearsal_of(session, "sardegna-2020").register_code


def sealed(service: Service, code: str, at: datetime) -> bytes:
    return seal_paper(service, PAPER, code, reason="Ricevuta", name="Regione", at=at)


def keys_of(service: Service) -> tuple[PublishedKeys, ...]:
    with service.transaction() as session:
        return published_keys(service, session)


def verified(service: Service, pdf: bytes, at: datetime) -> VerifiedReceipt:
    return verify_order(ReceiptOrder(pdf, keys_of(service), at), lambda: None)


def test_n2_an_authority_that_is_down_costs_a_receipt_its_time_stamp_and_nothing_else(
    service: Service, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    at = service.clock()
    with time_stamp_server() as server:
        stamped = replace(service, time_stamps=TimeStamps(TimeStampAuthority(server.url, seconds=60.0)))
        first = verified(service, sealed(stamped, code, at), service.clock())
        assert [line.outcome for line in first.check.lines if line.code == "seal_time"] == [Outcome.HOLDS]
        server.failures = 2
        second = verified(service, sealed(stamped, code, at), service.clock())
        asked = len(server.digests)
        third = sealed(stamped, code, at + timedelta(seconds=1))
        assert len(server.digests) == asked, "nobody waits again for an authority that has just failed"
        again = verify_seal(sealed(stamped, code, at + PAUSE), keys_of(service)[0].seals, at + PAUSE)
        assert len(server.digests) == asked + 1, "after the pause it is asked again"
    for check in (first.check, second.check, verified(service, third, service.clock() + timedelta(seconds=2)).check):
        assert check.holds
    assert not [line for line in second.check.lines if line.code == "seal_time"]
    assert again.sealed_at is not None


def test_n2_heads_are_stamped_where_there_is_an_authority(service: Service) -> None:
    at = service.clock()
    assert service.time_stamps.stamp(bytes(32), at=at) is None
    assert not service.time_stamps.configured
    with time_stamp_server() as server:
        stamps = TimeStamps(TimeStampAuthority(server.url, seconds=60.0))
        token = stamps.stamp(bytes(32), at=at)
        assert token is not None
        assert abs(token.time - at) < timedelta(minutes=1)
    assert stamps.stamp(bytes(32), at=at) is None


def test_n2_receipts_of_before_and_after_a_rotation_hold_and_the_old_seal_stays_published(
    service: Service, code: str
) -> None:
    before = sealed(service, code, service.clock())
    old = service.keys.seal_key(code).fingerprint
    new = replace_seal(service, code, device_key=None, at=service.clock()).fingerprint
    after = sealed(service, code, service.clock())
    keys = next(each for each in keys_of(service) if each.code == code)
    assert (keys.seal_fingerprint, [each for each, _ in keys.retired_seals]) == (new, [old])
    for pdf in (before, after):
        assert verified(service, pdf, service.clock()).check.holds
    assert "PROVA" in service.keys.seals(code).seals()[0].certificate.subject.rfc4514_string()


@pytest.mark.own_installation
def test_n2_a_seal_is_replaced_and_listed_by_command(
    service: Service, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "installation", lambda: nullcontext(service))
    old = service.keys.seal_key(code).fingerprint
    rotated = CliRunner().invoke(commands.seal, ["rotate", code])
    new = service.keys.seal_key(code).fingerprint
    assert (rotated.exit_code, new in rotated.output, new != old) == (0, True, True)
    listed = json.loads(CliRunner().invoke(commands.seal, ["show", code, "--json"]).output)[code]
    assert [(each["number"], each["fingerprint"], each["retired_at"] is None) for each in listed] == [
        (2, new, True),
        (1, old, False),
    ]
    assert old in CliRunner().invoke(commands.seal, ["show"]).output
    for wrong in (["rotate", "NESSUNO-1"], ["rotate", code, "--device-key", "SIG"], ["show", "NESSUNO-1"]):
        refused = CliRunner().invoke(commands.seal, wrong)
        assert refused.exit_code != 0
        assert "Traceback" not in refused.output
    assert service.keys.seal_key(code).fingerprint == new


def test_a_device_that_is_not_configured_changes_nothing(service: Service, code: str) -> None:
    before = service.keys.seal_key(code).fingerprint
    with pytest.raises(TokenUnavailable, match="SPORTELLO_PKCS11"):
        replace_seal(service, code, device_key="SIG", at=service.clock())
    assert service.keys.seal_key(code).fingerprint == before
    with pytest.raises(KeyMissing):
        service.keys.seals("NESSUNO-1")


def test_settings_name_the_authority_whole_and_the_device_whole_or_not_at_all(tmp_path) -> None:
    settings = read_settings(data=tmp_path, tsa_url="https://tsa.example/", tsa_user="ente", tsa_password="segreto")
    authority = authority_of(settings)
    assert authority == TimeStampAuthority("https://tsa.example/", "ente", "segreto", 5.0)
    assert "segreto" not in repr(settings)
    with pytest.raises(WrongSettings, match="SPORTELLO_PKCS11_TOKEN"):
        read_settings(data=tmp_path, pkcs11_module=tmp_path / "modulo.so")


def test_c1_an_edition_moves_its_seal_into_a_device_and_papers_and_xml_go_on(
    service: Service, code: str, token: Token
) -> None:
    before = sealed(service, code, service.clock())
    moved = replace(service, keys=replace(service.keys, token=token))
    assert replace_seal(moved, code, device_key="SIG", at=service.clock()).in_token
    after = sealed(moved, code, service.clock())
    for pdf in (before, after):
        assert verified(moved, pdf, service.clock()).check.holds
    xml = sealed_xml(etree.fromstring("<prova/>"), xml_seal(moved, code), at=service.clock())
    report = inspect_signatures(xml, trust=TrustStore.empty(), at=service.clock())
    assert [each.intact for each in report.signatures] == [True]
    with pytest.raises(TokenUnavailable):
        sealed(service, code, service.clock())
