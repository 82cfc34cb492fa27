"""Taking in trusted lists: the European list of lists first, then the national ones it points to, each verified first.

The chain of trust: pinned signers (or those that the kept list of lists announced) sign the list of lists, which names the
signers of each national list (ETSI TS 119 615, clause 4.1; Implementing Decision (EU) 2015/1505). A list that fails is refused,
and the one at hand stays.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asn1crypto import x509

from signing.trusted_list_reading import (
    ListOfLists,
    Pointer,
    ReadList,
    read_list,
    read_list_of_lists,
    verified,
)
from signing.trusted_list_store import EUROPE, TakenList, keep, kept_facts, kept_xml
from signing.trusted_lists import ListAbsent, ListFacts, ListRefused

LIST_OF_LISTS = "https://ec.europa.eu/tools/lotl/eu-lotl.xml"

_MOST_PIVOTS = 30

Fetch = Callable[[str, str], bytes]
"""The list of a territory at an address. Raises ListRefused when it cannot be had."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one list. `refused` says why the new one does not count; `unread` names services left out."""

    territory: str
    location: str
    taken: ListFacts | None
    refused: str | None = None
    unread: tuple[str, ...] = ()


def bundled_pins() -> tuple[x509.Certificate, ...]:
    """Signers of the list of lists as published in the Official Journal (C/2026/1944) and followed since, from pyHanko."""
    from pyhanko.sign.validation.qualified.eutl_parse import latest_known_lotl_tlso_certs

    return tuple(latest_known_lotl_tlso_certs())


def update_lists(
    trust_folder: Path,
    fetch: Fetch,
    *,
    pins: Collection[x509.Certificate],
    at: datetime,
    territories: Collection[str] = (),
    location: str = LIST_OF_LISTS,
) -> tuple[Outcome, ...]:
    """Fetches, verifies at `at` and keeps the lists; `territories` narrows to those countries (none given: all).

    Never raises for what a list holds or a server answers: each list has its outcome, the list of lists first. Raises
    ValueError when what the folder holds is damaged, OSError when it cannot be written.
    """
    known = {facts.territory: facts for facts in kept_facts(trust_folder)}
    try:
        lotl_xml, lotl = _list_of_lists(trust_folder, fetch, pins, at, location)
        _not_older(lotl.facts, known.get(EUROPE))
    except ListRefused as refused:
        return (Outcome(EUROPE, location, None, str(refused)),)
    taken = [_taken(lotl.facts, lotl_xml, location, at)]
    outcomes = [Outcome(EUROPE, location, taken[0].facts)]
    for pointer in lotl.pointers:
        if territories and pointer.territory not in territories:
            continue
        try:
            one, unread = _national(pointer, fetch, at, known.get(pointer.territory))
        except ListAbsent:
            continue
        except ListRefused as refused:
            outcomes.append(Outcome(pointer.territory, pointer.location, None, str(refused)))
            continue
        taken.append(one)
        outcomes.append(Outcome(pointer.territory, pointer.location, one.facts, unread=unread))
    keep(trust_folder, taken)
    return tuple(outcomes)


def _list_of_lists(
    trust_folder: Path, fetch: Fetch, pins: Collection[x509.Certificate], at: datetime, location: str
) -> tuple[bytes, ListOfLists]:
    xml = _fetched_or_kept(trust_folder, fetch, location)
    signers = (*pins, *_announced(trust_folder))
    try:
        return xml, read_list_of_lists(verified(xml, signers, at))
    except ListRefused as refused:
        followed = _through_pivots(xml, fetch, signers)
        if followed is None:
            raise refused from refused.__cause__
        return xml, read_list_of_lists(verified(xml, followed, at))


def _fetched_or_kept(trust_folder: Path, fetch: Fetch, location: str) -> bytes:
    """Whoever carries only the list of one country here goes on with the list of lists at hand."""
    try:
        return fetch(EUROPE, location)
    except ListAbsent:
        kept = kept_xml(trust_folder, EUROPE)
        if kept is None:
            raise
        return kept


def _announced(trust_folder: Path) -> tuple[x509.Certificate, ...]:
    """Signers that the list of lists at hand, verified when it was taken in, announced for its successors."""
    xml = kept_xml(trust_folder, EUROPE)
    return read_list_of_lists(xml).signers if xml is not None else ()


def _through_pivots(
    xml: bytes, fetch: Fetch, signers: Iterable[x509.Certificate]
) -> tuple[x509.Certificate, ...] | None:
    """Signers reached from the ones we know through the pivots, past lists that each announced a change of signers."""
    current = tuple(signers)
    moved = False
    for address in read_list_of_lists(xml).pivots[-_MOST_PIVOTS:]:
        try:
            pivot = fetch(EUROPE, address)
            issued_at = read_list_of_lists(pivot).facts.issued_at
            current = read_list_of_lists(verified(pivot, current, issued_at)).signers
        except ListRefused:
            continue
        moved = True
    return current if moved else None


def _national(
    pointer: Pointer, fetch: Fetch, at: datetime, known: ListFacts | None
) -> tuple[TakenList, tuple[str, ...]]:
    xml = fetch(pointer.territory, pointer.location)
    read = read_list(verified(xml, pointer.signers, at))
    if read.territory != pointer.territory:
        raise ListRefused(f"è la lista di {read.territory}")
    _not_older(read, known)
    return _taken(read, xml, pointer.location, at), read.unread


def _not_older(read: ReadList, known: ListFacts | None) -> None:
    """An old list, however well signed, would bring back what was withdrawn since."""
    if known is not None and (read.sequence, read.issued_at) < (known.sequence, known.issued_at):
        raise ListRefused(f"la n. {read.sequence} è più vecchia della n. {known.sequence}, che c'è già")


def _taken(read: ReadList, xml: bytes, location: str, at: datetime) -> TakenList:
    facts = ListFacts(
        territory=read.territory,
        sequence=read.sequence,
        issued_at=read.issued_at,
        next_update=read.next_update,
        fetched_at=at,
        location=location,
        sha256=hashlib.sha256(xml).hexdigest(),
        services=len(read.services),
    )
    return TakenList(facts, read.services, xml)
