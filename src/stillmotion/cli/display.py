"""What a person sees while a command works: bars on a terminal, a plain line a stage in a pipe, nothing when quiet."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import rich.progress


def say(words: str) -> None:
    """One line for people."""
    click.echo(words, err=True)


@contextmanager
def stages(*, quiet: bool, verbose: bool, whole: bool = False) -> Iterator[Callable[[str, float], None]]:
    """A Progress that shows the stages of a job on stderr; stages of a job elsewhere may have other names.

    Args:
        quiet: show nothing.
        verbose: say how long stages took.
        whole: the fractions are of the whole job and not of its stages.
    """
    if quiet:
        yield _show_nothing
    elif sys.stderr.isatty():
        with _bars() as bars:
            yield WholeBar(bars) if whole else Bars(bars)
    else:
        yield Lines(verbose=verbose)


def _show_nothing(stage: str, fraction: float) -> None:
    del stage, fraction


class Lines:
    """One plain line when a stage begins; when verbose, the seconds it took when it ends."""

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self._started: dict[str, float] = {}
        self._done: set[str] = set()
        self._lock = Lock()

    def __call__(self, stage: str, fraction: float) -> None:
        """See `Progress`."""
        with self._lock:
            if stage not in self._started:
                self._started[stage] = time.perf_counter()
                say(str(stage))
            if self._verbose and fraction >= 1.0 and stage not in self._done:
                self._done.add(stage)
                say(f"{stage}: {time.perf_counter() - self._started[stage]:.1f} s")


class Bars:
    """One bar a stage, in the order in which the stages begin."""

    def __init__(self, bars: rich.progress.Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, rich.progress.TaskID] = {}
        self._lock = Lock()

    def __call__(self, stage: str, fraction: float) -> None:
        """See `Progress`."""
        with self._lock:
            if stage not in self._tasks:
                self._tasks[stage] = self._bars.add_task(str(stage), total=1.0)
            self._bars.update(self._tasks[stage], completed=min(fraction, 1.0))


class WholeBar:
    """One bar for the whole job, named after the stage that it is in."""

    def __init__(self, bars: rich.progress.Progress) -> None:
        self._bars = bars
        self._task: rich.progress.TaskID | None = None

    def __call__(self, stage: str, fraction: float) -> None:
        """See `Progress`."""
        if self._task is None:
            self._task = self._bars.add_task(stage, total=1.0)
        self._bars.update(self._task, description=stage, completed=min(fraction, 1.0))


def _bars() -> rich.progress.Progress:
    from rich import console, progress  # help and pipes do without rich

    columns = (
        progress.TextColumn("{task.description:<20}", markup=False),
        progress.BarColumn(bar_width=32),
        progress.TaskProgressColumn(),
        progress.TimeElapsedColumn(),
    )
    return progress.Progress(*columns, console=console.Console(stderr=True))
