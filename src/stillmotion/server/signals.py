"""Being told to stop: by Ctrl-C or a polite kill, from when the work begins until everything is put away."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator
    from types import FrameType

_TELLING = (signal.SIGINT, signal.SIGTERM)


class Tell(Protocol):
    """Has a loop told of each signal."""

    def __call__(self, loop: asyncio.AbstractEventLoop, told: Callable[[], None], too_late: Callable[[], None]) -> None:
        """From now on.

        Args:
            loop: where `told` is called.
            told: as long as the loop lives.
            too_late: called instead, at any moment, when the loop is closed.
        """


@contextmanager
def heard() -> Iterator[Tell]:
    """Whoever wants to be told, tells the loop; from then to the end of the block nobody is interrupted.

    The loop's own way would end with the loop: then a second Ctrl-C would break off what is done after it, and a second
    polite kill would end the process at once.
    """
    before = {number: signal.getsignal(number) for number in _TELLING}

    def tell(loop: asyncio.AbstractEventLoop, told: Callable[[], None], too_late: Callable[[], None]) -> None:
        def hear(*_: object) -> None:
            try:
                loop.call_soon_threadsafe(told)
            except RuntimeError:  # it is closed
                too_late()

        for number in _TELLING:
            signal.signal(number, hear)

    try:
        yield tell
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in before.items():
                signal.signal(number, handler)


def ignore() -> None:
    """Everything is put away and the process about to end, which nobody need hurry: it ends as it would have."""
    for number in _TELLING:
        signal.signal(number, signal.SIG_IGN)


def to_the_end(act: Callable[[], None]) -> None:
    """Do something that must not be left half-done; who is interrupted meanwhile is so afterwards.

    Programs that are run for it do not hear the Ctrl-C of the terminal either.
    """
    if threading.current_thread() is not threading.main_thread():  # nobody else is interrupted
        act()
        return
    late, before = list[int](), {number: signal.getsignal(number) for number in _TELLING}

    def hear(number: int, frame: FrameType | None) -> None:
        handler = before[signal.Signals(number)]
        try:
            handler(number, frame) if callable(handler) else late.append(number)
        except KeyboardInterrupt:
            late.append(number)

    for each in _TELLING:
        signal.signal(each, hear)
    try:
        with ThreadPoolExecutor(1, initializer=_deafen) as pool:
            pool.submit(act).result()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    for number in late[:1]:
        signal.raise_signal(number)


def _deafen() -> None:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, _TELLING)
