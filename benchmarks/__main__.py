"""`make bench`: every measurement in one run, printed and filed in benchmarks/results.md with the machine."""

from __future__ import annotations

import importlib
import os
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.rows import Row

BENCHES = ("render", "others", "scene", "motion", "sound", "parser", "cli", "service")
RESULTS = Path(__file__).parent / "results.md"


def machine() -> str:
    """What these numbers were measured on."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    return f"{os.cpu_count()} cores, {model}, {platform.system()}, Python {platform.python_version()}"


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| what | measured | target | kept |", "| --- | --- | --- | --- |"]
    lines += [f"| {row.name} | {row.words} | {row.target_words} | {row.verdict} |" for row in rows]
    return "\n".join(lines)


def main() -> int:
    """Run the benches named on the command line, or all; exit 1 when a target is missed."""
    wanted = sys.argv[1:] or BENCHES
    rows: list[Row] = []
    busy = os.getloadavg()[0]
    started = time.monotonic()
    for name in wanted:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"benchmarks.{name}").measure()
    minutes = (time.monotonic() - started) / 60
    where = (
        f"Machine: {machine()}.\n"
        f"Load average when the run began: {busy:.1f} (0 is idle). The run took {minutes:.1f} minutes.\n"
        "Ratios are taken within one run; seconds depend on the machine and on what else it does."
    )
    text = f"# What was measured\n\n{where}\n\n{table(rows)}\n"
    print(text)
    if not sys.argv[1:]:
        RESULTS.write_text(text, encoding="utf-8")
    return int(any(row.missed for row in rows))


if __name__ == "__main__":
    sys.exit(main())
