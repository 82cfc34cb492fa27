"""What the processes of a run share, and how each of them collects the tests. Fixtures: ``tests/installations.py``."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

RUN = pytest.StashKey[Path]()
MEMORY, DISK = Path("/dev/shm"), Path("/tmp")
ROOM = 2**30
LONGEST_NAME = 40


def pytest_configure(config: pytest.Config) -> None:
    """One folder for all processes of the run. Not pytest's own: the database's user may not enter those."""
    sent = getattr(config, "workerinput", None)
    config.stash[RUN] = Path(sent["run"] if sent else tempfile.mkdtemp(prefix="sportello-tests-", dir=roomy_memory()))
    config.stash[RUN].chmod(0o711)


def roomy_memory() -> Path:
    """Where a database is copied quickly: its six hundred files are half a second's work for a disk's file system."""
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if usable else DISK


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells the process that is about to start where the folder is."""
    node.workerinput["run"] = str(node.config.stash[RUN])


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that made the folder is the last to end: with it go the server and the folder."""
    if hasattr(config, "workerinput"):
        return
    if (config.stash[RUN] / "postgres").exists():
        from intake.embedded_postgres import EmbeddedPostgres

        EmbeddedPostgres(config.stash[RUN] / "postgres").stop()
    shutil.rmtree(config.stash[RUN], ignore_errors=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """What is read and collected stays until the end: looked through for garbage, it is each time in vain.

    A process that only hands tests out does not load what they need.
    """
    plugins = session.config.pluginmanager
    gc.disable()
    try:
        if not plugins.has_plugin("dsession"):
            for name in ("tests.drawn", "tests.installations"):
                plugins.register(import_module(name))
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A file is called by its parameter's name: one signed anew in each process would give its test as many names."""
    return argname if isinstance(val, bytes) and len(val) > LONGEST_NAME else None


@pytest.fixture(scope="session")
def run_folder(pytestconfig: pytest.Config) -> Path:
    """The folder that all processes of the run share."""
    return pytestconfig.stash[RUN]
