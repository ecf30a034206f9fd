"""A duck that quacks."""

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
class Quack:
    """Controls of a quack."""

    count: int = 0
    """Quacks; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 250.0
    length_s: float = 0.2


def signal(controls: Quack, take: Take) -> NDArray[np.float32]:
    """Nasal bursts of a pressed voice through a hard bill, in series.

    Quacks of mallard females: 0.1 to 0.3 s, harmonics about 200 to 300 Hz apart with resonances near 1.2 and 2.4 kHz
    (Abraham 1974, "Vocalizations of the mallard").
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.5, wet=0.05)


def _call(controls: Quack, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.8, 1.25), max(0.95 * take.duration_s, 0.08))
    gape = vocal.curve(length_s, ((0, 0.2), (0.3, 1), (1, 0.3)), 0.02)
    loud = vocal.curve(length_s, ((0, 0.1), (0.12, 0.9), (0.4, 1), (0.75, 0.7), (1, 0)), 0.008)
    pitch = (
        controls.pitch_hz * rng.uniform(0.93, 1.07) * vocal.curve(length_s, ((0, 0.9), (0.3, 1.08), (1, 0.82)), 0.02)
    )
    voice = vocal.Voice(
        pitch_hz=pitch,
        formants_hz=np.stack([900 + 250 * gape, 1500 + 300 * gape, 2500 + 200 * gape, 3700 + 0 * gape]),
        voiced=loud,
        breath=0.5 * loud,
        effort=1.0,
        rough=0.35,
        damping=1.4,
        jitter=0.025,
        shimmer=0.15,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.75, 1.0))
