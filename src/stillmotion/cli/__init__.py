"""The command line: one module a command, loaded when it is asked for. Only this floor prints."""

from __future__ import annotations

import io
import sys


def main() -> None:
    """What the `stillmotion` program runs. Its output is UTF-8 everywhere; odd bytes in file names pass through."""
    from stillmotion.cli.app import run  # so that importing the package stays free

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    sys.exit(run(sys.argv[1:]))
