"""Somebody whistles a little tune."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, clothes, filters, level, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_STEPS = (0, 2, 4, 7, 9, 12)
"""A pentatonic scale in semitones: any order of its notes is a tune."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whistling:
    """Controls of whistling with the lips."""

    f0_hz: float = 1050.0
    """Lowest note."""
    note_s: float = 0.36
    """Of a usual note."""
    vibrato: float = 0.012
    """Depth as a share of the pitch."""
    count: int = 0
    """Exactly so many notes; 0 for as many as the time takes."""
    every_s: float = 0.0
    """Time from note to note; 0 for a natural rhythm."""
    pace: float = 1.0
    """Factor of the usual tempo."""


def signal(controls: Whistling, take: Take) -> NDArray[np.float32]:
    """Nearly one sine: the air in the mouth resonates, blown through the lips, with breath around the same pitch.

    A lip whistle is the Helmholtz resonance of the mouth at 500 to 4000 Hz, harmonics 20 dB or more below; notes are
    joined by glides (Wilson et al. 1971, "Experiments on the fluid mechanics of whistling").
    """
    rng = take.rng
    apart_s = controls.note_s / max(controls.pace, 0.2)
    starts = calls.onsets_s(
        take,
        count=controls.count,
        every_s=controls.every_s,
        length_s=0.8 * apart_s,
        gap_s=(0.05 * apart_s, 0.4 * apart_s),
    )
    hz, loud = _line(controls, starts, take)
    phase = 2 * np.pi * np.cumsum(take.stretch(hz, vocal.STEPS_HZ).astype(np.float64)) / take.sample_rate
    tone = np.sin(phase) + 0.035 * np.sin(2 * phase) + 0.012 * np.sin(3 * phase)
    air = rng.standard_normal((take.count, 1), dtype=np.float32)
    around = filters.moving_band(air, take.sample_rate, take.stretch(hz, vocal.STEPS_HZ)[:, None], 6.0)[:, 0]
    wide = filters.band(air, take.sample_rate, 1200.0, 7000.0)[:, 0]
    swell = take.stretch(loud, vocal.STEPS_HZ)
    mono = swell * (tone.astype(np.float32) + np.float32(0.25) * around + np.float32(0.012) * wide)
    out = calls.stage(take, mono, decay_s=0.7, wet=0.05) + clothes.rustle(take)
    return level.fade(out, take.sample_rate, in_s=0.0, out_s=0.02)


def _line(
    controls: Whistling, starts: NDArray[np.float64], take: Take
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pitch and loudness at `vocal.STEPS_HZ`, reaching one step past the end."""
    rng = take.rng
    steps = int(take.duration_s * vocal.STEPS_HZ) + 3
    t = np.arange(steps) / vocal.STEPS_HZ
    place, semitones = int(rng.integers(1, 4)), np.zeros(steps)
    loud = np.zeros(steps)
    ends = np.append(starts[1:], max(take.duration_s, float(starts[-1]) + 0.1))
    longest_s = 1.6 * controls.note_s / max(controls.pace, 0.2)
    for start, following in zip(starts, ends, strict=True):
        place = int(np.clip(place + rng.choice((-2, -1, -1, 1, 1, 2)), 0, len(_STEPS) - 1))
        end = min(following - 0.02, start + longest_s)
        # The lips reach the new pitch within some hundredths of a second, from below.
        semitones[t >= start] = _STEPS[place] + rng.normal(0, 0.12)
        semitones[t >= start] -= 1.2 * np.exp(-(t[t >= start] - start) / 0.025)
        here = (t >= start) & (t < end)
        u = (t[here] - start) / max(end - start, 0.01)
        loud[here] = np.minimum(1, u * (end - start) / 0.02) * np.clip(1 - u**4, 0, 1) * rng.uniform(0.75, 1.0)
    vibrato = controls.vibrato * np.sin(2 * np.pi * 5.6 * t) * np.clip(loud, 0, 1)
    hz = controls.f0_hz * 2 ** (semitones / 12) * (1 + vibrato + 0.004 * vocal.waver(rng, steps, 6.0))
    return hz, loud * np.exp(0.12 * vocal.waver(rng, steps, 8.0))
