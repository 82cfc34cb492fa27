"""The whole answer of a time-stamping authority (RFC 3161, 2.4.2): a status and, where the stamp was granted, its token."""

import re

from asn1crypto import tsp

from signing.foreign_input import MALFORMED
from signing.signed_data import is_time_stamp_token

_LENGTH = rb"(?:[\x03-\x80]|\x81.|\x82..|\x83...|\x84....)"
_ANSWER = re.compile(rb"\x30" + _LENGTH + rb"\x30" + _LENGTH + rb"\x02\x01[\x00\x01]", re.DOTALL)
"""Granted, or granted with changes: an answer of any other status holds no token."""


def token_of_answer(data: bytes) -> bytes | None:
    """The token in an answer, None where `data` is no answer that holds one. Never raises for any bytes."""
    if not _ANSWER.match(data[:24]):
        return None
    try:
        token = bytes(tsp.TimeStampResp.load(data)["time_stamp_token"].dump())
    except MALFORMED:
        return None
    return token if is_time_stamp_token(token) else None
