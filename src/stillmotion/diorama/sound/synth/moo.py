"""A cow that moos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, noise, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.8, 2.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moo:
    """Controls of a moo."""

    count: int = 0
    """Moos; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 165.0
    length_s: float = 1.62


def signal(controls: Moo, take: Take) -> NDArray[np.float32]:
    """A long low call that begins through the nose and opens; the pitch rises and sinks.

    Open-mouthed calls of cattle have a pitch near 150 Hz, closed ones near 80 (Padilla de la Torre et al. 2015,
    "Acoustic analysis of cattle (Bos taurus) mother-offspring contact calls"); a tract of 35 to 40 cm.
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.2, wet=0.09, air_db=-46.0)


def _call(controls: Moo, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.8, 1.2), max(0.95 * take.duration_s, 0.15))
    open_share = vocal.curve(length_s, ((0, 0), (0.2, 0.1), (0.45, 1), (0.85, 0.8), (1, 0.2)), 0.1)
    glide = vocal.curve(length_s, ((0, 0.72), (0.3, 0.95), (0.6, 1.12), (0.85, 1.0), (1, 0.72)), 0.1)
    loud = vocal.curve(length_s, ((0, 0), (0.06, 0.4), (0.3, 0.6), (0.5, 1), (0.85, 0.7), (1, 0)), 0.04)
    pitch = controls.pitch_hz * rng.uniform(0.9, 1.12) * glide
    pitch = pitch * (1 + 0.012 * noise.wander(rng, pitch.size, vocal.STEPS_HZ, 8.0))
    voice = vocal.Voice(
        pitch_hz=pitch,
        formants_hz=np.stack(
            [220 + 300 * open_share, 655 + 300 * open_share, 1370 + 225 * open_share, 2100 + 0 * pitch]
        ),
        voiced=loud,
        breath=0.048 * loud,
        effort=0.02 + 0.35 * open_share,
        rough=0.0022,
        damping=0.75,
        jitter=0.037,
        shimmer=0.26,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.8, 1.0))
