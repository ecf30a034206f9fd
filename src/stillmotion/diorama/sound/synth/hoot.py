"""An owl that hoots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, noise, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.3, 1.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hoot:
    """Controls of a hoot."""

    count: int = 0
    """Hoots; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 430.0
    length_s: float = 0.4


def signal(controls: Hoot, take: Take) -> NDArray[np.float32]:
    """Soft, nearly pure tones with a slight arch, the last part quavering in a long one, in a wood at night.

    Hoots of the great horned and tawny owls: 300 to 700 Hz, almost no overtones, 0.2 to 0.8 s (Odom and Mennill 2010;
    Galeotti and Pavan 1991, "Individual recognition of male tawny owls using spectrograms of their calls").
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=1.3, wet=0.02, air_db=-22.0)


def _call(controls: Hoot, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(
        controls.length_s * rng.choice([0.6, 1.0, 1.3]) * rng.uniform(0.9, 1.1), max(0.95 * take.duration_s, 0.1)
    )
    arch = vocal.curve(length_s, ((0, 0.93), (0.3, 1.0), (0.7, 0.99), (1, 0.92)), 0.04)
    loud = vocal.curve(length_s, ((0, 0), (0.15, 0.8), (0.45, 1), (0.8, 0.6), (1, 0)), 0.03)
    t = np.arange(loud.size) / vocal.STEPS_HZ
    quaver = 0.5 * (length_s > 0.55) * np.clip(t / length_s - 0.4, 0, 0.4)
    loud = loud * np.exp(0.12 * noise.wander(rng, loud.size, vocal.STEPS_HZ, 20.0))
    loud = loud * (1 - quaver * (1 + np.sin(2 * np.pi * 14 * t)))
    pitch = controls.pitch_hz * rng.uniform(0.97, 1.03) * arch
    pitch = pitch * (1 + 0.004 * noise.wander(rng, pitch.size, vocal.STEPS_HZ, 8.0))
    voice = vocal.Voice(
        pitch_hz=pitch,
        formants_hz=np.stack([pitch, 4.0 * pitch]),
        voiced=loud,
        breath=0.5 * loud,
        effort=0.1,
        damping=0.8,
        jitter=0.003,
        shimmer=0.02,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.75, 1.0))
