"""A lion that roars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, noise, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.3, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roar:
    """Controls of a roar."""

    count: int = 0
    """Roars; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 210.0
    length_s: float = 2.09


def signal(controls: Roar, take: Take) -> NDArray[np.float32]:
    """A broad, hoarse cry from a very long tract that rises quickly and sinks; the next follows within a second.

    Roars last 1 to 2.5 seconds with a pitch near 200 Hz, irregular pulses and formants a few hundred hertz apart
    (Ananthakrishnan et al. 2011, "An acoustic analysis of lion roars"; Titze et al. 2010).
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.6, wet=0.08, air_db=-44.0)


def _call(controls: Roar, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.75, 1.25), max(0.95 * take.duration_s, 0.15))
    swell = vocal.curve(length_s, ((0, 0), (0.12, 0.5), (0.35, 1), (0.65, 0.8), (1, 0)), 0.05)
    glide = vocal.curve(length_s, ((0, 0.6), (0.3, 1.1), (0.6, 0.95), (1, 0.5)), 0.08)
    pitch = controls.pitch_hz * rng.uniform(0.9, 1.1) * glide
    pitch = pitch * (1 + 0.05 * noise.wander(rng, pitch.size, vocal.STEPS_HZ, 9.0))
    loud = swell * np.exp(0.2 * noise.wander(rng, pitch.size, vocal.STEPS_HZ, 22.0))
    voice = vocal.Voice(
        pitch_hz=pitch,
        formants_hz=np.stack([175 + 175 * swell, 475 + 135 * swell, 850 + 105 * swell, 1220 + 0 * swell]),
        voiced=loud,
        breath=2 * loud,
        effort=0.5,
        rough=0.21,
        damping=1.4,
        jitter=0.046,
        shimmer=0.22,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.8, 1.0))
