"""Somebody screams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, level, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PITCH = ((0.0, 0.62), (0.1, 0.95), (0.3, 1.05), (0.75, 1.0), (1.0, 0.72))
_SWELL = ((0.0, 0.0), (0.06, 0.9), (0.3, 1.0), (0.8, 0.85), (1.0, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scream:
    """Controls of a scream."""

    f0_hz: float = 950.0
    """Pitch at its height: a man 500, a woman 950."""
    tract: float = 1.2
    """Resonances over those of a man."""
    rough: float = 0.45
    """0 a clear call, 1 a voice that breaks."""
    length_s: float = 1.3
    """Of one scream."""
    count: int = 0
    """Exactly so many; 0 for as many as the time takes."""
    every_s: float = 0.0
    """Time from one to the next; 0 for a natural one."""
    pace: float = 1.0
    """Factor of the usual rate."""


def signal(controls: Scream, take: Take) -> NDArray[np.float32]:
    """A pressed voice near the top of its range that jumps up, holds and falls, hoarse with fast beats.

    What tells a scream from a song is its roughness: strength that changes 30 to 150 times a second (Arnal et al. 2015,
    "Human screams occupy a privileged niche in the communication soundscape").
    """
    length_s = controls.length_s / max(controls.pace, 0.2)
    starts = calls.onsets_s(
        take, count=controls.count, every_s=controls.every_s, length_s=1.15 * length_s, gap_s=(0.3, 0.9)
    )
    screams = [(onset, _scream(controls, length_s * take.rng.uniform(0.85, 1.15), take)) for onset in starts]
    out = calls.stage(take, calls.line(take, screams), decay_s=0.7, wet=0.06)
    return level.fade(out, take.sample_rate, in_s=0.0, out_s=0.02)


def _scream(controls: Scream, length_s: float, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    pitch = controls.f0_hz * vocal.curve(length_s, _PITCH, smooth_s=0.06) * rng.uniform(0.9, 1.1)
    pitch *= np.exp(0.02 * vocal.waver(rng, pitch.size, 6.0))
    swell = vocal.curve(length_s, _SWELL, smooth_s=0.03)
    t = np.arange(pitch.size) / vocal.STEPS_HZ
    beats = 1 + 0.5 * controls.rough * np.sin(2 * np.pi * 62.0 * t + 2 * vocal.waver(rng, t.size, 9.0))
    formants = vocal.vowel("a", controls.tract) * np.exp(0.02 * vocal.waver(rng, pitch.size, 4.0))
    formants[0] = np.maximum(
        formants[0], 0.98 * pitch
    )  # singers and screamers open the mouth until it follows the pitch
    voice = vocal.Voice(
        pitch_hz=pitch,
        formants_hz=formants,
        voiced=swell * beats,
        breath=0.25 * swell,
        effort=0.95,
        rough=np.clip(controls.rough * np.exp(0.5 * vocal.waver(rng, pitch.size, 3.0)), 0, 0.9),
        damping=1.6,
        jitter=0.02,
        shimmer=0.1,
    )
    return vocal.render(voice, take.sample_rate, rng)
