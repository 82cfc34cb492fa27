"""What all processes of a run of the tests share: made by the first that asks for it, in a folder that ends with the run."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path


def made_once(run: Path, name: str, make: Callable[[Path], object]) -> Path:
    """The folder ``name`` of the run, filled by ``make`` in the process that asks first; the others wait until it is."""
    folder, made = run / name, run / f"{name}.made"
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            folder.mkdir(mode=0o711)
            make(folder)
            made.touch()
    return folder
