"""A dog that whimpers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, noise, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.05, 0.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whimper:
    """Controls of a whimper."""

    count: int = 0
    """Whines; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 1170.0
    length_s: float = 0.38


def signal(controls: Whimper, take: Take) -> NDArray[np.float32]:
    """Thin whines through the nose that slide up and down, close after each other.

    Whines of dogs are nearly tonal, 0.1 to 0.7 s long, between 0.4 and 2 kHz (Yeon 2007, "The vocal communication of
    canines").
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.3, wet=0.03)


def _call(controls: Whimper, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.5, 1.5), max(0.95 * take.duration_s, 0.08))
    top = rng.uniform(0.2, 0.7)
    arch = vocal.curve(length_s, ((0, 0.72), (top, 1.0), (1, rng.uniform(0.55, 0.8))), 0.04)
    loud = vocal.curve(length_s, ((0, 0), (0.2, 0.8), (top, 1), (0.85, 0.5), (1, 0)), 0.02)
    pitch = controls.pitch_hz * rng.uniform(0.75, 1.2) * arch
    pitch = pitch * (1 + 0.02 * noise.wander(rng, pitch.size, vocal.STEPS_HZ, 14.0))
    loud = loud * np.exp(0.25 * noise.wander(rng, pitch.size, vocal.STEPS_HZ, 18.0))
    voice = vocal.Voice(
        pitch_hz=pitch,
        formants_hz=np.stack([1010 + 405 * loud, 2560 + 0 * loud, 4320 + 0 * loud]),
        voiced=loud,
        breath=0.087 * loud,
        effort=0.35,
        damping=1.1,
        jitter=0.02,
        shimmer=0.1,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.75, 1.0))
