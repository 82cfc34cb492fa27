"""A row of the table of problems, and what many rows say alike."""

from dataclasses import dataclass

CAD_65 = "art. 65, comma 1, d.lgs. 82/2005 (CAD)"
SIGN_AGAIN = "Firmi di nuovo il documento emesso dal servizio e lo carichi senza modificarlo."
OFFICE_WILL_CHECK = "Può trasmettere: l'ufficio controllerà."


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A row of the table of errors: texts may hold named places filled when the problem is met."""

    message: str
    remedy: str
    law: str | None = None
    severity: str = "warning"
