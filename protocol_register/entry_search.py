"""Searching a register a page at a time, at a cost that does not grow with it.

Pages begin next to an entry, never after so many: instants increase with numbers, so their index is walked from there.
How many entries match in all is not counted.

How frequent a word is nobody knows beforehand, PostgreSQL neither. So the nearest entries are read first: a frequent word
fills the page from them. One that does not is rare, and its index, asked for all its entries, has few.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, or_, select

from protocol_register import tables
from protocol_register.entries import Direction, Entry
from protocol_register.facts import entry_from_row

PAGE = 50
MOST_PER_PAGE = 500
READ_FIRST = 500
WORD = re.compile(r"\w+")
Place = tuple[int, int]
"""Year and number of an entry."""


@dataclass(frozen=True, kw_only=True)
class EntryQuery:
    """What to look for; what is None is not asked. Texts match entries that hold every word, each by its beginning.

    `since` (included) and `until` (excluded) bound the registration's instant. `before` and `after` are the entry that
    the page wanted lies next to: only older ones, or only newer ones.
    """

    year: int | None = None
    number: int | None = None
    emergency_number: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    party: str | None = None
    subject: str | None = None
    sha256: str | None = None
    direction: Direction | None = None
    before: Place | None = None
    after: Place | None = None
    per_page: int = PAGE


@dataclass(frozen=True)
class EntryPage:
    """One page of a search, newest first. `newer` and `older`: the entry next to which another page begins, or None.

    How many match in all is not counted: it would take the longer the larger the register.
    """

    entries: tuple[Entry, ...]
    newer: Place | None
    older: Place | None


def find_entries(connection: Connection, register_code: str, query: EntryQuery) -> EntryPage:
    """The entries that match, newest first, a page at a time. What it costs does not grow with the register."""
    size = min(max(query.per_page, 1), MOST_PER_PAGE)
    instants = _nearest(connection, register_code, query, size + 1)
    more = len(instants) > size
    place = tables.entry.c
    statement = select(tables.entry).where(place.register == register_code, place.instant.in_(instants[:size]))
    rows = connection.execute(statement.order_by(place.instant.desc())).mappings()
    entries = tuple(entry_from_row(row) for row in rows)
    newer = more if query.after else query.before is not None
    older = more or query.after is not None
    return EntryPage(
        entries,
        newer=_place(entries[0]) if entries and newer else None,
        older=_place(entries[-1]) if entries and older else None,
    )


def _place(entry: Entry) -> Place:
    return entry.year, entry.number


def _nearest(connection: Connection, register_code: str, query: EntryQuery, most: int) -> list[datetime]:
    """The instants of the first `most` entries that match, in the order asked."""
    place = tables.entry.c
    within = [place.register == register_code, *_range(register_code, query)]
    words = [*_words(tables.PARTY_WORDS, query.party), *_words(tables.SUBJECT_WORDS, query.subject)]
    named = _named(query)
    if not (words or named):
        return _instants(connection, select(place.instant).where(*within), query, most)
    if not named:
        near = select(tables.entry).where(*within).order_by(_order(place.instant, query)).limit(READ_FIRST).subquery()
        found = _instants(connection, select(near.c.instant).where(*words), query, most)
        if len(found) == most:
            return found
    matching = select(place.instant).where(*within, *named, *words).offset(0).subquery()  # so that it is not walked
    return _instants(connection, select(matching.c.instant), query, most)


def _instants(
    connection: Connection, statement: Select[tuple[datetime]], query: EntryQuery, most: int
) -> list[datetime]:
    (instant,) = statement.selected_columns
    return list(connection.scalars(statement.order_by(_order(instant, query)).limit(most)))


def _order(instant: ColumnElement[datetime], query: EntryQuery) -> ColumnElement[datetime]:
    return instant.asc() if query.after else instant.desc()


def _range(register_code: str, query: EntryQuery) -> list[ColumnElement[bool]]:
    """What bounds a search to a part of the register, or is compared entry by entry."""
    place = tables.entry.c
    conditions: list[ColumnElement[bool]] = []
    if query.year is not None:
        conditions.append(place.year == query.year)
    if query.since is not None:
        conditions.append(place.instant >= query.since)
    if query.until is not None:
        conditions.append(place.instant < query.until)
    if query.direction is not None:
        conditions.append(place.direction == query.direction.value)
    if query.before is not None:
        conditions.append(place.instant < _instant_of(register_code, query.before))
    if query.after is not None:
        conditions.append(place.instant > _instant_of(register_code, query.after))
    return conditions


def _named(query: EntryQuery) -> list[ColumnElement[bool]]:
    """What few entries have, each found by an index of its own."""
    place = tables.entry.c
    conditions: list[ColumnElement[bool]] = []
    if query.number is not None:
        conditions.append(place.number == query.number)
    if query.emergency_number is not None:
        conditions.append(place.emergency_number == query.emergency_number)
    if query.sha256 is not None:
        among_attachments = place.attachments.contains([{"sha256": query.sha256}])
        conditions.append(or_(place.document_sha256 == query.sha256, among_attachments))
    return conditions


def _instant_of(register_code: str, beside: Place) -> ColumnElement[datetime]:
    year, number = beside
    place = tables.entry.c
    found = select(place.instant).where(place.register == register_code, place.year == year, place.number == number)
    return found.scalar_subquery()


def _words(expression: str, words: str | None) -> list[ColumnElement[bool]]:
    terms = " & ".join(f"{word}:*" for word in WORD.findall(words or ""))
    return [literal_column(expression).op("@@")(func.to_tsquery("simple", terms))] if terms else []
