"""With what a signature was judged: how much was believed, and how old it was."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from signing.trust import TrustStore


@dataclass(frozen=True, slots=True)
class ListUsed:
    """A trusted list at hand: territory, number, when it was issued, until when it promised to be current (aware times)."""

    territory: str
    sequence: int
    issued_at: datetime
    next_update: datetime | None


@dataclass(frozen=True, slots=True)
class TrustUsed:
    """`newest_revocations` is the issue of the newest revocation list given (aware), None where none was."""

    asked_at: datetime
    anchors: int
    revocation_lists: int
    newest_revocations: datetime | None
    lists: tuple[ListUsed, ...]

    def as_json(self) -> dict[str, Any]:
        """Times in ISO 8601."""
        facts = asdict(self)
        facts["asked_at"] = self.asked_at.isoformat()
        facts["newest_revocations"] = self.newest_revocations.isoformat() if self.newest_revocations else None
        for each in facts["lists"]:
            each["issued_at"] = each["issued_at"].isoformat()
            each["next_update"] = each["next_update"].isoformat() if each["next_update"] else None
        return facts


def trust_used(trust: TrustStore, *, at: datetime) -> TrustUsed:
    """What the store holds, for a question asked at `at` (aware)."""
    issued: list[datetime] = [each["tbs_cert_list"]["this_update"].native for each in trust.crls]
    known = trust.lists.facts if trust.lists else ()
    return TrustUsed(
        asked_at=at,
        anchors=len(trust.anchors),
        revocation_lists=len(trust.crls),
        newest_revocations=max(issued, default=None),
        lists=tuple(ListUsed(each.territory, each.sequence, each.issued_at, each.next_update) for each in known),
    )
