"""Whoever is told to stop is told once more in vain: what is being put away is put away."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from stillmotion.server import signals

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
BOTH = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """As for a program in the foreground, also where the tests are not; theirs are put back."""
    before = {number: signal.getsignal(number) for number in BOTH}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def tell(number: signal.Signals) -> None:
    """Us."""
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", BOTH, ids=lambda number: number.name)
def test_the_loop_is_told_and_after_it_nobody_is_interrupted(number: signal.Signals) -> None:
    """While it runs it hears of each; when it is closed something else is called, and the process goes on."""
    heard: list[str] = []
    before = signal.getsignal(number)

    async def work(begin: signals.Tell) -> None:
        loop, told = asyncio.get_running_loop(), asyncio.Event()
        begin(loop, told.set, lambda: heard.append("too late"))
        loop.call_soon(tell, number)
        await asyncio.wait_for(told.wait(), 20)
        heard.append("told")

    with signals.heard() as begin:
        asyncio.run(work(begin))
        tell(number)
        tell(number)
        heard.append("put away")
    assert heard == ["told", "too late", "too late", "put away"]
    assert signal.getsignal(number) is before


def test_before_the_loop_is_told_a_start_can_be_broken_off() -> None:
    """As ever."""
    with pytest.raises(KeyboardInterrupt), signals.heard():
        tell(signal.SIGINT)


def test_what_must_not_be_left_half_done() -> None:
    """It is done to its end, and then the interruption is heard; programs run for it do not hear it at all."""
    done: list[str] = []
    mask = "import signal; print(int({2, 15} <= signal.pthread_sigmask(signal.SIG_BLOCK, [])))"

    def act() -> None:
        tell(signal.SIGINT)
        tell(signal.SIGINT)
        done.append(subprocess.run([sys.executable, "-c", mask], check=True, capture_output=True, text=True).stdout)

    with pytest.raises(KeyboardInterrupt):
        signals.to_the_end(act)
    assert done == ["1\n"]
    with pytest.raises(ZeroDivisionError):
        signals.to_the_end(lambda: 1 // 0)


@pytest.mark.parametrize("number", BOTH, ids=lambda number: number.name)
def test_the_very_end_is_not_hurried(number: signal.Signals) -> None:
    """A signal while the interpreter ends does not change how the program ended."""
    program = (
        "import atexit, os\nfrom stillmotion.server import signals\nsignals.ignore()\n"
        f"atexit.register(os.kill, os.getpid(), {number.value})"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
