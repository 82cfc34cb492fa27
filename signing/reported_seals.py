"""What of a kept report is a seal, of an organisation, and not the signature of a person (eIDAS, art. 3, n. 9 and 25)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_HOLD = frozenset({"signed", "signed_with_reservations"})


def is_seal(signature: Mapping[str, Any]) -> bool:
    """Whether one signature of ``SignatureReport.as_json`` seals: our own, a certificate for seals, or one that names an
    organisation and nobody. Reports kept by earlier versions may lack keys."""
    if signature.get("own_seal") or signature.get("qualification") == "qualified_seal":
        return True
    stated = (signature.get("claims") or {}).get("type")
    if stated is not None:
        return str(stated) == "eseal"
    signer = signature.get("signer") or {}
    names_somebody = signer.get("given_name") or signer.get("surname")
    return bool(signer.get("organization")) and signer["common_name"] == signer["organization"] and not names_somebody


def holding_seals(report: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The seals of a document that bears nothing else and whose seals all hold; empty where a person signed, or one fails."""
    signatures = tuple(each for each in report["signatures"] if not each.get("counter_signature"))
    only_seals = all(is_seal(each) and each["verdict"] in _HOLD for each in signatures)
    stands = report["verdict"] in _HOLD or (report["verdict"] == "not_signed" and only_seals)
    return signatures if only_seals and stands else ()
