"""A picture that wants too much ends its own process at most."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from stillmotion.server.worker import limits

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
STEPS_BACK = """
import os
from pathlib import Path
from stillmotion.server.worker import limits
def group():
    place = Path("/proc/self/autogroup")
    told = place.read_text().split() if place.exists() else []  # empty where the first session of all is looked at
    return told[-1] if told else "none"
before = group()
limits.step_back()
print(os.nice(0), before, group())
"""


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


def test_too_much_memory_is_an_error() -> None:
    """The process lives on, and has its memory back afterwards."""
    assert _run(HUNGRY).stdout == f"{1 << 20}\n"


def test_too_much_time_is_the_end() -> None:
    """Native code does not listen to errors, so the process ends by a signal that its worker knows."""
    assert _run(BUSY).returncode == -signal.SIGXCPU


@pytest.mark.parametrize("leads", [True, False])
def test_films_step_back(leads: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Behind processes of other sessions too, where those are what is weighed; a session of others is left alone."""
    command = [sys.executable, "-c", STEPS_BACK]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, start_new_session=leads)
    nice, before, after = ended.stdout.split()
    assert int(nice) >= limits.NICENESS
    assert after == (str(limits.NICENESS) if leads and before != "none" else before)


POLITE = """
import os, threading
from stillmotion.server.worker import limits
leave, began = threading.Event(), threading.Event()
early = threading.Thread(target=lambda: (began.set(), leave.wait()))
early.start()
began.wait()
limits.step_back()
print(os.getpriority(os.PRIO_PROCESS, 0), os.getpriority(os.PRIO_PROCESS, early.native_id))
leave.set()
"""


def test_threads_that_were_there_before_step_back_too() -> None:
    """Libraries make their threads while they warm up; every one of them lets those who answer go first."""
    own, early = map(int, _run(POLITE).stdout.split())
    assert own == early
    assert own >= min(os.getpriority(os.PRIO_PROCESS, 0) + limits.NICENESS, 19)
