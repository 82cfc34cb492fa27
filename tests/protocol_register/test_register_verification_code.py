"""N2: the code on a receipt finds its entry, and nothing else does."""

from dataclasses import replace

from sqlalchemy import Engine

from protocol_register.entries import NewEntry, Register
from protocol_register.keys import RegisterKey
from protocol_register.registration import register_document
from protocol_register.verification_code import entry_by_code, verification_code


def test_n2_the_code_finds_its_entry_however_it_is_typed_and_no_other(
    app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    with app_engine.begin() as connection:
        first, second = (register_document(connection, register.code, incoming, key=key) for _ in range(2))
    code, other = verification_code(first) or "", verification_code(second) or ""
    head, _, tag = code.rpartition("/")
    assert head == f"{register.code}/{first.year}/{first.shown_number}"
    typed = (
        code,
        code.lower(),
        f" {head} / {tag.replace('-', ' ')} ",
        code.replace("-", "\N{EN DASH}"),
        f"{register.code}/{first.year}/{first.number}/{tag}",
    )
    wrong = (
        f"{head}/{other.rpartition('/')[2]}",
        f"{head}/{tag[:-1]}",
        head,
        f"{register.code}/{first.year}/0000009/{tag}",
        f"ALTRO/{first.year}/{first.shown_number}/{tag}",
        "",
        "/" * 50,
    )
    with app_engine.begin() as connection:
        assert [entry_by_code(connection, each) for each in typed] == [first] * len(typed)
        assert [entry_by_code(connection, each) for each in wrong] == [None] * len(wrong)


def test_n2_an_entry_whose_salt_was_erased_has_no_code(
    app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    with app_engine.begin() as connection:
        entry = register_document(connection, register.code, incoming, key=key)
    for erased in (b"", bytes(32)):
        assert verification_code(replace(entry, salt=erased)) is None
