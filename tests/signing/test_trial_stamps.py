"""C3, S8: stamps for trying are well made, have numbers of their own, and are believed only where their authority is."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.rehearsal_signature import RehearsalAuthority
from signing.rehearsal_stamp import TrialPurchase, sell_trial_stamp
from signing.stamp_duty.digital import DocumentDigests, is_digital_stamp, read_digital_stamp
from signing.stamp_duty.mark import Matched, StampMark, StampStatus
from signing.stamp_duty.trial import is_trial_identifier, trial_identifier
from signing.trust import TrustStore

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FORM = b"%PDF-1.7 modulo emesso"
AUTHORITY = RehearsalAuthority.create(AT)
BOUGHT = TrialPurchase(trial_identifier(b"domanda"), Decimal("16.00"), AT)


def read(stamp: bytes, *, issued: bytes = FORM, anchored: bool = True) -> StampMark:
    trust = TrustStore.empty().with_anchor(AUTHORITY.certificate) if anchored else TrustStore.empty()
    return read_digital_stamp(stamp, digests=DocumentDigests.of(issued=[issued]), trust=trust)


def test_c3_a_trial_stamp_is_valid_where_the_authority_of_the_rehearsal_is_an_anchor() -> None:
    stamp = sell_trial_stamp(AUTHORITY, FORM, BOUGHT)
    assert is_digital_stamp(stamp)
    mark = read(stamp)
    assert (mark.status, mark.matched, mark.problems) == (StampStatus.valid, Matched.issued, ())
    assert (mark.identifier, mark.amount, mark.issued_at) == (BOUGHT.identifier, Decimal("16.00"), AT)
    assert b"SENZA VALORE" in stamp


def test_c3_a_trial_stamp_is_worth_nothing_elsewhere() -> None:
    stamp = sell_trial_stamp(AUTHORITY, FORM, BOUGHT)
    assert [each.code for each in read(stamp, anchored=False).problems] == ["stamp_duty.digital_issuer_unknown"]
    assert [each.code for each in read(stamp, issued=b"altro").problems] == ["stamp_duty.digital_of_other_document"]
    assert read(stamp.replace(b"16.00", b"14.62")).status is StampStatus.invalid


@given(st.binary())
def test_c3_trial_numbers_have_fourteen_digits_of_a_year_to_come(seed: bytes) -> None:
    number = trial_identifier(seed)
    assert (len(number), number.isdigit(), is_trial_identifier(number)) == (14, True, True)
    assert trial_identifier(seed) == number


@pytest.mark.parametrize("number", ["01200123456789", "0199012345678", "019901234567890", ""])
def test_c3_no_real_number_is_a_trial_one(number: str) -> None:
    assert not is_trial_identifier(number)
