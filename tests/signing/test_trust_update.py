"""C2: a list counts only after its signature: what fails, is older or is another country's is refused; the old one stays."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import pem
from lxml import etree

from signing.trusted_list_reading import read_list, verified
from signing.trusted_list_sources import from_folder, pins_of
from signing.trusted_list_store import kept_facts, load_lists
from signing.trusted_list_update import Outcome, update_lists
from signing.trusted_lists import ListRefused
from tests.pki.authority import AT, certificate
from tests.pki.trusted_list import (
    ITALY,
    LOTL,
    Listed,
    ListSigner,
    Scheme,
    Term,
    list_of_lists,
    list_signer,
    national_list,
)

EUROPE, AGENCY, STRANGER = (list_signer(name) for name in ("Gestore europeo", "Gestore italiano", "Estraneo"))
SERVICE = Listed(certificate("ca"), [Term("granted", datetime(2016, 7, 1, tzinfo=UTC))])
FIRST = national_list([SERVICE], AGENCY)
POINTS_TO_ITALY = [("IT", ITALY, AGENCY)]


def update(
    folder: Path, served: Mapping[str, bytes], *, pinned: ListSigner = EUROPE, at: datetime = AT
) -> list[Outcome]:
    def fetch(_territory: str, location: str) -> bytes:
        if location not in served:
            raise ListRefused("il server non risponde")
        return served[location]

    return list(update_lists(folder, fetch, pins=[pinned.asn1], at=at, location=LOTL))


def sequences(folder: Path) -> dict[str, int]:
    return {facts.territory: facts.sequence for facts in kept_facts(folder)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder where number 1 of the Italian list was taken in."""
    update(tmp_path, {LOTL: list_of_lists(POINTS_TO_ITALY, EUROPE), ITALY: FIRST})
    assert sequences(tmp_path) == {"EU": 1, "IT": 1}
    return tmp_path


def second(signer: ListSigner, scheme: Scheme = Scheme(sequence=2)) -> bytes:  # noqa: B008
    return national_list([SERVICE], signer, scheme)


@pytest.mark.parametrize(
    ("italian", "reason"),
    [
        (second(STRANGER), "nessuno dei firmatari"),
        (second(AGENCY).replace(b"granted", b"withdra"), "nessuno dei firmatari"),
        (second(AGENCY, Scheme("AT", 2)), "è la lista di AT"),
        (second(AGENCY, Scheme(sequence=0)), "più vecchia della n. 1"),
        (second(list_signer("Gestore italiano", until=datetime(2020, 4, 2, tzinfo=UTC))), "nessuno dei firmatari"),
        (b"<html>manutenzione</html>", "nessuno dei firmatari"),
        (None, "il server non risponde"),
    ],
    ids=["stranger", "altered", "of another country", "older", "expired signer", "no list", "no answer"],
)
def test_c2_a_list_that_cannot_be_believed_is_refused_and_the_old_one_stays(
    folder: Path, italian: bytes | None, reason: str
) -> None:
    served = {LOTL: list_of_lists(POINTS_TO_ITALY, EUROPE)} | ({ITALY: italian} if italian else {})
    outcomes = update(folder, served)
    assert [each.territory for each in outcomes] == ["EU", "IT"]
    assert outcomes[1].taken is None
    assert reason in (outcomes[1].refused or "")
    assert sequences(folder) == {"EU": 1, "IT": 1}
    assert load_lists(folder).services_named(certificate("ca").subject)[0].terms[0].status == "granted"
    assert (folder / "lists" / "IT.xml").read_bytes() == FIRST


def test_c2_a_newer_list_takes_the_place_of_the_old(folder: Path) -> None:
    update(folder, {LOTL: list_of_lists(POINTS_TO_ITALY, EUROPE), ITALY: second(AGENCY)})
    assert sequences(folder) == {"EU": 1, "IT": 2}
    assert len(load_lists(folder).services_named(certificate("ca").subject)) == 1


def test_c2_a_list_of_lists_of_a_stranger_changes_nothing(folder: Path) -> None:
    forged = list_of_lists([("IT", ITALY, STRANGER)], STRANGER, Scheme("EU", 2))
    (outcome,) = update(folder, {LOTL: forged, ITALY: second(STRANGER)})
    assert outcome.taken is None
    assert sequences(folder) == {"EU": 1, "IT": 1}


