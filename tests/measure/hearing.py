"""What a listener that never saw the film hears: YAMNet (Plakal and Ellis 2020) over the frames that are not quiet."""

from __future__ import annotations

import itertools
import tomllib
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from scipy import signal

from measure import assets
from stillmotion.diorama import randomness
from stillmotion.diorama.sound import palette, registry
from stillmotion.diorama.sound.dsp.take import Take

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

RATE = 48_000
SECONDS = 8.0
SEEDS = (101, 102, 103)
"""Takes that nobody tuned on."""
EXPECTED = Path(__file__).parents[1] / "quality" / "heard_as.toml"
_FRAME, _HOP = 15_600, 7_800
"""Samples at 16 kHz that the network hears at once, and from one hearing to the next."""
_QUIET_DB = 25.0
"""Frames so far under the loudest say nothing about the sound."""
_RMS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a named sound has to be heard as."""

    family: str
    accepted: tuple[str, ...]
    tolerated: frozenset[str]
    """Labels that are not plainly something else when they come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the network said about a named sound."""

    best: tuple[tuple[str, float], ...]
    """The five best labels with their mean scores."""
    passed: bool
    """An accepted label is among the first three."""
    plainly_else: bool
    """The first label is neither accepted, nor vague, nor empty."""


@cache
def expected() -> Mapping[str, Expected]:
    """The data file, by name of the sound."""
    data = tomllib.loads(EXPECTED.read_text(encoding="utf-8"))
    return {
        name: Expected(
            family=family,
            accepted=tuple(accepted),
            tolerated=frozenset([*accepted, *data["neutral"], *data["related"][family]]),
        )
        for family, sounds in data["sounds"].items()
        for name, accepted in sounds.items()
    }


@cache
def _network() -> tuple[Interpreter, tuple[str, ...]]:
    file = assets.path("yamnet")
    with zipfile.ZipFile(file) as archive:
        classes = tuple(archive.read(archive.namelist()[0]).decode().splitlines())
    # The default delegate writes to the standard error stream.
    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(str(file), num_threads=1, experimental_op_resolver_type=plain)
    interpreter.allocate_tensors()
    return interpreter, classes


def scores(samples: NDArray[np.float32], rate: int = RATE) -> NDArray[np.float64]:
    """Mean score of every class over the frames that are heard; samples have shape (count, 2) or (count,)."""
    interpreter, _ = _network()
    mono = samples.mean(axis=1) if samples.ndim == 2 else samples
    mono = signal.resample_poly(mono, 1, rate // 16_000) if rate != 16_000 else mono
    mono = np.pad(mono, (0, max(_FRAME - mono.size, 0)))
    frames = np.lib.stride_tricks.sliding_window_view(mono, _FRAME)[::_HOP].astype(np.float32)
    power = np.mean(frames**2, axis=1)
    heard = frames[power >= power.max() * 10 ** (-_QUIET_DB / 10)]
    heard = heard * np.float32(_RMS / (np.sqrt(np.mean(heard**2)) + 1e-12))
    place = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    rows = []
    for frame in np.clip(heard, -1, 1):
        interpreter.set_tensor(place[0], frame)
        interpreter.invoke()
        rows.append(interpreter.get_tensor(place[1])[0].astype(np.float64))
    return np.mean(rows, axis=0)


def named(name: str, seed: int, seconds: float = SECONDS) -> NDArray[np.float32]:
    """A named sound as its generator makes it, before place and mix."""
    voice = palette.VOICES[name]
    rng = randomness.generator(seed, "sound", voice.generator, 0)
    return registry.make(
        voice.generator, voice.controls, Take(duration_s=seconds, sample_rate=RATE, rng=rng, seed=seed)
    )


def judge(mean: NDArray[np.float64], wanted: Expected) -> Heard:
    """Compare scores with what was fixed before."""
    classes = _network()[1]
    order = np.argsort(mean)[::-1][:5]
    best = tuple((classes[index], float(mean[index])) for index in order)
    return Heard(
        best=best,
        passed=any(label in wanted.accepted for label, _ in best[:3]),
        plainly_else=best[0][0] not in wanted.tolerated,
    )


@cache
def hear(name: str) -> Heard:
    """What the network hears in a named sound, over several seeds."""
    return judge(np.mean([scores(named(name, seed)) for seed in SEEDS], axis=0), expected()[name])


_BANDS_HZ = np.geomspace(60.0, 16_000.0, 25)
_BEATS_HZ = (0.7, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
_FLOOR_DB = 50.0


def character(samples: NDArray[np.float32], rate: int = RATE) -> NDArray[np.float64]:
    """Levels of third-octave-like bands and of the modulations of the envelope, decibels under the strongest of each.

    After the time-averaged statistics by which textures are told apart (McDermott and Simoncelli 2011). Shape (30,).
    """
    mono = samples.mean(axis=1)
    hz, power = signal.welch(mono, rate, nperseg=8192)
    edges = itertools.pairwise(_BANDS_HZ)
    bands = np.array([power[(hz >= low) & (hz < high)].sum() for low, high in edges])
    envelope = np.sqrt(np.convolve(mono**2, np.ones(240) / 240, mode="same")[::240])
    beat_hz, beats = signal.periodogram(envelope - envelope.mean(), rate / 240)
    steps = itertools.pairwise(_BEATS_HZ)
    moves = np.array([beats[(beat_hz >= low) & (beat_hz < high)].sum() for low, high in steps])
    return np.concatenate([_decibels(bands), _decibels(moves)])


def _decibels(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(10 * np.log10(power / power.max() + 1e-12), -_FLOOR_DB)
