"""What the later time-stamps inside a CAdES signature cover (ETSI EN 319 122-1, 5.5.3; TS 101 733 for the older ones).

Each is held against the signature as it stands. Where editions of the standard, or encodings, leave room for more than one
reading, a time-stamp of any of them counts: all bind the signed document, the signature and what came before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from asn1crypto import cms, tsp

from signing.algorithms import UnsupportedSignature, digest_name, hash_of
from signing.cms_values import content_bytes
from signing.der_encoding import MOST_PARTS, implicit
from signing.foreign_input import MALFORMED
from signing.hash_index import HashIndex, hash_index_of, held_against
from signing.signed_bytes import Imprint
from signing.stamped_message import StampedAttribute, StampedMessage, StampedSigner

_ARCHIVE_V1 = "1.2.840.113549.1.9.16.2.27"
_ARCHIVE_V2 = "1.2.840.113549.1.9.16.2.48"
_ARCHIVE_V3 = "0.4.0.1733.2.4"
_ARCHIVES = frozenset({_ARCHIVE_V1, _ARCHIVE_V2, _ARCHIVE_V3})
_OVER_SIGNATURE_AND_REFERENCES = "1.2.840.113549.1.9.16.2.25"
_OVER_REFERENCES = "1.2.840.113549.1.9.16.2.26"
_LATE = _ARCHIVES | {_OVER_SIGNATURE_AND_REFERENCES, _OVER_REFERENCES}
_SIGNATURE_STAMP = "1.2.840.113549.1.9.16.2.14"
_REFERENCES = ("1.2.840.113549.1.9.16.2.21", "1.2.840.113549.1.9.16.2.22")
_EVIDENCE_RECORDS = frozenset({"1.2.840.113549.1.9.16.2.49", "1.2.840.113549.1.9.16.2.50"})
_UNSIGNED = 1
_NOTHING = Imprint("", b"")
_STEPS_TO_READ = 20
_STEPS_TO_EXAMINE = 500
"""What a token costs, measured against the steps of StampedMessage: its path of certificates has to be followed."""

MOST_TOKENS = 5
"""Later time-stamps of one signature that are examined: further ones prove nothing."""


@dataclass(frozen=True, slots=True)
class LateStamp:
    """A later time-stamp. `stamped` is what it must cover, None where we do not know how to tell; `over_signature` whether
    that takes in the value of the signature; `altered` whether something it lists is no longer there; `left_out` the places
    of what it does not list, None where it is no archive time-stamp; `beyond` whether
    it comes after those that are examined."""

    token: bytes
    stamped: Imprint | None
    over_signature: bool = True
    altered: bool = False
    left_out: frozenset[int] | None = None
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    """A time-stamp token as read, whatever it is worth."""

    encoding: bytes
    message: cms.SignedData
    time: datetime
    imprint: Imprint


def late_stamps(info: cms.SignerInfo, message: StampedMessage | None) -> tuple[LateStamp, ...]:
    """Every later time-stamp of a signer, held against `message` (None where the document is not at hand).

    Where unsigned attributes, or such time-stamps, are too many or not what they should be, they are one that we do not know
    how to tell.
    """
    if not any(str(attribute["type"].dotted) in _LATE for attribute in info["unsigned_attrs"] or ()):
        return ()
    try:
        signer = StampedSigner(info)
        every = ((one.kind, token) for one in signer.attributes if one.kind in _LATE for token in one.values)
        found = list(islice(every, MOST_PARTS + 1))
    except MALFORMED:
        return (LateStamp(b"", None),)
    if len(found) > MOST_PARTS:
        return (LateStamp(b"", None),)
    return tuple(
        _late_stamp(kind, token, signer, message) if place < MOST_TOKENS else LateStamp(token, None, beyond=True)
        for place, (kind, token) in enumerate(found)
    )


def _late_stamp(kind: str, token: bytes, signer: StampedSigner, message: StampedMessage | None) -> LateStamp:
    if message is None:
        return LateStamp(token, None)
    try:
        read = _read(token)
    except MALFORMED:
        return LateStamp(token, _NOTHING)
    try:
        return _held_against(kind, read, signer, message)
    except (UnsupportedSignature, *MALFORMED):
        return LateStamp(token, None)


def _read(token: bytes) -> _Token:
    message = cms.ContentInfo.load(token)["content"]
    info = tsp.TSTInfo.load(content_bytes(message["encap_content_info"]["content"]))
    imprint = info["message_imprint"]
    hashed = Imprint(digest_name(imprint["hash_algorithm"]), imprint["hashed_message"].native)
    return _Token(token, message, info["gen_time"].native, hashed)


def _held_against(kind: str, token: _Token, signer: StampedSigner, message: StampedMessage) -> LateStamp:
    if kind == _ARCHIVE_V1:
        raise UnsupportedSignature("archive time-stamp of the first version")
    message.spend(_STEPS_TO_EXAMINE)
    if kind == _ARCHIVE_V3:
        index = hash_index_of(token.message)
        listed = held_against(index, signer, message, _ARCHIVES | _EVIDENCE_RECORDS)
        stamped = _best(token, _over_index(token, signer, message, index))
        return LateStamp(token.encoding, stamped, altered=listed.altered, left_out=listed.left_out)
    if kind == _ARCHIVE_V2:
        return LateStamp(token.encoding, _best(token, _over_whole(token, signer, message)), left_out=frozenset())
    over_signature = kind == _OVER_SIGNATURE_AND_REFERENCES
    hashed = hash_of(_references(signer, over_signature), token.imprint.digest)
    return LateStamp(token.encoding, Imprint(token.imprint.digest, hashed), over_signature)


def _best(token: _Token, readings: Iterator[bytes]) -> Imprint:
    """The reading that the token is of; the first of them where it is of none."""
    first = next(readings)
    if first == token.imprint.value or token.imprint.value in readings:
        return token.imprint
    return Imprint(token.imprint.digest, first)


def _references(signer: StampedSigner, over_signature: bool) -> bytes:
    """CAdES-C-timestamp and certs-crls-timestamp: type and values of each attribute (TS 101 733, 6.3.5)."""
    kinds = (_SIGNATURE_STAMP, *_REFERENCES) if over_signature else _REFERENCES
    attributes = [one for kind in kinds for one in signer.attributes if one.kind == kind]
    pieces = [signer.signature] if over_signature else []
    return b"".join([*pieces, *(piece for one in attributes for piece in one.type_and_values)])


def _over_index(token: _Token, signer: StampedSigner, message: StampedMessage, index: HashIndex) -> Iterator[bytes]:
    """ATSv3: type and hash of the document, the fields of the signer, the index (EN 319 122-1, 5.5.3)."""
    before = message.content_type + message.content.digest(token.imprint.digest)
    yield hash_of(before + signer.fields + index.encoding, token.imprint.digest)
    yield hash_of(before + signer.fields_in_der(message) + index.encoding, token.imprint.digest)


def _over_whole(token: _Token, signer: StampedSigner, message: StampedMessage) -> Iterator[bytes]:
    """ATSv2: the whole message with the unsigned attributes so far (TS 101 733, 6.4.1).

    Version 1.8.3 left out the tag and the length of their set; 2.2.1 (annex K, note 3) asks to try both.
    """
    for earlier in _unsigned_before(token, signer, message):
        for fields, values in _encodings(signer, earlier, message):
            for unsigned in (implicit(_UNSIGNED, values), b"".join(values)):
                for whole in message.wholes:
                    yield whole.digest_followed_by(token.imprint.digest, (fields, unsigned))


def _encodings(
    signer: StampedSigner, unsigned: list[bytes], message: StampedMessage
) -> Iterator[tuple[bytes, list[bytes]]]:
    yield signer.fields, unsigned
    yield signer.fields_in_der(message), [message.in_der(one) for one in unsigned]


def _unsigned_before(token: _Token, signer: StampedSigner, message: StampedMessage) -> list[list[bytes]]:
    """Archive time-stamps cover those made before them: which of the same second those are, only the token tells.

    Those that stand before it, after it (DER sorts a set), or none. Raises UnsupportedSignature for several in one attribute.
    """
    others: dict[int, _Token] = {}
    for place, attribute in enumerate(signer.attributes):
        if attribute.kind in _ARCHIVES:
            others[place] = _only_token(attribute, message)
    own = min(place for place, other in others.items() if other.encoding == token.encoding)
    twins = [place for place, other in others.items() if other.time == token.time and place != own]
    later = {place for place, other in others.items() if other.time > token.time} | {own}
    absent = (
        later.union(place for place in twins if place > own),
        later.union(place for place in twins if place < own),
        later.union(twins),
    )
    return [
        [one.encoding for place, one in enumerate(signer.attributes) if place not in each]
        for each in dict.fromkeys(map(frozenset, absent))
    ]


def _only_token(attribute: StampedAttribute, message: StampedMessage) -> _Token:
    message.spend(_STEPS_TO_READ)
    tokens = attribute.values
    if len(tokens) != 1:
        raise UnsupportedSignature("several archive time-stamps in an attribute")
    return _read(tokens[0])
