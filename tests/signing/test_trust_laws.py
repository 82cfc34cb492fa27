"""C2: laws of what is kept of the trusted lists, and of which addresses are public, over values nobody chose."""

import ipaddress
import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from signing.guarded_http import _is_public
from signing.trusted_list_store import _lines
from signing.trusted_lists import Criteria, QualifierRule, Service, ServiceTerm, service_from
from tests.pki.authority import certificate

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


@settings(max_examples=100, deadline=None)
@given(st.ip_addresses(v=4))
def test_c2_an_address_is_as_public_when_it_hides_in_a_longer_one(address: ipaddress.IPv4Address) -> None:
    assert _is_public(str(address)) == (address.is_global and not address.is_multicast)
    assert _is_public(f"::ffff:{address}") == _is_public(str(address))
    assert not _is_public(f"64:ff9b::{address}")
