"""Every table of the service in one import, for migrations and for whoever maps classes."""

from intake.applications import list_proposal_models as list_proposals
from intake.applications import models as applications
from intake.arrivals import models as arrivals
from intake.cases import annulment_models as annulment_words
from intake.cases import models as cases
from intake.certified_mail import models as certified_mail
from intake.checks import models as checks
from intake.notices import models as notices
from intake.orm import Base
from intake.people import models as people
from intake.protocol import models as protocol
from intake.publication import models as signed_publications
from intake.stamp_ledger import models as stamp_ledger

__all__ = [
    "Base",
    "annulment_words",
    "applications",
    "arrivals",
    "cases",
    "certified_mail",
    "checks",
    "list_proposals",
    "notices",
    "people",
    "protocol",
    "signed_publications",
    "stamp_ledger",
]
