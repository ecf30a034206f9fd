"""How quickly the program answers, and what it takes on disk."""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks.rows import Row
from stillmotion.assets import status

_REPEATS = 7


def measure() -> list[Row]:
    """Seconds from nothing to an answer, the quickest of several; megabytes of the default weights."""
    weights = sum(each.asset.size_bytes for each in status() if each.asset.default)
    return [
        Row(name="stillmotion --help", value=_quickest("-m", "stillmotion", "--help"), unit="s", at_most=0.3),
        Row(name="stillmotion animate --help", value=_quickest("-m", "stillmotion", "animate", "--help"), unit="s"),
        Row(name="import stillmotion", value=_quickest("-c", "import stillmotion"), unit="s"),
        Row(name="python with nothing, for comparison", value=_quickest("-c", "pass"), unit="s"),
        Row(name="default weights on disk", value=weights / 1e6, unit="MB", at_most=300.0),
    ]


def _quickest(*arguments: str) -> float:
    """Wall seconds of a fresh interpreter."""
    times = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times)
