"""A dog that barks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.14, 0.75)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bark:
    """Controls of a bark."""

    count: int = 0
    """Barks; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 625.0
    """At its highest: 250 a very large dog, 900 a small one."""
    length_s: float = 0.19
    size: float = 1.0
    """Length of the tract over that of a medium dog."""


def signal(controls: Bark, take: Take) -> NDArray[np.float32]:
    """Short bursts of a hoarse voice that jumps up and falls, the mouth snapping open and shut.

    Barks last 0.1 to 0.2 s with a pitch of 400 to 800 Hz, an arch of pitch, and noise between the harmonics (Pongracz
    et al. 2005, "Human listeners are able to classify dog barks"; Feddersen-Petersen 2000).
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.5, wet=0.06)


def _call(controls: Bark, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.85, 1.2), max(0.95 * take.duration_s, 0.08))
    snap = vocal.curve(length_s, ((0, 0.1), (0.25, 1), (0.6, 0.7), (1, 0)), 0.012)
    arch = vocal.curve(length_s, ((0, 0.6), (0.3, 1.0), (0.6, 0.85), (1, 0.5)), 0.015)
    loud = vocal.curve(length_s, ((0, 0.1), (0.12, 0.9), (0.35, 1), (0.7, 0.5), (1, 0)), 0.006)
    voice = vocal.Voice(
        pitch_hz=controls.pitch_hz * rng.uniform(0.93, 1.07) * arch,
        formants_hz=np.stack([675 + 610 * snap, 1690 + 475 * snap, 3380 + 270 * snap, 5000 + 0 * snap]) / controls.size,
        voiced=loud,
        breath=0.36 * loud,
        effort=0.9,
        rough=0.2,
        damping=2.5,
        jitter=0.045,
        shimmer=0.22,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.75, 1.0))
