"""Somebody sings or hums a tune without words; several are a choir."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from stillmotion.diorama.sound.dsp import calls, clothes, level, rooms, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_SCALE = (0, 2, 4, 5, 7, 9, 11, 12)
_VIBRATO_HZ = 5.6
_CHOIR = 8.0
_OPEN = ("a", "o", "ae", "o", "uh", "a")
_SINGERS_HZ = 2950.0
_HUMMED_HZ = (286.0, 1020.0, 2270.0)
_KEYS = ("c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Singing:
    """Controls of singing."""

    voices: float = 1.0
    """How many sing in unison and octaves."""
    kind: str = ""
    """A "choir": at least eight sing."""
    f0_hz: float = 262.0
    """Lowest note: a man 130, a woman 262, a child 330."""
    tract: float = 1.15
    """Resonances over those of a man."""
    closed: float = 0.0
    """1 hums with closed lips."""
    note_s: float = 0.75
    """Of a usual note."""
    vibrato: float = 0.012
    """Depth as a share of the pitch."""
    key: str = ""
    """Name of the key note: "D", "F# minor"; empty for where it lies well."""
    pace: float = 1.0
    """Factor of the usual tempo."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tune:
    """Steps of the scale and shares of the bar, the same for all who sing."""

    degree: NDArray[np.int64]
    length_s: NDArray[np.float64]
    minor: bool


def signal(controls: Singing, take: Take) -> NDArray[np.float32]:
    """A tune that mostly moves by steps; each note is another vowel, reached by a glide, its vibrato growing.

    Vibrato of 5 to 6.5 Hz and about a quarter tone, and a cluster of resonances near 3 kHz, after Sundberg (1987, "The
    science of the singing voice"); with closed lips the tract is long, soft and nasal, little above 1 kHz leaves it.
    """
    controls = replace(controls, voices=max(controls.voices, _CHOIR)) if controls.kind == "choir" else controls
    tune = _tune(controls, take)
    voices = max(1, round(controls.voices))
    out = np.zeros((take.count, 2), dtype=np.float32)
    for k in range(voices):
        mono = _singer(controls, tune, take, octave=1.0 if k % 3 != 2 else 0.5)
        side = 0.0 if voices == 1 else take.rng.uniform(-0.9, 0.9)
        angle = (side + 1) * np.pi / 4
        out += mono[:, None] * np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
    echo = {"decay_s": 0.6, "wet": 0.05} if voices == 1 else {"decay_s": 2.2, "wet": 0.4}
    out = rooms.reverberate(out, take.sample_rate, take.rng, **echo)
    out = calls.leveled(out, take.sample_rate) + clothes.rustle(take)
    return level.fade(out, take.sample_rate, in_s=0.005, out_s=0.03)


def _tune(controls: Singing, take: Take) -> _Tune:
    rng = take.rng
    beat_s = controls.note_s / max(controls.pace, 0.2)
    many = int(take.duration_s / (0.45 * beat_s)) + 2
    degree, place = [], int(rng.choice((0, 2, 4)))
    for _ in range(many):
        degree.append(place)
        place = int(np.clip(place + rng.choice((-2, -1, -1, -1, 1, 1, 1, 2, 3)), 0, len(_SCALE) - 1))
    length_s = beat_s * rng.choice((0.5, 1.0, 1.0, 1.5, 2.0), many)
    return _Tune(degree=np.array(degree), length_s=length_s, minor="min" in controls.key.lower())


def _semitones(tune: _Tune) -> NDArray[np.float64]:
    steps = np.array(_SCALE, dtype=np.float64)
    if tune.minor:
        steps[[2, 5, 6]] -= 1
    return np.asarray(steps[tune.degree])


def _lowest_hz(controls: Singing) -> float:
    """The key note nearest to where the voice lies; A is 440 Hz."""
    name = controls.key.strip().lower().split(" ")[0].replace("♯", "#")
    if name not in _KEYS:
        return controls.f0_hz
    hz = float(440.0 * 2 ** ((_KEYS.index(name) - 9) / 12))
    return float(hz * 2 ** round(np.log2(controls.f0_hz / hz)))


def _singer(controls: Singing, tune: _Tune, take: Take, *, octave: float) -> NDArray[np.float32]:
    rng = take.rng
    steps = int(take.duration_s * vocal.STEPS_HZ) + 4
    t = np.arange(steps) / vocal.STEPS_HZ
    late_s = 0.0 if controls.voices <= 1 else rng.uniform(0.0, 0.05)
    onset = np.concatenate([[0.0], np.cumsum(tune.length_s)[:-1]]) + late_s
    note = np.clip(np.searchsorted(onset, t, side="right") - 1, 0, onset.size - 1)
    since = np.maximum(t - onset[note], 0.0)
    left = np.maximum(onset[note] + tune.length_s[note] - t, 0.0)
    semitones = ndimage.gaussian_filter1d(_semitones(tune)[note], 0.03 * vocal.STEPS_HZ)
    vibrato = controls.vibrato * np.sin(2 * np.pi * _VIBRATO_HZ * rng.uniform(0.94, 1.06) * t + rng.uniform(0, 6))
    pitch = _lowest_hz(controls) * octave * 2 ** (semitones / 12) * (1 + vibrato * np.clip(since / 0.35, 0, 1))
    pitch *= np.exp(0.004 * vocal.waver(rng, steps, 4.0) + 0.004 * rng.standard_normal())
    phrase = np.clip(left / 0.12, 0.0, 1.0) ** np.where(note % 6 == 5, 1.0, 0.25)  # a breath after six notes
    loud = np.clip(since / 0.05, 0, 1) * phrase * (0.8 + 0.2 * np.sin(np.pi * np.clip(since / 0.8, 0, 1)))
    voice = vocal.Voice(
        pitch_hz=pitch,
        formants_hz=_mouth(controls, note, steps, rng),
        voiced=loud,
        breath=0.06 * loud,
        effort=0.6 if controls.closed >= 0.5 else 0.5,
        damping=1.25 if controls.closed >= 0.5 else 1.0,
        jitter=0.015 if controls.closed >= 0.5 else 0.006,
        shimmer=0.03,
    )
    sung = vocal.render(voice, take.sample_rate, rng)[: take.count]
    return np.pad(sung, (0, take.count - sung.size))


def _mouth(controls: Singing, note: NDArray[np.int64], steps: int, rng: np.random.Generator) -> NDArray[np.float64]:
    if controls.closed >= 0.5:
        return np.array(_HUMMED_HZ)[:, None] * controls.tract * np.exp(0.03 * vocal.waver(rng, steps, 1.5))
    vowels = np.stack([vocal.vowel(name, controls.tract)[:, 0] for name in _OPEN])
    wanted = vowels[note % len(_OPEN)].T
    wanted = np.concatenate([wanted, np.full((1, steps), _SINGERS_HZ * controls.tract)])
    return np.asarray(ndimage.gaussian_filter1d(wanted, 0.04 * vocal.STEPS_HZ, axis=1), dtype=np.float64)
