"""C2: laws of what is kept of the trusted lists, and of which addresses are public, over values nobody chose."""

import contextlib
import ipaddress
import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.guarded_http import _is_public
from signing.trusted_list_reading import read_list_of_lists, verified
from signing.trusted_list_store import _lines
from signing.trusted_lists import Criteria, ListRefused, QualifierRule, Service, ServiceTerm, service_from
from tests.pki.authority import AT, certificate
from tests.pki.trusted_list import ITALY, list_of_lists, list_signer

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
WORDS = st.text(max_size=8)
OIDS = st.lists(st.from_regex(r"[0-2](\.[0-9]{1,3}){1,4}", fullmatch=True), max_size=2).map(tuple)
CRITERIA = st.recursive(
    st.builds(
        Criteria,
        st.sampled_from(["all", "atLeastOne", "none"]),
        st.lists(OIDS, max_size=2).map(tuple),
        st.lists(st.lists(st.tuples(WORDS, st.booleans()), max_size=2).map(tuple), max_size=2).map(tuple),
        st.lists(OIDS, max_size=1).map(tuple),
        st.lists(OIDS, max_size=1).map(tuple),
    ),
    lambda inner: st.builds(Criteria, st.just("all"), nested=st.lists(inner, max_size=2).map(tuple)),
    max_leaves=4,
)
RULES = st.builds(QualifierRule, st.lists(WORDS, max_size=2).map(tuple), CRITERIA)
TERMS = st.builds(
    ServiceTerm,
    WORDS,
    WORDS,
    INSTANTS,
    st.none() | INSTANTS,
    st.lists(WORDS, max_size=2).map(tuple),
    st.lists(RULES, max_size=2).map(tuple),
)
SERVICES = st.builds(
    Service,
    WORDS,
    WORDS,
    WORDS,
    st.lists(st.sampled_from([certificate(who).dump() for who in ("root", "ca", "tsa")]), unique=True).map(tuple),
    st.lists(TERMS, max_size=3).map(tuple),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(SERVICES, max_size=4))
def test_c2_every_service_comes_back_as_it_was_from_each_of_its_names(services: list[Service]) -> None:
    lines, names = _lines(services)
    assert [service_from(json.loads(line)) for line in lines.splitlines()] == services
    for places in names.values():
        for place in places:
            assert service_from(json.loads(lines[place:].split(b"\n", 1)[0])) in services
    assert sum(map(len, names.values())) == sum(len(set(service.encoded)) for service in services)


GENUINE = list_of_lists([("IT", ITALY, list_signer("Gestore italiano"))], list_signer("Gestore europeo"))
DAMAGE = st.tuples(st.integers(0, len(GENUINE) - 1), st.integers(1, 400), st.binary(max_size=6))


@settings(max_examples=60, deadline=None)
@given(DAMAGE)
def test_c2_no_damage_to_a_list_is_more_than_a_refusal(damage: tuple[int, int, bytes]) -> None:
    """Pivots are looked for in a list of lists before anybody is found who signed it."""
    start, length, instead = damage
    damaged = GENUINE[:start] + instead + GENUINE[start + length :]
    with contextlib.suppress(ListRefused):
        assert read_list_of_lists(damaged).signers
    with pytest.raises(ListRefused):
        verified(damaged.replace(b"ListIssueDateTime", b"ListIssueDate"), [list_signer("Gestore europeo").asn1], AT)


def test_c2_a_list_of_lists_none_of_whose_own_certificates_can_be_read_is_refused() -> None:
    with pytest.raises(ListRefused, match="con quali certificati"):
        read_list_of_lists(re.sub(rb"<([^>]*X509Certificate)>[^<]+<", rb"<\1>MAA=<", GENUINE))


@settings(max_examples=100, deadline=None)
@given(st.ip_addresses(v=4))
def test_c2_an_address_is_as_public_when_it_hides_in_a_longer_one(address: ipaddress.IPv4Address) -> None:
    assert _is_public(str(address)) == (address.is_global and not address.is_multicast)
    assert _is_public(f"::ffff:{address}") == _is_public(str(address))
    assert not _is_public(f"64:ff9b::{address}")
