"""What the office is told of a case's union agreement as a whole; its values are settled among those of the other papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext


@dataclass(frozen=True, slots=True)
class ShownAgreement:
    """``standing``: ``agreement``, ``failed``, ``prior_notice``, ``unsaid`` or ``other``, the sentence and colour of the
    whole; ``problems``: what could not be read."""

    standing: str
    problems: tuple[str, ...]


def shown_agreement(agreement: Mapping[str, Any] | None) -> ShownAgreement | None:
    """What a run read of the agreement, None where none was sent."""
    if agreement is None:
        return None
    return ShownAgreement(_standing(agreement), tuple(each["message"] for each in agreement["problems"]))


def standing_in_words(standing: str) -> str:
    """The paper in one sentence."""
    words = {
        "agreement": gettext("Il documento è un accordo raggiunto."),
        "failed": gettext("Il documento dice che l'accordo non è stato raggiunto."),
        "prior_notice": gettext("Il documento è una comunicazione ai sindacati, non un accordo."),
        "unsaid": gettext("Il documento parla di un accordo, ma non dice se è stato raggiunto."),
        "other": gettext("Il documento non sembra un accordo sindacale."),
    }
    return str(words[standing])


def _standing(agreement: Mapping[str, Any]) -> str:
    if agreement["kind"] in {"other", "prior_notice"}:
        return str(agreement["kind"])
    return {"true": "agreement", "false": "failed"}.get(agreement["agreement_reached"]["value"], "unsaid")
