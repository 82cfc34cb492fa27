"""Entries as plain JSON (receipts) and as table rows, and back, with nothing lost on the way.

Instants are written in UTC with six decimals and `Z`, bytes in hexadecimal, absent values as null.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import RowMapping

from protocol_register.entries import Annulment, Channel, Direction, Document, Entry, Party, PartyKind, Resumption
from protocol_register.errors import ReceiptUnreadable

Act = TypeVar("Act", Annulment, Resumption)

INSTANTS = ("instant", "arrival_instant", "legal_instant")
BYTES = ("salt", "leaf_hash")
WHOLE_NUMBERS = ("year", "number", "log_index")
DOCUMENT_COLUMNS = ("name", "sha256", "size", "media_type")


def instant_text(instant: datetime) -> str:
    """An instant as the log writes it: UTC, microseconds, `Z`."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def entry_to_facts(entry: Entry) -> dict[str, Any]:
    """An entry as a JSON object, one member per field."""
    facts = asdict(entry)
    return {
        **facts,
        "recipients": list(facts["recipients"]),
        "attachments": list(facts["attachments"]),
        "received_date": entry.received_date.isoformat() if entry.received_date else None,
        **{name: instant_text(facts[name]) for name in INSTANTS},
        **{name: facts[name].hex() for name in BYTES},
    }


def entry_from_facts(facts: Mapping[str, Any]) -> Entry:
    """The entry that `entry_to_facts` wrote. Raises ReceiptUnreadable when a member is missing, foreign or malformed."""
    if not all(type(facts.get(name)) is int for name in WHOLE_NUMBERS):
        raise ReceiptUnreadable(reason="anno, numero e posto nel registro sono numeri interi")
    try:
        entry = Entry(
            **{
                **facts,
                "direction": Direction(facts["direction"]),
                "channel": Channel(facts["channel"]),
                "sender": party(facts["sender"]),
                "recipients": tuple(Party(**{**one, "kind": PartyKind(one["kind"])}) for one in facts["recipients"]),
                "document": Document(**facts["document"]) if facts["document"] is not None else None,
                "attachments": tuple(Document(**one) for one in facts["attachments"]),
                "received_date": date.fromisoformat(facts["received_date"]) if facts["received_date"] else None,
                **{name: _aware(facts[name]) for name in INSTANTS},
                **{name: bytes.fromhex(facts[name]) for name in BYTES},
            }
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ReceiptUnreadable(reason=f"i dati della registrazione sono malformati ({error})") from error
    if entry_to_facts(entry) != dict(facts):
        raise ReceiptUnreadable(reason="i dati della registrazione non sono nella forma scritta dal registro")
    return entry


def entry_to_row(entry: Entry) -> dict[str, Any]:
    """An entry as a row of table `entry`."""
    columns = {name: value for name, value in vars(entry).items() if name != "document"}
    return {
        **columns,
        "sender": vars(entry.sender) if entry.sender else None,
        "recipients": [vars(recipient) for recipient in entry.recipients],
        "attachments": [vars(attachment) for attachment in entry.attachments],
        **{f"document_{name}": getattr(entry.document, name, None) for name in DOCUMENT_COLUMNS},
    }


def entry_to_record(entry: Entry) -> dict[str, Any]:
    """An entry as a JSON object that PostgreSQL reads as a row of table `entry`."""
    row = entry_to_row(entry)
    return {
        **row,
        "received_date": entry.received_date.isoformat() if entry.received_date else None,
        **{name: row[name].isoformat() for name in INSTANTS},
        **{name: "\\x" + row[name].hex() for name in BYTES},
    }


def entry_from_row(row: RowMapping) -> Entry:
    """The entry of a row of table `entry`."""
    document = (
        Document(**{name: row[f"document_{name}"] for name in DOCUMENT_COLUMNS}) if row["document_sha256"] else None
    )
    columns = {name: value for name, value in row.items() if not name.startswith("document_")}
    return Entry(
        **{
            **columns,
            "direction": Direction(row["direction"]),
            "channel": Channel(row["channel"]),
            "sender": party(row["sender"]),
            "recipients": tuple(Party(**{**one, "kind": PartyKind(one["kind"])}) for one in row["recipients"]),
            "document": document,
            "attachments": tuple(Document(**one) for one in row["attachments"]),
            **{name: row[name].astimezone(UTC) for name in INSTANTS},
            **{name: bytes(row[name]) for name in BYTES},
        }
    )


def act_from_row(kind: type[Act], row: RowMapping) -> Act:
    """The annulment or resumption of a row of its table."""
    instant = row["instant"].astimezone(UTC)
    return kind(**{**row, "instant": instant, **{name: bytes(row[name]) for name in BYTES}})


def party(facts: Mapping[str, Any] | None) -> Party | None:
    """A party from its JSON object, or None."""
    return Party(**{**facts, "kind": PartyKind(facts["kind"])}) if facts is not None else None


def _aware(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.utcoffset() is None:
        raise ValueError(f"{text} has no time zone")
    return instant.astimezone(UTC)
