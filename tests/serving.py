"""How tests start programs of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def environment(**more: str) -> dict[str, str]:
    """That of a process which imports what we import."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **more}


@contextmanager
def served(data: Path, **more: str) -> Iterator[str]:
    """The address of a server that runs for a while, started by the command; it films small."""
    settings = environment(STILLMOTION_QUALITY="tiny", STILLMOTION_DATA_DIR=str(data), **more)
    command = [sys.executable, "-m", "stillmotion", "serve", "--port", "0"]
    with (data / "log").open("wb") as log:
        program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=settings, cwd=data, text=True)
    try:
        assert program.stdout is not None
        greeting = program.stdout.readline()
        assert "http://" in greeting, (data / "log").read_text()
        yield greeting.split()[-1]
    finally:
        program.terminate()
        program.communicate(timeout=60)
