"""The sound of a film while it is being made: a promise that the picture need not wait for."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Lock
from typing import TYPE_CHECKING, Self
from weakref import finalize

import numpy as np

from stillmotion.diorama import freed
from stillmotion.diorama.sound import mixing
from stillmotion.diorama.sound.records import Stem
from stillmotion.errors import Cancelled
from stillmotion.progress import Progress, Stage, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.records import SoundPlan

NAMES = (Stem.DIALOGUE, Stem.FOLEY, Stem.AMBIENCE, Stem.MUSIC)
"""Tracks in the order in which people list them."""


@dataclass(frozen=True, slots=True)
class _Made:
    mix: NDArray[np.float32]
    stems: Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class _Job:
    future: Future[_Made]
    stop: Event


class Recording:
    """A SoundSource that makes a plan's sound in a thread of its own, once, and keeps it."""

    def __init__(self, plan: SoundPlan, progress: Progress = ignore_progress) -> None:
        self._plan = plan
        self._progress = progress
        self._lock = Lock()
        self._job: _Job | None = None

    def begin(self) -> Self:
        """Start now instead of when somebody reads."""
        self._begun()
        return self

    def mix(self) -> NDArray[np.float32]:
        """See SoundSource."""
        return self._made().mix

    def stems(self) -> Mapping[str, NDArray[np.float32]]:
        """See SoundSource; a track that holds nothing is silent."""
        return self._made().stems

    def ready(self) -> bool:
        """See SoundSource. An error that waits to be read counts as well."""
        return self._begun().future.done()

    def cancel(self) -> None:
        """See SoundSource; finished sound stays."""
        with self._lock:
            if self._job is not None and not self._job.future.done():
                self._job.stop.set()
                self._job = None

    def _made(self) -> _Made:
        job = self._begun()
        try:
            return job.future.result()
        except BaseException:
            job.stop.set()
            with self._lock:
                if self._job is job:
                    self._job = None
            raise

    def _begun(self) -> _Job:
        with self._lock:
            if self._job is None:
                stop = Event()
                # The thread does not hold this object: sound that nobody can read any more is stopped.
                finalize(self, stop.set)
                pool = ThreadPoolExecutor(1, thread_name_prefix="sound")
                self._job = _Job(pool.submit(_make, self._plan, _stoppable(self._progress, stop)), stop)
                pool.shutdown(wait=False)
            return self._job


def _stoppable(progress: Progress, stop: Event) -> Progress:
    def told(stage: Stage, fraction: float) -> None:
        if stop.is_set():
            raise Cancelled
        progress(stage, fraction)

    return told


def _make(plan: SoundPlan, progress: Progress) -> _Made:
    progress(Stage.SOUND, 0.0)
    tracks = mixing.stems(plan, progress)
    silence = np.broadcast_to(np.zeros((1, 2), dtype=np.float32), (mixing.count(plan), 2))
    total = silence.copy()
    for samples in tracks.values():
        total += samples
    # What is kept is what `save` writes: nobody changes it by writing into what they were shown.
    for kept in (total, *tracks.values()):
        kept.setflags(write=False)
    freed.give_back()
    return _Made(total, {stem.value: tracks.get(stem, silence) for stem in NAMES})
