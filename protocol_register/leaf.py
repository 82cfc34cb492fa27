"""The leaf of each record in the transparency log: canonical JSON (RFC 8785) without personal data.

Who, what about and by whom are there only as commitments: SHA-256 of a salt and the value's canonical JSON. The salt of
each field is HMAC-SHA256 of the record's own random salt (32 bytes) over the field's name, so that one field can be
shown without helping to guess another, and a published leaf tells nobody's name. Erasing the salt blinds the leaf for
ever while the log still verifies. Digests of documents, instants and numbers stand in clear.

The values here are text, whole numbers, null, lists, and objects with ASCII names: for these the standard library's
encoder with sorted names and no spaces writes exactly RFC 8785. A million leaves are recomputed at a check, so the leaf
of an entry is written out, its names in their order; the tests hold both to the `rfc8785` package on arbitrary values.
"""

import hashlib
import json
from collections.abc import Iterable
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from protocol_register.entries import Annulment, Document, Entry, Party, Resumption
from protocol_register.facts import instant_text
from protocol_register.merkle import leaf_hash

SALT_POLICY = "hmac-sha256-field-salt/1"
SALT_BYTES = 32
HMAC_BLOCK = 64
INNER = bytes(byte ^ 0x36 for byte in range(256))
OUTER = bytes(byte ^ 0x5C for byte in range(256))
INNER_REST = bytes([0x36]) * (HMAC_BLOCK - SALT_BYTES)
OUTER_REST = bytes([0x5C]) * (HMAC_BLOCK - SALT_BYTES)

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode
_sha256 = hashlib.sha256


class EntryFacts(NamedTuple):
    """What the leaf of an entry is made of: instants as the log writes them, personal data as canonical JSON text.

    `files` are (sha256, size, media type), None for a document that is not there; `deferral` is reason and act.
    """

    register: str
    year: int
    number: int
    instant: str
    direction: str
    channel: str
    arrival_instant: str
    legal_instant: str
    received_date: str | None
    emergency_number: str | None
    files: tuple[tuple[str, int, str] | None, ...]
    sender: str
    recipients: str
    subject: str
    operator: str
    received_protocol: str | None
    deferral: tuple[str | None, str | None]
    file_names: tuple[str | None, ...]


def canonical(value: object) -> bytes:
    """RFC 8785 text of text, whole numbers below 2^53, booleans, null, lists, and objects with ASCII names."""
    return _encode(value).encode()


def text_json(value: str | None) -> str:
    """Canonical JSON of a text or null."""
    return "null" if value is None else encode_basestring(value)


def list_json(items: Iterable[str]) -> str:
    """Canonical JSON of a list whose items are canonical already."""
    return f"[{','.join(items)}]"


def party_json(party: Party | None) -> str:
    """Canonical JSON of a party or null."""
    if party is None:
        return "null"
    return (
        f'{{"address":{text_json(party.address)},"kind":{encode_basestring(party.kind)},'
        f'"name":{encode_basestring(party.name)},"tax_code":{text_json(party.tax_code)}}}'
    )


def commitment(salt: bytes, field: str, value: object) -> str:
    """The salted commitment to one field's value, hexadecimal."""
    return commitments(salt, [(field.encode(), canonical(value))])[0]


