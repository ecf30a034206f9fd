"""Many people at once, without words: they murmur, cheer or play."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from scipy import signal as dsp

from stillmotion.diorama.sound.dsp import filters, level, noise, rooms, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_VOWELS_HZ = np.array(list(vocal.VOWELS_HZ.values()))
_VOICE_RATE = 12_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Controls of a crowd."""

    kind: str = "murmur"
    """What they do: murmur, cheer or play (children)."""
    count: int = 0
    """How many are told apart; 0 is as many as usual for that kind."""
    excitement: float = 0.3
    """0 a library, 1 a market: how high and how loud above their usual voice they speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    voices: int
    women: float
    """Share of the higher voices."""
    f0_hz: tuple[float, float]
    """Of the lower and of the higher voices."""
    tract: tuple[float, float]
    syllable_s: tuple[float, float]
    phrase: tuple[int, int]
    """Fewest and most syllables between two breaths."""
    pause_s: float
    bend: float
    """How far pitch moves within a syllable, as a share."""
    falls: float
    """How far pitch falls over a phrase, as a share."""
    open_mouths: float
    """0 all vowels, 1 only open ones."""
    effort: float
    air: float
    far: float
    """Level of those who cannot be told apart."""
    echo: float
    corner_hz: float
    far_colour: tuple[tuple[float, float], ...] = ((100, -6.0), (300, 0.0), (800, -3.0), (2500, -10.0), (6000, -22.0))


_KINDS = {
    "murmur": _Kind(
        voices=14,
        women=0.75,
        f0_hz=(115.0, 205.0),
        tract=(1.0, 1.16),
        syllable_s=(0.08, 0.26),
        phrase=(4, 14),
        pause_s=0.6,
        bend=0.2,
        falls=0.25,
        open_mouths=0.0,
        effort=0.5,
        air=1.0,
        far=0.15,
        echo=0.06,
        corner_hz=6000.0,
    ),
    "cheer": _Kind(
        voices=22,
        women=0.5,
        f0_hz=(350.0, 610.0),
        tract=(1.05, 1.2),
        syllable_s=(0.31, 0.86),
        phrase=(1, 3),
        pause_s=0.37,
        bend=0.17,
        falls=0.19,
        open_mouths=0.38,
        effort=0.77,
        air=2.1,
        far=0.3,
        echo=0.1,
        corner_hz=9000.0,
        far_colour=((150, -20.0), (400, -6.0), (1000, 0.0), (2500, -5.0), (6000, -22.0)),
    ),
    "play": _Kind(
        voices=7,
        women=0.6,
        f0_hz=(330.0, 420.0),
        tract=(1.35, 1.5),
        syllable_s=(0.1, 0.4),
        phrase=(2, 7),
        pause_s=1.4,
        bend=0.3,
        falls=0.2,
        open_mouths=0.4,
        effort=0.75,
        air=0.6,
        far=0.08,
        echo=0.15,
        corner_hz=10_000.0,
    ),
}


def signal(controls: Crowd, take: Take) -> NDArray[np.float32]:
    """Voices that each speak in syllables of their own, with pauses, near and far; those farthest away only as noise.

    Speech has three to six syllables a second, grouped in phrases over which pitch falls (Greenberg 1999, "Speaking in
    shorthand"); the vowels are those of `dsp.vocal`, no word is made of them.
    """
    kind = _KINDS.get(controls.kind, _KINDS["murmur"])
    voices = np.zeros((int(take.duration_s * _VOICE_RATE) + 8, 2), dtype=np.float32)
    for _ in range(max(1, round(controls.count) or kind.voices)):
        angle = (take.rng.uniform(-0.95, 0.95) + 1) * np.pi / 4
        mono = _voice(kind, controls, take)[: len(voices)]
        sides = np.array([np.cos(angle), np.sin(angle)], np.float32) * np.float32(take.rng.uniform(0.15, 1.0))
        voices[: mono.size] += mono[:, None] * sides
    out = dsp.resample_poly(voices, take.sample_rate, _VOICE_RATE, axis=0)[: take.count]
    out = rooms.reverberate(out, take.sample_rate, take.rng, decay_s=0.9, wet=kind.echo)
    out = filters.low(out, take.sample_rate, kind.corner_hz)
    out /= np.float32(np.sqrt(np.mean(out**2)) + 1e-9)
    out += noise.shaped(take.rng, take.count, take.sample_rate, kind.far_colour) * np.float32(kind.far)
    return level.to_reference(filters.high(out, take.sample_rate, 60.0), take.sample_rate)


def _voice(kind: _Kind, controls: Crowd, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    higher = int(rng.random() < kind.women)
    f0_hz = kind.f0_hz[higher] * rng.uniform(0.85, 1.2) * (0.92 + 0.25 * controls.excitement)
    tract = kind.tract[higher] * rng.uniform(0.95, 1.05)
    pitch, voiced, air, *formants = _talk(kind, int(take.duration_s * vocal.STEPS_HZ) + 4, rng)
    voice = vocal.Voice(
        pitch_hz=f0_hz * ndimage.gaussian_filter1d(pitch, 3),
        formants_hz=ndimage.gaussian_filter1d(np.stack(formants) * tract, 4, axis=1),
        voiced=voiced,
        breath=kind.air * air,
        effort=float(np.clip(kind.effort + 0.3 * (controls.excitement - 0.3), 0, 1)),
        jitter=0.02,
        shimmer=0.08,
    )
    mono = vocal.raw(voice, rng, _VOICE_RATE)
    return np.asarray(mono / np.float32(np.sqrt(np.mean(mono**2)) + 1e-9), dtype=np.float32)


def _talk(kind: _Kind, steps: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Phrases, then a breath. Rows: relative pitch, voiced, breath, three formants."""
    rows = np.zeros((6, steps))
    rows[0], rows[3:] = 1.0, _VOWELS_HZ[-1][:, None]
    at = -int(rng.uniform(0, 2 * vocal.STEPS_HZ))
    while at < steps:
        phrase = int(rng.integers(kind.phrase[0], kind.phrase[1] + 1))
        loud = rng.uniform(0.5, 1.0)
        for k in range(phrase):
            length = max(int(rng.uniform(*kind.syllable_s) * vocal.STEPS_HZ), 4)
            span = slice(max(at, 0), max(min(at + length, steps), 0))
            u = (np.arange(span.start, span.stop) - at) / length
            rows[:, span] = _syllable(u, k / phrase, kind, rng)
            rows[1:3, span] *= loud
            at += length
        at += int(rng.gamma(2.0, kind.pause_s / 2) * vocal.STEPS_HZ)
    return rows


def _syllable(u: NDArray[np.float64], through: float, kind: _Kind, rng: np.random.Generator) -> NDArray[np.float64]:
    """The rows of one syllable over its time 0..1; `through` is how far the phrase has come."""
    swell = np.clip(np.sin(np.pi * np.clip((u - 0.12) / 0.85, 0, 1)), 0, None) ** 0.6
    consonant = np.where(u < 0.2, rng.choice((0.05, 0.1, 0.5, 0.9)), 0.05)
    accent = 1 + kind.bend * rng.normal() * np.sin(np.pi * u)
    pitch = (1.15 - kind.falls * through) * accent * (1 + 0.15 * rng.normal() * (u - 0.5)) * rng.uniform(0.93, 1.08)
    vowel = _VOWELS_HZ[0 if rng.random() < kind.open_mouths else rng.integers(len(_VOWELS_HZ))] * rng.uniform(
        0.93, 1.07
    )
    return np.vstack([pitch.clip(0.4, 2.5), rng.uniform(0.4, 1.0) * swell, consonant, np.outer(vowel, np.ones(u.size))])
