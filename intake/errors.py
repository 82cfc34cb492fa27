"""What can be refused to a person: each refusal has a code, one plain sentence, what to do now, and the rule that says so."""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar


class Refusal(Exception):
    """Base of everything that a person may be told. ``message`` and ``remedy`` may name facts in braces.

    Classes, not instances, carry the texts: the table of errors in the documentation is made from them.
    """

    code: ClassVar[str]
    message: ClassVar[str]
    remedy: ClassVar[str]
    law: ClassVar[str | None] = None
    status: ClassVar[HTTPStatus] = HTTPStatus.CONFLICT

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        self.sentence = self.message.format(**facts)
        self.what_to_do = self.remedy.format(**facts)
        super().__init__(f"{self.code}: {self.sentence}")


class NotFound(Refusal):
    """Also the answer to whoever asks for somebody else's things: nobody learns what exists."""

    code = "not_found"
    message = "Questa pagina non c'è, oppure non è tra quelle che può vedere."
    remedy = "Torni alla pagina iniziale. Se agisce per un'azienda, controlli che la delega sia ancora valida."
    status = HTTPStatus.NOT_FOUND


class NotAllowed(Refusal):
    code = "not_allowed"
    message = "Il suo profilo non comprende questa operazione."
    remedy = "Chieda all'amministratore del servizio chi può farla."
    status = HTTPStatus.FORBIDDEN


class SignInNeeded(Refusal):
    code = "sign_in_needed"
    message = "Per questa pagina bisogna accedere."
    remedy = "Acceda con le sue credenziali: poi torna qui."
    status = HTTPStatus.UNAUTHORIZED


def refusals() -> tuple[type[Refusal], ...]:
    """Every refusal class that is loaded and has texts of its own, by code."""
    found: dict[str, type[Refusal]] = {}
    waiting = list(Refusal.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if "code" in vars(kind):
            found[kind.code] = kind
    return tuple(found[code] for code in sorted(found))
