"""C3: the later time-stamps of a CAdES signature are computed as the standard says, and one that does not hold is told.

Messages and imprints are put together here from the standard, with none of the code under test.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

import pytest
from asn1crypto import algos, cms, core, parser
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.inspect import inspect_signatures
from signing.report import Indication, SignatureReport, Verdict
from signing.stamped_message import StampedMessage
from tests.pki.authority import AT, certificate, revocation_list, sign_p7m_as, trust_store
from tests.pki.xml_signer import token
from tests.signing.documents import plain_pdf

TRUST = trust_store()
THEN = datetime(2019, 6, 1, 10, tzinfo=UTC)
LATER = datetime(2019, 12, 1, tzinfo=UTC)
MODULE = plain_pdf()
FIELDS = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
V1, V2, V3 = "1.2.840.113549.1.9.16.2.27", "1.2.840.113549.1.9.16.2.48", "0.4.0.1733.2.4"
OVER_SIGNATURE_AND_REFERENCES, OVER_REFERENCES = "1.2.840.113549.1.9.16.2.25", "1.2.840.113549.1.9.16.2.26"
INDEXES = {1: "0.4.0.1733.2.5", 2: "0.4.0.19122.1.4", 3: "0.4.0.19122.1.5"}
CERTIFICATE_REFERENCES, REVOCATION_REFERENCES = "1.2.840.113549.1.9.16.2.21", "1.2.840.113549.1.9.16.2.22"
CERTIFICATE_VALUES, REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.23", "1.2.840.113549.1.9.16.2.24"


class Octets(core.SequenceOf):
    _child_spec = core.OctetString


def sequence(*parts: bytes) -> bytes:
    return bytes(parser.emit(0, 1, 16, b"".join(parts)))


def attribute(oid: str, *values: bytes) -> cms.CMSAttribute:
    """An attribute with these encodings as its values."""
    held = parser.emit(0, 1, 17, b"".join(values))
    return cms.CMSAttribute.load(sequence(core.ObjectIdentifier(oid).dump(), held))


VALUES = attribute(CERTIFICATE_VALUES, sequence(certificate("ca").dump()))
REFERENCES = (attribute(CERTIFICATE_REFERENCES, sequence()), attribute(REVOCATION_REFERENCES, sequence()))


def signer_with(data: cms.ContentInfo, attributes: Sequence[cms.CMSAttribute]) -> bytes:
    unsigned = parser.emit(2, 1, 1, b"".join(one.dump() for one in attributes)) if attributes else b""
    return sequence(*(data["content"]["signer_infos"][0][field].dump() for field in FIELDS), unsigned)


def with_unsigned(data: cms.ContentInfo, attributes: Sequence[cms.CMSAttribute]) -> bytes:
    """The message of one signer with these unsigned attributes, all else as it was."""
    held = data["content"]
    signer = signer_with(data, attributes)
    around = ("version", "digest_algorithms", "encap_content_info", "certificates", "crls")
    message = sequence(*(held[name].dump() for name in around), parser.emit(0, 1, 17, signer))
    return sequence(data["content_type"].dump(), parser.emit(2, 1, 0, message))


@cache
def signed(detached: bool) -> bytes:
    return sign_p7m_as("expired", MODULE, at=THEN, detached=detached)


def indefinite(tag: int, *parts: bytes) -> bytes:
    """A constructed value whose end is marked and not counted (X.690, 8.1.3.6)."""
    return b"".join((bytes((tag, 0x80)), *parts, b"\0\0"))


def in_pieces(data: cms.ContentInfo, signer: bytes) -> tuple[bytes, bytes]:
    """The message as programs that do not know its length in advance write it, and its content as it then stands."""
    held = data["content"]
    half = len(MODULE) // 2
    pieces = indefinite(0x24, *(core.OctetString(one).dump() for one in (MODULE[:half], MODULE[half:])))
    kind = held["encap_content_info"]["content_type"].dump()
    content = indefinite(0x30, kind, indefinite(0xA0, pieces))
    parts = [held[name].dump() for name in ("version", "digest_algorithms", "certificates")]
    message = indefinite(0x30, *parts[:2], content, parts[2], parser.emit(0, 1, 17, signer))
    return indefinite(0x30, data["content_type"].dump(), indefinite(0xA0, message)), content


class Message:
    """A signed message of a subscriber whose certificate expired since, to which unsigned attributes are added."""

    def __init__(self, *unsigned: cms.CMSAttribute, detached: bool = False) -> None:
        self.data = cms.ContentInfo.load(signed(detached))
        self.detached = detached
        self.attributes: list[cms.CMSAttribute] = list(unsigned)

    @property
    def signer(self) -> cms.SignerInfo:
        return self.data["content"]["signer_infos"][0]

    def fields(self) -> bytes:
        return b"".join(self.signer[field].dump() for field in FIELDS)

    def encoded(self) -> bytes:
        return with_unsigned(self.data, self.attributes)

    def inspected(self) -> SignatureReport:
        beside = MODULE if self.detached else None
        return inspect_signatures(self.encoded(), name="domanda.pdf.p7m", trust=TRUST, at=AT, detached=beside)


def index_of(
    message: Message,
    *,
    version: int = 3,
    digest: str = "sha256",
    attributes: Sequence[cms.CMSAttribute] | None = None,
    revocation: Sequence[bytes] | None = None,
) -> bytes:
    def hashes(parts: Sequence[bytes]) -> bytes:
        return bytes(Octets([hashlib.new(digest, one).digest() for one in parts]).dump())

    held = message.data["content"]
    listed = message.attributes if attributes is None else attributes
    whole = [one.dump() for one in listed]
    each = [one["type"].dump() + value.dump() for one in listed for value in one["values"]]
    return sequence(
        *([] if version == 1 and digest == "sha256" else [algos.DigestAlgorithm({"algorithm": digest}).dump()]),
        hashes([one.dump() for one in held["certificates"]]),
        hashes([one.dump() for one in held["crls"] or ()] if revocation is None else revocation),
        hashes(each if version == 3 else whole),
    )


def add_v3(message: Message, index: bytes, *, version: int = 3, digest: str = "sha256", at: datetime = THEN) -> None:
    kind = message.data["content"]["encap_content_info"]["content_type"].dump()
    over = kind + hashlib.new(digest, MODULE).digest() + message.fields() + index
    stamp = cms.ContentInfo.load(token(over, at, digest=digest))
    message.attributes.append(attribute(V3, with_unsigned(stamp, [attribute(INDEXES[version], index)])))


def over_v2(message: Message, *, with_tag: bool = True) -> bytes:
    held = message.data["content"]
    own = b"".join(one.dump() for one in message.attributes)
    if with_tag:
        own = parser.emit(2, 1, 1, own)
    document = MODULE if message.detached else b""
    around = [held[name].dump() for name in ("encap_content_info", "certificates", "crls")]
    return b"".join([around[0], document, *around[1:], message.fields(), own])


def add_v2(message: Message, *, with_tag: bool = True, at: datetime = THEN) -> None:
    message.attributes.append(attribute(V2, token(over_v2(message, with_tag=with_tag), at)))


def told(report: SignatureReport) -> tuple[Verdict, datetime | None, set[str]]:
    (signature,) = report.signatures
    return report.verdict, signature.proven_time, {one.code for one in signature.problems}


SOUND = (Verdict.signed, THEN, set[str]())
ALTERED = (Verdict.signed_with_reservations, None, {"expired_now", "archive_timestamp_of_other_data"})


def test_c3_a_signature_of_an_expired_certificate_without_time_stamps_is_not_clean():
    assert told(Message(VALUES).inspected()) == (Verdict.signed_with_reservations, None, {"expired_now"})


@pytest.mark.parametrize(
    ("version", "digest", "detached"),
    [(1, "sha256", False), (1, "sha512", False), (2, "sha256", True), (3, "sha256", True), (3, "sha512", False)],
)
def test_c3_an_archive_time_stamp_with_an_index_proves_when_the_signature_existed(version, digest, detached):
    message = Message(VALUES, detached=detached)
    add_v3(message, index_of(message, version=version, digest=digest), version=version, digest=digest)
    assert told(message.inspected()) == SOUND


@pytest.mark.parametrize(("with_tag", "detached"), [(True, False), (True, True), (False, False)])
def test_c3_an_archive_time_stamp_of_the_second_version_proves_when_the_signature_existed(with_tag, detached):
    message = Message(VALUES, detached=detached)
    add_v2(message, with_tag=with_tag)
    assert told(message.inspected()) == SOUND


def test_c3_a_later_archive_time_stamp_of_the_second_version_covers_the_first():
    message = Message(VALUES)
    add_v2(message)
    add_v2(message, at=LATER)
    assert told(message.inspected()) == SOUND
    message.attributes[1] = attribute(V2, token(b"altro", THEN))
    verdict, proven, codes = told(message.inspected())
    assert (verdict, proven) == (Verdict.signed_with_reservations, None)
    assert "archive_timestamp_of_other_data" in codes


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1)])
def test_c3_archive_time_stamps_of_the_same_second_cover_each_other_in_either_order(order):
    """DER sorts the attributes of a set: their places need not tell which came first."""
    message = Message(VALUES)
    add_v2(message)
    add_v2(message)
    message.attributes = [message.attributes[place] for place in order]
    assert told(message.inspected()) == SOUND
    del message.attributes[order.index(1)]
    assert told(message.inspected()) == ALTERED


def test_c3_archive_time_stamps_of_the_same_second_need_not_cover_each_other():
    message, beside = Message(VALUES), Message(VALUES)
    add_v2(message)
    add_v2(beside, with_tag=False)
    message.attributes.append(beside.attributes[1])
    assert told(message.inspected()) == SOUND


def test_c3_an_attribute_that_goes_away_or_changes_after_the_archive_time_stamp_is_told():
    for add in (lambda one: add_v3(one, index_of(one)), add_v2):
        message = Message(VALUES)
        add(message)
        del message.attributes[0]
        assert told(message.inspected()) == ALTERED
        message.attributes.insert(0, attribute(CERTIFICATE_VALUES, sequence(certificate("root").dump())))
        assert told(message.inspected()) == ALTERED


def test_c3_an_attribute_added_after_an_archive_time_stamp_with_an_index_is_told_and_the_time_stays_proven():
    message = Message()
    add_v3(message, index_of(message))
    message.attributes.append(VALUES)
    report = message.inspected()
    assert told(report) == (Verdict.signed, THEN, {"archive_timestamp_partial"})
    add_v3(message, index_of(message), at=LATER)
    assert told(message.inspected()) == SOUND


def test_c3_an_index_changed_after_the_token_was_made_is_not_the_one_that_the_token_covers():
    message = Message(VALUES)
    add_v3(message, index_of(message, attributes=()))
    stamp = cms.ContentInfo.load(message.attributes[-1]["values"][0].dump())
    own = index_of(message, attributes=[VALUES])
    message.attributes[-1] = attribute(V3, with_unsigned(stamp, [attribute(INDEXES[3], own)]))
    assert told(message.inspected()) == ALTERED


def test_c3_an_index_may_list_revocation_material_kept_among_the_unsigned_attributes():
    listed = revocation_list("ca").dump()
    lists = parser.emit(2, 1, 0, sequence(listed))
    message = Message(attribute(REVOCATION_VALUES, sequence(lists)))
    add_v3(message, index_of(message, revocation=[listed]))
    assert told(message.inspected()) == SOUND
    other = Message()
    add_v3(other, index_of(other, revocation=[listed]))
    assert told(other.inspected()) == ALTERED


@pytest.mark.parametrize("add", [lambda message, at: add_v3(message, index_of(message), at=at), add_v2])
def test_c3_an_archive_time_stamp_made_after_the_certificate_ended_does_not_say_that_the_signature_was(add):
    """The signature may be older than the end: that it was there later proves neither."""
    ended, message = datetime(2020, 2, 1, tzinfo=UTC), Message()
    add(message, at=ended)
    assert told(message.inspected()) == (Verdict.signed_with_reservations, None, {"expired_now"})
    message = Message()
    add(message, at=LATER)
    add(message, at=ended)
    assert told(message.inspected()) == (Verdict.signed, LATER, set())


def test_c3_a_document_changed_after_the_archive_time_stamp_stays_broken():
    message = Message(detached=True)
    add_v3(message, index_of(message))
    report = inspect_signatures(message.encoded(), name="d.p7s", trust=TRUST, at=AT, detached=MODULE + b" ")
    assert report.verdict is Verdict.broken


def test_c3_an_archive_time_stamp_that_is_not_intact_is_told():
    message = Message()
    add_v2(message)
    der = message.attributes[0]["values"][0].dump()
    message.attributes[0] = attribute(V2, der[:-1] + bytes([der[-1] ^ 1]))
    expected = {"expired_now", "archive_timestamp_broken"}
    assert told(message.inspected()) == (Verdict.signed_with_reservations, None, expected)
    message.attributes[0] = attribute(V2, sequence())
    assert "timestamp_malformed" in told(message.inspected())[2]


def test_c3_a_time_stamp_over_signature_and_references_proves_the_signature_and_one_over_references_alone_does_not():
    over = b"".join(one["type"].dump() + one["values"].dump() for one in REFERENCES)
    message = Message(*REFERENCES)
    message.attributes.append(attribute(OVER_REFERENCES, token(over, THEN)))
    assert told(message.inspected()) == (Verdict.signed_with_reservations, None, {"expired_now"})
    value = message.signer["signature"].native
    message.attributes.append(attribute(OVER_SIGNATURE_AND_REFERENCES, token(value + over, THEN)))
    assert told(message.inspected()) == SOUND
    message.attributes[-1] = attribute(OVER_SIGNATURE_AND_REFERENCES, token(over, THEN))
    assert told(message.inspected()) == ALTERED


def test_c3_archive_time_stamps_that_we_cannot_read_are_unsupported_and_never_broken(monkeypatch):
    unsupported = (Verdict.signed_with_reservations, None, {"expired_now", "archive_timestamps_unchecked"})
    stamp = token(MODULE, THEN)
    for one in (attribute(V1, stamp), attribute(V3, stamp), attribute(V2, stamp, token(b"altro", THEN))):
        assert told(Message(one).inspected()) == unsupported
    message = Message()
    add_v3(message, sequence(algos.DigestAlgorithm({"algorithm": "sha1"}).dump()), version=1)
    assert told(message.inspected()) == unsupported
    message = Message(attribute("1.2.3.4", b"\x05\x00" * 1001))
    add_v3(message, index_of(message))
    assert told(message.inspected()) == unsupported
    assert told(Message(*[VALUES] * 1000, attribute(V2, stamp)).inspected()) == unsupported
    assert told(Message(*[attribute(V2, b"\x30\x00" * 501)] * 2).inspected()) == unsupported
    message = Message(VALUES)
    add_v2(message)
    del message.attributes[0]
    monkeypatch.setattr("signing.stamped_message.MOST_ENCODED_ANEW", 10)
    assert told(message.inspected()) == unsupported


@pytest.mark.parametrize("kind", ["1.2.3.4", CERTIFICATE_VALUES, REVOCATION_VALUES])
def test_c3_parts_by_the_hundred_thousand_are_not_held_against_archive_time_stamps(kind):
    """Each time-stamp would have every one of them hashed anew: two megabytes of them cost half a minute."""
    message = Message(*[attribute(kind, b"\x30\x00" * 1000)] * 101)
    add_v3(message, index_of(message, attributes=[]))
    assert told(message.inspected()) == (
        *(Verdict.signed_with_reservations, None),
        {"expired_now", "archive_timestamps_unchecked"},
    )


def test_c3_an_index_of_very_many_hashes_is_not_read():
    message = Message()
    crowd = Octets([b""] * 1001).dump()
    add_v3(message, sequence(algos.DigestAlgorithm({"algorithm": "sha256"}).dump(), crowd, sequence(), sequence()))
    assert "archive_timestamps_unchecked" in told(message.inspected())[2]


def test_c3_what_archive_time_stamps_may_cost_is_counted_over_all_signers(monkeypatch):
    monkeypatch.setattr("signing.stamped_message.MOST_STEPS", 600)
    message = Message()
    add_v3(message, index_of(message))
    signer = signer_with(message.data, message.attributes)
    crowd, _ = in_pieces(message.data, signer + signer)
    first, second = inspect_signatures(crowd, name="domanda.pdf.p7m", trust=TRUST, at=AT).signatures
    assert (first.proven_time, second.proven_time) == (THEN, None)
    assert "archive_timestamps_unchecked" in {one.code for one in second.problems}


def test_c3_time_stamps_of_time_stamps_cost_nothing(monkeypatch):
    """Nobody asks what they prove: each would be held against all that the hostile token around it holds."""
    message, held = Message(), []
    monkeypatch.setattr(StampedMessage, "spend", lambda _, steps: held.append(steps))
    stamp = cms.ContentInfo.load(token(message.signer["signature"].native, THEN))
    crowded = with_unsigned(stamp, [attribute("1.2.3.4", b"\x05\x00" * 1000), attribute(V2, token(b"altro", THEN))])
    message.attributes = [attribute("1.2.840.113549.1.9.16.2.14", crowded)]
    assert (told(message.inspected()), held) == (SOUND, [])
    message.attributes = [attribute(V2, token(b"altro", THEN))]
    assert told(message.inspected()) == ALTERED
    assert held


def test_c3_only_the_first_of_many_archive_time_stamps_are_examined():
    message = Message()
    add_v3(message, index_of(message))
    message.attributes += [attribute(V2, token(b"altro", THEN))] * 5
    (signature,) = message.inspected().signatures
    assert "archive_timestamps_unchecked" not in {one.code for one in signature.problems}
    (left,) = [one.message for one in signature.problems if one.code == "timestamps_not_examined"]
    assert "oltre le prime 5, e che il servizio non esamina: 1." in left


def test_c3_what_came_in_another_encoding_is_covered_in_der():
    """A value in pieces (X.690, 8.7), as some authorities answer: the index lists it as the standard encodes it."""
    whole = attribute(CERTIFICATE_VALUES, core.OctetString(b"abcd").dump())
    pieces = b"\x24\x08" + core.OctetString(b"ab").dump() + core.OctetString(b"cd").dump()
    message = Message(attribute(CERTIFICATE_VALUES, pieces))
    add_v3(message, index_of(message, attributes=[whole]))
    assert told(message.inspected()) == SOUND
    message = Message(whole)
    over = over_v2(message)
    message.attributes = [attribute(CERTIFICATE_VALUES, pieces), attribute(V2, token(over, THEN))]
    assert told(message.inspected()) == SOUND


@pytest.mark.parametrize("as_it_came", [True, False])
def test_c3_a_message_of_indefinite_length_is_covered_as_it_came_or_in_der(as_it_came):
    message = Message()
    in_der = message.data["content"]["encap_content_info"].dump()
    _, content = in_pieces(message.data, signer_with(message.data, []))
    over = over_v2(message)
    assert over.startswith(in_der)
    stamp = token(content + over.removeprefix(in_der) if as_it_came else over, THEN)
    whole, _ = in_pieces(message.data, signer_with(message.data, [attribute(V2, stamp)]))
    report = inspect_signatures(whole, name="domanda.pdf.p7m", trust=TRUST, at=AT)
    assert told(report) == SOUND


def test_c3_an_index_in_a_message_of_indefinite_length_binds_it():
    message = Message()
    add_v3(message, index_of(message))
    whole, _ = in_pieces(message.data, signer_with(message.data, message.attributes))
    assert told(inspect_signatures(whole, name="domanda.pdf.p7m", trust=TRUST, at=AT)) == SOUND


def test_c3_signed_attributes_out_of_order_are_covered_in_der():
    """Italian files have them so; whoever stamps one may put them in order first."""
    message = Message()
    add_v3(message, index_of(message))
    signed_attributes = message.signer["signed_attrs"]
    in_order = signed_attributes.dump()
    reverse = parser.emit(2, 1, 0, b"".join(reversed([one.dump() for one in signed_attributes])))
    assert reverse != in_order
    encoded = message.encoded()
    assert encoded.count(in_order) == 1
    report = inspect_signatures(encoded.replace(in_order, reverse), name="d.p7m", trust=TRUST, at=AT)
    assert told(report)[1] == THEN


@settings(max_examples=10, deadline=None)
@given(st.sampled_from([V1, V2, V3, OVER_SIGNATURE_AND_REFERENCES, OVER_REFERENCES]), st.data())
def test_c3_no_archive_time_stamp_whatever_makes_an_intact_signature_broken_or_proves_a_time(kind, data):
    stamp = bytearray(token(MODULE, THEN))
    place = data.draw(st.integers(4, len(stamp) - 1))
    stamp[place] ^= data.draw(st.integers(1, 255))
    verdict, proven, codes = told(Message(attribute(kind, bytes(stamp))).inspected())
    assert (verdict, proven) == (Verdict.signed_with_reservations, None)
    assert codes - {"expired_now"}


@pytest.mark.parametrize("add", [lambda message, at: add_v3(message, index_of(message), at=at), add_v2])
def test_c3_an_archive_time_stamp_made_after_the_revocation_does_not_say_that_the_signature_was(add):
    message = Message()
    message.data = cms.ContentInfo.load(sign_p7m_as("revoked", MODULE, at=datetime(2020, 2, 20, tzinfo=UTC)))
    add(message, at=datetime(2020, 4, 1, tzinfo=UTC))
    report = message.inspected()
    (signature,) = report.signatures
    assert (report.verdict, signature.sub_indication) == (Verdict.invalid_certificate, "REVOKED_NO_POE")
    assert signature.indication is Indication.indeterminate
