"""Numbers of stamps for trying: a range that no real stamp has, so that one met anywhere is known for what it is."""

import hashlib

TRIAL_PREFIX = "0199"
"""The first four digits of an identifier are 01 and the year: 99 stands for 2099."""

_DIGITS = 14


def trial_identifier(seed: bytes) -> str:
    """Fourteen digits of the trial range, the same for the same seed."""
    left = _DIGITS - len(TRIAL_PREFIX)
    number = int.from_bytes(hashlib.sha256(seed).digest()[:8], "big") % 10**left
    return f"{TRIAL_PREFIX}{number:0{left}d}"


def is_trial_identifier(identifier: str) -> bool:
    """Whether these digits are of the trial range."""
    return len(identifier) == _DIGITS and identifier.startswith(TRIAL_PREFIX)
