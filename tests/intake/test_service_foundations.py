"""Documents, keys and settings: what the whole service stands on (house 5 and 8, N2, N9)."""

from __future__ import annotations

import hashlib
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore
import pytest
from obstore.store import MemoryStore
from sqlalchemy import select

from intake.durable import write_private
from intake.editions import RegisterKeyMissing, check_register_keys
from intake.keys import KeyMissing, Keys
from intake.service import Service
from intake.settings import WrongSettings, read_settings
from intake.storage import DocumentMissing, DocumentStore, LocalStore, ObjectStore, Removal, StorageFull
from protocol_register.errors import WrongRegisterKey
from protocol_register.keys import RegisterKey
from protocol_register.tables import register

AT = datetime(2020, 4, 8, 7, tzinfo=UTC)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DocumentStore:
    return LocalStore(tmp_path / "documents") if request.param == "folder" else ObjectStore(MemoryStore())


def test_a_document_is_kept_under_the_digest_of_its_bytes(store: DocumentStore) -> None:
    for data in (b"", b"domanda firmata"):
        name = store.put(data)
        assert name == hashlib.sha256(data).hexdigest()
        assert store.put(data) == name, "the same bytes twice are one document"
        assert store.get(name) == data


def test_n9_documents_that_are_gone_or_of_another_size_are_counted(store: DocumentStore) -> None:
    kept = [(store.put(data), len(data)) for data in (b"uno", b"due", b"quattro")]
    assert store.lacking(kept) == 0
    assert store.lacking([*kept, ("0" * 64, 3), (kept[0][0], 4)]) == 2
    assert store.lacking([]) == 0


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", "0" * 64])
def test_only_names_of_kept_documents_are_answered(store: DocumentStore, name: str) -> None:
    with pytest.raises(DocumentMissing):
        store.get(name)


def test_altered_bytes_are_found_and_the_same_bytes_sent_again_heal_them(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "documents")
    name = store.put(b"originale")
    path = tmp_path / "documents" / name[:2] / name
    path.chmod(0o600)
    path.write_bytes(b"alterato!")
    with pytest.raises(DocumentMissing, match="non sono più quelli ricevuti"):
        store.get(name)
    assert store.put(b"originale") == name
    assert store.get(name) == b"originale"


def test_altered_bytes_are_found_in_a_bucket() -> None:
    bucket = MemoryStore()
    store = ObjectStore(bucket)
    name = store.put(b"originale")
    bucket.put(f"{name[:2]}/{name}", b"alterato")
    with pytest.raises(DocumentMissing):
        store.get(name)


def test_documents_are_readable_by_the_service_alone(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "documents")
    name = store.put(b"dati personali")
    path = tmp_path / "documents" / name[:2] / name
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent, path.parent.parent)]
    assert modes == [0o400, 0o700, 0o700]
    assert [each.name for each in path.parent.iterdir()] == [name], "no half-written file is left behind"


def test_an_interrupted_write_leaves_no_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("intake.durable.os.fsync", no_space)
    store = LocalStore(tmp_path / "documents")
    with pytest.raises(StorageFull, match="non ha più spazio"):
        store.put(b"meta")
    assert [path for path in (tmp_path / "documents").rglob("*") if path.is_file()] == []


