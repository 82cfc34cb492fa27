"""Loading a program's modules: all that they make stays, and looking it through for garbage is a sixth of the time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_swept() -> Iterator[None]:
    """No search for garbage while the block loads modules, nor later among what it loaded."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
