"""One thing rolls or scrapes over another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 400.0
_LEVEL = 0.12
"""RMS of a roll at 0 dB of gain and full speed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling:
    """Controls of a contact that moves."""

    speed_m_s: float = 1.0
    """At the start."""
    end_speed_m_s: float = 0.0
    """At the end."""
    grain_m: float = 0.0008
    """Distance between the bumps of the surface: 0.0005 glass, 0.004 stone."""
    f0_hz: float = 400.0
    """Lowest mode of what rolls."""
    loss: float = 0.05
    """Loss factor of its modes."""
    scrape: float = 0.0
    """0 it rolls, with few separate knocks; 1 it slides, with a steady hiss."""


def signal(controls: Rolling, take: Take) -> NDArray[np.float32]:
    """Bumps of the surface, as many a second as the contact passes, ring the modes.

    After van den Doel, Kry and Pai (2001, "FoleyAutomatic"). Faster is brighter and louder: the cut-off of the surface
    noise follows speed over grain.
    """
    times = np.linspace(0.0, 1.0, max(int(take.duration_s * _RATE_HZ), 2))
    speed = controls.speed_m_s + (controls.end_speed_m_s - controls.speed_m_s) * times
    bumps = _bumps(controls, take, speed)
    rub = noise.white(take.rng, take.count)
    cutoff_hz = float(np.clip(np.mean(speed) / controls.grain_m, 150.0, 9_000.0))
    rub = filters.low(filters.high(rub, take.sample_rate, 90.0), take.sample_rate, cutoff_hz)
    share = np.float32(0.25 + 0.75 * controls.scrape)
    out = bumps * np.float32(1.0 - 0.8 * controls.scrape) + rub * share
    envelope = take.stretch(np.clip(speed / 2.0, 0.0, 1.5) ** 0.7, _RATE_HZ)
    out = filters.high(out * envelope[:, None], take.sample_rate, 40.0)
    level = float(np.sqrt(np.mean(out**2)))
    if level <= 0:
        return out
    return np.asarray(out * np.float32(min(_LEVEL / level, 0.9 / float(np.abs(out).max()))), np.float32)


def _bumps(controls: Rolling, take: Take, speed_m_s: NDArray[np.float64]) -> NDArray[np.float32]:
    rng = take.rng
    mean = max(float(np.mean(speed_m_s)), 0.05)
    onset = pings.arrivals(rng, np.clip(speed_m_s / (12 * controls.grain_m), 0.0, 700.0), _RATE_HZ)
    mode = rng.integers(1, 9, onset.size)
    hz = controls.f0_hz * mode**1.3 * rng.uniform(0.97, 1.03, onset.size)
    tones = pings.Pings(
        onset_s=onset,
        hz=np.minimum(hz, 15_000.0),
        decay_per_s=np.maximum(np.pi * hz * controls.loss, 30.0),
        # A slow contact pushes softly and leaves the high modes alone.
        amplitude=rng.normal(0.0, 1.0, onset.size) / mode ** float(np.clip(1.4 - 0.5 * np.log2(mean), 0.3, 3.0)),
        pan=rng.uniform(-0.1, 0.1, onset.size),
        rise_per_s=np.zeros(onset.size),
    )
    made = pings.render(tones, take.count, take.sample_rate)
    level = float(np.sqrt(np.mean(made**2)))
    # The hardest bumps give way a little: no peak stands out by more than three times the mean.
    return np.asarray(3 * np.tanh(made / (3 * level)), np.float32) if level > 0 else made
