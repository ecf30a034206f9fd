"""Check that functions and files stay small enough to read: see docs/decisions/0001-the-house.md."""

from __future__ import annotations

import ast
import statistics
import sys
from pathlib import Path

FUNCTION_MEDIAN, FUNCTION_P90, FUNCTION_MAX, FILE_MAX = 10, 30, 60, 500


def functions(path: Path) -> list[tuple[str, int]]:
    """Every function of a file with its length in lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    defs = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [(f"{path}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1) for node in defs]


def faults(root: Path) -> list[str]:
    """What breaks the limits, in words."""
    files = sorted(root.rglob("*.py"))
    found = [pair for path in files for pair in functions(path)]
    lengths = sorted(length for _, length in found)
    rows = [f"{name}: {length} lines, the limit is {FUNCTION_MAX}" for name, length in found if length > FUNCTION_MAX]
    for path in files:
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count > FILE_MAX:
            rows.append(f"{path}: {count} lines, the limit is {FILE_MAX}")
    if lengths and statistics.median(lengths) > FUNCTION_MEDIAN:
        rows.append(f"median function length {statistics.median(lengths)}, the limit is {FUNCTION_MEDIAN}")
    if lengths and lengths[len(lengths) * 9 // 10] > FUNCTION_P90:
        rows.append(
            f"90th percentile of function length {lengths[len(lengths) * 9 // 10]}, the limit is {FUNCTION_P90}"
        )
    return rows


def main() -> int:
    """Print every fault; exit 1 when there is one."""
    rows = faults(Path(__file__).parent.parent / "src")
    print("\n".join(rows) or "sizes: fine")
    return bool(rows)


if __name__ == "__main__":
    sys.exit(main())
