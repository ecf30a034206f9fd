"""A door is opened and closed, or slammed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import bodies, calls, filters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Controls of a door."""

    slam: float = 0.0
    """0 it is closed with care, 1 it is thrown shut."""
    opens: float = 1.0
    """Level of the handle and the latch with which it opens first; 0 is: it stands open."""
    panel_hz: float = 95.0
    """Lowest mode of the leaf."""
    swing_s: float = 0.8
    """From opening to closing."""
    rest_s: float = 2.5
    """Until the next."""
    room_s: float = 0.6
    """Decay of the place behind it."""
    count: int = 0
    """Exactly how many; 0 is as many as fit."""
    every_s: float = 0.0
    """From one to the next; 0 is as usual."""
    pace: float = 1.0
    """Factor on how fast they follow."""


def signal(controls: Door, take: Take) -> NDArray[np.float32]:
    """Handle and latch are small steel, the leaf is a wooden plate that strikes its frame and shakes it twice."""
    pace = max(controls.pace, 0.1)
    length_s = min(0.5 + (controls.swing_s if controls.opens > 0 else 0.0), take.duration_s)
    onsets = calls.onsets_s(
        take,
        count=controls.count,
        every_s=controls.every_s / pace,
        length_s=length_s,
        gap_s=(0.7 * controls.rest_s / pace, 1.4 * controls.rest_s / pace),
    )
    mono = calls.line(take, ((float(onset), _used(controls, take)) for onset in onsets))
    return calls.stage(take, mono, decay_s=controls.room_s, wet=0.06 + 0.12 * controls.slam)


def _used(controls: Door, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    parts: list[tuple[float, NDArray[np.float32]]] = []
    shuts_s = 0.0
    if controls.opens > 0:
        shuts_s = controls.swing_s * rng.uniform(0.85, 1.15)
        parts += [(0.0, _latch(take) * np.float32(0.5 * controls.opens))]
        parts += [(rng.uniform(0.09, 0.13), _latch(take) * np.float32(0.35 * controls.opens))]
        parts += [(0.12, _air(take, max(shuts_s - 0.12, 0.1)) * np.float32(0.05 * controls.opens))]
    parts += [(shuts_s, _shut(controls, take))]
    parts += [(shuts_s + rng.uniform(0.012, 0.03), _latch(take) * np.float32(0.4 + 0.3 * controls.slam))]
    parts += [(shuts_s + rng.uniform(0.05, 0.08), _shut(controls, take) * np.float32(0.22 + 0.1 * controls.slam))]
    out = np.zeros(int((shuts_s + 1.3) * take.sample_rate), np.float32)
    for at_s, samples in parts:
        first = round(at_s * take.sample_rate)
        part = samples[: out.size - first]
        out[first : first + part.size] += part
    return out


def _shut(controls: Door, take: Take) -> NDArray[np.float32]:
    """The leaf meets its frame: low plate modes, the slap of the air between them, a frame that gives a little."""
    rng, rate = take.rng, take.sample_rate
    hard = 0.45 + 0.3 * controls.slam
    leaf = bodies.Body(
        f0_hz=controls.panel_hz * rng.uniform(0.95, 1.05), loss=0.11, spread=0.95, hardness=hard, knock=0.5, modes=30
    )
    out = bodies.strike(leaf, rng, rng, rate, 0.6)
    t = bodies.times_s(out, rate)
    slap = filters.band(rng.standard_normal(out.size, dtype=np.float32), rate, 60.0, 900.0 + 2600 * controls.slam)
    slap *= np.exp(-t / (0.02 + 0.03 * controls.slam)).astype(np.float32)
    boom = np.sin(2 * np.pi * 62 * t) * np.exp(-t / 0.07) * controls.slam
    return np.asarray(out + (0.8 + 1.2 * controls.slam) * slap + 0.8 * boom, np.float32)


def _latch(take: Take) -> NDArray[np.float32]:
    """Two clicks of small steel parts in a wooden block."""
    rng, rate = take.rng, take.sample_rate
    out = np.zeros(int(0.12 * rate), np.float32)
    for at_s, loud in ((0.0, 0.8), (rng.uniform(0.015, 0.035), 1.0)):
        part = bodies.Body(f0_hz=rng.uniform(1100, 1900), loss=0.03, spread=0.9, hardness=0.95, knock=0.6, modes=12)
        block = bodies.Body(f0_hz=rng.uniform(240, 320), loss=0.12, spread=1.1, hardness=0.7, knock=0.2, modes=10)
        click = bodies.strike(part, rng, rng, rate, 0.08) + bodies.strike(block, rng, rng, rate, 0.08)
        first = int(at_s * rate)
        out[first : first + click.size] += np.float32(loud) * click[: out.size - first]
    return out


def _air(take: Take, seconds: float) -> NDArray[np.float32]:
    moved = filters.band(bodies.noise(take, seconds), take.sample_rate, 120.0, 900.0)
    return np.asarray(moved * np.sin(np.pi * np.linspace(0, 1, moved.size)), np.float32)
