"""The engine process as its worker sees it: kept warm, asked for one film at a time, and ended when need be."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING

from stillmotion.server import log
from stillmotion.server.settings import for_children
from stillmotion.server.worker import messages
from stillmotion.server.worker.engine_process import WARM
from stillmotion.server.worker.messages import ENDS, Leave, Message, Ready

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from stillmotion.server.worker.messages import Work

_MODULE = "stillmotion.server.worker.engine_process"
_LINE_BYTES = 64 << 20
_START_S = 600.0
"""A new installation compiles for a minute or more; an engine that takes so long hangs."""
_LEAVING_S, _PATIENCE_S = 0.8, 0.4
"""For work to be left, and between a polite end and the other one: with the half second in which a cancel is seen,
well under the two seconds in which it is done."""


class EngineDied(Exception):  # noqa: N818 - what happened
    """The engine process is gone in the middle of its work."""

    def __init__(self, returncode: int | None, stage: str) -> None:
        super().__init__(f"the engine process ended with {returncode} at {stage!r}")
        self.returncode, self.stage = returncode, stage


class NoEngine(Exception):  # noqa: N818 - what happened
    """The engine process does not start: that is the worker's trouble, never the film's."""


class Engine:
    """One warm engine process; another takes its place when it ends."""

    def __init__(self, *, thoroughly: bool) -> None:
        self._arguments = [WARM] if thoroughly else []
        self._process: Process | None = None
        self._starting: asyncio.Task[None] | None = None
        self._token = ""
        self.stage = ""

    def start(self) -> None:
        """Begin to start it, if it does not run; nobody waits."""
        if self._process is None and self._starting is None:
            self._starting = asyncio.create_task(self._start())

    async def ready(self) -> None:
        """Wait until it is warm.

        Raises:
            NoEngine: it does not start.
        """
        while self._process is None:
            self.start()
            starting = self._starting
            assert starting is not None  # noqa: S101 - just set
            await asyncio.wait((starting,))
            if self._starting is starting:
                self._starting = None
            starting.result()

    async def begin(self, work: Work) -> None:
        """Give it work."""
        await self.ready()
        assert self._process is not None and self._process.stdin is not None  # noqa: S101, PT018 - it is ready
        self._token, self.stage = work.token, ""
        try:
            self._process.stdin.write(messages.ordered(work))
            await self._process.stdin.drain()
        except ConnectionError:
            await self._died()

    async def hear(self, wait_s: float) -> Message | None:
        """The next message about the work; None when it is silent for so long, or speaks of other work.

        Raises:
            EngineDied: there will be no more.
        """
        process = self._process
        assert process is not None and process.stdout is not None  # noqa: S101, PT018 - work has begun
        try:
            line = await asyncio.wait_for(process.stdout.readline(), wait_s)
        except TimeoutError:
            return None
        if not line.endswith(b"\n"):
            await self._died()
        token, message = messages.read(line)
        if token != self._token:
            return None
        if isinstance(message, messages.Stand):
            self.stage = message.stage
        return message

    async def leave(self) -> None:
        """Have it leave its work, and stay warm; ended if it does not at once, and another one started."""
        process = self._process
        if process is None or process.stdin is None:
            return
        try:
            process.stdin.write(messages.ordered(Leave(token=self._token)))
            await asyncio.wait_for(self._left(), _LEAVING_S)
        except (TimeoutError, ConnectionError, EngineDied):
            await self.stop()
            self.start()

    async def _left(self) -> None:
        while not isinstance(await self.hear(_LEAVING_S), ENDS):
            pass

    async def stop(self) -> None:
        """End it now, whatever it is doing: its cores are free afterwards."""
        starting = self._starting
        if starting is not None:
            starting.cancel()
            await asyncio.wait((starting,))
            _ = starting.cancelled() or starting.exception()  # an error that nobody takes would end the worker
            self._starting = None
        await self._gone()

    async def _gone(self) -> None:
        """End it. Only then it is forgotten: whoever is told to stop meanwhile leaves it to the next one."""
        if self._process is not None:
            await _end(self._process)
            self._process = None

    async def _died(self) -> None:
        process = self._process
        assert process is not None  # noqa: S101 - it did run
        await _ends(process)
        await self._gone()
        raise EngineDied(process.returncode, self.stage)

    async def _start(self) -> None:
        try:
            process = await self._begun()
        except OSError as error:  # no process or no memory to be had
            words = f"the engine process cannot be started: {type(error).__name__} {error.errno}"
            raise NoEngine(words) from error
        assert process.stdout is not None  # noqa: S101 - asked for
        try:
            async with asyncio.timeout(_START_S):
                line = await process.stdout.readline()
            if line.endswith(b"\n") and isinstance(messages.read(line)[1], Ready):
                log.get().info("engine ready", pid=process.pid)
                self._process, self._starting = process, None  # here, for nobody may be waiting any more
                return
            await _ends(process)
        except TimeoutError as error:
            await _end(process)
            words = f"the engine process was not ready within {_START_S:g} s"
            raise NoEngine(words) from error
        except BaseException:
            await _end(process)
            raise
        await _end(process)
        words = f"the engine process ended with {process.returncode} before it was ready"
        raise NoEngine(words)

    async def _begun(self) -> Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # what lies in the working folder is not run
            "-m",
            _MODULE,
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE_BYTES,
            env=for_children(records=False),  # it reads what strangers send
            start_new_session=True,  # Ctrl-C in the terminal is for the one who drains
        )


async def _ends(process: Process) -> None:
    """Give one that says nothing more a moment: a signal to it as it ends would lose how it ended."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), _PATIENCE_S)


async def _end(process: Process) -> None:
    """See that it ends, also when nobody waits for it any more."""
    if process.returncode is not None:
        return
    try:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _PATIENCE_S)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    await process.wait()  # nothing survives that; a busy machine only tells it late
