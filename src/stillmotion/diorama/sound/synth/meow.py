"""A cat that meows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, noise, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.5, 1.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meow:
    """Controls of a meow."""

    count: int = 0
    """Meows; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is with natural pauses."""
    pitch_hz: float = 670.0
    """Of the voice where the mouth is widest."""
    length_s: float = 0.84


def signal(controls: Meow, take: Take) -> NDArray[np.float32]:
    """The mouth opens and closes over an arch of pitch, with breath and a slight waver.

    Pitch rises from about 0.65 to 1 and falls to 0.7 of its height within half a second to a second, the first
    resonances of a tract of 8 cm move with the jaw (Schotz, van de Weijer and Eklund 2019, "Melody matters: an acoustic
    study of domestic cat meows"; Nicastro 2004).
    """
    mono = calls.repeated(take, controls, lambda: _call(controls, take), gap_s=_PAUSE_S)
    return calls.stage(take, mono, decay_s=0.3, wet=0.03)


def _call(controls: Meow, take: Take) -> NDArray[np.float32]:
    """One meow: closed, open, closed."""
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.75, 1.2), max(0.95 * take.duration_s, 0.1))
    top = rng.uniform(0.3, 0.45)
    open_share = vocal.curve(length_s, ((0, 0.0), (0.12, 0.1), (top, 1.0), (0.65, 0.75), (1, 0.05)), 0.06)
    arch = vocal.curve(length_s, ((0, 0.64), (top, 1.0), (0.7, 0.9), (1, rng.uniform(0.62, 0.75))), 0.08)
    waver = 1 + 0.02 * noise.wander(rng, arch.size, vocal.STEPS_HZ, 12.0)
    loud = vocal.curve(length_s, ((0, 0), (0.05, 0.25), (0.2, 0.5), (top, 1), (0.7, 0.8), (0.93, 0.3), (1, 0)), 0.02)
    formants = np.stack(
        [650 + 750 * open_share, 1900 + 700 * open_share, 3600 + 500 * open_share, 5600 + 300 * open_share]
    )
    voice = vocal.Voice(
        pitch_hz=controls.pitch_hz * rng.uniform(0.92, 1.08) * arch * waver,
        formants_hz=formants * rng.uniform(0.96, 1.04),
        voiced=loud,
        breath=0.12 * loud * (0.15 + open_share),
        effort=0.25 + 0.4 * open_share,
        rough=0.08,
        damping=2.9,
        jitter=0.0096,
        shimmer=0.048,
    )
    return calls.unit(vocal.render(voice, take.sample_rate, rng), rng.uniform(0.8, 1.0))
