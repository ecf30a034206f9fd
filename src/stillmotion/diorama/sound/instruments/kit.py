"""A drum kit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, noise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

Hit = tuple[float, str, float]
"""When in seconds, which drum, how loud 0..1."""

_PANS = {
    "kick": 0.0,
    "snare": 0.05,
    "brush": 0.05,
    "hat": 0.3,
    "open_hat": 0.3,
    "crash": -0.35,
    "tom": -0.2,
    "taiko": 0.0,
}


def play(hits: Iterable[Hit], take: Take) -> NDArray[np.float32]:
    """Skins that ring in a few modes and drop in pitch when struck hard, wires and cymbals of noise.

    The pitch of a kick glides as its tension relaxes; modes of a membrane at 1 : 1.59 : 2.14 (Fletcher and Rossing
    1998, ch. 18); cymbals are so dense in modes that they are coloured noise.
    """
    out = np.zeros((take.count, 2), np.float32)
    for at_s, drum, loudness in hits:
        samples = _drum(drum, loudness, take)
        angle = (_PANS[drum] + 1) * np.pi / 4
        first = round(at_s * take.sample_rate)
        kept = samples[: max(take.count - first, 0)]
        out[first : first + kept.size, 0] += kept * np.float32(np.cos(angle))
        out[first : first + kept.size, 1] += kept * np.float32(np.sin(angle))
    return out


def _drum(drum: str, loudness: float, take: Take) -> NDArray[np.float32]:
    if drum == "kick":
        return _skin(take, (52.0, 150.0, 0.035), 8.0, 0.9 * loudness, 0.9)
    if drum == "tom":
        return _skin(take, (float(take.rng.choice((98.0, 130.0, 165.0))), 30.0, 0.06), 6.0, 0.6 * loudness, 0.35)
    if drum == "taiko":
        return _skin(take, (62.0, 40.0, 0.09), 3.6, 0.9 * loudness, 0.6)
    if drum in {"snare", "brush"}:
        return _snare(take, loudness, brush=drum == "brush")
    low_hz, fall_per_s, level = {
        "hat": (7000.0, 55.0, 0.22),
        "open_hat": (6500.0, 9.0, 0.2),
        "crash": (3200.0, 1.9, 0.28),
    }[drum]
    return _metal(take, low_hz, fall_per_s * float(take.rng.uniform(0.85, 1.2)), level * loudness)


def _skin(
    take: Take, pitch: tuple[float, float, float], fall_per_s: float, level: float, click: float
) -> NDArray[np.float32]:
    """A skin whose pitch begins higher by `pitch[1]` hertz and settles within `pitch[2]` seconds."""
    hz, above_hz, settle_s = pitch
    t = np.arange(int(6.0 / fall_per_s * take.sample_rate)) / take.sample_rate
    turns = hz * t + above_hz * settle_s * (1 - np.exp(-t / settle_s))
    tuned = float(take.rng.uniform(0.985, 1.015))
    out = np.sin(2 * np.pi * turns * tuned) * np.exp(-fall_per_s * t)
    for ratio, share in ((1.59, 0.3), (2.14, 0.18)):
        out += share * np.sin(2 * np.pi * turns * ratio * tuned) * np.exp(-2.5 * fall_per_s * t)
    stick = noise.white(take.rng, t.size)[:, 0] * np.exp(-t / 0.004)
    return np.asarray(level * (out + 0.25 * click * stick) * np.minimum(t / 0.0008, 1), dtype=np.float32)


def _snare(take: Take, loudness: float, *, brush: bool) -> NDArray[np.float32]:
    t = np.arange(int(0.45 * take.sample_rate)) / take.sample_rate
    fall = 16.0 * float(take.rng.uniform(0.9, 1.1))
    wires = filters.band(noise.white(take.rng, t.size), take.sample_rate, 1400.0, 9000.0)[:, 0]
    rise = np.minimum(t / (0.03 if brush else 0.0008), 1)
    skin = sum(np.sin(2 * np.pi * hz * t) * np.exp(-22 * t) for hz in (186.0, 332.0))
    share = 0.05 if brush else 0.35
    return np.asarray(loudness * (0.35 * wires * rise * np.exp(-fall * t) + share * skin * rise), dtype=np.float32)


def _metal(take: Take, low_hz: float, fall_per_s: float, level: float) -> NDArray[np.float32]:
    t = np.arange(int(6.5 / fall_per_s * take.sample_rate)) / take.sample_rate
    hiss = filters.high(noise.white(take.rng, t.size)[:, :1], take.sample_rate, low_hz)[:, 0]
    return np.asarray(level * hiss * np.exp(-fall_per_s * t) * np.minimum(t / 0.001, 1), dtype=np.float32)
