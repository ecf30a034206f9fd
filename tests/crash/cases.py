"""Deaths, one or two at a time: at named places and at any moment; several servers die beside each other."""

from __future__ import annotations

import queue
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from crash import checks
from crash.driver import ALL, API, ENGINE, WORKER, Watch, points, served
from crash.receiver import receiving
from crash.workload import Caller, Fate, Film

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crash.driver import Server
    from crash.receiver import Receiver

_BEFORE = {"rescued": "claimed", "orphan-removed": "completing"}
"""Places that are passed only after a death at another one."""
_GIVEN_BACK = "given-back"
"""Passed by a worker whose server died in the middle of a film."""
_LATER = {"file-stored": 2}
"""Which time of passing is the telling one, where it is not the first."""
_ROUNDS = 4
_SWEPT_S = 13.0
"""By then the sweep came by."""
_MOMENT_S = 2.5
_NEWS = 0.1
"""How many photos are new where somebody dies at any moment; named places lie before and behind looking at them."""
_POINT, _MOMENT, POISON = "point", "moment", "poison"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Who dies where or when, and the seed of what callers do meanwhile."""

    name: str
    seed: int
    line: str
    """What makes it again, by `again`."""
    armed: tuple[tuple[str, int], ...] = ()
    kill: tuple[str, float] | None = None
    at_render: str | None = None


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of a case."""

    case: Case
    deaths: int = 0
    waits_s: list[float] = field(default_factory=list)
    """How long films of the dead waited for another attempt."""
    took_s: float = 0.0
    error: str = ""


def at_point(name: str, seed: int, times: int | None = None) -> Case:
    """A death where the source says."""
    chosen = times or _LATER.get(name, 1)
    armed = ((name, chosen), *([(_BEFORE[name], 1)] if name in _BEFORE else []))
    shown = name if times is None else f"{name} x{times}, {seed}"
    line = f"{_POINT} {name} {chosen} {seed}"
    return Case(name=shown, seed=seed, line=line, armed=armed, at_render=API if name == _GIVEN_BACK else None)


def at_moment(seed: int) -> Case:
    """A death at any moment."""
    chance = Random(seed)  # noqa: S311 - a seed is what it is for
    victim, after_s = chance.choice((API, WORKER, ENGINE, ALL)), chance.uniform(0, _MOMENT_S)
    name = f"{victim.rpartition('.')[2]} after {after_s:.3f} s"
    return Case(name=name, seed=seed, line=f"{_MOMENT} {seed}", kill=(victim, after_s))


def any_case(seed: int) -> Case:
    """A death of either kind."""
    chance = Random(seed)  # noqa: S311 - a seed is what it is for
    if chance.random() < 0.5:
        return at_moment(seed)
    name, times = chance.choice(points()), chance.choice((1, 1, 2, 3))
    return at_point(name, seed, 1 if name in _BEFORE else times)  # one death before it has it passed once


def poisoned() -> Case:
    """A film that kills its worker three times."""
    return Case(name=POISON, seed=0, line=POISON)


def again(line: str) -> Case:
    """A case that was noted."""
    kind, *rest = line.split()
    if kind == _POINT:
        return at_point(rest[0], int(rest[2]), int(rest[1]))
    return at_moment(int(rest[0])) if kind == _MOMENT else poisoned()


def play(server: Server, films: list[Film], case: Case) -> Outcome:
    """One case on a server that may have died before; `films` is all that was ever asked of it."""
    began_s, known = time.monotonic(), len(films)
    chance = Random(f"{case.name} {case.seed}")  # noqa: S311 - as above
    caller = Caller(server, chance, films, news=0.0 if case.armed else _NEWS)
    outcome, watch = Outcome(case=case), Watch(server, kill=case.kill)
    try:
        for place, times in case.armed:
            server.arm(place, times)
        with watch.over():
            if case.name == POISON:
                _poison(server, caller, watch)
            else:
                _rounds(server, caller, watch, case)
            server.disarm()
            checks.quiet(server)
        checks.check(server, films)
        checks.watch(server, films[known:])
        assert watch.deaths, "nobody died"
    except Exception:  # noqa: BLE001 - told with the case's seed
        outcome.error = traceback.format_exc()
    outcome.deaths, outcome.waits_s, outcome.took_s = watch.deaths, watch.waits_s, time.monotonic() - began_s
    return outcome


def _rounds(server: Server, caller: Caller, watch: Watch, case: Case) -> None:
    for _ in range(_ROUNDS):
        watch.kill_at_render = case.at_render
        caller.play()
        end_s = time.monotonic() + _SWEPT_S
        while (server.armed() or watch.kill) and time.monotonic() < end_s:
            server.mend()
            time.sleep(0.1)
        if not server.armed() and not watch.kill:
            return
    assert not server.armed(), f"never reached: {server.armed()}"


def _poison(server: Server, caller: Caller, watch: Watch) -> None:
    """One film and three deaths, each of which the watch sees."""
    for number in range(3):
        server.arm("fetched")
        watch.look()
        if number == 0:
            caller.film(fate=Fate.POISON)
        end_s = time.monotonic() + 60
        while server.armed():
            assert time.monotonic() < end_s
            time.sleep(0.02)
        watch.look()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What the lanes have in common."""

    waiting: queue.SimpleQueue[Case]
    receiver: Receiver
    named_url: str | None
    told: dict[str, Outcome] = field(default_factory=dict)
    opening: threading.Lock = field(default_factory=threading.Lock)


def run(cases: Iterable[Case], folder: Path, named_url: str | None, *, lanes: int) -> dict[str, Outcome]:
    """All of them, on several servers at once; one that breaks a promise is left for a new one."""
    waiting: queue.SimpleQueue[Case] = queue.SimpleQueue()
    for case in cases:
        waiting.put(case)
    with receiving() as receiver:
        shared = _Shared(waiting=waiting, receiver=receiver, named_url=named_url)
        with ThreadPoolExecutor(lanes) as pool:
            running = [pool.submit(_lane, shared, folder / f"lane{one}") for one in range(lanes)]
        for lane in running:
            lane.result()
    return shared.told


def _lane(shared: _Shared, folder: Path) -> None:
    number = 0
    while not shared.waiting.empty():
        number += 1
        stack = ExitStack()
        with shared.opening:
            server = stack.enter_context(served(folder / str(number), shared.receiver, shared.named_url))
        last = _until_broken(shared, server)
        try:
            with shared.opening:
                stack.close()
        except Exception:  # noqa: BLE001 - told with the last case that it saw
            if last in shared.told and not shared.told[last].error:
                shared.told[last].error = "at the end: " + traceback.format_exc()


def _until_broken(shared: _Shared, server: Server) -> str:
    """Take cases until there are none, or a promise was broken; the last one's name."""
    films: list[Film] = []
    last = ""
    while True:
        try:
            case = shared.waiting.get_nowait()
        except queue.Empty:
            return last
        last = case.name
        shared.told[last] = play(server, films, case)
        if shared.told[last].error:
            sys.stderr.write(f"{case.line}:\n{shared.told[last].error}\n")  # of hundreds of cases, not at their end
            return last