def test_c2_the_signers_announced_by_the_list_at_hand_may_sign_the_next(folder: Path) -> None:
    heir = list_signer("Erede")
    announcing = list_of_lists(POINTS_TO_ITALY, EUROPE, Scheme("EU", 2), successors=[EUROPE, heir])
    update(folder, {LOTL: announcing, ITALY: FIRST})
    signed_by_heir = list_of_lists(POINTS_TO_ITALY, heir, Scheme("EU", 3), successors=[heir])
    update(folder, {LOTL: signed_by_heir, ITALY: second(AGENCY)})
    assert sequences(folder) == {"EU": 3, "IT": 2}
    update(folder, {LOTL: list_of_lists(POINTS_TO_ITALY, heir, Scheme("EU", 4)), ITALY: second(AGENCY)})
    assert sequences(folder) == {"EU": 4, "IT": 2}


def test_c2_pivots_lead_from_the_pinned_signers_to_those_of_today(tmp_path: Path) -> None:
    heir, address = list_signer("Erede"), "https://lists.example/eu-lotl-pivot-2.xml"
    pivot = list_of_lists(POINTS_TO_ITALY, EUROPE, Scheme("EU", 2), successors=[heir])
    today = list_of_lists(POINTS_TO_ITALY, heir, Scheme("EU", 3), pivots=[address])
    update(tmp_path, {LOTL: today, ITALY: FIRST, address: pivot})
    assert sequences(tmp_path) == {"EU": 3, "IT": 1}
    other = tmp_path / "other"
    forged = list_of_lists(POINTS_TO_ITALY, STRANGER, Scheme("EU", 2), successors=[heir])
    update(other, {LOTL: today, ITALY: FIRST, address: forged})
    assert sequences(other) == {}


def test_c2_what_the_signature_does_not_cover_is_never_read() -> None:
    """The genuine list wrapped in a false one: only the signed part may come out."""
    false = etree.fromstring(second(STRANGER, Scheme(sequence=9)))
    for signature in false.findall("{http://www.w3.org/2000/09/xmldsig#}Signature"):
        false.remove(signature)
    false.append(etree.fromstring(FIRST))
    try:
        believed = read_list(verified(etree.tostring(false), [AGENCY.asn1], AT)).sequence
    except ListRefused:
        believed = 1
    assert believed == 1


def test_c2_entities_of_a_hostile_list_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
    with pytest.raises(ListRefused):
        read_list(bomb)
    with pytest.raises(ListRefused):
        verified(bomb, [AGENCY.asn1], AT)


def test_c2_lists_carried_on_a_disk_need_no_network(tmp_path: Path) -> None:
    carried, target = tmp_path / "carried", tmp_path / "trust"
    carried.mkdir()
    with pytest.raises(ValueError, match="nessun file"):
        from_folder(carried)
    (carried / "a.xml").write_bytes(list_of_lists([*POINTS_TO_ITALY, ("AT", "https://x/at.xml", STRANGER)], EUROPE))
    (carried / "b.xml").write_bytes(FIRST)
    (carried / "c.xml").write_bytes(second(AGENCY))
    (carried / "readme.xml").write_bytes(b"<p>leggimi</p>")
    outcomes = update_lists(target, from_folder(carried), pins=[EUROPE.asn1], at=AT)
    assert [(each.territory, each.refused) for each in outcomes] == [("EU", None), ("IT", None)]
    assert sequences(target) == {"EU": 1, "IT": 2}
    (carried / "a.xml").unlink()
    (carried / "c.xml").write_bytes(second(AGENCY, Scheme(sequence=3)))
    update_lists(target, from_folder(carried), pins=[EUROPE.asn1], at=AT)
    assert sequences(target) == {"EU": 1, "IT": 3}


def test_c2_the_administrators_pins_replace_the_bundled_ones(tmp_path: Path) -> None:
    assert len(pins_of(tmp_path)) > 1
    (tmp_path / "list_signers").mkdir()
    (tmp_path / "list_signers" / "europa.pem").write_bytes(pem.armor("CERTIFICATE", EUROPE.asn1.dump()))
    assert [each.dump() for each in pins_of(tmp_path)] == [EUROPE.asn1.dump()]
    (tmp_path / "list_signers" / "note.txt").write_text("non è un certificato")
    with pytest.raises(ValueError, match=r"note\.txt"):
        pins_of(tmp_path)
