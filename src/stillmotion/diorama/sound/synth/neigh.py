"""A horse that neighs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, noise, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.9, 2.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neigh:
    """Controls of a neigh."""

    count: int = 0
    """Neighs; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 1625.0
    """Where it begins; it ends near a third of that."""
    length_s: float = 2.09
    shake_hz: float = 11.0
    """How often a second the voice shakes."""


def signal(controls: Neigh, take: Take) -> NDArray[np.float32]:
    """A high cry that comes down in a shake and ends in grunts and breath.

    Whinnies fall from about 1.5 kHz to 400 Hz with a modulation of 8 to 14 a second and a second, lower voice (Briefer
    et al. 2015, "Segregation of information about emotional arousal and valence in horse whinnies").
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.7, wet=0.07)


def _call(controls: Neigh, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.85, 1.2), max(0.95 * take.duration_s, 0.15))
    glide = vocal.curve(length_s, ((0, 0.7), (0.1, 1.0), (0.3, 0.95), (0.6, 0.62), (0.85, 0.4), (1, 0.28)), 0.05)
    loud = vocal.curve(length_s, ((0, 0), (0.06, 0.7), (0.3, 1), (0.7, 0.75), (0.9, 0.4), (1, 0)), 0.02)
    u = np.linspace(0, 1, loud.size)
    hurry = 1 + 0.1 * noise.wander(rng, loud.size, vocal.STEPS_HZ, 3.0)
    shake = np.sin(2 * np.pi * np.cumsum(controls.shake_hz * hurry * (1 - 0.15 * u)) / vocal.STEPS_HZ)
    depth = np.clip(u / 0.25, 0.1, 1)
    voice = vocal.Voice(
        pitch_hz=controls.pitch_hz * rng.uniform(0.9, 1.1) * glide * (1 + 0.07 * depth * shake),
        formants_hz=np.stack([1090 - 425 * u, 2060 - 425 * u, 3510 - 240 * u, 4720 + 0 * u]),
        voiced=loud * (1 - 0.5 * depth * (0.5 - 0.5 * shake)),
        breath=loud * (0.046 + 0.092 * u),
        effort=0.92,
        rough=np.minimum(0.35 + 1.4 * u, 1.0),
        damping=0.92,
        jitter=0.0091,
        shimmer=0.076,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.8, 1.0))
