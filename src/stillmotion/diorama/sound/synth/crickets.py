"""Crickets on a warm evening."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import level, rooms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_FAR = 18
"""Singers too far to tell apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crickets:
    """Controls of a field of crickets."""

    temperature_c: float = 22.0
    """Warmer crickets chirp faster."""
    count: int = 4
    """How many are close enough to tell apart."""


def signal(controls: Crickets, take: Take) -> NDArray[np.float32]:
    """A few near singers in front of a reverberant field.

    A chirp is three to five wing strokes of 16 ms at about 30 a second on a carrier of 4 to 5 kHz (Bennet-Clark 1989,
    "Songs and the physics of sound production"); the chirp rate follows Dolbear's law (1897): 4.4 a second plus per
    degree.
    """
    rate = take.sample_rate
    near = round(controls.count)
    out = np.zeros((take.count, 2), dtype=np.float32)
    for singer in range(_FAR):
        _stand(out, _song(controls, take), 0.035, -1 + 2 * singer / (_FAR - 1))
    out = rooms.reverberate(out, rate, take.rng, decay_s=0.7, wet=1.0)
    for singer in range(near):
        pan = -0.8 + 1.6 * (singer + take.rng.uniform(0.2, 0.8)) / near
        _stand(out, _song(controls, take), take.rng.uniform(0.25, 1.0), pan)
    return level.to_reference(out, rate, gain_db=-4.0)


def _stand(out: NDArray[np.float32], song: NDArray[np.float32], gain: float, pan: float) -> None:
    """Add a singer at its side."""
    angle = (pan + 1) * np.pi / 4
    out[:, 0] += song * np.float32(gain * np.cos(angle))
    out[:, 1] += song * np.float32(gain * np.sin(angle))


def _chirps_per_s(temperature_c: float) -> float:
    """Dolbear's law in degrees Celsius, kept to what a field cricket can do."""
    return float(np.clip((7 * temperature_c - 30) / 60, 0.6, 3.2))


def _song(controls: Crickets, take: Take) -> NDArray[np.float32]:
    rate, rng = take.sample_rate, take.rng
    out = np.zeros(take.count, dtype=np.float32)
    per_s = _chirps_per_s(controls.temperature_c) * rng.uniform(0.85, 1.15)
    carrier_hz, strokes = rng.uniform(4100, 5100), int(rng.integers(3, 6))
    chirp = _chirp(rate, carrier_hz, strokes, rng.uniform(0.030, 0.036))
    time_s = rng.uniform(0, 1 / per_s)
    while time_s < take.duration_s:
        if rng.random() > 0.06:
            first = int(time_s * rate)
            part = chirp[: take.count - first] * np.float32(rng.uniform(0.8, 1.0))
            out[first : first + part.size] += part
        time_s += rng.normal(1, 0.03) / per_s
    return out


def _chirp(rate: int, carrier_hz: float, strokes: int, spacing_s: float) -> NDArray[np.float32]:
    t = np.arange(int((strokes * spacing_s + 0.01) * rate)) / rate
    envelope = np.zeros(t.size)
    for stroke in range(strokes):
        local = (t - stroke * spacing_s) / 0.017
        inside = (local > 0) & (local < 1)
        envelope[inside] += (0.6 + 0.4 * stroke / strokes) * np.sin(np.pi * local[inside] ** 0.7) ** 2
    # The wing slows along its stroke: the pitch falls by some percent.
    glide = carrier_hz * (1 - 0.03 * np.mod(t, spacing_s) / spacing_s)
    phase = 2 * np.pi * np.cumsum(glide) / rate
    return (envelope * (np.sin(phase) + 0.12 * np.sin(2 * phase))).astype(np.float32)
