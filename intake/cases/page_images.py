"""Pictures of pages, drawn once by a process of its own and kept in a private folder that may be emptied at any time."""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

import structlog
from PIL import Image

from intake.cases.page_drawing import PageOrder, draw_page, measure_pages
from intake.checks.apart import ApartFailed, run_apart
from intake.errors import Refusal

DRAWING_SECONDS = 30.0
"""After this a page is not shown: the officer opens the file instead."""
QUEUE_SECONDS = 5.0
"""After this whoever waits for a drawing is told so: one person's many pictures never take all the threads of the service."""

_LOG = structlog.get_logger()
_AT_ONCE = threading.BoundedSemaphore(2)
_STRIPES = tuple(threading.Lock() for _ in range(64))


class PageNotDrawable(Refusal):
    code = "page_not_drawable"
    message = "Non riusciamo a mostrare questa pagina come immagine."
    remedy = "Scarichi il file originale e lo apra sul suo computer."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class DrawingBusy(Refusal):
    code = "page_drawing_busy"
    message = "In questo momento il servizio sta già preparando le immagini di altre pagine."
    remedy = "Riprovi tra un minuto, oppure apra il file originale."
    status = HTTPStatus.SERVICE_UNAVAILABLE


@dataclass(frozen=True, slots=True)
class PageImages:
    """The pictures kept under ``folder``; names are hashes, nothing in a path tells whose document it is."""

    folder: Path

    def picture(self, order: PageOrder) -> bytes:
        """The page as WebP. Raises ``PageNotDrawable``, ``DrawingBusy``."""
        return self._kept(f"{_name_of(order)}.webp", lambda: _apart(draw_page, order))

    def sizes(self, data: bytes, name: str) -> tuple[tuple[float, float], ...]:
        """Width and height in points of every page of a file. Raises ``PageNotDrawable``, ``DrawingBusy``."""
        order = PageOrder(data, name, page=1, dpi=0)
        kept = self._kept(f"{_name_of(order)}.json", lambda: json.dumps(_apart(measure_pages, order)).encode())
        return tuple((float(width), float(height)) for width, height in json.loads(kept))

    def _kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        path = self.folder / name[:2] / name
        if (kept := _read(path)) is not None:
            return kept
        with _awaited(_STRIPES[int(name[:2], 16) % len(_STRIPES)]):
            if (kept := _read(path)) is not None:
                return kept
            made = make()
            _write(path, made)
            return made


def cut_out(picture: bytes, box: tuple[float, float, float, float], dpi: int, margin: float) -> bytes:
    """The part of a picture of ours around ``box``, in points, with ``margin`` points on each side, as WebP."""
    scale, page = dpi / 72, _decoded(picture)
    left, top = max(0, round((box[0] - margin) * scale)), max(0, round((box[1] - margin) * scale))
    right = min(page.width, max(left + 1, round((box[2] + margin) * scale)))
    bottom = min(page.height, max(top + 1, round((box[3] + margin) * scale)))
    out = io.BytesIO()
    page.crop((left, top, right, bottom)).save(out, "WEBP", quality=88)
    return out.getvalue()


@lru_cache(maxsize=4)
def _decoded(picture: bytes) -> Image.Image:
    """The last few are kept: an officer's screen asks for dozens of parts of the same pages."""
    page = Image.open(io.BytesIO(picture))
    page.load()
    return page


def turned_upright(picture: bytes, rotation: int) -> bytes:
    """A picture of ours as WebP, of a page that lies turned clockwise by ``rotation`` degrees in its file, set upright."""
    if rotation % 360 == 0:
        return picture
    with Image.open(io.BytesIO(picture)) as part:
        out = io.BytesIO()
        part.rotate(rotation, expand=True).save(out, "WEBP", quality=88)
    return out.getvalue()


def _apart(work: Callable[..., object], order: PageOrder) -> bytes:
    try:
        with _awaited(_AT_ONCE):
            return run_apart(work, order, lambda: None, seconds=DRAWING_SECONDS)  # type: ignore[return-value]
    except ApartFailed as failure:
        _LOG.warning("page_not_drawn", reason=failure.reason)
        raise PageNotDrawable from failure


@contextmanager
def _awaited(turn: threading.Lock | threading.Semaphore) -> Iterator[None]:
    if not turn.acquire(timeout=QUEUE_SECONDS):
        raise DrawingBusy
    try:
        yield
    finally:
        turn.release()


def _name_of(order: PageOrder) -> str:
    facts = [order.page, order.dpi, order.view, order.to_issued, order.sheet, order.issued_page]
    digest = hashlib.sha256(json.dumps(facts).encode())
    for part in (order.data, order.issued):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _read(path: Path) -> bytes | None:
    """One try, no look before: whoever empties the folder may come between the two."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write(path: Path, data: bytes) -> None:
    path.parent.parent.mkdir(mode=0o700, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    temporary.replace(path)
