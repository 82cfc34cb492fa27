"""N11, house 5: a document that is stored while it is removed is there at the end, whichever of the two comes first."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from intake import storage
from intake.storage import LocalStore, Removal

DATA = b"domanda firmata"
LONG = 60.0
"""Seconds that nobody waits, unless what is proved here is false."""


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "documents")


def stored_long_ago(store: LocalStore) -> str:
    name = store.put(DATA)
    then = (datetime.now(UTC) - timedelta(hours=3)).timestamp()
    os.utime(store.folder / name[:2] / name, (then, then))
    return name


class Meanwhile:
    """Another thread that begins at one step of the work under test; the step goes on once it waits, or has ended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> None:
        self.came = threading.Event()
        self.answer: list[object] = []
        self._work, self._begun = work, False
        self.thread = threading.Thread(target=self._run)
        self._flock = fcntl.flock
        monkeypatch.setattr(fcntl, "flock", self._tell_when_waiting)

    def at(self, monkeypatch: pytest.MonkeyPatch, place: Any, step: str, *, after: bool) -> None:
        done = getattr(place, step)

        def interrupted(*given: Any, **named: Any) -> Any:
            if not after:
                self._begin()
            told = done(*given, **named)
            if after:
                self._begin()
            return told

        monkeypatch.setattr(place, step, interrupted)

    def ended(self) -> object:
        assert self._begun, "the step was never reached"
        self.thread.join(LONG)
        (answer,) = self.answer
        return answer

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self.thread.start()
            assert self.came.wait(LONG)

    def _run(self) -> None:
        try:
            self.answer.append(self._work())
        finally:
            self.came.set()

    def _tell_when_waiting(self, descriptor: int, kind: int) -> None:
        try:
            self._flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            self.came.set()
            self._flock(descriptor, kind)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("place", "step", "there"),
    [
        (Path, "read_bytes", True),
        (os, "utime", True),
        (storage, "replace_private", False),
        (os, "fsync", False),
        (Path, "replace", False),
        (storage, "fsync_folder", True),
        (storage, "fsync_folder", False),
    ],
)
def test_n11_a_document_that_is_stored_outlives_a_removal_at_any_step_of_it(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, *, place: Any, step: str, there: bool, after: bool
) -> None:
    name = stored_long_ago(store)
    before = datetime.now(UTC) - timedelta(hours=1)
    if not there:
        assert store.remove(name, before=before) is Removal.REMOVED
    removal = Meanwhile(monkeypatch, lambda: store.remove(name, before=before))
    removal.at(monkeypatch, place, step, after=after)
    assert store.put(DATA) == name
    assert removal.ended() is Removal.TOO_RECENT
    assert store.get(name) == DATA


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("place", "step"), [(Path, "stat"), (Path, "unlink"), (storage, "fsync_folder")])
def test_n11_what_is_stored_at_any_step_of_a_removal_is_there_after_it(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, *, place: Any, step: str, after: bool
) -> None:
    name = stored_long_ago(store)
    storing = Meanwhile(monkeypatch, lambda: store.put(DATA))
    storing.at(monkeypatch, place, step, after=after)
    assert store.remove(name, before=datetime.now(UTC) - timedelta(hours=1)) is Removal.REMOVED
    assert storing.ended() == name
    assert store.get(name) == DATA


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("place", "step"), [(Path, "stat"), (Path, "unlink"), (storage, "fsync_folder")])
def test_n11_of_two_removals_at_any_step_one_removes_and_the_other_finds_nothing(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, *, place: Any, step: str, after: bool
) -> None:
    name = stored_long_ago(store)
    before = datetime.now(UTC) - timedelta(hours=1)
    other = Meanwhile(monkeypatch, lambda: store.remove(name, before=before))
    other.at(monkeypatch, place, step, after=after)
    assert store.remove(name, before=before) is Removal.REMOVED
    assert other.ended() is Removal.ABSENT
    assert store.remove(name, before=before) is Removal.ABSENT


def test_a_process_forked_meanwhile_holds_no_folder_longer(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the descriptors of the one it comes from, as a copy of one would be kept here."""
    name = stored_long_ago(store)
    copies: list[int] = []
    lock = fcntl.flock

    def copied(descriptor: int, kind: int) -> None:
        copies.append(os.dup(descriptor))
        lock(descriptor, kind | fcntl.LOCK_NB)

    monkeypatch.setattr(fcntl, "flock", copied)
    try:
        assert store.remove(name, before=datetime.now(UTC)) is Removal.REMOVED
        assert store.put(DATA) == name
        assert store.remove(name, before=datetime.now(UTC) - timedelta(hours=1)) is Removal.TOO_RECENT
    finally:
        for each in copies:
            os.close(each)


def test_a_store_that_is_locked_leaves_no_file_behind(store: LocalStore) -> None:
    name = stored_long_ago(store)
    assert store.remove(name, before=datetime.now(UTC)) is Removal.REMOVED
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []
