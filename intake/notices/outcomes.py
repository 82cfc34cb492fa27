"""What a rule says about an application: a frozen result that explains itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Effect = Literal["refuses", "asks", "informs"]
"""At transmission: it cannot be transmitted, the person must confirm it in words, or it is only told."""


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """A rule of the notice that the application does not meet.

    ``field`` is the path of the datum, rows counted from 1 (``workers.3.hired_on``); ``law`` the act to cite, as the pack
    gives it; ``effect`` what the notice's findings table says of this code.
    """

    code: str
    message: str
    remedy: str
    law: str
    field: str
    effect: Effect
