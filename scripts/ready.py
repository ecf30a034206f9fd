"""Say in words whether this Python can make the environment: `make` runs this first, with whatever Python it found."""

from __future__ import annotations

import importlib.util
import platform
import sys

LEAST = (3, 11)

TOO_OLD = """stillmotion needs Python {least} or newer; this is {have} ({where}).
Name a newer one:  make PYTHON=/path/to/python{least} demo"""
NO_VENV = """This Python ({where}) cannot make virtual environments: its module ensurepip is missing.
On Debian and Ubuntu:  apt install python{have}-venv
Or name another Python:  make PYTHON=/path/to/python{have} demo"""


def problem() -> str | None:
    """What is missing and how to get it; None when nothing is."""
    have = ".".join(map(str, sys.version_info[:2]))
    words = {"least": ".".join(map(str, LEAST)), "have": have, "where": sys.executable or platform.python_version()}
    if tuple(sys.version_info[:2]) < LEAST:
        return TOO_OLD.format(**words)
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        return NO_VENV.format(**words)
    return None


if __name__ == "__main__":
    sys.exit(problem())
