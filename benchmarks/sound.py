"""How long the sound of the longest film takes."""

from __future__ import annotations

from time import perf_counter

from benchmarks.rows import Row
from stillmotion.diorama.sound import mix, palette
from stillmotion.diorama.sound.records import PlannedSound, SoundPlan

SECONDS = 20.0
FULL = ("air", "wind", "leaves", "birds", "stream", "crowd", "traffic", "rain")
"""A mix as full as prompts ask for, with the slowest generators among them."""


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


def seconds_for(names: tuple[str, ...]) -> float:
    """The better of two runs."""
    times = []
    for _ in range(2):
        start = perf_counter()
        mix(plan(names))
        times.append(perf_counter() - start)
    return min(times)


def measure() -> list[Row]:
    """The rows of this bench; kernels are compiled before the clock starts."""
    mix(plan(tuple(palette.VOICES), 4.0))
    return [
        Row(name="sound: 20 s of a full mix, 8 sounds", value=seconds_for(FULL), unit="s", at_most=2.0),
        Row(name="sound: 20 s of wind and leaves", value=seconds_for(("air", "wind", "leaves")), unit="s"),
        Row(name="sound: 20 s of all 16 sounds at once", value=seconds_for(tuple(palette.VOICES)), unit="s"),
    ]
