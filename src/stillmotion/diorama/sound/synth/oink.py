"""A pig that grunts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.08, 0.7)
_SNOUT = 1.3
"""Factor on the resonances: that of a young pig, whose snout is short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Oink:
    """Controls of a grunt."""

    count: int = 0
    """Grunts; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 92.7
    length_s: float = 0.17


def signal(controls: Oink, take: Take) -> NDArray[np.float32]:
    """Pulses of a low voice through a long wet snout, in quick series.

    Grunts last 0.1 to 0.4 s with pulses at 40 to 120 Hz and most energy below 1 kHz, nasal resonances above (Tallet et
    al. 2013, "Encoding of situations in the vocal repertoire of piglets"; Garcia et al. 2016).
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.35, wet=0.06, air_db=-28.0)


def _call(controls: Oink, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.6, 1.4), max(0.95 * take.duration_s, 0.08))
    loud = vocal.curve(length_s, ((0, 0.1), (0.15, 0.8), (0.45, 1), (0.8, 0.6), (1, 0)), 0.012)
    glide = vocal.curve(length_s, ((0, 0.8), (0.4, 1.15), (1, 0.8)), 0.03)
    voice = vocal.Voice(
        pitch_hz=controls.pitch_hz * rng.uniform(0.8, 1.3) * glide,
        formants_hz=_SNOUT * np.stack([620 + 260 * loud, 1860 + 410 * loud, 3160 + 160 * loud, 4700 + 0 * loud]),
        voiced=loud,
        breath=2.75 * loud * rng.uniform(0.5, 1.3),
        effort=0.667,
        rough=0.595,
        damping=1.78,
        jitter=0.183,
        shimmer=0.99,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.75, 1.0))
