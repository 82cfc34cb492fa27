"""What the later time-stamps inside a CAdES signature cover (ETSI EN 319 122-1, 5.5.3; TS 101 733 for the older ones).

Each is held against the signature as it stands. Where editions of the standard, or encodings, leave room for more than one
reading, a time-stamp of any of them counts: all bind the signed document, the signature and what came before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from asn1crypto import cms, tsp

from signing.algorithms import UnsupportedSignature, digest_name, hash_of
from signing.cms_values import attribute_values, content_bytes
from signing.der_encoding import implicit_set, in_der, inside
from signing.foreign_input import MALFORMED
from signing.hash_index import HashIndex, hash_index_of
from signing.signed_bytes import Imprint, SignedBytes

_ARCHIVE_V1 = "1.2.840.113549.1.9.16.2.27"
_ARCHIVE_V2 = "1.2.840.113549.1.9.16.2.48"
_ARCHIVE_V3 = "0.4.0.1733.2.4"
_ARCHIVES = frozenset({_ARCHIVE_V1, _ARCHIVE_V2, _ARCHIVE_V3})
_OVER_SIGNATURE_AND_REFERENCES = "1.2.840.113549.1.9.16.2.25"
_OVER_REFERENCES = "1.2.840.113549.1.9.16.2.26"
_LATE = _ARCHIVES | {_OVER_SIGNATURE_AND_REFERENCES, _OVER_REFERENCES}
_SIGNATURE_STAMP = "1.2.840.113549.1.9.16.2.14"
_REFERENCES = ("1.2.840.113549.1.9.16.2.21", "1.2.840.113549.1.9.16.2.22")
_CERTIFICATE_VALUES = "1.2.840.113549.1.9.16.2.23"
_REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.24"
_EVIDENCE_RECORDS = frozenset({"1.2.840.113549.1.9.16.2.49", "1.2.840.113549.1.9.16.2.50"})
_FIELDS = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
_SIGNED, _UNSIGNED = 0, 1
_NOTHING = Imprint("", b"")

MOST_TOKENS = 5
"""Later time-stamps of one signature that are examined: further ones prove nothing."""
MOST_ENCODED_ANEW = 1024 * 1024
"""Bytes of one message that are encoded anew, where a time-stamp does not cover them as they came."""


@dataclass(frozen=True, slots=True)
class LateStamp:
    """A later time-stamp. `stamped` is what it must cover, None where we do not know how to tell; `over_signature` whether
    that takes in the value of the signature; `altered` whether something it lists is no longer there; `left_out` the places
    of what it does not list, None where it is no archive time-stamp."""

    token: bytes
    stamped: Imprint | None
    over_signature: bool = True
    altered: bool = False
    left_out: frozenset[int] | None = None


class StampedMessage:
    """A SignedData message with the document it signs. What does not change from signer to signer is hashed once."""

    def __init__(self, signed_data: cms.SignedData, content: SignedBytes, *, enclosed: bool) -> None:
        self._signed_data = signed_data
        self._enclosed = enclosed
        self.content = content
        self._hashes: dict[str, tuple[tuple[bytes, ...], tuple[bytes, ...]]] = {}
        self._in_der: dict[bytes, bytes] = {}
        self._to_encode = MOST_ENCODED_ANEW

    @property
    def content_type(self) -> bytes:
        """The encoding of eContentType."""
        return bytes(self._signed_data["encap_content_info"]["content_type"].dump())

    @cached_property
    def whole(self) -> SignedBytes:
        """Content, certificates and revocation material, encoded as they came (TS 101 733, 6.4.1)."""
        before = self._signed_data["encap_content_info"].dump()
        after = self._signed_data["certificates"].dump() + self._signed_data["crls"].dump()
        return SignedBytes(before, after) if self._enclosed else self.content.between(before, after)

    def in_der(self, encoded: bytes) -> bytes:
        """The encoding in DER. Raises UnsupportedSignature once the message has given more than it may to encode anew."""
        if encoded not in self._in_der:
            self._to_encode -= len(encoded)
            if self._to_encode < 0:
                raise UnsupportedSignature("too much to encode anew")
            self._in_der[encoded] = in_der(encoded)
        return self._in_der[encoded]

    def hashes(self, digest: str) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """Of each certificate and of each piece of revocation material. Raises UnsupportedSignature for an unknown digest."""
        if digest not in self._hashes:
            certificates, revocation = (
                tuple(hash_of(one.dump(), digest) for one in self._signed_data[field] or ())
                for field in ("certificates", "crls")
            )
            self._hashes[digest] = (certificates, revocation)
        return self._hashes[digest]


def late_stamps(info: cms.SignerInfo, message: StampedMessage | None) -> tuple[LateStamp, ...]:
    """Every later time-stamp of a signer, held against `message` (None where the document is not at hand).

    Never raises for the bytes of a time-stamp.
    """
    found = [
        (str(attribute["type"].dotted), value)
        for attribute in info["unsigned_attrs"] or ()
        if str(attribute["type"].dotted) in _LATE
        for value in attribute["values"]
    ]
    return tuple(
        _late_stamp(kind, value.dump(), info, message if place < MOST_TOKENS else None)
        for place, (kind, value) in enumerate(found)
    )


def _late_stamp(kind: str, token: bytes, info: cms.SignerInfo, message: StampedMessage | None) -> LateStamp:
    if message is None:
        return LateStamp(token, None)
    try:
        read = _read(token)
    except MALFORMED:
        return LateStamp(token, _NOTHING)
    try:
        return _held_against(kind, read, info, message)
    except (UnsupportedSignature, *MALFORMED):
        return LateStamp(token, None)


@dataclass(frozen=True, slots=True)
class _Token:
    """A time-stamp token as read, whatever it is worth."""

    encoding: bytes
    message: cms.SignedData
    time: datetime
    imprint: Imprint


def _read(token: bytes) -> _Token:
    message = cms.ContentInfo.load(token)["content"]
    info = tsp.TSTInfo.load(content_bytes(message["encap_content_info"]["content"]))
    imprint = info["message_imprint"]
    return _Token(
        token,
        message,
        info["gen_time"].native,
        Imprint(digest_name(imprint["hash_algorithm"]), imprint["hashed_message"].native),
    )


def _held_against(kind: str, token: _Token, info: cms.SignerInfo, message: StampedMessage) -> LateStamp:
    if kind == _ARCHIVE_V1:
        raise UnsupportedSignature("archive time-stamp of the first version")
    if kind == _ARCHIVE_V3:
        index = hash_index_of(token.message)
        held = _held_by(index, info, message)
        stamped = _best(token, _over_index(token, info, message, index))
        return LateStamp(token.encoding, stamped, altered=held.altered, left_out=held.left_out)
    if kind == _ARCHIVE_V2:
        return LateStamp(token.encoding, _best(token, _over_whole(token, info, message)), left_out=frozenset())
    over_signature = kind == _OVER_SIGNATURE_AND_REFERENCES
    stamped = Imprint(token.imprint.digest, hash_of(_references(info, over_signature), token.imprint.digest))
    return LateStamp(token.encoding, stamped, over_signature)


def _best(token: _Token, readings: Iterator[bytes]) -> Imprint:
    """The reading that the token is of; the first of them where it is of none."""
    first = None
    for reading in readings:
        if reading == token.imprint.value:
            return token.imprint
        first = first or Imprint(token.imprint.digest, reading)
    assert first is not None
    return first


def _references(info: cms.SignerInfo, over_signature: bool) -> bytes:
    """CAdES-C-timestamp and certs-crls-timestamp: type and values of each attribute (TS 101 733, 6.3.5)."""
    kinds = (_SIGNATURE_STAMP, *_REFERENCES) if over_signature else _REFERENCES
    pieces = [info["signature"].native] if over_signature else []
    pieces += [
        attribute["type"].dump() + attribute["values"].dump()
        for kind in kinds
        for attribute in info["unsigned_attrs"]
        if str(attribute["type"].dotted) == kind
    ]
    return b"".join(pieces)


def _over_index(token: _Token, info: cms.SignerInfo, message: StampedMessage, index: HashIndex) -> Iterator[bytes]:
    """ATSv3: type and hash of the document, the fields of the signer, the index (EN 319 122-1, 5.5.3)."""
    content = message.content.digest(token.imprint.digest)
    for fields, _ in _encodings(info, [], message):
        yield hash_of(message.content_type + content + fields + index.encoding, token.imprint.digest)


def _over_whole(token: _Token, info: cms.SignerInfo, message: StampedMessage) -> Iterator[bytes]:
    """ATSv2: the whole message with the unsigned attributes so far (TS 101 733, 6.4.1).

    Version 1.8.3 left out the tag and the length of their set; 2.2.1 (annex K, note 3) asks to try both.
    """
    earlier = [one.dump() for one in info["unsigned_attrs"] if _is_before(one, token)]
    for fields, values in _encodings(info, earlier, message):
        for unsigned in (implicit_set(_UNSIGNED, values), b"".join(values)):
            yield message.whole.digest_followed_by(token.imprint.digest, (fields, unsigned))


def _is_before(attribute: cms.CMSAttribute, token: _Token) -> bool:
    """Archive time-stamps cover those made before them. Raises UnsupportedSignature for several in one attribute."""
    if str(attribute["type"].dotted) not in _ARCHIVES:
        return True
    if len(attribute["values"]) != 1:
        raise UnsupportedSignature("several archive time-stamps in an attribute")
    return bool(_read(attribute["values"][0].dump()).time < token.time)


def _encodings(
    info: cms.SignerInfo, unsigned: list[bytes], message: StampedMessage
) -> Iterator[tuple[bytes, list[bytes]]]:
    """The fields of a SignerInfo before the unsigned attributes, and those attributes: as they came, then in DER."""
    yield b"".join(info[field].dump() for field in _FIELDS), unsigned
    attributes = sorted(message.in_der(one.dump()) for one in info["signed_attrs"] or ())
    signed = implicit_set(_SIGNED, attributes) if attributes else b""
    fields = (signed if field == "signed_attrs" else message.in_der(info[field].dump()) for field in _FIELDS)
    yield b"".join(fields), [message.in_der(one) for one in unsigned]


@dataclass(frozen=True, slots=True)
class _Held:
    """What of a message and of a signer an index lists: whether something it lists is not there, and what it leaves out."""

    altered: bool
    left_out: frozenset[int]


def _held_by(index: HashIndex, info: cms.SignerInfo, message: StampedMessage) -> _Held:
    certificates, revocation = message.hashes(index.digest)
    attributes = list(info["unsigned_attrs"])
    hashed = _hashes_of(attributes, index, message)
    kept_certificates, kept_revocation = _kept(attributes, index)
    altered = not (
        index.certificates <= {*certificates, *kept_certificates}
        and index.revocation <= {*revocation, *kept_revocation}
        and index.attributes <= {each for hashes in hashed for each in hashes}
    )
    listed = [
        *(one in index.certificates for one in certificates),
        *(one in index.revocation for one in revocation),
        *(
            _comes_later(attribute) or index.attributes.issuperset(hashes)
            for attribute, hashes in zip(attributes, hashed, strict=True)
        ),
    ]
    return _Held(altered, frozenset(place for place, one in enumerate(listed) if not one))


def _comes_later(attribute: cms.CMSAttribute) -> bool:
    return str(attribute["type"].dotted) in _ARCHIVES | _EVIDENCE_RECORDS


def _hashes_of(attributes: list[cms.CMSAttribute], index: HashIndex, message: StampedMessage) -> list[list[bytes]]:
    """For each attribute the hashes by which the index may list it; where it lists others, those of what it does not list as it
    came are computed anew in DER."""
    listable = [_listable(one, index) for one in attributes]
    found = [[index.hash_of(before + one) for one in encodings] for before, encodings in listable]
    if index.attributes <= {each for hashes in found for each in hashes}:
        return found
    return [
        hashes
        if _comes_later(attribute) or index.attributes.issuperset(hashes)
        else [index.hash_of(before + message.in_der(one)) for one in encodings]
        for attribute, hashes, (before, encodings) in zip(attributes, found, listable, strict=True)
    ]


def _listable(attribute: cms.CMSAttribute, index: HashIndex) -> tuple[bytes, list[bytes]]:
    """What an index hashes of an attribute: each value after the type, or the attribute as a whole after nothing."""
    if index.of_values:
        return attribute["type"].dump(), [one.dump() for one in attribute["values"]]
    return b"", [attribute.dump()]


def _kept(attributes: list[cms.CMSAttribute], index: HashIndex) -> tuple[list[bytes], list[bytes]]:
    """Certificates and revocation material among the unsigned attributes: some indexes list these too."""
    values = [one.dump() for one in attribute_values(attributes, _CERTIFICATE_VALUES)]
    certificates = [each for value in values for each in inside(value)]
    tagged = [each for one in attribute_values(attributes, _REVOCATION_VALUES) for each in inside(one.dump())]
    revocation = [each for one in tagged for listed in inside(one) for each in inside(listed)]
    return [index.hash_of(one) for one in certificates], [index.hash_of(one) for one in revocation]
