"""C2, C8: trusted lists say who may issue qualified certificates, since when and until when, and how old they are."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from asn1crypto import x509

from signing.inspect import inspect_signatures
from signing.report import Signature, Verdict
from signing.trust import TrustStore
from signing.trusted_list_store import keep, load_lists
from signing.trusted_list_update import update_lists
from signing.trusted_lists import Purpose
from tests.pki.authority import AT, certificate, revocation_list, sign_p7m_as, sign_pdf_as
from tests.pki.trusted_list import (
    ITALY,
    LOTL,
    Listed,
    Scheme,
    Term,
    list_of_lists,
    list_signer,
    national_list,
    purposes,
    qualifiers,
    unknown_critical_extension,
)
from tests.signing.documents import plain_pdf

EUROPE, AGENCY = list_signer("Gestore europeo"), list_signer("Gestore italiano")
QUALIFIED = "0.4.0.194112.1.2"
FOR_SIGNATURES = purposes("ForeSignatures")


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def granted(since: str = "2016-07-01", extensions: str = FOR_SIGNATURES) -> Term:
    return Term("granted", day(since), extensions=extensions)


def withdrawn(since: str) -> Term:
    return Term("withdrawn", day(since), extensions=FOR_SIGNATURES)


def listed(*terms: Term, of: str = "ca") -> Listed:
    return Listed(certificate(of), terms)


STAMPS = Listed(certificate("tsa"), [Term("granted", day("2016-07-01"), "TSA/QTST")])


def lists_folder(folder: Path, *services: Listed, scheme: Scheme = Scheme()) -> Path:  # noqa: B008
    served = {
        LOTL: list_of_lists([("IT", ITALY, AGENCY)], EUROPE),
        ITALY: national_list(services, AGENCY, scheme),
    }
    outcomes = update_lists(folder, lambda _, location: served[location], pins=[EUROPE.asn1], at=AT, location=LOTL)
    assert [each.refused for each in outcomes] == [None, None]
    return folder


def store(folder: Path, *services: Listed, scheme: Scheme = Scheme()) -> TrustStore:  # noqa: B008
    lists = load_lists(lists_folder(folder, *services, scheme=scheme))
    return TrustStore(crls=(revocation_list("root"), revocation_list("ca")), lists=lists)


@cache
def signed_by_rossi(*, at: datetime = AT, stamped: bool = False) -> bytes:
    return sign_pdf_as("rossi", plain_pdf(), at=at, stamped=stamped)


def judged(data: bytes, trust: TrustStore, at: datetime = AT) -> Signature:
    report = inspect_signatures(data, trust=trust, at=at)
    assert len(report.signatures) == 1
    return report.signatures[0]


def codes(signature: Signature) -> list[str]:
    return [each.code for each in signature.problems]


@pytest.mark.parametrize(
    ("terms", "qualification", "told"),
    [
        ([granted()], "qualified_signature", []),
        ([withdrawn("2021-01-01"), granted()], "qualified_signature", []),
        ([withdrawn("2020-01-01"), granted()], "not_qualified", ["service_withdrawn"]),
        ([granted("2019-06-01")], "not_qualified", ["certificate_not_qualified"]),
        ([granted(extensions=purposes("ForeSeals"))], "not_qualified", ["certificate_not_qualified"]),
        ([granted(extensions=qualifiers("NotQualified", policy=QUALIFIED))], "not_qualified", ["certificate_not_qualified"]),
        ([granted(extensions=qualifiers("NotQualified", policy="1.2.3"))], "qualified_signature", []),
        ([granted(extensions=qualifiers("NotQualified", policy="1.2.3", assertion="none"))], "not_qualified", [
            "certificate_not_qualified"
        ]),
        ([granted(extensions=qualifiers("QCNoQSCD", policy=QUALIFIED))], "advanced", []),
        ([Term("recognisedatnationallevel", day("2016-07-01"), "CA/PKC")], "not_qualified", ["certificate_not_qualified"]),
    ],
)  # fmt: skip
def test_c2_the_status_and_the_qualifiers_at_the_signature_decide(
    tmp_path: Path, terms: Sequence[Term], qualification: str, told: list[str]
) -> None:
    signature = judged(signed_by_rossi(), store(tmp_path, listed(*terms)))
    assert signature.qualification == qualification
    assert codes(signature) == ["trusted_list_used", *told]
    assert signature.verdict is (Verdict.signed_with_reservations if told else Verdict.signed)


def test_c2_the_verdict_names_the_list_and_its_age(tmp_path: Path) -> None:
    trust = store(tmp_path, listed(granted()), scheme=Scheme(sequence=211, issued_at=day("2020-04-01")))
    told = judged(signed_by_rossi(), trust).problems[0]
    assert told.severity == "info"
    assert "IT n. 211 del 01/04/2020 (7 giorni fa)" in told.message


def test_c2_a_list_past_its_next_update_is_a_reservation(tmp_path: Path) -> None:
    trust = store(
        tmp_path, listed(granted()), scheme=Scheme(issued_at=AT - timedelta(days=30), lasts=timedelta(days=29))
    )
    signature = judged(signed_by_rossi(), trust)
    assert codes(signature) == ["trusted_list_stale"]
    assert signature.verdict is Verdict.signed_with_reservations
    assert signature.qualification == "qualified_signature"


def test_c2_asking_at_another_time_gives_the_answer_of_that_time(tmp_path: Path) -> None:
    """What `--at` changes: the status of the service, and whether the list is stale."""
    trust = store(tmp_path, listed(withdrawn("2020-06-01"), granted()), scheme=Scheme(lasts=timedelta(days=60)))
    unclaimed = sign_p7m_as("rossi", b"testo", at=day("2020-07-01"))
    before, after = (judged(unclaimed, trust, at=day(at)) for at in ("2020-05-01", "2020-07-02"))
    assert (before.qualification, codes(before)) == (
        "qualified_signature",
        ["claimed_time_in_future", "trusted_list_used"],
    )
    assert (after.qualification, codes(after)) == ("not_qualified", ["trusted_list_stale", "service_withdrawn"])


def test_c2_a_time_that_nothing_proves_does_not_choose_between_two_answers(tmp_path: Path) -> None:
    trust = store(tmp_path, listed(withdrawn("2020-06-01"), granted()), STAMPS)
    asked = day("2020-07-01")
    claimed, proven = (judged(signed_by_rossi(stamped=stamped), trust, at=asked) for stamped in (False, True))
    assert (claimed.qualification, codes(claimed)[-1]) == ("unknown", "qualification_time_unproven")
    assert proven.proven_time == AT
    assert (proven.qualification, codes(proven)) == ("qualified_signature", ["trusted_list_used"])


def test_c2_a_listed_time_stamping_unit_proves_time_only_while_its_status_allows(tmp_path: Path) -> None:
    gone = Listed(certificate("tsa"), [Term("withdrawn", day("2020-01-01"), "TSA/QTST"), *STAMPS.terms])
    signature = judged(signed_by_rossi(stamped=True), store(tmp_path, listed(granted()), gone))
    assert signature.proven_time is None
    assert "timestamp_not_trusted" in codes(signature)


@pytest.mark.parametrize("kind", ["IdV", "TSA/QTST", "Certstatus/OCSP/QC"])
def test_c2_a_service_of_another_kind_vouches_for_no_signer(tmp_path: Path, kind: str) -> None:
    trust = store(tmp_path, listed(Term("granted", day("2016-07-01"), kind)))
    signature = judged(signed_by_rossi(), trust)
    assert signature.qualification == "unknown"
    assert codes(signature) == ["trust_not_established", "trusted_lists_searched"]


def test_c2_an_identity_card_is_its_own_outcome_and_its_authority_is_listed_by_another_type(tmp_path: Path) -> None:
    trust = store(tmp_path, listed(Term("recognisedatnationallevel", day("2016-07-01"), "IdV")))
    signature = judged(sign_p7m_as("cns", b"testo"), trust)
    assert (signature.qualification, signature.verdict) == ("cns_or_cie", Verdict.signed)
    assert codes(signature) == ["cns_or_cie", "trusted_list_used"]


def test_c2_who_is_in_no_list_is_said_with_the_lists_that_were_searched(tmp_path: Path) -> None:
    signature = judged(signed_by_rossi(), store(tmp_path, listed(granted(), of="tsa")))
    assert codes(signature) == ["trust_not_established", "trusted_lists_searched"]
    assert "(IT)" in signature.problems[-1].message


def test_c2_an_expired_certificate_still_has_its_list(tmp_path: Path) -> None:
    """Issued under Directive 1999/93/EC, used under eIDAS: qualified at both times."""
    trust = store(tmp_path, listed(granted(), Term("accredited", day("2010-01-01"))))
    signature = judged(sign_p7m_as("expired", b"x", at=day("2019-05-01")), trust)
    assert codes(signature) == ["expired_now", "trusted_list_used"]
    assert signature.qualification == "qualified_signature"


def test_c2_before_eidas_the_old_statuses_count_and_after_it_no_more(tmp_path: Path) -> None:
    trust = store(tmp_path, listed(Term("accredited", day("2010-01-01"))))
    assert trust.lists is not None
    service = trust.lists.services_named(certificate("ca").subject)[0]
    assert [term.status for term in service.terms] == ["accredited"]
    assert judged(signed_by_rossi(), trust).qualification == "not_qualified"


def test_c2_a_service_with_a_critical_extension_that_nobody_understands_is_left_out(tmp_path: Path) -> None:
    unknown = listed(granted(extensions=unknown_critical_extension()))
    lists = load_lists(lists_folder(tmp_path, unknown, STAMPS))
    assert lists.services_named(certificate("ca").subject) == ()
    assert lists.list_of("IT").services == 1


def test_c2_kept_lists_come_back_as_they_were_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    rule = qualifiers("QCWithQSCD", "QCForESig", policy=QUALIFIED)
    lists = load_lists(
        lists_folder(tmp_path, listed(withdrawn("2021-01-01"), granted(extensions=rule + FOR_SIGNATURES)))
    )
    (service,) = lists.services_named(certificate("ca").subject)
    assert (service.territory, service.provider) == ("IT", "Prestatore di Prova in italiano")
    assert [(term.status, term.since, term.until) for term in service.terms] == [
        ("withdrawn", day("2021-01-01"), None),
        ("granted", day("2016-07-01"), day("2021-01-01")),
    ]
    assert service.terms[1].rules[0].qualifiers == ("QCWithQSCD", "QCForESig")
    assert service.terms[1].rules[0].criteria.policies == ((QUALIFIED,),)
    assert service.term_at(day("2010-01-01")) is None
    (authority,) = lists.authorities_for([certificate("rossi")], Purpose.signer)
    assert authority.dump() == certificate("ca").dump()
    assert [facts.territory for facts in lists.facts] == ["EU", "IT"]
    keep(tmp_path, [])
    assert [facts.territory for facts in load_lists(tmp_path).facts] == ["EU", "IT"]
    (tmp_path / "lists" / "index.json").write_bytes(b'{"format": 99}')
    with pytest.raises(ValueError, match="another version"):
        TrustStore.from_folder(tmp_path)
    (tmp_path / "lists" / "index.json").write_bytes(b"{")
    with pytest.raises(ValueError, match="damaged"):
        TrustStore.from_folder(tmp_path)


def test_c2_an_own_anchor_and_the_lists_stand_side_by_side(tmp_path: Path) -> None:
    lists = load_lists(lists_folder(tmp_path, STAMPS))
    root: x509.Certificate = certificate("root")
    own = TrustStore((root,), (certificate("ca"),), (revocation_list("root"), revocation_list("ca")), lists=lists)
    signature = judged(signed_by_rossi(stamped=True), own)
    assert (signature.verdict, signature.qualification) == (Verdict.signed, "unknown")
    assert codes(signature) == ["trusted_lists_searched"]
    years_later = judged(signed_by_rossi(stamped=True), own, at=day("2023-01-01"))
    assert (years_later.verdict, codes(years_later)) == (Verdict.signed, ["trusted_lists_searched"])


def test_c2_a_registration_in_the_protocol_proves_the_time_as_a_time_stamp_does(tmp_path: Path) -> None:
    """Received before the service lost its status and the certificate expired: qualified still, whenever it is asked."""
    trust = store(tmp_path, listed(withdrawn("2020-06-01"), granted()))
    asked = day("2020-07-01")
    registered = judged(signed_by_rossi(), trust.knowing_received(AT + timedelta(days=1)), at=asked)
    assert (registered.qualification, registered.proven_time) == ("qualified_signature", AT + timedelta(days=1))
    later = judged(signed_by_rossi(), trust.knowing_received(asked + timedelta(days=1)), at=asked)
    assert later.proven_time is None
    with pytest.raises(ValueError, match="aware"):
        trust.knowing_received(datetime(2020, 4, 8))  # noqa: DTZ001


def test_c2_a_card_of_an_authority_that_nobody_believes_is_no_card(tmp_path: Path) -> None:
    card = sign_p7m_as("cns", b"testo")
    assert judged(card, store(tmp_path, STAMPS)).qualification == "unknown"
    assert judged(card, TrustStore.empty()).qualification == "cns_or_cie"
