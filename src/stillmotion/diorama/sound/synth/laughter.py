"""Somebody laughs or giggles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, clothes, filters, level, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_BOUT_CALLS = (5, 10)
_BREATH_S = 0.35
_CORNER_HZ = 5700.0
_MOUTHS_HZ = {"wide": (520.0, 1875.0, 3125.0), "narrow": (270.0, 2290.0, 3010.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Laughter:
    """Controls of laughter."""

    f0_hz: float = 430.0
    """Pitch of the strongest calls: a man 270, a woman 430, a child 550: laughter is higher than speech."""
    tract: float = 1.19
    """Resonances over those of a man."""
    rate_hz: float = 4.8
    """Calls a second within a bout."""
    mouth: str = "wide"
    """Wide laughs out loud, narrow giggles."""
    effort: float = 0.33
    """0 to oneself, 1 from the belly."""
    count: int = 0
    """Exactly so many bouts; 0 for as many as the time takes."""
    every_s: float = 0.0
    """Time from bout to bout; 0 for a natural one."""
    pace: float = 1.0
    """Factor of the usual rate."""


def signal(controls: Laughter, take: Take) -> NDArray[np.float32]:
    """Bouts of short calls, each a puff of breath and then a vowel, higher and louder at first, and a gasp between.

    Four to six calls a second, pitch and strength falling over the bout, after Bachorowski et al. (2001, "The acoustic
    features of human laughter") and Kipper and Todt (2001, "Variation of sound parameters affects the evaluation of
    human laughter").
    """
    rate_hz = controls.rate_hz * max(controls.pace, 0.2)
    longest_s = _BOUT_CALLS[1] / rate_hz + _BREATH_S
    starts = calls.onsets_s(
        take,
        count=controls.count,
        every_s=controls.every_s,
        length_s=min(longest_s, take.duration_s),
        gap_s=(-0.45, 0.15),
    )
    room_s = float(np.diff(starts).min()) if starts.size > 1 else take.duration_s
    bouts = [(onset, _bout(controls, take, rate_hz, min(room_s, longest_s))) for onset in starts]
    mono = filters.low(calls.line(take, bouts), take.sample_rate, _CORNER_HZ)
    out = calls.stage(take, mono, decay_s=0.5, wet=0.04) + clothes.rustle(take)
    return level.fade(out, take.sample_rate, in_s=0.0, out_s=0.02)


def _bout(controls: Laughter, take: Take, rate_hz: float, longest_s: float) -> NDArray[np.float32]:
    rng = take.rng
    fit = max(int((longest_s - _BREATH_S) * rate_hz), 1)
    number = min(int(rng.integers(_BOUT_CALLS[0], _BOUT_CALLS[1] + 1)), fit)
    rows = [_call(k / number, controls, rng, rate_hz) for k in range(number)]
    pitch, voiced, breath = np.concatenate([*rows, _gasp(rng)], axis=1)
    steps = pitch.size
    drift = np.exp(0.05 * vocal.waver(rng, steps, 3.0))
    # A mouth that opens with each call moves its lowest resonance.
    mouth_hz = np.array(_MOUTHS_HZ.get(controls.mouth, _MOUTHS_HZ["wide"]))[:, None]
    formants = controls.tract * mouth_hz * np.exp(0.03 * vocal.waver(rng, steps, 4.0))
    formants[0] *= 0.85 + 0.3 * voiced / (voiced.max() + 1e-9)
    voice = vocal.Voice(
        pitch_hz=pitch * drift,
        formants_hz=formants,
        voiced=voiced,
        breath=breath,
        effort=controls.effort * (0.6 + 0.4 * voiced),
        rough=0.12,
        damping=0.9,
        jitter=0.02,
        shimmer=0.05,
    )
    return vocal.render(voice, take.sample_rate, rng)


def _call(through: float, controls: Laughter, rng: np.random.Generator, rate_hz: float) -> NDArray[np.float64]:
    """Rows pitch, voiced, breath of one call: h and then a vowel; `through` is how far the bout has come."""
    steps = max(int(vocal.STEPS_HZ / rate_hz * rng.uniform(0.9, 1.12)), 4)
    u = np.arange(steps) / steps
    strength = (1 - 0.65 * through) * rng.uniform(0.7, 1.15) * min(1.0, 0.6 + 3 * through)
    arch = 1 - 0.18 * (2 * (u - 0.45)) ** 2 - 0.1 * (u - 0.4)
    pitch = controls.f0_hz * (1.12 - 0.38 * through) * arch * rng.uniform(0.93, 1.1)
    voiced = strength * np.clip(np.sin(np.pi * np.clip((u - 0.3) / 0.55, 0, 1)), 0, None) ** 0.8
    puff = np.exp(-(((u - 0.22) / 0.13) ** 2)) + 0.35 * np.exp(-(((u - 0.8) / 0.12) ** 2))
    return np.stack([pitch, voiced, 0.9 * strength * puff + 0.12 * voiced])


def _gasp(rng: np.random.Generator) -> NDArray[np.float64]:
    """The same rows while air is drawn in."""
    steps = int(_BREATH_S * vocal.STEPS_HZ * rng.uniform(0.7, 1.0))
    u = np.arange(steps) / steps
    return np.stack([np.full(steps, 300.0), np.zeros(steps), 0.45 * np.sin(np.pi * u) ** 1.5])