def commitments(salt: bytes, values: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """The commitment to each field's canonical value, hexadecimal: HMAC-SHA256 (RFC 2104) keyed once with the salt."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    keyed_inner = _sha256(salt.translate(INNER) + INNER_REST).copy
    keyed_outer = _sha256(salt.translate(OUTER) + OUTER_REST).copy
    made = []
    for field, value in values:
        inner, outer = keyed_inner(), keyed_outer()
        inner.update(field)
        outer.update(inner.digest())
        made.append(_sha256(outer.digest() + value).hexdigest())
    return made


def facts_of(entry: Entry) -> EntryFacts:
    """What the leaf of an entry is made of."""
    files = (entry.document, *entry.attachments)
    return EntryFacts(
        register=entry.register,
        year=entry.year,
        number=entry.number,
        instant=instant_text(entry.instant),
        direction=entry.direction.value,
        channel=entry.channel.value,
        arrival_instant=instant_text(entry.arrival_instant),
        legal_instant=instant_text(entry.legal_instant),
        received_date=entry.received_date.isoformat() if entry.received_date else None,
        emergency_number=entry.emergency_number,
        files=tuple(_file(file) for file in files),
        sender=party_json(entry.sender),
        recipients=list_json(map(party_json, entry.recipients)),
        subject=entry.subject,
        operator=entry.operator,
        received_protocol=entry.received_protocol,
        deferral=(entry.deferral_reason, entry.deferral_act),
        file_names=tuple(file.name if file else None for file in files),
    )


def committed_values(facts: EntryFacts) -> tuple[tuple[bytes, bytes], ...]:
    """The fields of a leaf that are commitments, in the order of their names, each with its canonical JSON."""
    reason, act = facts.deferral
    names = ",".join(["null" if name is None else encode_basestring(name) for name in facts.file_names])
    return (
        (b"deferral", f"[{text_json(reason)},{text_json(act)}]".encode()),
        (b"file_names", f"[{names}]".encode()),
        (b"operator", encode_basestring(facts.operator).encode()),
        (b"received_protocol", text_json(facts.received_protocol).encode()),
        (b"recipients", facts.recipients.encode()),
        (b"sender", facts.sender.encode()),
        (b"subject", encode_basestring(facts.subject).encode()),
    )


def leaf_of_facts(facts: EntryFacts, salt: bytes) -> bytes:
    """The canonical leaf of an entry with these facts and this salt."""
    deferral, names, operator, protocol, recipients, sender, subject = commitments(salt, committed_values(facts))
    return (
        f'{{"arrival_instant":"{facts.arrival_instant}","channel":"{facts.channel}","commitments":{{'
        f'"deferral":"{deferral}","file_names":"{names}","operator":"{operator}","received_protocol":"{protocol}",'
        f'"recipients":"{recipients}","sender":"{sender}","subject":"{subject}"}},"direction":"{facts.direction}",'
        f'"emergency_number":{text_json(facts.emergency_number)},"files":{list_json(map(_file_json, facts.files))},'
        f'"instant":"{facts.instant}","leaf":"entry/1","legal_instant":"{facts.legal_instant}",'
        f'"number":{facts.number},"received_date":{text_json(facts.received_date)},'
        f'"register":{encode_basestring(facts.register)},"year":{facts.year}}}'
    ).encode()


def entry_leaf(entry: Entry) -> bytes:
    """The canonical leaf of an entry; `leaf_hash` plays no part in it."""
    return leaf_of_facts(facts_of(entry), entry.salt)


def annulment_leaf(annulment: Annulment) -> bytes:
    """The canonical leaf of an annulment."""
    committed = {"operator": annulment.operator, "act": annulment.act, "reason": annulment.reason}
    return _canonical("annulment/1", annulment, committed, number=annulment.number)


def resumption_leaf(resumption: Resumption) -> bytes:
    """The canonical leaf of a resumption of numbering."""
    committed = {"operator": resumption.operator, "act": resumption.act}
    return _canonical("resumption/1", resumption, committed, after=resumption.after)


def leaf_of(record: Entry | Annulment | Resumption) -> bytes:
    """The leaf hash that a record must have, recomputed from its facts."""
    match record:
        case Entry():
            return leaf_hash(entry_leaf(record))
        case Annulment():
            return leaf_hash(annulment_leaf(record))
        case Resumption():
            return leaf_hash(resumption_leaf(record))


def _canonical(kind: str, record: Annulment | Resumption, committed: dict[str, Any], **clear: Any) -> bytes:
    return canonical(
        {
            "leaf": kind,
            "register": record.register,
            "year": record.year,
            "instant": instant_text(record.instant),
            **clear,
            "commitments": {field: commitment(record.salt, field, value) for field, value in committed.items()},
        }
    )


def _file(file: Document | None) -> tuple[str, int, str] | None:
    return (file.sha256, file.size, file.media_type) if file else None


def _file_json(file: tuple[str, int, str] | None) -> str:
    if file is None:
        return "null"
    sha256, size, media_type = file
    return (
        f'{{"media_type":{encode_basestring(media_type)},"sha256":{encode_basestring(sha256)},'
        f'"size":{json.dumps(size) if type(size) is not int else size}}}'
    )
