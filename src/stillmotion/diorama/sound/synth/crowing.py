"""A rooster that crows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, noise, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (1.2, 3.0)

_LOUD = (
    (0, 0),
    (0.03, 0.7),
    (0.12, 0.6),
    (0.15, 0.02),
    (0.19, 0.8),
    (0.28, 0.8),
    (0.31, 0.1),
    (0.34, 0.8),
    (0.38, 0.5),
    (0.41, 0.08),
    (0.46, 1),
    (0.7, 0.9),
    (0.92, 0.45),
    (1, 0),
)
"""Share of the call, loudness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowing:
    """Controls of a crow."""

    count: int = 0
    """Crows; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 910.0
    """At its highest."""
    length_s: float = 1.89


def signal(controls: Crowing, take: Take) -> NDArray[np.float32]:
    """Four syllables: short, short, shorter and long, the voice strained to the top of its range.

    Crows last 1.5 to 2.5 s; pitch 400 to 1000 Hz with strong harmonics up to 5 kHz (Miller 1978, "The occurrence and
    biological significance of crowing"; Shimmura and Yoshimura 2013).
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.8, wet=0.08)


def _call(controls: Crowing, take: Take) -> NDArray[np.float32]:
    """Cock, a, doodle, doo: one breath with three closures."""
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.9, 1.12), max(0.95 * take.duration_s, 0.15))
    glide = (
        (0, 0.6),
        (0.08, 0.72),
        (0.15, 0.66),
        (0.2, 0.8),
        (0.3, 0.9),
        (0.4, 0.8),
        (0.46, 1),
        (0.6, 0.95),
        (1, 0.55),
    )
    loud = vocal.curve(length_s, _LOUD, 0.012)
    pitch = controls.pitch_hz * rng.uniform(0.92, 1.08) * vocal.curve(length_s, glide, 0.02)
    pitch = pitch * (1 + 0.01 * noise.wander(rng, pitch.size, vocal.STEPS_HZ, 10.0))
    voice = vocal.Voice(
        pitch_hz=pitch,
        formants_hz=np.stack([840 + 465 * loud, 1770 + 375 * loud, 3070 + 185 * loud, 4380 + 0 * loud]),
        voiced=loud,
        breath=0.15 * loud,
        effort=0.63,
        rough=0.21,
        damping=0.75,
        jitter=0.039,
        shimmer=0.32,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.75, 1.0))
