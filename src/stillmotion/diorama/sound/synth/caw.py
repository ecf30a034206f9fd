"""A crow that caws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.18, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caw:
    """Controls of a caw."""

    count: int = 0
    """Caws; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 480.0
    length_s: float = 0.32


def signal(controls: Caw, take: Take) -> NDArray[np.float32]:
    """Harsh open calls: a rough source through a beak that opens wide and closes.

    Caws last 0.2 to 0.4 s with harmonics 400 to 600 Hz apart, loudest from 1.2 to 1.8 kHz, and deterministic chaos
    (Mates, Tarter, Ha et al. 2015, "Acoustic profiling in a complexly social species, the American crow").
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.9, wet=0.1)


def _call(controls: Caw, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.85, 1.2), max(0.95 * take.duration_s, 0.08))
    gape = vocal.curve(length_s, ((0, 0.2), (0.25, 1), (0.75, 0.9), (1, 0.3)), 0.02)
    loud = vocal.curve(length_s, ((0, 0.1), (0.1, 0.7), (0.3, 1), (0.75, 0.85), (1, 0)), 0.01)
    pitch = (
        controls.pitch_hz * rng.uniform(0.94, 1.06) * vocal.curve(length_s, ((0, 0.85), (0.3, 1.04), (1, 0.85)), 0.03)
    )
    voice = vocal.Voice(
        pitch_hz=pitch,
        formants_hz=np.stack([950 + 450 * gape, 1700 + 350 * gape, 3100 + 200 * gape, 4600 + 0 * gape]),
        voiced=loud,
        breath=1.5 * loud,
        effort=1.0,
        rough=0.55,
        damping=2.2,
        jitter=0.03,
        shimmer=0.2,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.75, 1.0))
