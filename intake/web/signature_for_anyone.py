"""A signature report as a public page may show it: names, organisations and roles, and nobody's tax code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TAX_CODE = re.compile(
    r"(?<![A-Z0-9])[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPR-T][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z](?![A-Z0-9])", re.IGNORECASE
)
"""A person's tax code, with the letters that take the place of digits for namesakes (DM 23 dicembre 1976)."""
_LEFT_OUT = "…"
_LEAST_CODE = 8
"""A shorter identifier says of nobody who it is, and the same characters stand in hashes, times and words."""


def for_anyone(report: Mapping[str, Any]) -> dict[str, Any]:
    """``report`` as ``SignatureReport.as_json`` wrote it, without tax codes: older certificates have one in the very name."""
    names = {each["signer"]["common_name"]: _name(each["signer"]) for each in report["signatures"]}
    stated = {each["signer"]["tax_code"] for each in report["signatures"]}
    codes = {code for code in stated if len(code) >= _LEAST_CODE}
    public = {name: said for name, said in names.items() if name and name != said}
    shown: dict[str, Any] = _without(report, public, codes)
    for each in shown["signatures"]:
        each["signer"]["tax_code"] = ""
    return shown


def _name(signer: Mapping[str, str]) -> str:
    """The name in the certificate; where a code stands in it, given name and surname, or else the organisation."""
    name, code = signer["common_name"], signer["tax_code"]
    if not _TAX_CODE.search(name) and not (code and code.upper() in name.upper()):
        return name
    return f"{signer['surname']} {signer['given_name']}".strip() or signer.get("organization", "") or _LEFT_OUT


def _without(value: Any, names: Mapping[str, str], codes: set[str]) -> Any:
    match value:
        case str():
            return _text(value, names, codes)
        case Mapping():
            return {key: _without(each, names, codes) for key, each in value.items()}
        case list() | tuple():
            return [_without(each, names, codes) for each in value]
        case _:
            return value


def _text(text: str, names: Mapping[str, str], codes: set[str]) -> str:
    for name, said in names.items():
        text = text.replace(name, said)
    for code in codes:
        text = re.sub(re.escape(code), _LEFT_OUT, text, flags=re.IGNORECASE)
    return _TAX_CODE.sub(_LEFT_OUT, text)
