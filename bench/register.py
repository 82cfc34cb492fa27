"""The whole register checked, beside hashing the same bytes; and how long a receipt's proof takes.

The register is a throw-away one with real leaves, real tree and real signed heads, filled by COPY with the fences down:
what is measured is the check, not the registration. "The same bytes" are those that the check must hash: each leaf, the
salted commitments in it, and the nodes of the tree.
"""

from __future__ import annotations

import hashlib
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from bench.measure import arguments, median, processor_seconds, tell
from bench.register_filling import CODE, fill, hashed_inputs, open_register
from protocol_register.receipt import receipt_of
from protocol_register.search import inclusion_proof
from protocol_register.verification import verify_register

PROOFS = 200
ONE_RUN_ABOVE = 100_000


def main() -> int:
    """Prints the figures for each size. 1 when a register that must hold does not."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument(
        "--runs", type=int, default=3, help="for each size up to a hundred thousand; larger ones run once"
    )
    chosen = parser.parse_args()
    ours: dict[str, Any] = {}
    hashing: dict[str, Any] = {}
    leaves: dict[str, Any] = {}
    ratio: dict[str, Any] = {}
    with scratch_register() as (engine, server):
        for size in sorted(chosen.sizes):
            fill(engine, size)
            told = _measured(engine, server, size, chosen.runs if size <= ONE_RUN_ABOVE else 1)
            ours[str(size)], hashing[str(size)], leaves[str(size)] = told
            worked = told[0]["own_processor_seconds"] + told[0]["database_processor_seconds"]
            ratio[str(size)] = {
                "verify_to_hashing": round(told[0]["seconds"] / told[1]["seconds"], 2),
                "verify_to_hashing_processor": round(worked / told[1]["processor_seconds"], 2),
                "verify_to_leaves_alone": round(told[0]["seconds"] / told[2]["seconds"], 2),
            }
    against = {"hashlib_same_bytes": hashing, "hashlib_leaves_alone": leaves}
    tell("register", runs=chosen.runs, ours=ours, against=against, ratio=ratio, as_json=chosen.json)
    return 0 if all(each["holds"] for each in ours.values()) else 1


@contextmanager
def scratch_register() -> Iterator[tuple[Engine, int]]:
    """The superuser's engine of a throw-away database with one empty register, and the process of its server."""
    with (
        tempfile.TemporaryDirectory(prefix="sportello-register-", dir="/tmp") as folder,
        open_register(Path(folder)) as engine,
    ):
        yield engine, int((Path(folder) / "database" / "cluster" / "postmaster.pid").read_text().split()[0])


def _measured(
    engine: Engine, server: int, size: int, runs: int
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    verifying, working, serving, hashing, leaves = [], [], [], [], []
    holds = True
    for _ in range(runs):
        with engine.connect() as connection:
            served = processor_seconds(server)
            began, worked = time.perf_counter(), time.process_time()
            check = verify_register(connection, CODE, every_signature=False)
            verifying.append(time.perf_counter() - began)
            working.append(time.process_time() - worked)
            serving.append(processor_seconds(server) - served)
            holds = holds and check.holds and check.size == size
        all_bytes, leaf_bytes = _seconds_hashing(size)
        hashing.append(all_bytes)
        leaves.append(leaf_bytes)
    with engine.connect() as connection:
        proofs, receipts = _proofs(connection, size)
    seconds = median(verifying)
    ours = {
        "runs": runs,
        "seconds": round(seconds, 3),
        "entries_per_second": round(size / seconds),
        "own_processor_seconds": round(median(working), 3),
        "database_processor_seconds": round(median(serving), 3),
        "holds": holds,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "proof_ms_median": round(median(proofs) * 1000, 3),
        "proof_ms_worst": round(max(proofs) * 1000, 3),
        "receipt_ms_median": round(median(receipts) * 1000, 3),
    }
    return ours, _spent(hashing), _spent(leaves)


def _spent(runs: list[tuple[float, float]]) -> dict[str, float]:
    return {
        "seconds": round(median([seconds for seconds, _ in runs]), 3),
        "processor_seconds": round(median([worked for _, worked in runs]), 3),
    }


def _seconds_hashing(size: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Seconds and processor seconds of hashlib over all the bytes, and over the leaves; making them is not counted."""
    spent = [[0.0, 0.0], [0.0, 0.0]]
    sha256 = hashlib.sha256
    for batches in hashed_inputs(size):
        for place, batch in enumerate(batches):
            began, worked = time.perf_counter(), time.process_time()
            for each in batch:
                sha256(each).digest()
            spent[place][1] += time.process_time() - worked
            spent[place][0] += time.perf_counter() - began
    (all_seconds, all_worked), (leaf_seconds, leaf_worked) = spent
    return (all_seconds, all_worked), (leaf_seconds, leaf_worked)


def _proofs(connection: Connection, size: int) -> tuple[list[float], list[float]]:
    """Seconds of each proof, and of each whole receipt, at places spread over the register."""
    proofs, receipts = [], []
    for place in range(PROOFS):
        index = place * (size - 1) // (PROOFS - 1)
        began = time.perf_counter()
        inclusion_proof(connection, CODE, index, size)
        proofs.append(time.perf_counter() - began)
        year, number = connection.execute(
            text("SELECT year, number FROM protocol_register.entry WHERE register = :code AND log_index = :index"),
            {"code": CODE, "index": index},
        ).one()
        began = time.perf_counter()
        receipt_of(connection, CODE, year, number)
        receipts.append(time.perf_counter() - began)
    return proofs, receipts


if __name__ == "__main__":
    raise SystemExit(main())