def test_a_removal_that_was_cut_short_is_ended_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise bytes that must be forgotten would stay for ever, under a name that nobody looks for."""

    class PowerCutError(Exception):
        pass

    def cut(*_: object) -> None:
        raise PowerCutError

    store = LocalStore(tmp_path / "documents")
    name = store.put(b"dati personali")
    later = datetime.now(UTC) + timedelta(hours=1)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", cut)
        with pytest.raises(PowerCutError):
            store.remove(name, before=later)
    assert [path for path in (tmp_path / "documents").rglob("*") if path.is_file()] != []
    assert store.remove(name, before=later) is Removal.REMOVED
    assert [path for path in (tmp_path / "documents").rglob("*") if path.is_file()] == []
    assert store.remove(name, before=later) is Removal.ABSENT


def test_of_two_removals_at_once_one_removes_and_the_other_finds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path / "documents")
    name, later = store.put(b"dati personali"), datetime.now(UTC) + timedelta(hours=1)
    unlink = Path.unlink

    def after_another(path: Path) -> None:
        unlink(path)
        unlink(path)

    monkeypatch.setattr(Path, "unlink", after_another)
    assert store.remove(name, before=later) is Removal.ABSENT
    assert [path for path in (tmp_path / "documents").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("server_tells", [False, True])
def test_a_document_that_another_removes_meanwhile_is_gone_and_nobody_fails(
    monkeypatch: pytest.MonkeyPatch, *, server_tells: bool
) -> None:
    """A bucket has no lock, and some servers refuse to delete what is not there: it is gone, as it was to be."""
    store = ObjectStore(MemoryStore())
    name, later = store.put(b"dati personali"), datetime.now(UTC) + timedelta(hours=1)
    delete = obstore.delete

    def overtaken(bucket: MemoryStore, path: str) -> None:
        delete(bucket, path)
        if server_tells:
            raise FileNotFoundError(path)
        delete(bucket, path)

    monkeypatch.setattr(obstore, "delete", overtaken)
    assert store.remove(name, before=later) is (Removal.ABSENT if server_tells else Removal.REMOVED)
    assert not store.holds(name, len(b"dati personali"))
    assert store.remove(name, before=later) is Removal.ABSENT


def test_keys_are_private_and_never_replaced(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys")
    keys.make_edition_keys("PROVA-1-SAR20", administration="Regione", rehearsal=True, at=AT)
    keys.cookie_secret("desk")
    before = {path: path.read_bytes() for path in keys.folder.rglob("*") if path.is_file()}
    assert len(before) >= 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in before} == {0o600}
    keys.make_edition_keys("PROVA-1-SAR20", administration="Altra", rehearsal=True, at=AT)
    keys.cookie_secret("desk")
    assert {path: path.read_bytes() for path in keys.folder.rglob("*") if path.is_file()} == before
    with pytest.raises(FileExistsError):
        write_private(next(iter(before)), b"another")


def test_keys_cut_short_in_the_making_are_made_anew(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys")
    for name in ("seal", "authority"):
        (tmp_path / "keys/editions/SAR20-PROVA-1" / f"{name}.unfinished").mkdir(parents=True)
        (tmp_path / "keys/editions/SAR20-PROVA-1" / f"{name}.unfinished" / "seal.cert.pem").write_text("metà")
    keys.make_edition_keys("SAR20-PROVA-1", administration="Regione", rehearsal=True, at=AT)
    assert len(keys.seals("SAR20-PROVA-1").seals()) == 1
    assert keys.rehearsal_authority("SAR20-PROVA-1").sign_p7m(b"x", "Anna", "Bianchi", "BNCNNA75D41G942J", AT)
    assert list(keys.folder.rglob("*.unfinished")) == []


def test_a_lost_key_is_named_and_not_made_again(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys")
    keys.make_edition_keys("SAR20", administration="Regione", rehearsal=False, at=AT)
    (tmp_path / "keys/editions/SAR20/form.pem").unlink()
    with pytest.raises(KeyMissing, match=r"form\.pem"):
        keys.form_key("SAR20")
    with pytest.raises(KeyMissing, match="authority"):
        keys.rehearsal_authority("SAR20")


def test_the_service_refuses_to_start_on_a_register_whose_key_is_not_the_one_at_hand(service: Service) -> None:
    check_register_keys(service)
    with service.database.engine.connect() as connection:
        codes = list(connection.scalars(select(register.c.code)))
    assert codes
    shutil.rmtree(service.keys.registers)
    with pytest.raises(RegisterKeyMissing):
        check_register_keys(service)
    for code in codes:
        RegisterKey.generate(code).save(service.keys.registers)
    with pytest.raises(WrongRegisterKey):
        check_register_keys(service)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SPORTELLO_PORT", "ottomila"),
        ("SPORTELLO_LARGEST_UPLOAD", "-1"),
        ("SPORTELLO_SECURE_COOKIES", "forse"),
        ("SPORTELLO_CHECK_SECONDS", "0"),
    ],
)
def test_a_wrong_setting_names_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(WrongSettings, match=variable):
        read_settings()


def test_half_a_database_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPORTELLO_DATABASE_OWNER_URL", "postgresql://owner:segreto@db/sportello")
    with pytest.raises(WrongSettings, match="SPORTELLO_DATABASE_URL") as refusal:
        read_settings()
    assert "segreto" not in str(refusal.value)
    monkeypatch.delenv("SPORTELLO_DATABASE_OWNER_URL")
    monkeypatch.setenv("SPORTELLO_DATABASE_URL", "postgresql://app:segreto@db/sportello")
    with pytest.raises(WrongSettings, match="SPORTELLO_DATABASE_OWNER_URL"):
        read_settings()
