"""C2: `sportello trust update` and `show`, and what inspect answers with the folder they keep."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import pem
from click.testing import CliRunner, Result

from intake.cli import main
from intake.settings import read_settings
from tests.pki.authority import certificate as provider_certificate
from tests.pki.authority import revocation_list, sign_pdf_as
from tests.pki.local_server import Answer, local_server
from tests.pki.trusted_list import Listed, Term, list_of_lists, list_signer, national_list
from tests.signing.documents import plain_pdf

EUROPE, AGENCY, STRANGER = (list_signer(name) for name in ("Gestore europeo", "Gestore italiano", "Estraneo"))
THAT_DAY = "2020-04-08T07:00:03+00:00"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A trust folder that pins the invented European operator and knows the provider's revocation list."""
    for name, data in {
        "list_signers/europa.pem": pem.armor("CERTIFICATE", EUROPE.asn1.dump()),
        "crls/ca.crl": revocation_list("ca").dump(),
    }.items():
        path = tmp_path / "trust" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    return tmp_path / "trust"


def lists(port: int, signer=AGENCY) -> dict[str, bytes]:  # type: ignore[no-untyped-def]
    service = Listed(provider_certificate("ca"), [Term("granted", datetime(2016, 7, 1, tzinfo=UTC))])
    return {
        "/lotl.xml": list_of_lists([("IT", f"http://127.0.0.1:{port}/it.xml", AGENCY)], EUROPE),
        "/it.xml": national_list([service], signer),
    }


def test_c2_update_fetches_verifies_and_show_tells_the_age(folder: Path, tmp_path: Path) -> None:
    served: dict[str, bytes] = {}
    with local_server(lambda path, _: Answer(served[path]) if path in served else Answer(status=404)) as server:
        served |= lists(server.port)
        fetching = ("trust", "update", "--dir", str(folder), "--url", server.url("/lotl.xml"), "--at", THAT_DAY)
        refused = run(*fetching)
        assert refused.exit_code == 1
        assert "non è ammesso" in refused.output
        taken = run(*fetching, "--mirror", "--json")
        assert taken.exit_code == 0
        assert [(each["territory"], each["services"]) for each in json.loads(taken.output)["lists"]] == [
            ("EU", 0),
            ("IT", 1),
        ]
        served |= lists(server.port, STRANGER)
        forged = run(*fetching, "--mirror")
        assert forged.exit_code == 1
        assert "IT  rifiutata, resta quella che c'era" in forged.output
    shown = run("trust", "show", "--dir", str(folder), "--at", THAT_DAY, "--json")
    assert shown.exit_code == 0
    told = {each["territory"]: each for each in json.loads(shown.output)["lists"]}
    assert (told["IT"]["sequence"], told["IT"]["age_days"], told["IT"]["stale"]) == (1, 7, False)
    stale = run("trust", "show", "--dir", str(folder), "--at", "2021-01-01")
    assert stale.exit_code == 1
    assert stale.output.count("SCADUTA") == 2

    signed = tmp_path / "firmato.pdf"
    signed.write_bytes(sign_pdf_as("rossi", plain_pdf()))
    inspected = run("inspect", str(signed), "--trust", str(folder), "--at", THAT_DAY, "--only", "signatures", "--json")
    answer = json.loads(inspected.output)
    assert (answer["verdict"], inspected.exit_code) == ("signed", 0)
    assert answer["signatures"][0]["qualification"] == "qualified_signature"
    assert [each["code"] for each in answer["signatures"][0]["problems"]] == ["trusted_list_used"]
    spoken = run("inspect", str(signed), "--trust", str(folder), "--at", THAT_DAY, "--only", "signatures").output
    assert "ROSSI MARIO: TOTAL_PASSED, firma qualificata" in spoken
    assert "lista di fiducia IT n. 1 del 01/04/2020 (7 giorni fa)" in spoken
    later = run("inspect", str(signed), "--trust", str(folder), "--at", "2021-01-01", "--only", "signatures", "--json")
    told_later = json.loads(later.output)["signatures"][0]["problems"]
    assert "trusted_list_stale" in [each["code"] for each in told_later]


def test_c2_wrong_use_is_said_in_one_sentence(tmp_path: Path) -> None:
    empty = tmp_path / "vuota"
    empty.mkdir()
    for arguments in (
        ("trust", "show", "--dir", str(empty)),
        ("trust", "update", "--dir", str(empty), "--from", str(empty)),
        ("trust", "update", "--dir", str(empty), "--from", str(empty), "--at", "ieri"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "Traceback" not in result.output


def test_c2_without_a_folder_named_the_installations_own_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPORTELLO_DATA", str(tmp_path / "dati"))
    monkeypatch.setenv("SPORTELLO_TRUST", str(tmp_path / "fiducia"))
    carried = tmp_path / "portate"
    carried.mkdir()
    (carried / "it.xml").write_bytes(lists(1)["/it.xml"])
    alone = run("trust", "update", "--from", str(carried))
    assert alone.exit_code == 1
    assert "EU  rifiutata" in alone.output
    assert not (tmp_path / "fiducia" / "lists").exists()
    monkeypatch.setenv("SPORTELLO_PORT", "molti")
    wrong = run("trust", "show")
    assert wrong.exit_code == 2
    assert "SPORTELLO_PORT" in wrong.output


def test_c2_the_service_trusts_the_folder_of_the_data_where_no_other_is_named(tmp_path: Path) -> None:
    assert read_settings(data=tmp_path).trust_folder is None
    (tmp_path / "trust").mkdir()
    assert read_settings(data=tmp_path).trust_folder == tmp_path / "trust"
    assert read_settings(data=tmp_path, trust=tmp_path / "altra").trust_folder == tmp_path / "altra"
