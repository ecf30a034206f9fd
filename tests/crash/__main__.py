"""`make crash`: many deaths, where the source says and at any moment, filed in benchmarks/crash.md."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from crash import cases
from crash.driver import points

if TYPE_CHECKING:
    from crash.cases import Case, Outcome

_HERE = Path(__file__).parent
SEEDS = _HERE / "seeds.txt"
"""Cases that failed before, one a line; they come first."""
RESULTS = _HERE.parents[1] / "benchmarks" / "crash.md"


def chosen(kills: int, seed: int) -> list[Case]:
    """What failed before, then each place once, then anything."""
    failed = SEEDS.read_text().splitlines() if SEEDS.is_file() else []
    first = [cases.again(line) for line in failed]
    first += [cases.poisoned(), *(cases.at_point(name, seed + one) for one, name in enumerate(points()))]
    more = [cases.any_case(seed + number) for number in range(1000, 1000 + max(0, kills - len(first)))]
    return list({case.name: case for case in [*first, *more]}.values())


def report(told: list[Outcome], minutes: float, database: str) -> str:
    """The results as Markdown."""
    waits_s = sorted(wait for one in told for wait in one.waits_s)
    at_points = {one.case.armed[0][0] for one in told if one.case.armed and not one.error}
    failed = [one for one in told if one.error]
    middle_s, longest_s = (waits_s[len(waits_s) // 2], waits_s[-1]) if waits_s else (0.0, 0.0)
    rows = {
        "cases": len(told),
        "processes killed by SIGKILL": sum(one.deaths for one in told),
        "places of the source, of " + str(len(points())): len(at_points),
        "at any moment": sum(one.case.kill is not None for one in told),
        "promises broken": len(failed),
        "films in the hands of the dead": len(waits_s),
        "taken up again after, middle": f"{middle_s:.1f} s",
        "taken up again after, longest": f"{longest_s:.1f} s (limit 30 s)",
        "minutes": f"{minutes:.1f}",
        "database": database,
        "machine": f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
    }
    lines = ["# Deaths of processes", "", "Written by `make crash`; tests/crash says what happens and is checked.", ""]
    lines += ["| what | |", "| --- | --- |", *(f"| {what} | {value} |" for what, value in rows.items())]
    lines += ["", *(f"- failed: {one.case.line}" for one in failed)]
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Run them; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="crash")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lanes", type=int, default=4)
    asked = parser.parse_args()
    named = os.environ.get("STILLMOTION_TEST_DATABASE_URL")
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        told = list(cases.run(chosen(asked.kills, asked.seed), Path(folder), named, lanes=asked.lanes).values())
    database = "embedded" if named is None else "a server named by URL"
    RESULTS.write_text(report(told, (time.monotonic() - began_s) / 60, database))
    failed = [one for one in told if one.error]
    if failed:
        noted = SEEDS.read_text().splitlines() if SEEDS.is_file() else []
        lines = dict.fromkeys([*noted, *(one.case.line for one in failed)])
        SEEDS.write_text("".join(f"{line}\n" for line in lines))
    for one in failed:
        sys.stdout.write(f"{one.case.line}:\n{one.error}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
