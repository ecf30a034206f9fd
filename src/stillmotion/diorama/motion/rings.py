"""Rings on water: from a drop they spread as a packet of dispersing waves, in a cup they stand and die away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

from stillmotion.diorama import randomness
from stillmotion.diorama.motion import shares, waveforms

if TYPE_CHECKING:
    from stillmotion.diorama.motion.chart import Chart
    from stillmotion.diorama.motion.ripples import Surface
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.motion.water import Pool
    from stillmotion.diorama.shot.records import MotionCue

Floats = NDArray[np.float32]
_BESSEL_ZEROS = np.array([10.1735, 13.3237, 16.4706, 19.6159])
"""Zeros of J1: axisymmetric waves that stand in a round vessel (Lamb 1932, section 191)."""
_FASTEST_HZ = 5.0
_BEAT_S = 2.6
_FIRST_S = 0.35
_LAKE, _CLOSE = (0.018, 0.09), (0.04, 0.17)
"""Shortest and longest ring for each metre that the photo is wide."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spreading:
    """Rings from points, each started at its own time."""

    chart: Chart
    sources: NDArray[np.float64]
    """Metres to the right and away, start in seconds, strength, shape (n, 4)."""
    waves: NDArray[np.float64]
    """Wave number, radians a second, group speed, slope, shape (m, 4)."""
    decay_s: float
    hollow_m: float = 0.0
    """Radius from which the rings start."""

    def slopes(self, points: Floats, time_s: float) -> Floats:
        """See `ripples.Surface`."""
        right, away, _ = self.chart.metres(points)
        out = np.zeros((*points.shape[:2], 2), np.float32)
        for x, z, start_s, strength in self.sources:
            age = time_s - start_s
            if 0 < age < 5 * self.decay_s:
                fade = strength * np.exp(-age / self.decay_s)
                _spread(right, away, np.array([x, z, age, fade, self.hollow_m]), self.waves, out)
        return out


@njit(cache=True, nogil=True, fastmath=True)
def _spread(right: Floats, away: Floats, source: NDArray[np.float64], waves: NDArray[np.float64], out: Floats) -> None:
    """Each length runs out with its group speed, its crests with their phase speed."""
    farthest = 0.0
    for w in range(len(waves)):
        farthest = max(farthest, waves[w, 2] * source[2] + 9.0 / waves[w, 0])
    for r in range(right.shape[0]):
        for c in range(right.shape[1]):
            dx, dz = right[r, c] - source[0], away[r, c] - source[1]
            whole = np.sqrt(dx * dx + dz * dz) + 1e-9
            far = whole - source[4]
            if far > farthest or far < 0:
                continue
            slope = 0.0
            for w in range(len(waves)):
                k, speed, group, size = waves[w]
                off = (far - group * source[2]) * k / 7.0
                if abs(off) < 2.5:
                    rim = np.sqrt(6.0 / (6.0 + k * far))
                    slope += size * rim * np.exp(-off * off) * np.sin(k * far - speed * source[2])
            out[r, c, 0] += np.float32(source[3] * slope * dx / whole)
            out[r, c, 1] += np.float32(source[3] * slope * dz / whole)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """Rings in a round vessel that was knocked: standing waves that die away."""

    centre: tuple[float, float]
    radius: tuple[float, float]
    """Half axes in photo widths and heights."""
    knocks_s: tuple[tuple[float, float], ...]
    """When, and how hard."""
    modes: NDArray[np.float64]
    """Zero of J1, radians a second, slope, decay in seconds, shape (n, 4)."""

    def slopes(self, points: Floats, time_s: float) -> Floats:
        """See `ripples.Surface`."""
        x = (points[..., 0] - np.float32(self.centre[0])) / np.float32(self.radius[0])
        y = (self.centre[1] - points[..., 1]) / np.float32(self.radius[1])
        far = np.maximum(np.hypot(x, y), np.float32(1e-4))
        table = self._profile(time_s)
        slope = np.interp(far, np.linspace(0, 1.2, len(table)), table).astype(np.float32)
        return np.stack([slope * x / far, slope * y / far], axis=-1)

    def _profile(self, time_s: float) -> NDArray[np.float64]:
        """Slope along a radius at one instant."""
        from scipy.special import j1  # noqa: PLC0415 - takes a while to load, and few films need it

        radius = np.linspace(0, 1.2, 96)
        table = np.zeros_like(radius)
        for knock_s, strength in self.knocks_s:
            age = time_s - knock_s
            if age <= 0:
                continue
            for zero, speed, size, decay_s in self.modes:
                table += strength * size * np.exp(-age / decay_s) * np.sin(speed * age) * j1(zero * radius)
        return table


