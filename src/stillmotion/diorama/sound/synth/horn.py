"""Horns and whistles: tones that air drives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, noise, tones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 200.0
_CHORDS = {
    "car": (1.0, 1.26),
    "ship": (1.0,),
    "train": (1.0, 1.189, 1.498, 1.782),
    "kettle": (1.0,),
}
"""Pitches of the horns that sound together, over the lowest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Horn:
    """Controls of a horn."""

    kind: str = "car"
    """car, ship, train or kettle: which horns sound together."""
    count: int = 0
    """Exactly how many blasts; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one blast to the next; 0 is at irregular times."""
    f0_hz: float = 420.0
    """Of the lowest horn."""
    length_s: float = 0.6
    """Of one blast."""
    gap_s: float = 0.6
    """Shortest pause."""
    brightness: float = 0.8
    """How slowly harmonics fall: 1 as a membrane that claps shut, 0 nearly a sine."""
    peak_hz: float = 2400.0
    """Where the bell of the horn radiates best."""
    breath: float = 0.03
    """Share of blown air."""
    rise_s: float = 0.02
    """To full pressure."""
    bend: float = 0.0
    """How far the pitch climbs as pressure builds, as a share."""
    echo: float = 0.1
    """How much the place answers."""


def signal(controls: Horn, take: Take) -> NDArray[np.float32]:
    """A membrane or a lip of steam lets air through once a period; a flaring horn radiates its upper harmonics.

    Valve and horn after Fletcher and Rossing (1998, "The physics of musical instruments", chs. 8 and 14); pitch follows
    pressure.
    """
    length_s = min(controls.length_s, take.duration_s)
    gap_s = (controls.gap_s, 2.2 * controls.gap_s)
    onsets = calls.onsets_s(take, count=controls.count, every_s=controls.every_s, length_s=length_s, gap_s=gap_s)
    steps = take.times_s(_RATE_HZ) - take.start_s
    pressure = np.zeros(steps.size)
    for onset_s in onsets:
        since = steps - onset_s
        up = 1 - np.exp(-np.maximum(since, 0) / (controls.rise_s / 2.3))
        down = np.clip((length_s - since) / max(0.25 * controls.rise_s + 0.02, 0.01), 0, 1)
        pressure = np.maximum(pressure, np.where(since >= 0, up * down, 0.0))
    mono = np.zeros(take.count, np.float32)
    for ratio in _CHORDS[controls.kind]:
        mono += _pipe(controls, take, ratio * take.rng.uniform(0.997, 1.003), pressure)
    return calls.stage(take, mono, decay_s=0.4 + 2.0 * controls.echo, wet=controls.echo)


def _pipe(controls: Horn, take: Take, ratio: float, pressure: NDArray[np.float64]) -> NDArray[np.float32]:
    """One horn."""
    rng = take.rng
    flutter = 1 + 0.0022 * noise.wander(rng, pressure.size, _RATE_HZ, 6.0)
    hz = controls.f0_hz * ratio * flutter * (1 - controls.bend * (1 - pressure))
    orders = np.arange(1, max(2, min(40, int(15_000 / (controls.f0_hz * ratio)))))
    tone = orders ** -(3.0 - 2.4 * controls.brightness)
    tone *= 0.35 + 1 / (1 + (2 * np.log2(orders * controls.f0_hz * ratio / controls.peak_hz)) ** 2)
    # More pressure claps harder: the upper harmonics come last and go first.
    levels = tone[:, None] * pressure[None, :] ** (1 + 0.12 * np.minimum(orders[:, None], 12))
    out = tones.harmonics(take, hz, levels, rng.uniform(0, 2 * np.pi, orders.size), _RATE_HZ)
    out /= np.float32(np.sqrt(0.5 * np.sum(tone**2)))
    low_hz, high_hz = 0.8 * controls.f0_hz * ratio, min(8 * controls.f0_hz * ratio + 2000, 14_000)
    air = filters.band(noise.white(rng, take.count)[:, :1], take.sample_rate, low_hz, high_hz)[:, 0]
    loud = take.stretch(pressure, _RATE_HZ)
    return out + np.float32(2.0 * controls.breath) * air * loud
