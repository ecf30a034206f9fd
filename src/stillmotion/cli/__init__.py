"""The command line: one module a command, loaded when it is asked for. Only this floor prints."""

from __future__ import annotations

import sys


def main() -> None:
    """What the `stillmotion` program runs."""
    from stillmotion.cli.app import run  # noqa: PLC0415  # so that importing the package stays free

    sys.exit(run(sys.argv[1:]))
