"""Rain, on the ground and on what it drums on."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import level, noise, pings, rooms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 50.0
_HISS = ((300, -16.0), (1200, -6.0), (2500, -1.0), (6000, 0.0), (9000, -3.0), (15000, -10.0), (20000, -22.0))
_BEHIND_GLASS = ((150, -12.0), (500, -4.0), (1500, 0.0), (4000, -3.0), (8000, -10.0), (14000, -22.0))
_UNDER_TIN = ((150, -12.0), (400, -3.0), (900, 0.0), (2500, -1.0), (6000, -7.0), (12000, -18.0))
_UNDER_WOOD = ((80, -4.0), (200, 0.0), (500, -1.0), (1200, -7.0), (3000, -17.0), (8000, -32.0))
_ON_LEAVES = ((300, -22.0), (900, -11.0), (2000, -2.0), (4500, 0.0), (8000, -3.0), (14000, -14.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What a drop sounds like on one surface."""

    hiss: tuple[tuple[float, float], ...]
    tap_hz: tuple[float, float]
    decay_per_s: tuple[float, float]
    hiss_share: float = 1.0
    tap_share: float = 1.0
    rate: float = 1.0
    """Drops that are heard one by one, as a factor of those in the open."""
    bubbles: float = 0.0
    ring: float = 0.0
    """Share of each tap that goes on in the modes of a plate."""
    wet: float = 0.0
    """Energy of the room below over that of the rain; 0 is in the open."""


_GROUNDS = MappingProxyType(
    {
        "": _Ground(hiss=_HISS, tap_hz=(1200, 7200), decay_per_s=(500, 1800), bubbles=0.5),
        "water": _Ground(hiss=_HISS, tap_hz=(1200, 7200), decay_per_s=(500, 1800), tap_share=0.5, bubbles=1.0),
        "glass": _Ground(
            hiss=_BEHIND_GLASS, tap_hz=(1100, 5200), decay_per_s=(300, 1100), hiss_share=0.6, tap_share=0.5, rate=0.5
        ),
        "metal": _Ground(
            hiss=_UNDER_TIN, tap_hz=(500, 3600), decay_per_s=(160, 600), hiss_share=0.6, rate=0.45, ring=0.5, wet=0.15
        ),
        "wood": _Ground(hiss=_UNDER_WOOD, tap_hz=(180, 1200), decay_per_s=(180, 500), hiss_share=0.7, rate=0.4),
        "leaves": _Ground(hiss=_ON_LEAVES, tap_hz=(1500, 6500), decay_per_s=(600, 2200), rate=0.8),
    }
)
_NO_PUDDLES = 1e-3
_PLATE_HZ, _PLATE_TOP_HZ = 240.0, 4200.0
_PLATE_MODES = 60
_PLATE_DECAY_PER_S = 120.0
_ROOM_S = 0.35
"""Decay of the room under a tin roof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rain:
    """Controls of falling rain."""

    intensity: float = 0.5
    """0 a drizzle, 1 a downpour."""
    surface: str = ""
    """What it falls on: "" open ground, "glass" a window, "metal" a tin roof, "wood", "leaves", "water"."""
    puddles: float = 1.0
    """Bubbles that drops leave in puddles, as a factor of what is usual on the surface."""


def signal(controls: Rain, take: Take) -> NDArray[np.float32]:
    """A hiss of far drops, near drops that tap, and bubbles where they fall into puddles.

    Bubbles of 0.3 to 6 mm after van den Doel (2005); the impact itself is a short broadband click that grows duller
    with the drop's size (Pumphrey and Elmore 1990, "The entrainment of bubbles by drop impacts"). A pane dulls what is
    outside; sheet metal rings in the evenly spaced modes of a plate (Fletcher and Rossing 1998).
    """
    ground = _GROUNDS.get(controls.surface, _GROUNDS[""])
    times_s = take.times_s(_RATE_HZ)
    density = np.exp(0.12 * noise.wander(take.rng, times_s.size, _RATE_HZ, 0.6))
    hiss = noise.shaped(take.rng, take.count, take.sample_rate, ground.hiss)
    loud = ground.hiss_share * (0.18 + 0.6 * controls.intensity)
    out = hiss * take.stretch(loud * density, _RATE_HZ)[:, None]
    rate = (700 + 2600 * controls.intensity) * density
    puddles = min(ground.bubbles * controls.puddles, 1.0)
    if puddles > _NO_PUDDLES:
        out += _bubbles(take, rate * puddles)
    out += _taps(take, ground, rate * ground.rate * (1 - 0.6 * puddles))
    if ground.wet > 0:
        out = rooms.reverberate(out, take.sample_rate, take.rng, decay_s=_ROOM_S, wet=ground.wet)
    return level.to_reference(out, take.sample_rate, gain_db=6 * (controls.intensity - 0.5))


def _bubbles(take: Take, rate: NDArray[np.float64]) -> NDArray[np.float32]:
    onset_s = pings.arrivals(take.rng, rate, _RATE_HZ)
    radius_m = np.exp(take.rng.normal(np.log(0.0011), 0.5, onset_s.size)).clip(0.0003, 0.006)
    tones = pings.bubbles(take.rng, onset_s, radius_m, spread=1.0)
    return pings.render(tones, take.count, take.sample_rate) * np.float32(0.45)


def _taps(take: Take, ground: _Ground, rate: NDArray[np.float64]) -> NDArray[np.float32]:
    """Distances to the drops follow an area, so few are near and loud: a Pareto law of amplitudes."""
    onset_s = pings.arrivals(take.rng, rate, _RATE_HZ)
    count = onset_s.size
    size = take.rng.random(count)
    low_hz, high_hz = ground.tap_hz
    loud = take.rng.pareto(2.0, count).clip(0, 15) * (0.4 + 0.6 * size)
    taps = pings.Pings(
        onset_s=onset_s,
        hz=low_hz * (high_hz / low_hz) ** (1 - size) * take.rng.uniform(0.8, 1.25, count),
        decay_per_s=take.rng.uniform(*ground.decay_per_s, count),
        amplitude=0.55 * ground.tap_share * take.rng.choice((-1.0, 1.0), count) * loud,
        pan=take.rng.uniform(-1, 1, count),
        rise_per_s=np.zeros(count),
    )
    sounding = pings.together((taps, _ringing(take, taps, ground.ring))) if ground.ring > 0 else taps
    return pings.render(sounding, take.count, take.sample_rate)


def _ringing(take: Take, taps: pings.Pings, share: float) -> pings.Pings:
    """Each drop shakes a few of the sheet's modes, which are nearly evenly spaced; each strike picks others."""
    rng = take.rng
    modes_hz = np.sort(rng.uniform(_PLATE_HZ, _PLATE_TOP_HZ, _PLATE_MODES))
    struck = np.repeat(np.arange(taps.onset_s.size), 2)
    mode = (_PLATE_MODES * rng.random(struck.size) ** 1.6).astype(np.int64)
    return pings.Pings(
        onset_s=taps.onset_s[struck],
        hz=modes_hz[mode],
        decay_per_s=_PLATE_DECAY_PER_S + 0.25 * modes_hz[mode],
        amplitude=share * 0.5 * taps.amplitude[struck],
        pan=taps.pan[struck],
        rise_per_s=np.zeros(struck.size),
    )
