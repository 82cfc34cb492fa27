"""C2: the service starts only with a usable trust folder, keeps its lists fresh where asked, and asks only where permitted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from intake.outward_proxies import outward_proxies
from intake.service import Service
from intake.settings import Settings, WrongSettings, read_settings
from intake.trust_lists import check_trust, refresh_trust
from signing.trusted_list_store import kept_facts
from signing.trusted_lists import ListRefused
from tests.pki.authority import certificate, trust_folder
from tests.pki.trusted_list import ITALY, list_of_lists, list_signer, national_list

EUROPE, AGENCY = list_signer("Gestore europeo"), list_signer("Gestore italiano")


def test_c2_a_trust_folder_that_cannot_be_used_stops_the_start_and_is_named(tmp_path: Path) -> None:
    check_trust(read_settings(data=tmp_path))
    folder = trust_folder(tmp_path / "trust")
    check_trust(read_settings(data=tmp_path))
    (folder / "anchors" / "rossi.der").write_bytes(certificate("rossi").dump())
    with pytest.raises(WrongSettings, match=r"SPORTELLO_TRUST.*rossi\.der"):
        check_trust(read_settings(data=tmp_path))
    with pytest.raises(WrongSettings, match="SPORTELLO_TRUST"):
        check_trust(read_settings(data=tmp_path, trust=tmp_path / "manca"))


def _service(settings: Settings, like: Service) -> Service:
    return replace(like, settings=settings)


def test_c2_the_lists_are_fetched_at_night_only_where_asked(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def fetch(territory: str, location: str) -> bytes:
        asked.append(territory)
        if territory == "IT":
            return national_list([], AGENCY)
        if territory == "EU":
            return list_of_lists([("IT", ITALY, AGENCY), ("AT", "https://lists.example/at.xml", AGENCY)], EUROPE)
        raise ListRefused("non si può scaricare")

    monkeypatch.setattr("signing.trusted_list_sources.from_network", lambda **_: fetch)
    monkeypatch.setattr("signing.trusted_list_sources.pins_of", lambda _: (EUROPE.asn1,))
    refresh_trust(service)
    assert asked == []
    cache = tmp_path / "revocation"
    cache.mkdir()
    (cache / "vecchio.der").write_bytes(b"scaduto")
    refresh_trust(_service(service.settings.model_copy(update={"trust_update": True}), service))
    assert asked == ["EU", "IT", "AT"]
    assert [facts.territory for facts in kept_facts(tmp_path / "trust")] == ["EU", "IT"]
    assert list(cache.iterdir()) == []
    (tmp_path / "trust" / "lists" / "index.json").write_bytes(b"{")
    refresh_trust(_service(service.settings.model_copy(update={"trust_update": True}), service))
    assert (tmp_path / "trust" / "lists" / "index.json").read_bytes() == b"{"


def test_c2_the_proxy_of_the_settings_comes_before_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ente:3128")
    monkeypatch.setenv("NO_PROXY", "ente.it")
    assert outward_proxies().for_request("https", "ec.europa.eu") == "http://ente:3128"
    own = outward_proxies("http://altro:8080")
    assert own.for_request("http", "ec.europa.eu") == own.for_request("https", "ec.europa.eu") == "http://altro:8080"
    assert own.for_request("https", "crl.ente.it") is None
    with pytest.raises(WrongSettings, match="SPORTELLO_PROXY"):
        check_trust(read_settings(proxy="socks5://proxy:1080"))
