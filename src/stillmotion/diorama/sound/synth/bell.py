"""Bells, gongs, chimes and their strokes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, resonators

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_GDAMP, _GHIGH, _CHIMES_PER_S = 0.02, 0.6, 4.5
_CHURCH = (
    (0.5, 1.0, 0.45),
    (1.0, 0.62, 0.75),
    (1.2, 0.55, 0.85),
    (1.5, 0.36, 0.4),
    (2.0, 0.42, 1.0),
    (2.5, 0.2, 0.4),
    (2.67, 0.18, 0.3),
    (3.0, 0.22, 0.55),
    (4.17, 0.14, 0.4),
    (5.43, 0.1, 0.3),
    (6.8, 0.07, 0.2),
)
"""Hum, prime, tierce, quint, nominal and what is above: ratio to the prime, ring time over that of the hum, share."""
_TUBE = ((1.0, 1.0, 1.0), (2.756, 0.45, 0.6), (5.404, 0.2, 0.35), (8.933, 0.1, 0.15))
_CHIME = ((1.0, 1.0, 0.4), (2.756, 0.6, 1.0), (5.404, 0.4, 1.1), (8.933, 0.2, 0.8))
"""A free bar or tube (Fletcher and Rossing 1998, ch. 2)."""
_GONG = tuple(
    (
        0.45 + 0.105 * k + 0.04 * np.sin(9.1 * k * k),
        1.0 / (1 + _GDAMP * k),
        (1.0 + _GHIGH * np.sin(3.7 * k * k)) * min(1.0, (k + 2) / 12),
    )
    for k in range(160)
)
"""A tam-tam: partials so dense that none is a note."""
_HAND = ((1.0, 1.0, 1.0), (1.006, 0.9, 0.5), (2.76, 0.5, 0.8), (2.79, 0.45, 0.4), (5.1, 0.25, 0.5), (7.9, 0.14, 0.3))
_SHAPES = {"church": _CHURCH, "tube": _TUBE, "chime": _CHIME, "gong": _GONG, "hand": _HAND}
_CHIME_STEPS = (1.0, 1.125, 1.25, 1.5, 1.667, 2.0)
"""A pentatonic scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bell:
    """Controls of a bell."""

    shape: str = "church"
    """church, gong, tube or hand: which partials it has."""
    count: int = 0
    """Exactly how many strokes; 0 is as many as fit."""
    every_s: float = 2.2
    """Time from stroke to stroke."""
    prime_hz: float = 330.0
    """The note that is heard."""
    ring_s: float = 9.0
    """Time in which the slowest partial falls by 60 dB."""
    contact_s: float = 0.0009
    """How long the clapper touches: short is bright."""
    chimes: float = 0.0
    """1 is several tubes that the wind strikes at random."""
    pair: float = 0.0
    """1 is a doorbell's second, lower note after each stroke."""
    bloom_s: float = 0.0
    """A gong's high partials rise this late."""


def signal(controls: Bell, take: Take) -> NDArray[np.float32]:
    """Inharmonic partials, each with its own ring time; split pairs beat; the clapper's blow comes first.

    Partials of a church bell: hum 0.5, prime 1, tierce 1.2, quint 1.5, nominal 2 (Rossing 1984, "Acoustics of bells");
    of tubes and gongs: Fletcher and Rossing (1998, "The physics of musical instruments", chs. 2 and 20).
    """
    mono = np.zeros(take.count, np.float32)
    for pitch, strokes in _notes(controls, take):
        drive = np.zeros(take.count, np.float32)
        for at_s, strength in strokes:
            blow = strength * take.rng.uniform(0.9, 1.05)
            contact_s = controls.contact_s * take.rng.uniform(0.9, 1.1)
            resonators.knock(drive, take.sample_rate, at_s, contact_s=contact_s, strength=blow)
            resonators.burst(drive, take.sample_rate, take.rng, at_s, length_s=controls.contact_s, strength=0.02 * blow)
        mono += resonators.ring(drive, take.sample_rate, _partials(controls, take, pitch))
    if controls.bloom_s > 0:
        # Energy wanders up from the low modes of a gong for about this long.
        since = np.arange(take.count) / take.sample_rate
        mono *= (0.35 + 0.65 * (1 - np.exp(-since / controls.bloom_s))).astype(np.float32)
    outdoors = controls.shape == "church"
    return calls.stage(take, mono, decay_s=1.4 if outdoors else 0.5, wet=0.10 if outdoors else 0.04)


def _notes(controls: Bell, take: Take) -> list[tuple[float, list[tuple[float, float]]]]:
    """Each bell's pitch and its strokes as (time, strength)."""
    rng = take.rng
    if controls.chimes > 0:
        wanted = round(controls.count) or max(1, int(_CHIMES_PER_S * take.duration_s))
        at_s = np.sort(rng.uniform(0, take.duration_s, wanted)) if wanted > 1 else np.zeros(1)
        at_s = np.maximum(at_s - at_s[0], 0)
        tube = rng.integers(0, len(_CHIME_STEPS), wanted)
        strength = rng.uniform(0.15, 1.0, wanted)
        return [
            (step, [(float(at_s[k]), float(strength[k])) for k in range(wanted) if tube[k] == n])
            for n, step in enumerate(_CHIME_STEPS)
        ]
    strokes = round(controls.count) or int(np.ceil(take.duration_s / controls.every_s - 0.2)) or 1
    at = [max(k * controls.every_s * (1 + (k > 0) * rng.uniform(-0.01, 0.01)), 0.0) for k in range(strokes)]
    notes = [(1.0, [(time_s, float(rng.uniform(0.85, 1.0))) for time_s in at])]
    if controls.pair > 0:
        notes.append((0.794, [(time_s + 0.55, 0.9) for time_s in at]))
    return notes


def _partials(controls: Bell, take: Take, pitch: float) -> resonators.Modes:
    table = np.array(_SHAPES[controls.shape])
    # A cast bell is never quite round: each partial is two that beat.
    split = 1 + take.rng.uniform(0.0003, 0.0012, len(table))
    hz = controls.prime_hz * pitch * np.concatenate([table[:, 0], table[:, 0] * split])
    ring_s = np.tile(np.maximum(table[:, 1] * controls.ring_s, 0.03), 2)
    gain = np.concatenate([table[:, 2], 0.35 * table[:, 2] * take.rng.uniform(0.3, 1.0, len(table))])
    return resonators.Modes(hz=hz, decay_per_s=6.91 / ring_s, gain=gain)
