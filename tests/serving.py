"""How tests start programs of ours."""

from __future__ import annotations

import os
import sys


def environment(**more: str) -> dict[str, str]:
    """That of a process which imports what we import."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **more}
