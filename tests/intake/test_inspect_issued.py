"""`sportello inspect --issued`: the exit code says whether this is the form as issued, whole (N1, C4)."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner

from intake.cli import main
from tests.intake.typesetting.synthetic_application import issue, make_application

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The form as issued, the form without its last page, and an empty page."""
    made = tmp_path_factory.mktemp("issued")
    form = issue(make_application(2))
    with pikepdf.open(io.BytesIO(form.pdf)) as document:
        del document.pages[-1]
        document.save(made / "parte.pdf")
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(made / "vuota.pdf")
    (made / "modulo.pdf").write_bytes(form.pdf)
    return made


@pytest.mark.parametrize(
    ("file", "issued", "code", "finding"),
    [
        ("modulo.pdf", "modulo.pdf", 0, "form.ours"),
        ("parte.pdf", "modulo.pdf", 1, "pages.missing"),
        ("vuota.pdf", "modulo.pdf", 1, "form.blank"),
        ("modulo.pdf", "vuota.pdf", 2, "issued.no_map"),
    ],
)
def test_n1_what_is_not_the_whole_issued_form_does_not_hold(
    folder: Path, file: str, issued: str, code: int, finding: str
) -> None:
    given = [str(folder / file), "--issued", str(folder / issued), "--only", "pages", "--json"]
    done = CliRunner().invoke(main, ["inspect", *given])
    assert (done.exit_code, finding in {each["code"] for each in json.loads(done.stdout)["findings"]}) == (code, True)


def test_n1_without_an_issued_form_an_empty_page_is_clean(folder: Path) -> None:
    assert CliRunner().invoke(main, ["inspect", str(folder / "vuota.pdf"), "--only", "pages"]).exit_code == 0
