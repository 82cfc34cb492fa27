"""A consent that only the legal representative can give is not given by a delegate who signs the form that carries it (S21)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from intake.checks.finding import Finding
from intake.checks.form_signature import identity_document_missing, signed_pages
from intake.checks.severity import Severity
from ocr.results import ReturnedReading, SignatureBox

_LAW = "Regolamento (UE) 2016/679, art. 4, n. 11"


def consent_findings(
    reading: ReturnedReading | None,
    pages: int,
    consents: Sequence[str],
    *,
    by_representative: Collection[str],
    by_others: Collection[str],
    identity_document: bool,
    identified_strongly: bool,
) -> list[Finding]:
    """``consents``: titles of those on the form that the representative alone gives; ``by_representative`` and ``by_others``:
    documents with a digital signature that counts, of the representative and of delegates.

    A delegate may also have signed the scan of a form that the representative signed by hand: that signature gives them, with
    the copy of an identity document as for any form signed by hand (CAD, art. 65, comma 1, lettera c).
    """
    whole_form = set(range(1, pages + 1))
    signed_by_delegate = signed_pages(reading, by_others) >= whole_form
    if not consents or not signed_by_delegate or signed_pages(reading, by_representative) >= whole_form:
        return []
    box = _signed_by_hand(reading)
    if box is None:
        return [_not_given(consents)]
    return [] if identity_document or identified_strongly else [identity_document_missing()]


def _signed_by_hand(reading: ReturnedReading | None) -> SignatureBox | None:
    """A signature box with ink on a scanned page; what a program draws in the box of a PDF is nobody's hand."""
    if reading is None:
        return None
    scanned = {(page.source_name, page.number) for page in reading.pages if page.text_from == "ocr"}
    return next(
        (each for each in reading.signatures if each.present and each.page_source in scanned),
        None,
    )


def _not_given(consents: Sequence[str]) -> Finding:
    named = ", ".join(f"«{title}»" for title in consents)
    return Finding(
        "consent.not_by_representative",
        Severity.ERROR,
        f"Il modulo è firmato solo da un delegato, ma {named} può darlo soltanto il legale rappresentante.",
        "Faccia firmare il modulo anche al legale rappresentante, con firma digitale oppure a mano, e lo carichi di nuovo.",
        law=_LAW,
    )
