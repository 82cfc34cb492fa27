"""C2, C3: a signature or a time-stamp that states a time still to come is told, in any format; a few minutes are not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from signing.inspect import inspect_signatures
from signing.report import Signature, Verdict
from signing.stated_times import CLOCK_TOLERANCE, future_times, in_rome, stated_time
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as, trust_store
from tests.pki.xml_signer import (
    DS,
    EXCLUSIVE,
    canonical,
    reference,
    sign_xml_as,
    signed_properties,
    stamped,
    token,
    transform,
)
from tests.signing.documents import plain_pdf
from tests.signing.test_timestamped import stamped_data


def signed_xml(properties: str | None = None) -> str:
    """A document inside its signature."""
    held = f'<ds:Object xmlns:ds="{DS}" Id="o">ore 40</ds:Object>'
    over = reference("#o", canonical(held), transform(EXCLUSIVE))
    return sign_xml_as("rossi", over, objects=held, properties=properties)


def stamped_file(content: bytes) -> bytes:
    return stamped_data(content, [token(content)])


SIGNED: dict[str, Callable[[], bytes]] = {
    "pdf": lambda: sign_pdf_as("rossi", plain_pdf()),
    "cms": lambda: sign_p7m_as("rossi", plain_pdf()),
    "xml": lambda: signed_xml().encode(),
}
STAMPED: dict[str, Callable[[], bytes]] = {
    "pdf": lambda: sign_pdf_as("rossi", plain_pdf(), stamped=True),
    "cms": lambda: sign_p7m_as("rossi", plain_pdf(), stamped=True),
    "xml": lambda: stamped(signed_xml()).encode(),
}


def the_signature(data: bytes, at: datetime) -> Signature:
    (found,) = inspect_signatures(data, trust=trust_store(), at=at).signatures
    return found


def told(signature: Signature) -> set[str]:
    return {each.code for each in signature.problems if each.code.endswith("_in_future")}


@pytest.mark.parametrize("kind", SIGNED)
def test_c3_a_claimed_time_still_to_come_is_a_reservation_and_no_more(kind: str) -> None:
    data = SIGNED[kind]()
    early = the_signature(data, AT - CLOCK_TOLERANCE - timedelta(seconds=1))
    assert (early.verdict, early.intact, told(early)) == (
        Verdict.signed_with_reservations,
        True,
        {"claimed_time_in_future"},
    )
    (problem,) = (each for each in early.problems if each.code == "claimed_time_in_future")
    assert "08/04/2020 09:00" in problem.message
    assert problem.remedy
    assert problem.severity == "warning"
    for at in (AT - CLOCK_TOLERANCE, AT, AT + timedelta(days=1)):
        assert (the_signature(data, at).verdict, told(the_signature(data, at))) == (Verdict.signed, set())


@pytest.mark.parametrize("kind", STAMPED)
def test_c3_a_time_stamp_still_to_come_proves_nothing_and_is_told(kind: str) -> None:
    data = STAMPED[kind]()
    early = the_signature(data, AT - timedelta(hours=1))
    assert "timestamp_in_future" in told(early)
    assert (early.verdict, early.proven_time) == (Verdict.signed_with_reservations, None)
    now = the_signature(data, AT)
    assert (now.verdict, now.proven_time, told(now)) == (Verdict.signed, AT, set())


def test_c3_a_stamp_around_a_document_that_nobody_signed_is_told_of_the_file() -> None:
    report = inspect_signatures(stamped_file(plain_pdf()), trust=trust_store(), at=AT - timedelta(hours=1))
    assert report.verdict is Verdict.not_signed
    assert "timestamp_in_future" in {each.code for each in report.problems}
    assert [(one.holds, one.problem) for one in report.time_proofs] == [(False, "timestamp_in_future")]
    around = inspect_signatures(stamped_file(SIGNED["cms"]()), trust=trust_store(), at=AT - timedelta(hours=1))
    (signature,) = around.signatures
    assert (told(signature), signature.proven_time) == ({"claimed_time_in_future", "timestamp_in_future"}, None)


def test_c3_a_broken_signature_stays_broken_whenever_it_says_it_was_made() -> None:
    broken = the_signature(SIGNED["pdf"]().replace(b"ore 40", b"ore 48"), AT - timedelta(days=1))
    assert broken.verdict is Verdict.broken


def test_c3_times_without_a_zone_are_those_of_rome() -> None:
    assert stated_time(datetime(2020, 4, 8, 9, 0)) == datetime(2020, 4, 8, 7, 0, tzinfo=UTC)  # noqa: DTZ001
    assert stated_time(AT) is AT
    zoned = signed_properties("rossi", AT, "s-p")
    bare = zoned.replace(AT.isoformat(), "2020-04-08T09:00:03")
    assert bare != zoned
    assert the_signature(signed_xml(bare).encode(), AT).claimed_time == AT


@pytest.mark.parametrize("stated", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00"])
def test_c3_a_time_that_no_calendar_can_show_is_no_time(stated: str) -> None:
    properties = signed_properties("rossi", AT, "s-p").replace(AT.isoformat(), stated)
    signature = the_signature(signed_xml(properties).encode(), AT)
    assert (signature.intact, signature.claimed_time) == (True, None)


def test_c3_the_last_year_that_a_date_can_have_is_told_too() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert [each.code for each in future_times(last, [last], AT)] == ["claimed_time_in_future", "timestamp_in_future"]
    assert future_times(None, [], AT) == ()
    first = datetime.min.replace(tzinfo=UTC)
    assert (in_rome(first), in_rome(last), in_rome(AT).hour) == (first, last, 9)
