"""Sound as a promise: made beside the picture, waited for only when read, stopped when nobody wants it."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.diorama.sound import Recording, mix, stems
from stillmotion.diorama.sound.records import PlannedSound, SoundPlan, Stem
from stillmotion.diorama.sound.registry import SoundUnknown
from stillmotion.errors import Cancelled

if TYPE_CHECKING:
    from stillmotion.progress import Stage

BED = PlannedSound(generator="hum", stem=Stem.AMBIENCE, start_s=0.0, end_s=1.0)
PLAN = SoundPlan(
    duration_s=1.0,
    sample_rate=48_000,
    seed=1,
    loudness_lufs=-16,
    silent=False,
    sounds=(BED, replace(BED, generator="impact", stem=Stem.FOLEY, start_s=0.2)),
)


class Gate:
    """A progress that holds the sound up until it is opened."""

    def __init__(self) -> None:
        self.reached, self.open = Event(), Event()
        self.told = 0

    def __call__(self, stage: Stage, fraction: float) -> None:
        """See Progress."""
        del stage, fraction
        self.told += 1
        self.reached.set()
        assert self.open.wait(20)


def test_it_is_the_mix() -> None:
    """What is read is what `mix` and `stems` make; tracks that hold nothing are silent and as long."""
    recording = Recording(PLAN)
    assert np.array_equal(recording.mix(), mix(PLAN))
    tracks = recording.stems()
    assert list(tracks) == ["dialogue", "foley", "ambience", "music"]
    assert np.array_equal(tracks["foley"], stems(PLAN)[Stem.FOLEY])
    assert tracks["music"].shape == (48_000, 2)
    assert not tracks["music"].any()
    assert not tracks["dialogue"].any()
    assert np.abs(sum(tracks.values()) - recording.mix()).max() < 1e-6


def test_what_is_kept_cannot_be_written_into() -> None:
    """Neither the mix nor a track, heard or silent: what is saved later is what was made."""
    recording = Recording(PLAN)
    for samples in (recording.mix(), *recording.stems().values()):
        with pytest.raises(ValueError, match="read-only"):
            samples[0] = 1.0


def test_it_is_made_once() -> None:
    """Reading twice gives the same arrays."""
    recording = Recording(PLAN)
    assert recording.mix() is recording.mix()


def test_nobody_waits_before_reading() -> None:
    """`begin` returns while the sound is still made; `ready` says when it is there."""
    gate = Gate()
    recording = Recording(PLAN, gate).begin()
    assert gate.reached.wait(20)
    assert not recording.ready()
    gate.open.set()
    assert recording.mix().any()
    assert recording.ready()


def test_errors_reach_the_reader() -> None:
    """An error in the thread counts as ready and is raised at every reading, as it is."""
    recording = Recording(replace(PLAN, sounds=(replace(BED, generator="theremin"),)))
    for read in (recording.mix, recording.stems):
        with pytest.raises(SoundUnknown, match="theremin"):
            read()


def test_raising_from_progress_reaches_the_reader_once() -> None:
    """Cancelling by progress arrives; a later reading makes the sound anew."""
    fails = [True]

    def cancel(stage: Stage, fraction: float) -> None:
        del stage, fraction
        if fails.pop():
            raise KeyboardInterrupt
        fails.append(False)

    recording = Recording(PLAN, cancel).begin()
    with pytest.raises(KeyboardInterrupt):
        recording.mix()
    fails.append(False)
    assert recording.mix().any()


def test_cancelling_stops_the_work() -> None:
    """The thread ends at its next step; who reads afterwards has it made anew; finished sound stays."""
    gate = Gate()
    recording = Recording(PLAN, gate).begin()
    assert gate.reached.wait(20)
    job = recording._job
    assert job is not None
    recording.cancel()
    gate.open.set()
    with pytest.raises(Cancelled):
        job.future.result(20)
    assert gate.told == 1
    whole = recording.mix()
    recording.cancel()
    assert recording.mix() is whole


def test_what_nobody_can_read_is_stopped() -> None:
    """A clip that was thrown away costs no more time."""
    gate = Gate()
    recording = Recording(PLAN, gate).begin()
    assert gate.reached.wait(20)
    future = recording._job.future if recording._job else None
    assert future is not None
    del recording
    gc.collect()
    gate.open.set()
    with pytest.raises(Cancelled):
        future.result(20)


LONG_FILM = """
import re
from pathlib import Path
from stillmotion.diorama import freed
from stillmotion.diorama.sound import Recording
from stillmotion.diorama.sound.records import PlannedSound, SoundPlan, Stem

def made(seconds):
    sounds = tuple(
        PlannedSound(generator=name, stem=Stem.AMBIENCE, start_s=0.0, end_s=seconds)
        for name in ("birds", "leaves", "lapping", "room_tone")
    )
    plan = SoundPlan(
        duration_s=seconds, sample_rate=48_000, seed=1, loudness_lufs=-16, silent=False, sounds=sounds
    )
    recording = Recording(plan)
    recording.mix()
    return recording

def resident_mb():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

kept = made(20.0)
held = resident_mb()
freed.give_back()
print(held - resident_mb())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library gives memory back when asked")
def test_what_a_long_film_needed_while_it_was_made_is_given_back() -> None:
    """When 20 s are made, what was only needed on the way (40 MB and more) is not held: none is left to give back."""
    told = subprocess.run([sys.executable, "-c", LONG_FILM], check=True, capture_output=True, text=True)
    assert float(told.stdout) < 10
