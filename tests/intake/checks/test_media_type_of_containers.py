"""C2: a signed container is kept under its own type, and is not unpacked to learn it."""

import io
import zipfile

import pytest

from intake.checks.media_type import media_type_of


@pytest.mark.parametrize("kind", ["asic-s", "asic-e"])
def test_c2_a_container_is_stored_under_its_own_type(kind, monkeypatch):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as package:
        package.writestr("mimetype", f"application/vnd.etsi.{kind}+zip")
        package.writestr("META-INF/signatures.xml", "<a/>")
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    assert media_type_of(output.getvalue()) == f"application/vnd.etsi.{kind}+zip"
