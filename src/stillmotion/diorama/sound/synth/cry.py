"""Somebody cries: a baby loudly, a grown person in sobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, clothes, level, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take


@dataclass(frozen=True, slots=True, kw_only=True)
class Cry:
    """Controls of crying."""

    kind: str = "baby"
    """Who: baby wails at each breath; sob is a grown person, wails broken by short breaths."""
    count: int = 0
    """Exactly so many wails; 0 for as many as the time takes."""
    every_s: float = 0.0
    """Time from wail to wail; 0 for a natural one."""
    pace: float = 1.0
    """Factor of the usual rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    wail_s: tuple[float, float]
    f0_hz: float
    melody: tuple[tuple[float, float], ...]
    """Pitch over f0 along the wail."""
    swell: tuple[tuple[float, float], ...]
    formants_hz: tuple[float, ...]
    effort: float
    rough: float
    air: float
    sobs: tuple[int, int]
    """Short breaths drawn before the wail."""
    sob_s: float
    tremor_hz: float
    tremor: float


_KINDS = {
    "baby": _Kind(
        wail_s=(0.7, 1.15),
        f0_hz=430.0,
        melody=((0.0, 0.85), (0.2, 1.08), (0.45, 1.12), (0.8, 0.98), (1.0, 0.78)),
        swell=((0.0, 0.0), (0.1, 0.7), (0.4, 1.0), (0.8, 0.8), (1.0, 0.0)),
        formants_hz=(1050.0, 1950.0, 3600.0),
        effort=0.8,
        rough=0.15,
        air=0.12,
        sobs=(1, 1),
        sob_s=0.28,
        tremor_hz=7.0,
        tremor=0.015,
    ),
    "sob": _Kind(
        wail_s=(0.7, 1.3),
        f0_hz=330.0,
        melody=((0.0, 1.05), (0.15, 1.15), (0.5, 0.98), (1.0, 0.75)),
        swell=((0.0, 0.0), (0.1, 1.0), (0.5, 0.6), (0.85, 0.3), (1.0, 0.0)),
        formants_hz=(650.0, 1500.0, 2800.0),
        effort=0.35,
        rough=0.15,
        air=0.35,
        sobs=(2, 4),
        sob_s=0.2,
        tremor_hz=6.0,
        tremor=0.05,
    ),
}


def signal(controls: Cry, take: Take) -> NDArray[np.float32]:
    """Wails with a rising and falling melody, each after air is drawn in; the voice trembles and turns hoarse.

    A healthy baby cries at 400 to 600 Hz in wails of about a second with breaths of a quarter of a second between
    (Wasz-Hockert et al. 1968, "The infant cry"); a sob draws air in several short steps.
    """
    kind = _KINDS.get(controls.kind, _KINDS["baby"])
    faster = max(controls.pace, 0.2)
    length_s = (kind.wail_s[1] + kind.sobs[1] * kind.sob_s) / faster
    gap_s = (-0.3 / faster, 0.05 / faster)
    starts = calls.onsets_s(take, count=controls.count, every_s=controls.every_s, length_s=length_s, gap_s=gap_s)
    f0_hz = kind.f0_hz * take.rng.uniform(0.94, 1.08)
    wails = [(onset, _wail(kind, f0_hz, faster, take)) for onset in starts]
    out = calls.stage(take, calls.line(take, wails), decay_s=0.4, wet=0.04) + clothes.rustle(take)
    return level.fade(out, take.sample_rate, in_s=0.0, out_s=0.02)


def _wail(kind: _Kind, f0_hz: float, faster: float, take: Take) -> NDArray[np.float32]:
    """Short breaths in, then the wail; rows are pitch, voiced, breath and openness of the mouth."""
    rng = take.rng
    drawn = [_drawn(kind.sob_s / faster, f0_hz, rng) for _ in range(int(rng.integers(kind.sobs[0], kind.sobs[1] + 1)))]
    cried = _cried(kind, rng.uniform(*kind.wail_s) / faster, f0_hz, rng)
    # A wail begins the recording: its breath is drawn after it.
    pitch, voiced, breath, mouth = np.concatenate([cried, *drawn], axis=1)
    formants = np.array(kind.formants_hz)[:, None] * np.exp(0.03 * vocal.waver(rng, pitch.size, 3.0))
    formants[0] *= mouth
    voice = vocal.Voice(
        pitch_hz=pitch,
        formants_hz=formants,
        voiced=voiced,
        breath=breath,
        effort=kind.effort,
        rough=np.clip(kind.rough * np.exp(0.8 * vocal.waver(rng, pitch.size, 2.0)), 0, 0.8),
        damping=1.2,
        jitter=0.015,
        shimmer=0.1,
    )
    return vocal.render(voice, take.sample_rate, rng)


def _cried(kind: _Kind, length_s: float, f0_hz: float, rng: np.random.Generator) -> NDArray[np.float64]:
    melody = vocal.curve(length_s, kind.melody, smooth_s=0.1) * rng.uniform(0.93, 1.1)
    swell = vocal.curve(length_s, kind.swell, smooth_s=0.04) * rng.uniform(0.75, 1.1)
    t = np.arange(melody.size) / vocal.STEPS_HZ
    tremor = 1 + kind.tremor * np.sin(2 * np.pi * kind.tremor_hz * t + rng.uniform(0, 6)) * np.linspace(0.3, 1, t.size)
    pitch = f0_hz * melody * tremor * np.exp(0.02 * vocal.waver(rng, t.size, 8.0))
    voiced = swell * tremor**4 * np.exp(0.12 * vocal.waver(rng, t.size, 6.0))
    return np.stack([pitch, voiced, kind.air * swell, 0.8 + 0.35 * swell])


def _drawn(length_s: float, f0_hz: float, rng: np.random.Generator) -> NDArray[np.float64]:
    steps = max(int(length_s * vocal.STEPS_HZ * rng.uniform(0.8, 1.1)), 4)
    u = np.arange(steps) / steps
    air = np.clip(np.sin(np.pi * np.clip((u - 0.15) / 0.7, 0, 1)), 0, None)
    return np.stack([np.linspace(0.9, 1.3, steps) * f0_hz, 0.06 * air, 0.4 * air, np.ones(steps)])
