"""A picture that wants too much ends its own process at most."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold to these limits")
HUNGRY = """
from stillmotion.server.worker import limits
try:
    with limits.bounded():
        bytearray(limits.MEMORY_BYTES * 2)
except MemoryError:
    print(len(bytearray(1 << 20)))
"""
BUSY = """
from stillmotion.server.worker import limits
limits.CPU_S = 0
with limits.bounded():
    while True: pass
"""


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


def test_too_much_memory_is_an_error() -> None:
    """The process lives on, and has its memory back afterwards."""
    assert _run(HUNGRY).stdout == f"{1 << 20}\n"


def test_too_much_time_is_the_end() -> None:
    """Native code does not listen to errors, so the process ends by a signal that its worker knows."""
    assert _run(BUSY).returncode == -signal.SIGXCPU
