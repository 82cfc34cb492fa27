"""How many signed PDFs are judged in a second: ours beside plain pyHanko (difference analysis on) and poppler's `pdfsig`.

All three see the same files, in turns. Ours and pyHanko run inside this process with the same trust; `pdfsig` starts a process
for each file, as an office would call it, and looks neither at what follows a signature nor at who issued the certificate.
Seconds are those of the processor.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.measure import arguments, median, tell
from bench.rival_validators import pdfsig, pyhanko_pdf
from bench.signed_files import found, made
from signing.inspect import inspect_signatures
from signing.trust import TrustStore
from tests.pki.authority import AT, trust_store

Way = Callable[[str, bytes], object]


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--files", type=Path, help="PDFs to measure on; without it, documents made here")
    parser.add_argument("--trust", type=Path, help="folder of trust for those PDFs")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    trust = TrustStore.from_folder(given.trust) if given.trust else trust_store()
    documents = dict(found(given.files)) if given.files else made()
    with tempfile.TemporaryDirectory() as folder:
        times = measured(documents, ways(documents, trust, Path(folder)), given.runs)
    ours = times["ours"]
    tell(
        "signatures",
        runs=given.runs,
        ours=figures(ours),
        against={name: figures(seconds) for name, seconds in times.items() if name != "ours"},
        ratio={
            f"seconds, ours to {name}": round(sum(ours.values()) / sum(seconds.values()), 3)
            for name, seconds in times.items()
            if name != "ours"
        }
        | {
            f"seconds, ours to {name}, median of the files": round(
                statistics.median(ours[each] / seconds[each] for each in ours), 3
            )
            for name, seconds in times.items()
            if name != "ours"
        },
        as_json=given.json,
    )


def ways(documents: dict[str, bytes], trust: TrustStore, folder: Path) -> dict[str, Way]:
    """Each way to judge a document, by name."""
    known: dict[str, Way] = {
        "ours": lambda name, data: inspect_signatures(data, name=name, trust=trust, at=AT),
        "pyhanko": lambda _, data: pyhanko_pdf(data, trust, AT),
    }
    if shutil.which("pdfsig"):
        paths = {name: folder / f"{number}.pdf" for number, name in enumerate(documents)}
        for name, path in paths.items():
            path.write_bytes(documents[name])
        known["pdfsig"] = lambda name, _: pdfsig(paths[name])
    return known


def measured(documents: dict[str, bytes], known: dict[str, Way], runs: int) -> dict[str, dict[str, float]]:
    """Median processor seconds of each way for each document; the ways take turns, and a first turn that is not counted warms
    all up."""
    taken: dict[str, dict[str, list[float]]] = {way: {name: [] for name in documents} for way in known}
    for run in range(runs + 1):
        for name, data in documents.items():
            for way, judge in known.items():
                started = spent_seconds()
                judge(name, data)
                if run:
                    taken[way][name].append(spent_seconds() - started)
    return {way: {name: median(values) for name, values in each.items()} for way, each in taken.items()}


def spent_seconds() -> float:
    """What this process and those it started and waited for have spent, whatever else the machine does."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def figures(seconds: dict[str, float]) -> dict[str, Any]:
    slowest = max(seconds, key=lambda name: seconds[name])
    return {
        "documents": len(seconds),
        "documents per second": round(len(seconds) / sum(seconds.values()), 2),
        "median seconds of a document": round(median(list(seconds.values())), 5),
        "slowest": {"name": slowest, "seconds": round(seconds[slowest], 4)},
    }


if __name__ == "__main__":
    main()
