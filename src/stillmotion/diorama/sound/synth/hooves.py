"""A horse that walks, trots or gallops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, pings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_GAITS: dict[str, tuple[float, tuple[float, ...]]] = {
    "walk": (1.05, (0.0, 0.25, 0.5, 0.75)),
    "trot": (0.70, (0.0, 0.5)),
    "gallop": (0.46, (0.0, 0.17, 0.34, 0.51)),
}
"""Length of a stride in seconds, and where its beats lie in it."""
_TOE_S = 0.029
"""The heel lands first, the toe so much later."""
_SOFT = frozenset({"grass", "sand", "snow", "earth", "dirt", "mud", "soil", "carpet", "leaves", "gravel"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooves:
    """Controls of hoof beats."""

    gait: str = ""
    """walk, trot or gallop; empty is what the pace says."""
    pace: float = 1.0
    """1 a walk, from 1.3 a trot, from 1.8 a gallop."""
    cup_hz: float = 921.0
    """Tone of the hollow hoof on stone."""
    ring: float = 0.611
    """How long it rings."""
    shoe: float = 0.1
    """Share of the click of the shoe."""
    surface: str = ""
    """What the horse goes on: stone or a road when empty; grass, sand, earth ... are dull."""
    count: int = 0
    """Beats; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from beat to beat; 0 is as the gait has it."""


def signal(controls: Hooves, take: Take) -> NDArray[np.float32]:
    """A hollow knock for each hoof, in the gait's own rhythm.

    Footfalls: four even beats in a walk, two in a trot, four close ones and a moment in the air in a gallop (Hildebrand
    1965, "Symmetrical gaits of horses"). The hoof is a cup over hard ground: a damped tone near 1 kHz and the click of
    the shoe; on soft ground a thud near 100 Hz and the ground's own noise.
    """
    onset_s, foot = _beats(controls, take)
    soft = controls.surface in _SOFT
    blows = _thuds(onset_s, foot, take) if soft else calls.line(take, _knocks(controls, onset_s, foot, take))
    mono = blows + calls.line(take, _scuffs(onset_s, take, 0.5 if soft else controls.shoe, soft=soft))
    return calls.stage(take, mono, decay_s=0.16, wet=0.03 if soft else 0.15, air_db=-38.0)


def gait(controls: Hooves) -> str:
    """The gait that was asked for or that the pace means."""
    if controls.gait in _GAITS:
        return controls.gait
    return "walk" if controls.pace < 1.3 else "trot" if controls.pace < 1.8 else "gallop"


def _beats(controls: Hooves, take: Take) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Instant and foot of each beat."""
    name = gait(controls)
    stride_s, parts = _GAITS[name]
    if controls.every_s > 0:
        stride_s, parts = controls.every_s, (0.0,)
    elif not controls.gait:
        stride_s /= controls.pace / {"walk": 1.0, "trot": 1.5, "gallop": 2.0}[name]
    wanted = round(controls.count)
    strides = int(take.duration_s / stride_s) + 2
    strides = max(strides, wanted // len(parts) + 1)
    onset_s = (np.arange(strides)[:, None] + np.array(parts)).ravel() * stride_s
    onset_s = onset_s + take.rng.normal(0, 0.012, onset_s.size) * stride_s
    onset_s = np.maximum(onset_s - onset_s[0], 0.0) + 0.002
    foot = np.arange(onset_s.size) % 4
    if not wanted:
        inside = onset_s < take.duration_s - 0.03
        return onset_s[inside], foot[inside]
    onset_s = onset_s[:wanted]
    return onset_s * min(1.0, max(take.duration_s - 0.08, 0.5 * take.duration_s) / max(float(onset_s[-1]), 1e-3)), foot[
        :wanted
    ]


def _ring(
    take: Take, onset_s: NDArray[np.float64], hz: NDArray[np.float64], decay_per_s: float, level: NDArray[np.float64]
) -> pings.Pings:
    return pings.Pings(
        onset_s=onset_s,
        hz=hz,
        decay_per_s=decay_per_s * take.rng.uniform(0.85, 1.15, hz.size),
        amplitude=level,
        pan=np.zeros(hz.size),
        rise_per_s=np.zeros(hz.size),
    )


def _knocks(
    controls: Hooves, onset_s: NDArray[np.float64], foot: NDArray[np.int64], take: Take
) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """Each foot has its own pitch: clip, then clop."""
    rng = take.rng
    cup_hz = controls.cup_hz * rng.uniform(0.94, 1.06) * np.array([1.26, 0.93, 1.17, 0.86])[foot]
    strength = rng.uniform(0.65, 1.0, foot.size) * np.array([1.0, 0.75, 0.9, 0.7])[foot]
    t = np.arange(int(0.1 * take.sample_rate)) / take.sample_rate
    fall = np.exp(-t / (0.022 * controls.ring)) * np.minimum(t / 0.0006, 1)
    for time_s, hz, strong in zip(onset_s, cup_hz * rng.uniform(0.95, 1.05, foot.size), strength, strict=True):
        push = (rng.standard_normal(t.size) * fall).astype(np.float32)[:, None]
        short = push * fall[:, None].astype(np.float32)
        hollow = filters.band(push, take.sample_rate, hz / 1.38, 1.38 * hz)[:, 0]
        rim = filters.band(short, take.sample_rate, 1.9 * hz, 2.7 * hz)[:, 0]
        ground = filters.band(short * fall[:, None].astype(np.float32), take.sample_rate, 150.0, 4000.0)[:, 0]
        one = calls.unit(hollow, strong) + calls.unit(rim, 1.32 * strong) + calls.unit(ground, 0.8 * strong)
        yield float(time_s), one
        yield float(time_s) + _TOE_S * rng.uniform(0.6, 1.4), one * np.float32(0.85 * rng.uniform(0.5, 1.3))


def _thuds(onset_s: NDArray[np.float64], foot: NDArray[np.int64], take: Take) -> NDArray[np.float32]:
    rng = take.rng
    strength = rng.uniform(0.7, 1.0, foot.size) * np.array([1.0, 0.85, 0.95, 0.8])[foot]
    parts = [
        _ring(take, onset_s, np.full(foot.size, hz) * rng.uniform(0.9, 1.1, foot.size), decay, part * strength)
        for hz, decay, part in ((82.0, 38.0, 1.0), (150.0, 60.0, 0.7), (290.0, 90.0, 0.3))
    ]
    return np.asarray(pings.render(pings.together(parts), take.count, take.sample_rate).mean(axis=1), np.float32)


def _scuffs(
    onset_s: NDArray[np.float64], take: Take, part: float, *, soft: bool
) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """The contact's own noise: the click of a shoe, or earth that gives."""
    length_s, low_hz, high_hz = (0.07, 200.0, 2200.0) if soft else (0.022, 1500.0, 9000.0)
    t = np.arange(int(length_s * take.sample_rate)) / (length_s * take.sample_rate)
    for time_s in onset_s:
        burst = take.rng.standard_normal(t.size, dtype=np.float32) * (np.minimum(t * 20, 1) * np.exp(-5 * t))
        coloured = filters.band(burst.astype(np.float32)[:, None], take.sample_rate, low_hz, high_hz)[:, 0]
        yield float(time_s), coloured * np.float32(part * take.rng.uniform(0.6, 1.2))
