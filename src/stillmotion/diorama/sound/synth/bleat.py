"""A sheep that bleats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, noise, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.6, 1.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bleat:
    """Controls of a bleat."""

    count: int = 0
    """Bleats; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 275.0
    length_s: float = 0.85
    tremble_hz: float = 8.0
    """How often a second the voice trembles."""


def signal(controls: Bleat, take: Take) -> NDArray[np.float32]:
    """An open, nasal vowel whose pitch and loudness tremble eight times a second.

    Pitch of ewes 150 to 250 Hz with strong amplitude modulation (Searby and Jouventin 2003, "Mother-lamb acoustic
    recognition in sheep"; Sebe et al. 2008).
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.6, wet=0.06)


def _call(controls: Bleat, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.75, 1.25), max(0.95 * take.duration_s, 0.12))
    loud = vocal.curve(length_s, ((0, 0), (0.06, 0.6), (0.25, 1), (0.8, 0.7), (1, 0)), 0.02)
    t = np.arange(loud.size) / vocal.STEPS_HZ
    hurry = 1 + 0.08 * noise.wander(rng, loud.size, vocal.STEPS_HZ, 3.0)
    tremble = np.sin(2 * np.pi * np.cumsum(controls.tremble_hz * hurry) / vocal.STEPS_HZ + rng.uniform(0, 6))
    depth = np.clip(t / 0.2, 0.2, 1)
    glide = vocal.curve(length_s, ((0, 0.9), (0.2, 1.05), (1, 0.85)), 0.05)
    voice = vocal.Voice(
        pitch_hz=controls.pitch_hz * rng.uniform(0.88, 1.15) * glide * (1 + 0.06 * depth * tremble),
        formants_hz=np.stack([720 + 180 * loud, 1860 + 240 * loud, 3000 + 120 * loud, 4200 + 0 * loud]),
        voiced=loud * (1 - 0.45 * depth * (0.5 - 0.5 * tremble)),
        breath=0.15 * loud,
        effort=0.9,
        rough=0.06,
        damping=1.3,
        jitter=0.033,
        shimmer=0.18,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.8, 1.0))
