"""Pages of ours are looked for in whatever file they came in (T3)."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

from intake.arrivals.page_search import ExchangedFiles, FileToSearch, FoundPages, PageSearch, search_pages
from tests.signing.documents import plain_pdf


def searched(name: str, content: bytes) -> FoundPages:
    """What is found in an ASiC-S container of that one file."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as package:
        package.writestr("mimetype", "application/vnd.etsi.asic-s+zip")
        package.writestr(name, content)
    exchanged = ExchangedFiles((), (), trust_folder=None, at=datetime(2026, 11, 2, 9, tzinfo=UTC))
    file = FileToSearch("1", "domanda.asics", output.getvalue())
    return search_pages(PageSearch((file,), keys=(), exchanged=exchanged), lambda *_: None)


def test_t3_the_pages_of_a_signed_container_are_looked_at_and_a_sealed_message_has_none() -> None:
    assert searched("Conferma.xml", b"<a/>").unreadable == ()
    assert searched("domanda.pdf", plain_pdf()).unreadable == ()
    ((document, why, _),) = searched("domanda.pdf", plain_pdf()[:40]).unreadable
    assert (document, bool(why)) == ("1", True)
