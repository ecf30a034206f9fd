"""Whatever a Shot asks of a sound is made: no value of a control that the file format takes breaks a generator."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest

from stillmotion.diorama import randomness
from stillmotion.diorama.sound import palette, registry
from stillmotion.diorama.sound.bounding import most_strokes
from stillmotion.diorama.sound.dsp.take import Take

RATE = 48_000
SECONDS = (0.05, 0.2, 1.0)
ODD = {
    "pace": (1.0, 0.1, 3.0, 10.0),
    "count": (0, 1, 1000),
    "every_s": (0.0, 0.02, 60.0),
    "surface": ("", "lava"),
    "mood": ("", "zzz"),
    "key": ("", "H#", "Cb minor"),
    "tempo_bpm": (20.0, 300.0),
}
TIMING = ("pace", "count", "every_s")
_SPREAD = 5
"""Of all mixtures of values every fifth is made in each length, another fifth in the next."""


@cache
def voices_of(generator: str) -> tuple[palette.Voice, ...]:
    """The named sounds of a generator, one for each kind of it."""
    kinds = {dict(one.controls).get("kind", ""): one for one in palette.VOICES.values() if one.generator == generator}
    return tuple(kinds.values())


def mixtures(generator: str) -> list[dict[str, float | str]]:
    """Every value of each control that the generator has; those of time in all their combinations."""
    known = registry.control_names(generator)
    timed = [name for name in TIMING if name in known]
    mixed = [dict(zip(timed, values, strict=True)) for values in product(*(ODD[name] for name in timed))]
    others = [name for name in ODD if name in known and name not in TIMING]
    return [
        each | {name: ODD[name][place % len(ODD[name])] for name in others}
        for place, each in enumerate(mixed * (1 if len(mixed) > 1 else len(ODD["key"])))
    ]


def made(voice: palette.Voice, controls: dict[str, float | str], seconds: float) -> np.ndarray:
    """The sound as the mix has it made: as often as can be told apart."""
    asked = dict(voice.controls) | {name: value for name, value in controls.items() if value}
    if "count" in controls:
        asked["count"] = min(int(controls["count"]), most_strokes(seconds))
    rng = randomness.generator(5, voice.generator)
    take = Take(duration_s=seconds, sample_rate=RATE, rng=rng, seed=5)
    return registry.make(voice.generator, tuple(asked.items()), take)


@pytest.mark.parametrize("generator", sorted({one.generator for one in palette.VOICES.values()}))
def test_no_control_value_breaks_a_sound(generator: str) -> None:
    """Any pace, count, distance, ground, mood, key and tempo gives as many finite samples as asked, of a sane level."""
    for late, seconds in enumerate(SECONDS):
        for place, controls in enumerate(mixtures(generator)):
            voices = voices_of(generator)
            if len(voices) * len(mixtures(generator)) > _SPREAD and place % _SPREAD != late:
                continue
            samples = made(voices[(place // _SPREAD + late) % len(voices)], controls, seconds)
            assert samples.shape == (round(seconds * RATE), 2), controls
            assert np.isfinite(samples).all(), controls
            assert np.abs(samples).max() < 2, controls


def test_a_fast_cry_stays_in_order() -> None:
    """Wails ten times as fast as usual still follow one another from the start to the end."""
    samples = made(palette.VOICES["baby_cry"], {"pace": 10.0}, 1.0)
    power = np.abs(samples).reshape(10, -1).mean(axis=1)
    assert power[0] > 0.2 * power.max()
    assert np.median(power) > 0.1 * power.max()
