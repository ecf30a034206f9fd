"""A hen that clucks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.1, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluck:
    """Controls of a cluck."""

    count: int = 0
    """Clucks; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 625.0
    length_s: float = 0.08


def signal(controls: Cluck, take: Take) -> NDArray[np.float32]:
    """Short soft notes that drop in pitch, at uneven times, now and then a long one.

    Clucks are 0.05 to 0.15 s long, 200 to 1000 Hz with resonances near 1 and 2.5 kHz (Collias 1987, "The vocal
    repertoire of the red junglefowl").
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.35, wet=0.04)


def _call(controls: Cluck, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    drawn_out = rng.random() < 0.15
    length_s = controls.length_s * (rng.uniform(2.5, 4.5) if drawn_out else rng.uniform(0.7, 1.3))
    length_s = min(length_s, max(0.95 * take.duration_s, 0.06))
    loud = vocal.curve(length_s, ((0, 0.2), (0.2, 1), (0.6, 0.6), (1, 0)), 0.006)
    glide = vocal.curve(
        length_s, ((0, 1.15), (0.3, 1.0), (1, 0.7)) if not drawn_out else ((0, 0.8), (0.6, 1.5), (1, 1))
    )
    voice = vocal.Voice(
        pitch_hz=controls.pitch_hz * rng.uniform(0.85, 1.15) * glide,
        formants_hz=np.stack([950 + 200 * loud, 1900 + 150 * loud, 3300 + 0 * loud]),
        voiced=loud,
        breath=0.5 * loud,
        effort=0.8,
        rough=0.1,
        damping=0.81,
        jitter=0.046,
        shimmer=0.28,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.75, 1.0))
