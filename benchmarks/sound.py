"""How long the sound of the longest film takes."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.rows import Row
from stillmotion.diorama import voice
from stillmotion.diorama.sound import bounded, mix, palette
from stillmotion.diorama.sound.records import PlannedSound, SoundPlan, Stem

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 20.0
FULL = ("air", "wind", "leaves", "birds", "stream", "crowd", "traffic", "rain")
"""A mix as full as prompts ask for, with the slowest generators among them."""
LINES = "Did you find the bug? I have looked for it all night long, and the coffee is gone. Let us go home."
"""Twenty words and one."""


def plan(names: tuple[str, ...], seconds: float = SECONDS) -> SoundPlan:
    """Named sounds from start to end."""
    voices = [palette.VOICES[name] for name in names]
    sounds = tuple(
        PlannedSound(
            generator=voice.generator,
            stem=voice.stem,
            start_s=0.0,
            end_s=seconds,
            gain_db=voice.gain_db,
            controls=voice.controls,
        )
        for voice in voices
    )
    return SoundPlan(duration_s=seconds, sample_rate=48_000, seed=1, loudness_lufs=-16.0, silent=False, sounds=sounds)


def strokes(count: int) -> SoundPlan:
    """The same stroke again and again, over the tone of a place."""
    one = PlannedSound(generator="impact", stem=Stem.FOLEY, start_s=0.0, end_s=1.6)
    starts = np.linspace(0.0, SECONDS - 2.0, count)
    quiet = plan(("air",))
    hits = (replace(one, start_s=float(start), end_s=float(start) + 1.6) for start in starts)
    return replace(quiet, sounds=(*quiet.sounds, *hits))


def crowded(count: int) -> SoundPlan:
    """As many beds at once, cut to what a film holds."""
    names = tuple(name for name, voice in palette.VOICES.items() if voice.stem is Stem.AMBIENCE)
    return bounded(plan((names * count)[:count]))[0]


def seconds_for(work: Callable[[], object]) -> float:
    """The better of two runs."""
    times = []
    for _ in range(2):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return min(times)


def measure() -> list[Row]:
    """The rows of this bench; kernels are compiled before the clock starts."""
    mix(plan(tuple(palette.VOICES), 1.0))
    alone = seconds_for(lambda: mix(plan(FULL)))
    return [
        Row(name="sound: 20 s of a full mix, 8 sounds", value=alone, unit="s", at_most=2.0),
        Row(name="sound: the same and 21 spoken words", value=alone + spoken_s(), unit="s", at_most=12.0),
        Row(
            name="sound: 20 s of wind and leaves",
            value=seconds_for(lambda: mix(plan(("air", "wind", "leaves")))),
            unit="s",
        ),
        Row(name="sound: 20 s with 200 strokes that are alike", value=seconds_for(lambda: mix(strokes(200))), unit="s"),
        Row(name="sound: 20 s of 200 beds at once, as bounded", value=seconds_for(lambda: mix(crowded(200))), unit="s"),
    ]


def spoken_s() -> float:
    """Seconds in which 21 words are spoken, the better of two runs; the network is loaded before the clock starts."""
    name = next(iter(voice.VOICES))
    voice.speak("Yes.", voice=name)
    speeds = iter((1.0, 1.01))  # a line that was spoken before would come from memory
    return seconds_for(lambda: voice.speak(LINES, voice=name, speed=next(speeds)))
