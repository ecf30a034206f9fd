"""A wolf or a dog that howls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, noise, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.6, 1.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Howl:
    """Controls of a howl."""

    count: int = 0
    """Howls; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 540.0
    """Where it is held."""
    length_s: float = 4.4


def signal(controls: Howl, take: Take) -> NDArray[np.float32]:
    """A slow rise, a long note that sinks a little, and a fall; nearly a pure tone, in the open.

    Wolves howl at 150 to 780 Hz for 3 to 11 seconds with hardly any roughness (Theberge and Falls 1967, "Howling as a
    means of communication in timber wolves"; Palacios et al. 2007).
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.5, wet=0.08, air_db=-43.0)


def _call(controls: Howl, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.8, 1.15), max(0.95 * take.duration_s, 0.15))
    glide = (
        (0, 0.55),
        (0.05, 0.62),
        (0.09, 0.96),
        (0.2, 1.05),
        (0.45, 1.0),
        (0.7, rng.uniform(0.9, 0.97)),
        (0.9, 0.78),
        (1, 0.6),
    )
    pitch = controls.pitch_hz * rng.uniform(0.85, 1.1) * vocal.curve(length_s, glide, 0.06)
    pitch = pitch * (1 + 0.006 * noise.wander(rng, pitch.size, vocal.STEPS_HZ, 6.0))
    loud = vocal.curve(length_s, ((0, 0), (0.1, 0.5), (0.25, 1), (0.7, 0.8), (0.9, 0.35), (1, 0)), 0.08)
    voice = vocal.Voice(
        pitch_hz=pitch,
        formants_hz=np.stack([pitch * 1.1, 1720 + 0 * pitch, 4100 + 0 * pitch]),
        voiced=loud,
        breath=0.085 * loud,
        effort=0.36,
        damping=0.4,
        jitter=0.0055,
        shimmer=0.036,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.7, 1.0))
