"""A dog that growls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, noise, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.15, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Growl:
    """Controls of a growl."""

    count: int = 0
    """Growls; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 135.0
    length_s: float = 2.16
    size: float = 1.0
    """Length of the tract over that of a large dog."""


def signal(controls: Growl, take: Take) -> NDArray[np.float32]:
    """A low, hoarse, nearly pulsing voice behind closed teeth, swelling and fading.

    Growls of dogs have pitches of 60 to 180 Hz with strong irregularity and formants about 1 kHz apart (Taylor, Reby
    and McComb 2009, "Context-related variation in the vocal growling behaviour of the domestic dog").
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.4, wet=0.04)


def _call(controls: Growl, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.7, 1.3), max(0.95 * take.duration_s, 0.15))
    swell = vocal.curve(length_s, ((0, 0), (0.08, 0.5), (0.45, 1), (0.85, 0.7), (1, 0)), 0.05)
    pitch = controls.pitch_hz * rng.uniform(0.9, 1.1) * vocal.curve(length_s, ((0, 0.85), (0.5, 1.1), (1, 0.8)), 0.1)
    pitch = pitch * (1 + 0.07 * noise.wander(rng, pitch.size, vocal.STEPS_HZ, 7.0))
    loud = swell * np.exp(0.25 * noise.wander(rng, pitch.size, vocal.STEPS_HZ, 16.0))
    voice = vocal.Voice(
        pitch_hz=pitch,
        formants_hz=np.stack([300 + 94 * swell, 830 + 72 * swell, 1580 + 0 * swell, 2300 + 0 * swell]) / controls.size,
        voiced=loud,
        breath=1 * loud,
        effort=1,
        rough=0.27,
        damping=0.81,
        jitter=0.12,
        shimmer=0.58,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.8, 1.0))