def of_cue(stage: Stage, cue: MotionCue, pool: Pool) -> Surface:
    """Rings as a cue asks for: in a vessel from a knock, on open water from a point."""
    point = shares.pointed(stage, cue.point)
    if pool.radius is not None and point is None:
        return _in_vessel(stage, cue, pool)
    starts = knocks(stage, cue, every_s=1.7)
    return spreading(stage, pool, [(point or pool.centre, time_s, force) for time_s, force in starts])


def knocks(stage: Stage, cue: MotionCue, *, every_s: float) -> tuple[tuple[float, float], ...]:
    """When the water is hit, and how hard: as often as the cue counts, else again and again until it ends."""
    rng = randomness.generator(stage.shot.seed, "knocks", cue.verb, cue.layer or "")
    end = stage.end_s(cue)
    count = cue.count or max(int((end - cue.start_s - _FIRST_S) / every_s) + 1, 1)
    step = min(every_s, max((end - cue.start_s - _FIRST_S) / count, 0.2))
    return tuple(
        (
            cue.start_s + _FIRST_S + n * step * float(rng.uniform(0.95, 1.05)),
            1.0 if n == 0 else float(rng.uniform(0.6, 1)),
        )
        for n in range(count)
    )


def _in_vessel(stage: Stage, cue: MotionCue, pool: Pool) -> Standing:
    radius_m = abs(pool.chart.place(pool.centre[0] + (pool.radius or (0.1, 0))[0], pool.centre[1])[0]
                   - pool.chart.place(*pool.centre)[0])  # fmt: skip
    k = _BESSEL_ZEROS / max(radius_m, 1e-3)
    w = waveforms.angular_hz(k, stage.shot.world.gravity_m_s2)
    w *= min(1.0, 2 * np.pi * _FASTEST_HZ / float(w[-1])) * cue.speed
    slope = np.array([0.8, 1.0, 1.0, 0.8])
    decay = np.array([1.5, 1.1, 0.8, 0.6])
    thud = any(word in cue.words.casefold() for word in ("thud", "thump", "set", "knock", "drop", "hit"))
    hits = knocks(stage, cue, every_s=30.0 if thud else _BEAT_S)
    return Standing(
        centre=pool.centre,
        radius=pool.radius or (0.1, 0.1),
        knocks_s=hits,
        modes=np.stack([_BESSEL_ZEROS, w, slope, decay], axis=1),
    )


def spreading(stage: Stage, pool: Pool, hits: list[tuple[tuple[float, float], float, float]]) -> Spreading:
    """Rings from hits on the water: place in photo coordinates, time, strength.

    The lengths follow the water's scale; when they would be too quick to see, all run in slow motion.
    """
    known = stage.shot.world.metres_per_width
    scale = (22.0 if pool.open_air else 0.35) if known is None else known
    lengths = np.geomspace(*(_LAKE if pool.open_air else _CLOSE), 7) * scale
    k, w, group = waveforms.packet(lengths, gravity=stage.shot.world.gravity_m_s2)
    tempo = min(1.0, 2 * np.pi * (3.2 if pool.open_air else 4.5) / float(w[0]))
    size = np.array([0.5, 0.75, 1.0, 1.0, 0.8, 0.5, 0.3])
    waves = np.stack([k, w * tempo, group * tempo, size], axis=1)
    sources = [(*pool.chart.place(*place), time_s, strength) for place, time_s, strength in hits]
    decay_s = 1.3 if pool.open_air else 1.8
    return Spreading(
        chart=pool.chart, sources=np.array(sources), waves=waves, decay_s=decay_s, hollow_m=pool.hollow * scale
    )
