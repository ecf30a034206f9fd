"""A cat that hisses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, noise, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_COLOUR = ((300, -24.0), (900, -12.0), (2000, -2.0), (3800, 0.0), (7000, -4.0), (12000, -10.0), (16000, -20.0))
_PAUSE_S = (0.6, 1.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hiss:
    """Controls of a hiss."""

    count: int = 0
    """Hisses; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    length_s: float = 1.4
    mouth_hz: float = 4000.0
    """Main resonance of the open mouth."""
    mouth: float = 2.4
    """Share of that resonance."""
    growl: float = 0.0
    """Share of a low voice under the breath."""


def signal(controls: Hiss, take: Take) -> NDArray[np.float32]:
    """A spit of breath over an arched tongue, then a long rush that sinks.

    Turbulent noise without voice from 1 to 12 kHz with broad resonances of the open mouth (Brown et al. 1978, "Hormonal
    and vocal repertoire of the cat"; Tavernier et al. 2020, "Feline vocal communication").
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.3, wet=0.02)


def _call(controls: Hiss, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.8, 1.2), max(0.95 * take.duration_s, 0.1))
    rush = vocal.curve(length_s, ((0, 0.5), (0.05, 1), (0.3, 0.85), (0.7, 0.5), (1, 0)), 0.02)
    rush = rush * np.exp(0.1 * noise.wander(rng, rush.size, vocal.STEPS_HZ, 20.0))
    count = int((rush.size - 1) / vocal.STEPS_HZ * take.sample_rate)
    air = noise.shaped(rng, count, take.sample_rate, _COLOUR)[:, 0]
    at = np.arange(count) * (vocal.STEPS_HZ / take.sample_rate)
    loud = np.interp(at, np.arange(rush.size), rush).astype(np.float32)
    mouth_hz = (controls.mouth_hz * (0.8 + 0.4 * loud)).astype(np.float32)
    throat = filters.moving_band(air[:, None], take.sample_rate, mouth_hz[:, None], 1.6)[:, 0]
    return calls.unit((air * np.float32(0.6) + throat * np.float32(controls.mouth)) * loud, rng.uniform(0.8, 1.0))
