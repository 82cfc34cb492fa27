"""The parts of an agreement: its opening with the parties, what leads up to it, what is agreed, its end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ocr.agreement.text import RunningText

AgreementKind = Literal["agreement", "joint_examination", "prior_notice", "other"]

_PREMISES = re.compile(
    r"premess[oa]\s+che|premess[oae]\b|si\s+premette|premettono|considerat|visto\s+l|visti\s+|"
    r"dato\s+atto|danno\s+atto|l'azienda\s+espone|"
    r"espone\s+quanto|l'impresa\s+riferisce|comunica\s+che|informa\s+che|oggetto\s*:"
)
_AGREED = re.compile(
    r"si\s+conviene|convengono|concordano|conviene\s+e\s+si\s+stipula|stipulano|quanto\s+segue|pattui\w+|si\s+stipula|"
    r"raggiunt[oa]\s+(?:il\s+seguente|l'intesa|il\s+presente)|si\s+concorda|propone\s+che|chiede\s+che"
)
_END = re.compile(
    r"letto\s*,?\s*(?:confermato|approvato)|l\.\s?c\.\s?s\b|\bl\.c\.s|distinti\s+saluti|cordiali\s+saluti|in\s+fede\b"
)
_MINUTES = re.compile(
    r"\bverbale\b|\bsi\s+conviene|convengono|concordano|si\s+sono\s+(?:incontrat|riunit)|"
    r"\baccordo\s+(?:sindacale|aziendale)\b|mancat[oa]\s"
)
_NOTICE = re.compile(
    r"comunicazione\s+(?:preventiva|di\s+avvio|ex\s+art|ai\s+sensi)|informativa|"
    r"avvio\s+della\s+procedura|spett\.?\s*le|alla\s+cortese"
)
_TITLE_REACH = 700
_ABOUT_SCHEME = re.compile(r"cassa\s+integrazione|\bc\.?i\.?g\.?|integrazione\s+salariale|ammortizzator|in\s+deroga")
_ABOUT_UNIONS = re.compile(r"sindacal|\boo\.?\s?ss|\br\.?s\.?[ua]\b|\bcgil\b|\bcisl\b|\buil\b|\bugl\b")
_ABOUT_SUSPENSION = re.compile(r"settiman[ae]|sospension|zero\s+ore|riduzion\w+\s+(?:dell'\s?)?orario")


@dataclass(frozen=True, slots=True)
class Parts:
    """Offsets in the running text: where the parties end, where what is agreed begins, where the signatures begin."""

    kind: AgreementKind
    parties_end: int
    core: int
    end: int


def parts_of(text: RunningText) -> Parts:
    """Where the parts lie; a part that no word announces is taken from the length of the text."""
    plain, length = text.plain, len(text.plain)
    premises = _PREMISES.search(plain, min(120, length))
    closing = max((each.start() for each in _END.finditer(plain)), default=length)
    agreed = _AGREED.search(plain, premises.start() if premises else min(200, length))
    core = agreed.start() if agreed else 0
    parties_end = min(each for each in (premises.start() if premises else length, agreed.start() if agreed else length))
    return Parts(_kind(plain), parties_end, core, closing)


def _kind(plain: str) -> AgreementKind:
    if sum(bool(each.search(plain)) for each in (_ABOUT_SCHEME, _ABOUT_UNIONS, _ABOUT_SUSPENSION)) < 2:
        return "other"
    if _NOTICE.search(plain[: 3 * _TITLE_REACH]) and not _MINUTES.search(plain):
        return "prior_notice"
    if "esame congiunto" in plain[:_TITLE_REACH]:
        return "joint_examination"
    return "agreement" if re.search(r"accordo|verbale|intesa", plain) else "other"
