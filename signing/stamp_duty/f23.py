"""The receipt of a payment with form F23: tax code 456T, the stamp duty on applications."""

import hashlib
import re
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from signing.stamp_duty.mark import StampKind, StampMark, StampStatus
from signing.stamp_duty.problems import stamp_problem

CODE = "456T"
_ROME = ZoneInfo("Europe/Rome")
_FORM = re.compile(r"\bF\s?23\b|\bmodello\s+di\s+pagamento\b.{0,80}\btasse\b", re.IGNORECASE)
_CODE = re.compile(r"\b4\s?5\s?6\s?T\b", re.IGNORECASE)
_OTHER_CODE = re.compile(r"\b[0-9]{3}T\b", re.IGNORECASE)
_AMOUNT = re.compile(r"(?<![\d.,/])(\d{1,3}(?:\.\d{3})*|\d+)\s?,\s?(\d{2})(?![\d/])")
_DAY = re.compile(r"\b(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4})\b")
_PAYMENT = re.compile(
    r"\b(?:data\s+(?:di\s+)?(?:pagamento|versamento|operazione)|pagato\s+il|versato\s+il|eseguito\s+il)\b\s*:?",
    re.IGNORECASE,
)
_OPERATION = re.compile(
    r"\b(?:CRO|TRN|(?:codice|numero|n\.|id\.?)\s+(?:operazione|transazione|ricevuta|quietanza))\s*(?:n\.)?\s*:?\s*"
    r"([0-9A-Z][0-9A-Z./-]{5,35})",
    re.IGNORECASE,
)


def is_f23(text: str) -> bool:
    """Whether a text is that of an F23 receipt."""
    return bool(_FORM.search(text)) and bool(_CODE.search(text) or _OTHER_CODE.search(text))


def read_f23(text: str, *, data: bytes) -> StampMark:
    """The receipt as read. ``data``: the bytes of the file.

    The receipt carries no number of its own everywhere: where its operation cannot be read, the digest of the file stands
    for it, so that the same copy never serves twice.
    """
    code = _CODE.search(text)
    amount = _amount(text, code.end() if code else 0)
    paid_on = _paid_on(text)
    operation = _OPERATION.search(text)
    identifier = f"F23-{operation.group(1).strip('.-/').upper()}" if operation else f"F23-{_digest(data)}"
    mark = StampMark(
        StampKind.f23,
        StampStatus.valid,
        identifier=identifier,
        amount=amount,
        issued_at=datetime(paid_on.year, paid_on.month, paid_on.day, tzinfo=_ROME) if paid_on else None,
    )
    problems = [] if code else [stamp_problem("f23_other_code")]
    missing = [words for value, words in ((amount, "l'importo"), (paid_on, "la data del versamento")) if value is None]
    if missing:
        problems.append(stamp_problem("f23_incomplete", missing=", ".join(missing)))
    return mark.with_problems(problems)


def _amount(text: str, after: int) -> Decimal | None:
    """The first amount after the tax code, else the first of the receipt."""
    found = _AMOUNT.search(text, after) or _AMOUNT.search(text)
    return Decimal(f"{found.group(1).replace('.', '')}.{found.group(2)}") if found else None


def _paid_on(text: str) -> date | None:
    """The day beside the words for it; without them, the last day on the receipt, which is the stamp of who was paid."""
    beside = [found for said in _PAYMENT.finditer(text) if (found := _DAY.search(text, said.end(), said.end() + 40))]
    days = [day for found in (beside or list(_DAY.finditer(text))) if (day := _date(found))]
    return days[0] if beside and days else max(days, default=None)


def _date(found: re.Match[str]) -> date | None:
    try:
        return date(int(found.group(3)), int(found.group(2)), int(found.group(1)))
    except ValueError:
        return None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
