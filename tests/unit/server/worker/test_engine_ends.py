"""No engine process is left beside its worker: it is known until it has ended, whatever is stopped at what moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psutil
import pytest

from stillmotion.server.worker import engine
from stillmotion.server.worker.engine import Engine, NoEngine

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

_READY = """
import os, sys
sys.stdout.write('["", "Ready", {}]' + chr(10))
sys.stdout.flush()
"""
_UNTIL_ITS_WORKER_GOES = "sys.stdin.read()"
PATIENCE_S = 30.0


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is run as an engine: one that is warm at once, and waits."""
    path = tmp_path / "engine_of_a_test.py"
    path.write_text(_READY + _UNTIL_ITS_WORKER_GOES, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(engine, "_MODULE", path.stem)
    return path


def left_over(act: Callable[[Engine], Awaitable[None]]) -> list[psutil.Process]:
    """Processes that are there after an engine was used and then stopped; one at least was there before."""

    async def run() -> list[psutil.Process]:
        of_others = psutil.Process().children()
        used = Engine(thoroughly=False)
        await act(used)
        there = [one for one in psutil.Process().children() if one not in of_others]
        assert there
        await used.stop()
        left = [one for one in there if one.is_running()]
        for one in left:
            one.kill()
        return left

    return asyncio.run(run())


@pytest.mark.usefixtures("program")
def test_an_engine_that_nobody_has_waited_for() -> None:
    """Started again after the last one, and warm before there is a film: a stop ends that one too."""

    async def start(used: Engine) -> None:
        used.start()
        assert used._starting is not None
        await asyncio.wait((used._starting,))

    assert left_over(start) == []


@pytest.mark.usefixtures("program")
def test_whoever_waits_is_told_to_stop_as_the_engine_gets_warm() -> None:
    """The engine is not lost with the one who waited."""

    async def miss(used: Engine) -> None:
        waiting = asyncio.create_task(used.ready())
        await asyncio.sleep(0)
        assert used._starting is not None
        await asyncio.sleep(0)
        used._starting.add_done_callback(lambda _: waiting.cancel())
        with pytest.raises(asyncio.CancelledError):
            await waiting

    assert left_over(miss) == []


def test_told_to_stop_while_it_is_seen_how_an_engine_ends(program: Path) -> None:
    """It says nothing more, and lives on: the stop that comes meanwhile still finds it, and no other is put beside."""
    program.write_text(_READY + "os.close(1)" + chr(10) + _UNTIL_ITS_WORKER_GOES, encoding="utf-8")

    async def cut_short(used: Engine) -> None:
        await used.ready()
        hearing = asyncio.create_task(used.hear(10))
        assert used._process is not None and used._process.stdout is not None  # noqa: PT018
        while not used._process.stdout.at_eof():  # noqa: ASYNC110 - a flag of theirs
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        hearing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hearing
        used.start()
        assert used._starting is None

    assert left_over(cut_short) == []


def test_an_engine_that_hangs_while_it_starts(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended, and told as one that does not start: nobody waits for it for ever."""
    program.write_text("import sys; " + _UNTIL_ITS_WORKER_GOES, encoding="utf-8")
    monkeypatch.setattr(engine, "_START_S", 0.2)
    of_others = psutil.Process().children()

    async def run() -> None:
        used = Engine(thoroughly=False)
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(NoEngine, match=r"not ready within 0\.2 s"):
                await used.ready()

    asyncio.run(run())
    assert [one for one in psutil.Process().children() if one not in of_others] == []


@pytest.mark.parametrize("executable", ["/nowhere/python", None])
def test_an_engine_that_does_not_start(program: Path, monkeypatch: pytest.MonkeyPatch, executable: str | None) -> None:
    """It ends before it is warm, or is no process at all: told as that, each time, and not as work that broke it."""
    program.write_text("raise MemoryError", encoding="utf-8")
    if executable is not None:
        monkeypatch.setattr(engine.sys, "executable", executable)

    async def run() -> None:
        used = Engine(thoroughly=False)
        for _ in range(2):
            with pytest.raises(NoEngine, match="cannot be started" if executable else "ended with 1"):
                await used.ready()
        await used.stop()

    asyncio.run(run())
