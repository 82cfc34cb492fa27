"""A SignedData message and its signers as encodings: what hashes of later time-stamps are over (ETSI EN 319 122-1, 5.5)."""

from dataclasses import dataclass
from functools import cached_property

from asn1crypto import cms, core, parser

from signing.algorithms import UnsupportedSignature, hash_of
from signing.der_encoding import CONTEXT, implicit, in_der, inside, parts_of, sequence
from signing.signed_bytes import SignedBytes

LARGEST_ENCODED_ANEW = 64 * 1024
MOST_ENCODED_ANEW = 256 * 1024
"""Bytes of one part, and of one message, that are encoded anew, where a time-stamp does not cover them as they came. Larger
parts hold certificates and lists, which are in DER whatever stands around them."""
MOST_STEPS = 100_000
"""What the later time-stamps of one message may cost, those of all its signers together: a step is a part held against what
a time-stamp lists."""
_ENCAPSULATED = 2
_CERTIFICATES, _CRLS = 0xA0, 0xA1
_SIGNED, _UNSIGNED = 0xA0, 0xA1


@dataclass(frozen=True, slots=True)
class StampedAttribute:
    """An unsigned attribute: its type, dotted, and the encoding of the whole as it came."""

    kind: str
    encoding: bytes

    @property
    def type_and_values(self) -> tuple[bytes, bytes]:
        """The encodings of the type, and of the set of values. Raises ValueError where they are not two."""
        kind, values = inside(self.encoding)
        return kind, values

    @property
    def values(self) -> list[bytes]:
        """The encoding of each value."""
        return inside(self.type_and_values[1])


class StampedSigner:
    """A SignerInfo as encodings. `attributes` are the unsigned ones, in their order."""

    def __init__(self, info: cms.SignerInfo) -> None:
        self.signature: bytes = info["signature"].native
        parts = list(parts_of(info.contents))
        self._fields = [one for one in parts if one[0] != _UNSIGNED]
        unsigned = [each for one in parts if one[0] == _UNSIGNED for each in inside(one)]
        kinds = (core.ObjectIdentifier.load(inside(one)[0]).dotted for one in unsigned)
        self.attributes = tuple(StampedAttribute(*each) for each in zip(kinds, unsigned, strict=True))

    @property
    def fields(self) -> bytes:
        """The fields before the unsigned attributes, as they came."""
        return b"".join(self._fields)

    def fields_in_der(self, message: "StampedMessage") -> bytes:
        """The same fields in DER, where the signed attributes have an order. Raises UnsupportedSignature where `message` has
        given too much to encode anew."""
        return b"".join(
            implicit(_SIGNED & 0x1F, sorted(map(message.in_der, inside(one))))
            if one[0] == _SIGNED
            else message.in_der(one)
            for one in self._fields
        )


class StampedMessage:
    """A SignedData message with the document it signs. What does not change from signer to signer is hashed once."""

    def __init__(self, signed_data: cms.SignedData, content: SignedBytes, *, enclosed: bool) -> None:
        self._signed_data = signed_data
        self._enclosed = enclosed
        self.content = content
        self._hashes: dict[str, tuple[tuple[bytes, ...], tuple[bytes, ...]]] = {}
        self._in_der: dict[bytes, bytes] = {}
        self._to_encode = MOST_ENCODED_ANEW
        self._steps = MOST_STEPS

    @property
    def content_type(self) -> bytes:
        """The encoding of eContentType."""
        return bytes(self._signed_data["encap_content_info"]["content_type"].dump())

    @cached_property
    def wholes(self) -> tuple[SignedBytes, ...]:
        """Content, certificates and revocation material (TS 101 733, 6.4.1): as they came, then with the content in DER where
        that differs."""
        parts = list(parts_of(self._signed_data.contents))
        after = b"".join(one for one in parts if one[0] in {_CERTIFICATES, _CRLS})
        if not self._enclosed:
            return (self.content.between(parts[_ENCAPSULATED], after),)
        held = core.OctetString(self.content.whole()).dump()
        in_one_piece = sequence(self.content_type, parser.emit(CONTEXT, 1, 0, held))
        return tuple(SignedBytes(one, after) for one in dict.fromkeys((parts[_ENCAPSULATED], in_one_piece)))

    def in_der(self, encoded: bytes) -> bytes:
        """The encoding in DER, a large one as it came. Raises UnsupportedSignature once the message gave too much to encode."""
        if len(encoded) > LARGEST_ENCODED_ANEW:
            return encoded
        if encoded not in self._in_der:
            self._to_encode -= len(encoded)
            if self._to_encode < 0:
                raise UnsupportedSignature("too much to encode anew")
            self._in_der[encoded] = in_der(encoded)
        return self._in_der[encoded]

    def spend(self, steps: int) -> None:
        """Raises UnsupportedSignature once the message asked for more than MOST_STEPS."""
        self._steps -= steps
        if self._steps < 0:
            raise UnsupportedSignature("too much to hold against time-stamps")

    def hashes(self, digest: str) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """Of each certificate and of each piece of revocation material. Raises UnsupportedSignature for an unknown digest, or
        where the message has many of them and many time-stamps."""
        self.spend(sum(len(self._signed_data[field] or ()) for field in ("certificates", "crls")))
        if digest not in self._hashes:
            certificates, revocation = (
                tuple(hash_of(one.dump(), digest) for one in self._signed_data[field] or ())
                for field in ("certificates", "crls")
            )
            self._hashes[digest] = (certificates, revocation)
        return self._hashes[digest]
