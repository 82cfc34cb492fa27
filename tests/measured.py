"""A process and the most memory it held, measured from outside this one.

The kernel counts for a child the pages that its parent held when it was started: a test process that has grown would make
any child look as large. A small interpreter in between starts the child and says what it used.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

_BETWEEN = """
import json, os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
out, said = child.stdout.read(), child.stderr.read()
_, status, usage = os.wait4(child.pid, 0)
code = os.waitstatus_to_exitcode(status)
texts = [each.decode("utf-8", "replace") for each in (out, said)]
json.dump([code, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime, *texts], sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: code, most memory (MB), seconds of a processor that it and its children took, what it wrote."""

    code: int
    megabytes: float
    seconds: float
    out: str
    complaints: str


def run_measured(call: Sequence[str]) -> Ended:
    """Runs ``call`` to its end; it should write little on its standard error before it writes its answer."""
    done = subprocess.run([sys.executable, "-S", "-c", _BETWEEN, *call], capture_output=True, check=True)
    return Ended(*json.loads(done.stdout))
