"""`sportello inspect`: exit codes and the shape that programs rely on, for any file at all (C2, C4, N1)."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from click.testing import CliRunner

from intake.cli import main
from signing.rehearsal_signature import RehearsalAuthority
from tests.pki import authority as provider

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEYS = {
    *("file", "container", "path", "verdict", "signatures", "content", "stamp_duty", "pages", "missing_pages"),
    *("foreign_pages", "workers", "agreement", "alterations", "findings", "seconds"),
}
SIGNATURE_KEYS = {
    *("format", "depth", "indication", "sub_indication", "intact", "signer", "claimed_time", "proven_time", "digest"),
    *("covers", "changes_after", "claims", "qualification", "problems"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of each kind."""
    made = tmp_path_factory.mktemp("inspect")
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(out)
    pdf, authority = out.getvalue(), RehearsalAuthority.create(AT)
    signed = authority.sign_pdf(pdf, "Mario", "Rossi", "RSSMRA68C02I452O", AT)
    broken = bytearray(provider.sign_p7m_as("rossi", b"%PDF-1.7 contenuto"))
    broken[broken.index(b"contenuto")] ^= 1
    files = {
        "vuoto.pdf": b"",
        "non-firmato.pdf": pdf,
        "firmato.pdf": signed,
        "busta.pdf.p7m": authority.sign_p7m(pdf, "Mario", "Rossi", "RSSMRA68C02I452O", AT),
        "rotto.p7m": bytes(broken),
        "spazzatura.bin": random.Random(64).randbytes(64),
        "staccata.p7s": provider.sign_p7m_as("rossi", pdf, detached=True),
    }
    for name, data in files.items():
        (made / name).write_bytes(data)
    return made


def inspected(*arguments: object) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(main, ["inspect", *map(str, arguments), "--json"])
    assert "Traceback" not in done.output
    return done.exit_code, json.loads(done.stdout)


@pytest.mark.parametrize(
    ("name", "container", "verdicts", "code"),
    [
        ("non-firmato.pdf", "pdf", {"not_signed"}, 0),
        ("firmato.pdf", "pdf", {"signed", "signed_with_reservations"}, 0),
        ("busta.pdf.p7m", "p7m", {"signed", "signed_with_reservations"}, 0),
        ("rotto.p7m", "p7m", {"broken"}, 1),
        ("staccata.p7s", "p7s", {"unverifiable"}, 1),
        ("vuoto.pdf", "unknown", {"unreadable"}, 3),
        ("spazzatura.bin", "unknown", {"not_signed", "unreadable"}, None),
    ],
)
def test_each_kind_of_file_has_its_answer(
    folder: Path, name: str, container: str, verdicts: set[str], code: int | None
) -> None:
    exit_code, answer = inspected(folder / name)
    assert answer.keys() >= KEYS
    assert answer["container"] == container
    assert answer["verdict"] in verdicts
    assert exit_code == (code if code is not None else {"not_signed": 0, "unreadable": 3}[answer["verdict"]])
    assert answer["file"]["size"] == (folder / name).stat().st_size
    for signature in answer["signatures"]:
        assert signature.keys() >= SIGNATURE_KEYS
    if name == "busta.pdf.p7m":
        assert answer["content"]["media_type"] == "application/pdf"
        assert answer["signatures"][0]["signer"]["tax_code"] == "RSSMRA68C02I452O"


def test_a_detached_signature_holds_over_its_document(folder: Path) -> None:
    exit_code, answer = inspected(folder / "staccata.p7s", "--detached", folder / "non-firmato.pdf")
    assert (exit_code, answer["verdict"]) == (0, "signed_with_reservations")
    exit_code, answer = inspected(folder / "staccata.p7s", "--detached", folder / "firmato.pdf")
    assert (exit_code, answer["verdict"]) == (1, "broken")


@pytest.mark.parametrize("arguments", [["manca.pdf"], ["non-firmato.pdf", "--detached", "manca.pdf"]])
def test_a_missing_file_is_an_answer_too(folder: Path, arguments: list[str]) -> None:
    given = [each if each.startswith("--") else folder / each for each in arguments]
    exit_code, answer = inspected(*given)
    assert exit_code == 3
    assert answer["path"] == str(given[0])
    assert answer["error"]["code"] == "not_readable"
    assert answer["error"]["message"]
    assert answer["error"]["remedy"]


@pytest.mark.parametrize(
    "arguments", [[], ["--only", "tutto", "x.pdf"], ["--at", "ieri", "x.pdf"], ["--key", "zz", "x.pdf"], ["--boh"]]
)
def test_wrong_use_is_said_with_two(arguments: list[str]) -> None:
    done = CliRunner().invoke(main, ["inspect", *arguments])
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_a_list_is_answered_line_by_line_in_its_order(folder: Path) -> None:
    """As a process of its own, under a locale that cannot write every file name."""
    listing = folder / "elenco.tsv"
    odd = os.fsencode(folder) + b"/nome-\xff.pdf"
    lines = [
        os.fsencode(folder / "firmato.pdf"),
        os.fsencode(folder / "staccata.p7s") + b"\t" + os.fsencode(folder / "non-firmato.pdf") + b"\r",
        b"",
        odd,
        os.fsencode(folder / "rotto.p7m"),
    ]
    listing.write_bytes(b"\n".join(lines))
    done = subprocess.run(
        [sys.executable, "-m", "intake.cli", "inspect", "--list", str(listing), "--only", "signatures", "--json"],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONUTF8": "1"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer.get("verdict", answer.get("error", {}).get("code")) for answer in answers] == [
        *("signed_with_reservations", "signed_with_reservations", "not_readable", "broken"),
    ]
    assert os.fsencode(answers[2]["path"]) == odd


def test_a_missing_list_is_said_without_a_traceback(folder: Path) -> None:
    done = CliRunner().invoke(main, ["inspect", "--list", str(folder / "manca.tsv"), "--json"])
    assert done.exit_code == 3
    assert "manca.tsv" in done.output
