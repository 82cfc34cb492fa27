"""C2: documents made to hurt get an answer within ten seconds and half a gigabyte, in a child process, never a clean one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.measured import run_measured
from tests.signing.hostile_files import HOSTILE

pytestmark = pytest.mark.whole
MEASURED = ("cross_reference_bomb", "web_of_objects")
ANSWERS = {
    "object_stream_bomb": {"unreadable"},
    "cross_reference_bomb": {"unreadable", "given_up"},
    "metadata_bomb_after_signing": {"changed"},
    "previous_table_loop": {"unreadable", "not_signed"},
    "page_tree_loop": {"not_signed"},
    "signed_page_tree_loop": {"changed"},
    "nested_arrays": {"unreadable"},
    "nested_dictionaries": {"unreadable"},
    "chained_objects": {"changed"},
    "web_of_objects": {"changed", "given_up"},
    "ten_thousand_fields": {"unreadable"},
    "ten_thousand_empty_fields": {"unreadable"},
    "field_loop": {"not_signed"},
    "structure_tree_loop": {"signed_with_reservations"},
    "wide_byte_range": {"broken", "changed"},
    "crowded_envelope": {"unverifiable"},
    "nested_asn1": {"unreadable"},
    "nested_envelopes": {"unreadable"},
    "nested_multipart": {"unreadable", "not_signed"},
    "endless_base64": {"unreadable", "not_signed"},
    "script_in_the_open": {"not_signed"},
}
"""What each is answered with; only a loop in a structure tree, which is there before the signatures, keeps them good."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hostile")
    for name, make in HOSTILE.items():
        (made / name).write_bytes(make())
    return made


def _called(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "intake.cli", "inspect", *arguments, "--only", "signatures", "--json"]


def test_c2_every_hostile_document_of_a_list_is_answered(folder: Path) -> None:
    assert ANSWERS.keys() == HOSTILE.keys()
    names = [name for name in HOSTILE if name not in MEASURED]
    listing = folder / "list.tsv"
    listing.write_text("".join(f"{folder / name}\n" for name in names))
    done = subprocess.run(_called("--list", str(listing)), capture_output=True, check=False, timeout=200)
    assert (done.returncode, done.stderr) == (0, b"")
    for name, line in zip(names, done.stdout.decode().splitlines(), strict=True):
        answer = json.loads(line)
        told = answer.get("verdict") or answer["error"]["code"]
        assert told in ANSWERS[name], (name, answer)
        assert all(finding["code"] != "internal" for finding in answer.get("findings", ()))
        assert answer.get("seconds", 0) < 10, name


@pytest.mark.parametrize("name", MEASURED)
def test_c2_a_process_that_swells_or_hangs_is_ended_in_time(folder: Path, name: str) -> None:
    ended = run_measured(_called(str(folder / name)))
    answer = json.loads(ended.out)
    assert ended.code in {1, 3}
    assert (answer.get("verdict") or answer["error"]["code"]) in ANSWERS[name]
    assert "Traceback" not in ended.complaints
    assert ended.megabytes < 512
    assert ended.seconds < 10
