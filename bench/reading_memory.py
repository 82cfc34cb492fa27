"""How much memory a worker takes to read one form, in a process of its own: the most it held at once."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from bench.forms import KEYS, returned_form
from ocr.attachments import form_map_of
from ocr.rapid_engine import line_by_rapidocr
from ocr.reading import read_returned

FALLBACK = "with the fallback engine"
_SECONDS = 300


def measured(seed: int, dpis: tuple[int, ...]) -> dict[str, int]:
    """Megabytes at each resolution, without the fallback engine and with it loaded and used once."""
    told: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for dpi in dpis:
            back = returned_form(seed, level="medium", dpi=dpi, only=(1, 2))
            scan, issued = Path(folder) / "scan.pdf", Path(folder) / "issued.pdf"
            scan.write_bytes(back.pdf)
            issued.write_bytes(back.form.pdf)
            told[f"{dpi} dpi"] = _alone(scan, issued, fallback=False)
            told[f"{dpi} dpi, {FALLBACK}"] = _alone(scan, issued, fallback=True)
    return told


def _alone(scan: Path, issued: Path, *, fallback: bool) -> int:
    call = [sys.executable, "-m", "bench.reading_memory", str(scan), str(issued), json.dumps(fallback)]
    done = subprocess.run(call, capture_output=True, check=True, timeout=_SECONDS, text=True)
    return int(done.stdout)


def main() -> None:
    scan, issued, fallback = sys.argv[1:]
    cv2.setNumThreads(1)
    drawn = Path(issued).read_bytes()
    form_map = form_map_of(drawn)
    assert form_map is not None
    if json.loads(fallback):
        line_by_rapidocr(np.full((48, 320), 255, dtype=np.uint8))
    read_returned([("scan.pdf", Path(scan).read_bytes())], form_map, KEYS, issued_pdf=drawn)
    # Not ru_maxrss: a process keeps there what the one that started it held.
    status = Path("/proc/self/status").read_text()
    print(int(status.split("VmHWM:")[1].split()[0]) // 1024)


if __name__ == "__main__":
    main()
