"""N1, N11: the watermark of a rehearsal lies under the values; a scan of it is nobody's pen."""

import pytest

from intake.typesetting.application_form import IssuedFormDocument
from ocr.reading import read_returned
from ocr.simulation import simulate_scan
from tests.intake.typesetting.synthetic_application import KEY

pytestmark = pytest.mark.whole


def test_n1_the_watermark_below_a_value_is_not_taken_for_ink_added_to_it(rehearsal_form: IssuedFormDocument) -> None:
    scan = simulate_scan(rehearsal_form.pdf, seed=9, level="clean")
    assert isinstance(scan, bytes)
    reading = read_returned(
        [("scan.pdf", scan)], rehearsal_form.form_map, (KEY.public_key(),), issued_pdf=rehearsal_form.pdf
    )
    assert reading.missing_pages == ()
    assert [(cell.name, cell.read) for cell in reading.cells if cell.status not in ("agrees", "empty")] == []
    assert reading.alterations == ()
