"""``sportello inspect``: one document checked without a database, in the shape that programs rely on."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from intake.checks.media_type import media_type_of
from signing.inspect import inspect_signatures
from signing.trust import TrustStore

PARTS = frozenset({"signatures", "stamps", "pages", "text"})
_SECONDS = 45.0


@dataclass(frozen=True, slots=True)
class Inspection:
    """What to look at. ``issued``: the PDF as issued, which carries the map of its own fields.

    ``attachments``: files that come with the document, among which its marks of stamp duty; ``notice``: the folder of the
    notice that says which duty is due.
    """

    trust: TrustStore
    at: datetime
    only: Collection[str] = PARTS
    issued: bytes | None = None
    form_keys: tuple[Ed25519PublicKey, ...] = ()
    attachments: tuple[Path, ...] = ()
    notice: Path | None = None


def inspect_file(
    path: Path,
    given: Inspection,
    *,
    detached: Path | None = None,
    tell: Callable[[dict[str, Any]], None] = lambda _: None,
) -> dict[str, Any]:
    """The JSON document of one file; ``tell`` hears what the signatures say before the pages are looked at.

    Raises ``OSError`` when it cannot be read from the disk.
    """
    data = path.read_bytes()
    separate = detached.read_bytes() if detached else None
    started = time.monotonic()
    report = inspect_signatures(
        data,
        name=path.name,
        detached=separate,
        issued=given.issued,
        trust=given.trust,
        at=given.at,
    )
    signatures = report.as_json()
    answer: dict[str, Any] = {
        "file": {
            "name": path.name,
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
            "media_type": media_type_of(data),
        },
        "path": str(path),
        **{key: signatures[key] for key in ("container", "verdict", "signatures", "content", "time_proofs")},
        "stamp_duty": [],
        "pages": [],
        "missing_pages": [],
        "foreign_pages": [],
        "workers": [],
        "agreement": None,
        "alterations": [],
        "findings": signatures["findings"],
    }
    if not set(given.only) <= {"signatures"}:
        tell({**answer, "seconds": round(time.monotonic() - started, 3)})
    if {"pages", "text"} & set(given.only):
        from intake.checks.page_inspection import inspect_pages

        content = report.content.data if report.content else data
        answer |= inspect_pages(
            path.name,
            content,
            given.issued,
            given.form_keys,
            answer["findings"],
            signed=bool(report.signatures),
        )
    if "text" in given.only and given.issued is None:
        from intake.checks.agreement_inspection import READING_SECONDS as AGREEMENT_SECONDS
        from intake.checks.agreement_inspection import inspect_agreement

        content = report.content.data if report.content else data
        seconds = min(AGREEMENT_SECONDS, _SECONDS - (time.monotonic() - started))
        answer["agreement"], lists = inspect_agreement(path.name, content, answer["pages"], seconds=seconds)
        from intake.checks.list_inspection import READING_SECONDS as LIST_SECONDS
        from intake.checks.list_inspection import inspect_worker_list

        seconds = min(LIST_SECONDS, _SECONDS - (time.monotonic() - started))
        answer["workers"] = inspect_worker_list(path.name, content, answer["pages"], seconds=seconds, only=lists)
    if "stamps" in given.only:
        from intake.checks.stamp_inspection import READING_SECONDS, StampInspection, inspect_stamps

        asked = StampInspection(
            *(path, data, separate, given.attachments, given.issued, given.notice, given.trust, given.at),
            seconds=min(READING_SECONDS, _SECONDS - (time.monotonic() - started)),
        )
        answer |= inspect_stamps(asked, answer["findings"])
    answer["seconds"] = round(time.monotonic() - started, 3)
    return answer
