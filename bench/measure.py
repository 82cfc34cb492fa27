"""What every benchmark says in the same words: the machine, the runs, medians, one JSON document."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Processor, cores and memory (bytes) of this machine, and what runs on it."""
    facts = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = next((line.split(":", 1)[1].strip() for line in facts.splitlines() if line.startswith("model name")), "")
    return {
        "processor": model or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0 to 1) of ``values`` do not exceed, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def processor_seconds(pid: int) -> float:
    """What a process and all under it have used of the processor, in all their threads; 0 for one that is gone."""
    children: dict[int, list[int]] = {}
    used: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            facts = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(facts[1]), []).append(int(stat.parent.name))
        used[int(stat.parent.name)] = sum(map(int, facts[11:15]))
    waiting, ticks = [pid], 0
    while waiting:
        one = waiting.pop()
        ticks += used.get(one, 0)
        waiting += children.get(one, [])
    return ticks / os.sysconf("SC_CLK_TCK")


def arguments(description: str) -> argparse.ArgumentParser:
    """A parser with what all benchmarks take."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    return parser


def tell(
    name: str, *, runs: int, ours: dict[str, Any], against: dict[str, Any], ratio: dict[str, Any], as_json: bool
) -> None:
    """Prints the figures: as JSON, or as lines for a person."""
    told = {"name": name, "machine": machine(), "runs": runs, "ours": ours, "against": against, "ratio": ratio}
    if as_json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    print(f"{name}: {runs} runs")
    for title, figures in (("ours", ours), *against.items(), ("ratio", ratio)):
        print(f"  {title}")
        for key, value in figures.items():
            print(f"    {key}: {value:.4g}" if isinstance(value, float) else f"    {key}: {value}")
