"""A dove that coos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.5, 1.2)

_LOUD = (
    (0, 0),
    (0.06, 0.6),
    (0.2, 0.6),
    (0.26, 0),
    (0.3, 0),
    (0.38, 1),
    (0.62, 0.9),
    (0.7, 0),
    (0.75, 0),
    (0.81, 0.6),
    (0.93, 0.5),
    (1, 0),
)
"""Share of the call, loudness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coo:
    """Controls of a coo."""

    count: int = 0
    """Coos; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 540.0
    length_s: float = 1.35


def signal(controls: Coo, take: Take) -> NDArray[np.float32]:
    """Three notes, the middle one longest and highest, from a throat blown up like a balloon.

    The inflated oesophagus lets only the lowest harmonic through (Fletcher, Riede and Suthers 2004, "Model for
    vocalization by a bird with distensible vocal cavity and open beak"; Ballintijn and ten Cate 1999 on the collared
    dove's three elements at 400 to 600 Hz).
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.7, wet=0.08)


def _call(controls: Coo, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.93, 1.07), max(0.95 * take.duration_s, 0.12))
    glide = (
        (0, 0.9),
        (0.18, 0.97),
        (0.27, 0.9),
        (0.33, 0.95),
        (0.5, 1.06),
        (0.68, 0.98),
        (0.75, 0.9),
        (0.85, 0.95),
        (1, 0.88),
    )
    loud = vocal.curve(length_s, _LOUD, 0.015)
    pitch = controls.pitch_hz * rng.uniform(0.97, 1.03) * vocal.curve(length_s, glide, 0.03)
    t = np.arange(pitch.size) / vocal.STEPS_HZ
    purr = 1 - 0.3 * (0.5 + 0.5 * np.sin(2 * np.pi * np.cumsum(24 + 0 * t) / vocal.STEPS_HZ))
    voice = vocal.Voice(
        pitch_hz=pitch,
        formants_hz=np.stack([pitch, 3.6 * pitch]),
        voiced=loud * purr,
        breath=0.3 * loud,
        effort=0,
        damping=0.81,
        jitter=0.006,
        shimmer=0.04,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.75, 1.0))
