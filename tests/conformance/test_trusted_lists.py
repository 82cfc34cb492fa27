"""C2: the official lists verify as of the day they were collected, and say of a real certificate what they said then."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from signing.inspect import inspect_signatures
from signing.trust import TrustStore
from signing.trusted_list_reading import read_list
from signing.trusted_list_sources import from_folder
from signing.trusted_list_update import Outcome, bundled_pins, update_lists

pytestmark = pytest.mark.conformance
COLLECTED = datetime(2025, 8, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def taken(conformance: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Outcome]]:
    """The Italian and the Estonian list of that day, behind the European one."""
    folder = tmp_path_factory.mktemp("trust")
    source = from_folder(conformance / "corpus" / "trust_lists")
    outcomes = update_lists(folder, source, pins=bundled_pins(), at=COLLECTED, territories={"IT", "EE"})
    return folder, {each.territory: each for each in outcomes}


def test_c2_the_official_lists_verify_and_nothing_of_them_is_left_out(taken: tuple[Path, dict[str, Outcome]]) -> None:
    _, outcomes = taken
    assert [(each.territory, each.refused, each.unread) for each in outcomes.values()] == [
        ("EU", None, ()),
        ("EE", None, ()),
        ("IT", None, ()),
    ]
    italy = outcomes["IT"].taken
    assert italy is not None
    assert (italy.sequence, italy.services) == (211, 467)


def test_c2_a_real_italian_signature_was_qualified_and_its_list_is_named(
    conformance: Path, taken: tuple[Path, dict[str, Outcome]]
) -> None:
    folder, _ = taken
    signed = (conformance / "corpus" / "pades_dss" / "adbe_ocsp_signed.pdf").read_bytes()
    (signature,) = inspect_signatures(signed, trust=TrustStore.from_folder(folder), at=COLLECTED).signatures
    assert signature.qualification == "qualified_signature"
    assert "IT n. 211 del 31/07/2025" in signature.problems[-1].message


def test_c2_the_first_italian_lists_are_read_with_their_history(conformance: Path) -> None:
    old = read_list((conformance / "reference" / "tsl" / "IT_TSL_signed_old.xml").read_bytes())
    assert (old.territory, old.sequence, len(old.services), old.unread) == ("IT", 29, 167, ())
    assert {term.status for service in old.services for term in service.terms} >= {"accredited", "supervisionceased"}
